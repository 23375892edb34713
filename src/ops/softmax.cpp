// softmax and log_softmax along one dimension.
#include "ops/common.h"

namespace tenon {
namespace {

Tensor run(const Tensor& x, int64_t dim, bool log, const char* name) {
  if (!is_floating_point(x.dtype())) fail(name, "expected a floating-point tensor, got {}: convert with to(float32)", x.dtype());
  const NoGrad guard;
  const int64_t last = std::max<int64_t>(x.dim() - 1, 0);
  const Tensor rows = (dim == last ? x : x.transpose(dim, last)).contiguous();
  Tensor y = new_tensor(rows.shape(), x.dtype(), x.device());
  backend_for(y.device()).softmax(y, rows, log);
  return dim == last ? y : y.transpose(dim, last).contiguous();
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
    record("log_softmax", y, {&x}, {&y}, [dim](Grads& g) { g.give(0, g.in() - g.saved(0).exp() * g.in().sum({dim}, true)); });
  return y;
}

}  // namespace tenon
