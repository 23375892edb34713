// Activation functions: one pass forward, one backward, and the same made of operations.
#include <numbers>

#include <tenon/nn/functional/activation.h>

#include "ops/elementwise/unary.h"
#include "ops/fused.h"

namespace tenon::nn::functional {
namespace {

/// composed(x) is the function made of operations; of half types it is computed in float and rounded once.
template <class Composed>
Tensor activation(Activation kind, const char* name, const Tensor& x, const ActivationParameters& parameters,
                  Composed composed) {
  if (!is_floating_point(x.dtype())) fail(name, "expected a floating-point tensor, got {}", x.dtype());
  const auto forward = [&] {
    FusedResult r{new_result(x, x.dtype())};
    on<ActivationKernels>(x.device()).activation(kind, r.y, x, parameters);
    return r;
  };
  const auto backward = [kind, parameters](Grads& g) {
    g.give(0, activation_backward(kind, g.in(), g.saved(0), parameters));
  };
  return fused(name, std::array{x}, forward, backward, [composed](const std::array<Tensor, 1>& in) {
    const DType type = in[0].dtype();
    return as_type(composed(as_type(in[0], type == float64 ? float64 : float32)), type);
  });
}

constexpr double cubic = 0.044715;  // of gelu's approximation: tanh(√(2/π)·(x + cubic·x³))
constexpr double slope = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;

}  // namespace

Tensor gelu(const Tensor& x, GELUApproximation approximate) {
  if (approximate == GELUApproximation::none)
    return activation(Activation::gelu, "gelu", x, {},
                      [](const Tensor& v) { return v * ((v * std::numbers::sqrt2 / 2).erf() * 0.5 + 0.5); });
  return activation(Activation::gelu_tanh, "gelu", x, {},
                    [](const Tensor& v) { return v * ((((v * v * v * cubic + v) * slope).tanh() + 1) * 0.5); });
}

Tensor leaky_relu(const Tensor& x, double negative_slope) {
  return activation(Activation::leaky_relu, "leaky_relu", x, {negative_slope}, [negative_slope](const Tensor& v) {
    return v * constant_in(where(v > 0, ones_like(v), negative_slope), v);
  });
}

Tensor softplus(const Tensor& x, double beta, double threshold) {
  return activation(Activation::softplus, "softplus", x, {beta, threshold}, [beta, threshold](const Tensor& v) {
    const Tensor scaled = v * beta, over = scaled > threshold;
    return where(over, v, where(over, 0, scaled).exp().log1p() / beta);  // exp would overflow there
  });
}

}  // namespace tenon::nn::functional
