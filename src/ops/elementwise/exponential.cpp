// Exponentials, logarithms, roots, and what is made of them: sigmoid, logit.
#include <numbers>

#include "ops/elementwise/unary.h"

namespace tenon {

Tensor Tensor::exp() const {
  Tensor y = unary(UnaryOp::exp, "exp", *this);
  if (needs_grad(*this)) record("exp", y, {this}, {&y}, [](Grads& g) { g.give(0, g.in() * g.saved(0)); });
  return y;
}

Tensor Tensor::exp2() const {
  Tensor y = unary(UnaryOp::exp2, "exp2", *this);
  if (needs_grad(*this))
    record("exp2", y, {this}, {&y}, [](Grads& g) { g.give(0, g.in() * g.saved(0) * std::numbers::ln2); });
  return y;
}

Tensor Tensor::expm1() const {
  Tensor y = unary(UnaryOp::expm1, "expm1", *this);
  if (needs_grad(*this)) record("expm1", y, {this}, {&y}, [](Grads& g) { g.give(0, g.in() * (g.saved(0) + 1)); });
  return y;
}

Tensor Tensor::log() const {
  Tensor y = unary(UnaryOp::log, "log", *this);
  if (needs_grad(*this)) record("log", y, {this}, {this}, [](Grads& g) { g.give(0, g.in() / g.saved(0)); });
  return y;
}

Tensor Tensor::log2() const {
  Tensor y = unary(UnaryOp::log2, "log2", *this);
  if (needs_grad(*this))
    record("log2", y, {this}, {this}, [](Grads& g) { g.give(0, g.in() / (g.saved(0) * std::numbers::ln2)); });
  return y;
}

Tensor Tensor::log10() const {
  Tensor y = unary(UnaryOp::log10, "log10", *this);
  if (needs_grad(*this))
    record("log10", y, {this}, {this}, [](Grads& g) { g.give(0, g.in() / (g.saved(0) * std::numbers::ln10)); });
  return y;
}

Tensor Tensor::log1p() const {
  Tensor y = unary(UnaryOp::log1p, "log1p", *this);
  if (needs_grad(*this)) record("log1p", y, {this}, {this}, [](Grads& g) { g.give(0, g.in() / (g.saved(0) + 1)); });
  return y;
}

Tensor Tensor::sqrt() const {
  Tensor y = unary(UnaryOp::sqrt, "sqrt", *this);
  if (needs_grad(*this)) record("sqrt", y, {this}, {&y}, [](Grads& g) { g.give(0, g.in() / (g.saved(0) * 2)); });
  return y;
}

Tensor Tensor::rsqrt() const {
  Tensor y = unary(UnaryOp::rsqrt, "rsqrt", *this);
  if (needs_grad(*this))
    record("rsqrt", y, {this}, {&y}, [](Grads& g) { g.give(0, g.in() * -0.5 * g.saved(0).pow(3)); });
  return y;
}

Tensor Tensor::reciprocal() const {
  Tensor y = unary(UnaryOp::reciprocal, "reciprocal", *this);
  if (needs_grad(*this))
    record("reciprocal", y, {this}, {&y}, [](Grads& g) {
      const Tensor result = g.saved(0);
      g.give(0, -g.in() * (result * result));
    });
  return y;
}

Tensor Tensor::sigmoid() const {
  Tensor y = unary(UnaryOp::sigmoid, "sigmoid", *this);
  if (needs_grad(*this))
    record("sigmoid", y, {this}, {&y}, [](Grads& g) {
      const Tensor s = g.saved(0);
      g.give(0, is_grad_enabled() ? g.in() * (s * (1 - s)) : activation_backward(Activation::sigmoid, g.in(), s));
    });
  return y;
}

/// log(x/(1 − x)), with x first moved into [eps, 1 − eps] where eps is given.
Tensor Tensor::logit(std::optional<double> eps) const {
  const double low = eps.value_or(0), high = 1 - low;
  Tensor y;
  {
    const NoGrad guard;
    Tensor x = as_type(*this, real_type(dtype()));
    if (eps) x = tenon::where(x < low, low, tenon::where(x > high, high, x));  // low wins where eps is above 1/2
    y = (x / (1 - x)).log();
  }
  if (needs_grad(*this))
    record("logit", y, {this}, {this},
           [low, high, outside = eps ? 0.0 : std::numeric_limits<double>::quiet_NaN()](Grads& g) {
             const Tensor x = g.saved(0);
             // the absolute value: at −0 the slope is +∞ as it is at 0
             g.give(0, tenon::where(tenon::logical_and(x >= low, x <= high), g.in() / (x * (1 - x)).abs(), outside));
           });
  return y;
}

const Tensor& Tensor::exp_() const { return unary_in_place(UnaryOp::exp, "exp_", *this, &Tensor::exp); }
const Tensor& Tensor::exp2_() const { return unary_in_place(UnaryOp::exp2, "exp2_", *this, &Tensor::exp2); }
const Tensor& Tensor::expm1_() const { return unary_in_place(UnaryOp::expm1, "expm1_", *this, &Tensor::expm1); }
const Tensor& Tensor::log_() const { return unary_in_place(UnaryOp::log, "log_", *this, &Tensor::log); }
const Tensor& Tensor::log2_() const { return unary_in_place(UnaryOp::log2, "log2_", *this, &Tensor::log2); }
const Tensor& Tensor::log10_() const { return unary_in_place(UnaryOp::log10, "log10_", *this, &Tensor::log10); }
const Tensor& Tensor::log1p_() const { return unary_in_place(UnaryOp::log1p, "log1p_", *this, &Tensor::log1p); }
const Tensor& Tensor::sqrt_() const { return unary_in_place(UnaryOp::sqrt, "sqrt_", *this, &Tensor::sqrt); }
const Tensor& Tensor::rsqrt_() const { return unary_in_place(UnaryOp::rsqrt, "rsqrt_", *this, &Tensor::rsqrt); }
const Tensor& Tensor::reciprocal_() const {
  return unary_in_place(UnaryOp::reciprocal, "reciprocal_", *this, &Tensor::reciprocal);
}
const Tensor& Tensor::sigmoid_() const { return unary_in_place(UnaryOp::sigmoid, "sigmoid_", *this, &Tensor::sigmoid); }
const Tensor& Tensor::logit_(std::optional<double> eps) const {
  return in_place_by_copy("logit_", *this, {}, [&](const Tensor& x) { return x.logit(eps); });
}

}  // namespace tenon
