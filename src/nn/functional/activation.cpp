// gelu, exact and by tanh.
#include <cmath>
#include <numbers>

#include <tenon/nn/functional/activation.h>

#include "ops/fused.h"

namespace tenon::nn::functional {
namespace {

constexpr double cubic = 0.044715;  // of the approximation: tanh(√(2/π)·(x + cubic·x³))
const double slope = std::sqrt(2 / std::numbers::pi);

Tensor inner(const Tensor& x) { return (x * x * x * cubic + x) * slope; }
Tensor normal_cdf(const Tensor& x) { return (x * std::numbers::sqrt2 / 2).erf() * 0.5 + 0.5; }

/// d gelu / dx.
Tensor derivative(const Tensor& x, GELUApproximation approximate) {
  if (approximate == GELUApproximation::none)
    return normal_cdf(x) + x * (x * x * -0.5).exp() / std::sqrt(2 * std::numbers::pi);
  const Tensor t = inner(x).tanh();
  return (t + 1) * 0.5 + x * (1 - t * t) * (x * x * (3 * cubic) + 1) * (slope / 2);
}

}  // namespace

Tensor gelu(const Tensor& x, GELUApproximation approximate) {
  if (!is_floating_point(x.dtype())) fail("gelu", "expected a floating-point tensor, got {}", x.dtype());
  if (x.dtype() == float16 || x.dtype() == bfloat16) return gelu(x.to(float32), approximate).to(x.dtype());
  const auto composed = [approximate](const std::array<Tensor, 1>& in) {
    const Tensor& v = in[0];
    return approximate == GELUApproximation::none ? v * normal_cdf(v) : v * ((inner(v).tanh() + 1) * 0.5);
  };
  return fused(
      "gelu", std::array{x}, [&] { return FusedResult{composed({x})}; },
      [approximate](Grads& g) { g.give(0, g.in() * derivative(g.saved(0), approximate)); }, composed);
}

}  // namespace tenon::nn::functional
