// log Σ exp over some dimensions.
#include <limits>

#include "backend/softmax.h"
#include "ops/reduction/reduction.h"

namespace tenon {

Tensor Tensor::logsumexp(const Shape& dims, bool keepdim) const {
  if (!is_floating_point()) return as_type(*this, float32).logsumexp(dims, keepdim);
  Tensor y;
  Shape kept;
  {
    const NoGrad guard;
    const Reduction r(*this, dims, "logsumexp");
    y = r.result(keepdim);
    if (r.n == 0) y.fill_(-std::numeric_limits<double>::infinity());
    else if (y.numel() > 0)
      on<SoftmaxKernels>(device()).log_sum_exp(y, r.x.view({r.outer, r.n, r.inner}).transpose(1, 2).contiguous());
    y = y.contiguous();
    kept = r.kept;
  }
  if (needs_grad(*this))
    record("logsumexp", y, {this}, {this, &y},
           [kept](Grads& g) { g.give(0, g.in().reshape(kept) * (g.saved(0) - g.saved(1).reshape(kept)).exp()); });
  return y;
}

}  // namespace tenon
