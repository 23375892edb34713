// Products.
#include "ops/autocast.h"
#include "ops/reduction/reduction.h"
#include "ops/reduction/scan.h"

namespace tenon {
namespace {

/// For each element, the product of all others along dim: exact where there are zeros, in all derivatives.
Tensor product_of_others(const Tensor& x, int64_t dim) {
  const Tensor ahead =
      zeros_like(x).contiguous();  // 1 at the end, 0 before: what makes cumprod's gradient that of its last element
  if (x.dim() == 0) ahead.fill_(1);
  else ahead.narrow(dim, x.size(dim) - 1, 1).fill_(1);
  return cumprod_gradient(ahead, x, x.cumprod(dim), dim);
}

}  // namespace

Tensor Tensor::prod(std::optional<int64_t> d, bool keepdim, std::optional<DType> dtype) const {
  if (autocasts()) [[unlikely]]
    return in_float_type([&](const Tensor& x) { return x.prod(d, keepdim, dtype); }, *this);
  const DType result = dtype.value_or(is_floating_point() ? this->dtype() : int64);
  const Tensor x = terms(*this, result);
  Shape kept;
  const Tensor y = reduced(ReduceOp::prod, x.detach(), dims_of(d), keepdim, "prod", &kept);
  if (needs_grad(x))
    record("prod", y, {&x}, {&x, &y}, [d, kept](Grads& g) {
      const Tensor in = g.saved(0), grad = g.in().reshape(kept);
      if (in.shape() == kept) return g.give(0, constant_in(grad, in));  // products of one number each
      if (in.numel() == 0 || in.is_meta() || in.all().item<bool>())
        return g.give(0, grad * (g.saved(1).reshape(kept) / in));
      // Two zeros in one product leave nothing of it, whatever else is there; only a second derivative sees more.
      if (!d && !is_grad_enabled() && (in == 0).sum().item<int64_t>() > 1) return g.give(0, zeros_like(in));
      const Tensor others = d ? product_of_others(in, wrap_dim(*d, in.dim(), "prod"))
                              : product_of_others(in.reshape({in.numel()}), 0).reshape(in.shape());
      g.give(0, grad * others);
    });
  return as_type(y, result);
}

}  // namespace tenon
