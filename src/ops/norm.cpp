// Norms of vectors, over some or all dimensions.
#include <cmath>

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

}  // namespace tenon
