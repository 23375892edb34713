// Elementwise activation functions: one pass forward, one backward, and the same made of operations.
#include <tenon/nn/functional/activation.h>

#include <cmath>
#include <numbers>

#include "ops/elementwise/unary.h"
#include "ops/fused.h"
#include "ops/in_place.h"

namespace tenon::nn::functional {
namespace {

template <class Composed>
struct Function {
  Activation kind;
  const char* name;
  ActivationParameters parameters;
  Composed composed;  ///< made of operations; half types are computed in float and rounded once

  Tensor operator()(const Tensor& x) const {
    check_floating_point(name, x);
    const auto forward = [&] {
      FusedResult r{new_result(x, x.dtype())};
      on<ActivationKernels>(x.device()).activation(kind, r.y, x, parameters);
      return r;
    };
    const auto backward = [kind_ = kind, parameters_ = parameters](Grads& g) {
      g.give(0, activation_backward(kind_, g.in(), g.saved(0), parameters_));
    };
    return fused(name, std::array{x}, forward, backward, [composed_ = composed](const std::array<Tensor, 1>& in) {
      const DType type = in[0].dtype();
      return as_type(composed_(as_type(in[0], computed_type(type))), type);
    });
  }

  const Tensor& in_place(const char* its_name, const Tensor& x) const {
    check_floating_point(its_name, x);
    return tenon::in_place(
        its_name, x, {},
        [&](const Tensor& to) { on<ActivationKernels>(to.device()).activation(kind, to, to, parameters); }, *this);
  }
};

template <class Composed>
Function<Composed> function(Activation kind, const char* name, const ActivationParameters& parameters,
                            Composed composed) {
  return {kind, name, parameters, composed};
}

// ---- straight lines

auto leaky_relu_of(double slope) {
  return function(Activation::leaky_relu, "leaky_relu", {slope},
                  [slope](const Tensor& v) { return v * constant_in(where(v > 0, ones_like(v), slope), v); });
}

/// v, but that its derivative, a constant, is recorded as a function of v, as PyTorch's are.
Tensor straight(const Tensor& v) { return v * constant_in(ones_like(v), v); }

auto threshold_of(double threshold, double value) {
  return function(Activation::threshold, "threshold", {threshold, value},
                  [=](const Tensor& v) { return where(v <= threshold, value, straight(v)); });
}

auto hardtanh_of(const char* name, double low, double high) {
  return function(Activation::hardtanh, name, {low, high}, [=](const Tensor& v) {
    return where(v <= low, low, where(v >= high, high, straight(v)));  // clamp()'s gradient passes at its bounds
  });
}

auto hardsigmoid_of() {
  return function(Activation::hardsigmoid, "hardsigmoid", {}, [](const Tensor& v) {
    return where(v.abs() < 3, straight(v) / 6 + 0.5, v.sign() * 0.5 + 0.5);  // the slope at a NaN is 0, too
  });
}

auto hardswish_of() {
  return function(Activation::hardswish, "hardswish", {},
                  [](const Tensor& v) { return where(v <= -3, 0, where(v >= 3, v, v * (v / 6 + 0.5))); });
}

// ---- smooth

auto elu_of(const char* name, double scale, double above, double rate) {
  return function(Activation::elu, name, {scale, above, rate}, [=](const Tensor& v) {
    const Tensor low = where(v < 0, v, 0);  // where exp cannot be infinite
    const Tensor slope = where(v <= 0, full_like(v, scale * rate), above);
    return where(v < 0, (low * rate).expm1() * scale, v * constant_in(slope, v));  // at 0, too, PyTorch's is straight
  });
}

auto selu_of() {
  constexpr double alpha = 1.6732632423543772848170429916717, scale = 1.0507009873554804934193349852946;
  return elu_of("selu", alpha * scale, scale, 1);
}

auto celu_of(const char* name, double alpha) {
  if (alpha == 0) fail(name, "expected an alpha other than 0");
  return elu_of("celu", alpha, 1, 1 / alpha);
}

auto silu_of() {
  return function(Activation::silu, "silu", {}, [](const Tensor& v) { return v * v.sigmoid(); });
}

auto mish_of() {
  return function(Activation::mish, "mish", {}, [](const Tensor& v) { return v * softplus(v).tanh(); });
}

constexpr double cubic = 0.044715;  // of gelu's approximation: tanh(√(2/π)·(x + cubic·x³))
constexpr double slope_of_gelu = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;

/// Integers and bool as float32.
Tensor as_real(const Tensor& x) { return as_type(x, real_type(x.dtype())); }

/// Whether x holds numbers that are whole: what PyTorch has two of the functions for, too.
bool is_whole(const Tensor& x) { return is_integral(x.dtype()) && x.dtype() != boolean; }
Scalar whole(double number) { return static_cast<int64_t>(std::trunc(number)); }

void check_bounds(const char* name, double low, double high) {
  if (low > high) fail(name, "expected min_val <= max_val, got min_val = {} and max_val = {}", low, high);
}

}  // namespace

Tensor gelu(const Tensor& x, GELUApproximation approximate) {
  if (approximate == GELUApproximation::none)
    return function(Activation::gelu, "gelu", {},
                    [](const Tensor& v) { return v * ((v * std::numbers::sqrt2 / 2).erf() * 0.5 + 0.5); })(x);
  return function(Activation::gelu_tanh, "gelu", {}, [](const Tensor& v) {
    return v * ((((v * v * v * cubic + v) * slope_of_gelu).tanh() + 1) * 0.5);
  })(x);
}

Tensor leaky_relu(const Tensor& x, double negative_slope) { return leaky_relu_of(negative_slope)(x); }
const Tensor& leaky_relu_(const Tensor& x, double negative_slope) {
  return leaky_relu_of(negative_slope).in_place("leaky_relu_", x);
}

Tensor softplus(const Tensor& x, double beta, double threshold) {
  return function(Activation::softplus, "softplus", {beta, threshold}, [=](const Tensor& v) {
    const Tensor scaled = v * beta, over = scaled > threshold;
    return where(over, v, where(over, 0, scaled).exp().log1p() / beta);  // exp would overflow there
  })(x);
}

Tensor threshold(const Tensor& x, double threshold, double value) {
  if (is_whole(x)) return where(x <= whole(threshold), whole(value), x);
  return threshold_of(threshold, value)(x);
}
const Tensor& threshold_(const Tensor& x, double threshold, double value) {
  if (is_whole(x)) return x.masked_fill_(x <= whole(threshold), whole(value));
  return threshold_of(threshold, value).in_place("threshold_", x);
}

Tensor hardtanh(const Tensor& x, double min_val, double max_val) {
  check_bounds("hardtanh", min_val, max_val);
  if (is_whole(x)) return x.clamp(whole(min_val), whole(max_val));
  return hardtanh_of("hardtanh", min_val, max_val)(x);
}
const Tensor& hardtanh_(const Tensor& x, double min_val, double max_val) {
  check_bounds("hardtanh_", min_val, max_val);
  if (is_whole(x)) return x.clamp_(whole(min_val), whole(max_val));
  return hardtanh_of("hardtanh", min_val, max_val).in_place("hardtanh_", x);
}

Tensor relu6(const Tensor& x) { return is_whole(x) ? x.clamp(0, 6) : hardtanh_of("relu6", 0, 6)(x); }
const Tensor& relu6_(const Tensor& x) {
  return is_whole(x) ? x.clamp_(0, 6) : hardtanh_of("relu6", 0, 6).in_place("relu6_", x);
}

Tensor hardshrink(const Tensor& x, double lambd) {
  return function(Activation::hardshrink, "hardshrink", {lambd},
                  [lambd](const Tensor& v) { return where(v.abs() <= lambd, 0, straight(v)); })(x);
}

Tensor softshrink(const Tensor& x, double lambd) {
  if (!(lambd >= 0)) fail("softshrink", "expected a lambd of 0 or more, got {}", lambd);
  return function(Activation::softshrink, "softshrink", {lambd}, [lambd](const Tensor& v) {
    return where(v.abs() <= lambd, v * 0, straight(v) - constant_in(v.sign() * lambd, v));
  })(x);
}

Tensor hardsigmoid(const Tensor& x) { return hardsigmoid_of()(x); }
const Tensor& hardsigmoid_(const Tensor& x) { return hardsigmoid_of().in_place("hardsigmoid_", x); }

Tensor hardswish(const Tensor& x) { return hardswish_of()(x); }
const Tensor& hardswish_(const Tensor& x) { return hardswish_of().in_place("hardswish_", x); }

Tensor elu(const Tensor& x, double alpha) { return elu_of("elu", alpha, 1, 1)(x); }
const Tensor& elu_(const Tensor& x, double alpha) { return elu_of("elu", alpha, 1, 1).in_place("elu_", x); }

Tensor selu(const Tensor& x) { return selu_of()(x); }
const Tensor& selu_(const Tensor& x) { return selu_of().in_place("selu_", x); }

Tensor celu(const Tensor& x, double alpha) { return celu_of("celu", alpha)(x); }
const Tensor& celu_(const Tensor& x, double alpha) { return celu_of("celu_", alpha).in_place("celu_", x); }

Tensor silu(const Tensor& x) { return silu_of()(x); }
const Tensor& silu_(const Tensor& x) { return silu_of().in_place("silu_", x); }

Tensor mish(const Tensor& x) { return mish_of()(x); }
const Tensor& mish_(const Tensor& x) { return mish_of().in_place("mish_", x); }

Tensor logsigmoid(const Tensor& x) {
  return function(Activation::log_sigmoid, "logsigmoid", {}, [](const Tensor& v) { return -softplus(-v); })(x);
}

Tensor softsign(const Tensor& x) {
  return function(Activation::softsign, "softsign", {}, [](const Tensor& v) { return v / (v.abs() + 1); })(as_real(x));
}

Tensor tanhshrink(const Tensor& x) {
  return function(Activation::tanhshrink, "tanhshrink", {}, [](const Tensor& v) { return v - v.tanh(); })(as_real(x));
}

}  // namespace tenon::nn::functional
