// Norms of vectors, over some or all dimensions.
#include <cmath>

#include "ops/in_place.h"
#include "ops/reduction.h"

namespace tenon {
namespace {

/// By x, with the norm y and its gradient g in shapes that broadcast. Where the norm is 0, the subgradient 0 is taken.
Tensor norm_gradient(const Tensor& g, const Tensor& x, const Tensor& y, double p) {
  if (p == 0) return zeros_like(x);
  if (p == 1) return x.sign() * g;
  if (p == 2) return x * ratio_or_zero(g, y);
  if (p < 1) return x.sign() * x.abs().pow(p - 1).masked_fill(x == 0, 0) * g * y.pow(1 - p);
  const Tensor scale = (g / y.pow(p - 1)).masked_fill(y == 0, 0);
  return (p < 2 ? x.sign() * x.abs().pow(p - 1) : x * x.abs().pow(p - 2)) * scale;
}

}  // namespace

Tensor Tensor::norm(double p, const Shape& dims, bool keepdim) const {
  check_real(*this, "norm");
  if (std::isinf(p)) return p > 0 ? abs().amax(dims, keepdim) : abs().amin(dims, keepdim);
  Tensor y;
  Shape kept;
  {
    const NoGrad guard;
    const Reduction r(*this, dims, "norm");
    if (p < 0) r.check_choice("norm");
    y = r.result(keepdim);
    backend_for(device()).norm(y, r.x, r.outer, r.n, r.inner, p);
    kept = r.kept;
  }
  if (needs_grad(*this))
    record("norm", y, {this}, {this, &y}, [p, kept](Grads& g) {
      g.give(0, norm_gradient(g.in().reshape(kept), g.saved(0), g.saved(1).reshape(kept), p));
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
  return *this * tenon::where(norms > maxnorm, maxnorm / (norms + above_zero), 1);
}
const Tensor& Tensor::renorm_(double p, int64_t d, double maxnorm) const {
  return in_place_by_copy("renorm_", *this, {}, [&](const Tensor& x) { return x.renorm(p, d, maxnorm); });
}

}  // namespace tenon
