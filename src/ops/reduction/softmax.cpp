// softmax and log_softmax along one dimension.
#include "backend/softmax.h"
#include "ops/reduction/reduction.h"

namespace tenon {
namespace {

Tensor run(const Tensor& x, int64_t dim, bool log, const char* name) {
  check_real(x, name);
  const NoGrad guard;
  const Reduction r(x.contiguous(), {dim}, name);
  Tensor y = new_tensor(x.shape(), x.dtype(), x.device());  // row-major whatever x is: dropout goes by it
  if (x.numel() > 0) on<SoftmaxKernels>(y.device()).softmax(y, r.x, r.outer, r.n, r.inner, log);
  return y;
}

}  // namespace

Tensor Tensor::softmax(int64_t dim, std::optional<DType> dtype) const {
  const Tensor x = dtype ? as_type(*this, *dtype) : *this;
  dim = wrap_dim(dim, x.dim(), "softmax");
  Tensor y = run(x, dim, false, "softmax");
  if (needs_grad(x))
    record("softmax", y, {&x}, {&y}, [dim](Grads& g) {
      const Tensor p = g.saved(0), weighted = g.in() * p;
      g.give(0, weighted - p * weighted.sum({dim}, true));
    });
  return y;
}

Tensor Tensor::log_softmax(int64_t dim, std::optional<DType> dtype) const {
  const Tensor x = dtype ? as_type(*this, *dtype) : *this;
  dim = wrap_dim(dim, x.dim(), "log_softmax");
  Tensor y = run(x, dim, true, "log_softmax");
  if (needs_grad(x))
    record("log_softmax", y, {&x}, {&y},
           [dim](Grads& g) { g.give(0, g.in() - g.saved(0).exp() * g.in().sum({dim}, true)); });
  return y;
}

}  // namespace tenon
