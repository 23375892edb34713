// p-norms of elements, over some or all dimensions.
#include <cmath>

#include "backend/reduction.h"
#include "ops/in_place.h"
#include "ops/reduction/reduction.h"

namespace tenon {
namespace {

/// The gradient of x, with the norm y and its gradient g in shapes that broadcast. Where the norm is 0, the subgradient
/// 0 is taken.
Tensor norm_gradient(const Tensor& g, const Tensor& x, const Tensor& y, double p) {
  if (p == 0) return constant_in(zeros_like(x), x);
  if (p == 1) return x.sign() * g;
  if (p == 2) return x * ratio_or_zero(g, y);
  // Powers of x's part of the norm neither overflow nor vanish where the gradient does not.
  const Tensor none = (y == 0).to(y.dtype()), part = x / (y + none) * (1 - none);
  if (p > 2) return part * part.abs().pow(p - 2) * g;
  const Tensor flat = part == 0;  // hidden from the power too, whose derivatives are infinite there
  return x.sign() * part.masked_fill(flat, 1).abs().pow(p - 1).masked_fill(flat, 0) * g;
}

/// The same for p = ±infinity: those that are the norm share it. A NaN is the norm, and has the gradient 0.
Tensor extreme_gradient(const Tensor& g, const Tensor& x, const Tensor& y, const Shape& dims) {
  const Tensor sizes = x.abs(), is = logical_or(sizes == y, sizes.isnan());
  return x.sign() * (g / is.sum(dims, true, x.dtype()) * is.to(x.dtype()));
}

}  // namespace

Tensor Tensor::norm(double p, const Shape& dims, bool keepdim) const {
  check_real(*this, "norm");
  Tensor y;
  Shape kept;
  if (std::isinf(p)) {
    const NoGrad guard;
    const Tensor whole = p > 0 ? abs().amax(dims, true) : abs().amin(dims, true);
    kept = whole.shape();
    y = keepdim ? whole : whole.reshape(Reduction(*this, dims, "norm").out);
  } else {
    const NoGrad guard;
    const Reduction r(*this, dims, "norm");
    if (p < 0) r.check_choice("norm");
    y = r.result(keepdim);
    on<ReductionKernels>(device()).norm(y, r.x, r.outer, r.n, r.inner, p);
    y = y.contiguous();
    kept = r.kept;
  }
  if (needs_grad(*this))
    record("norm", y, {this}, {this, &y}, [p, kept, dims](Grads& g) {
      const Tensor grad = g.in().reshape(kept), x = g.saved(0), norm = g.saved(1).reshape(kept);
      g.give(0, std::isinf(p) ? extreme_gradient(grad, x, norm, dims) : norm_gradient(grad, x, norm, p));
    });
  return y;
}

Tensor dist(const Tensor& a, const Tensor& b, double p) { return (a - b).norm(p); }

Tensor Tensor::dist(const Tensor& other, double p) const { return tenon::dist(*this, other, p); }

Tensor Tensor::renorm(double p, int64_t d, double maxnorm) const {
  check_real(*this, "renorm");
  if (!(p > 0)) fail("renorm", "expected p above 0, got {}", p);
  if (!(maxnorm >= 0)) fail("renorm", "expected a maxnorm of 0 or more, got {}", maxnorm);
  if (dim() < 2) fail("renorm", "expected at least 2 dimensions, got shape {}", shape().to_string());
  const int64_t kept = wrap_dim(d, dim(), "renorm");
  Shape others;
  for (int64_t k = 0; k < dim(); ++k)
    if (k != kept) others.push_back(k);
  const Tensor norms = norm(p, others, true);
  constexpr double above_zero = 1e-7;  // PyTorch's
  return (*this * tenon::where(norms > maxnorm, maxnorm / (norms + above_zero), 1)).contiguous();
}
const Tensor& Tensor::renorm_(double p, int64_t d, double maxnorm) const {
  return in_place_by_copy("renorm_", *this, {}, [&](const Tensor& x) { return x.renorm(p, d, maxnorm); });
}

}  // namespace tenon
