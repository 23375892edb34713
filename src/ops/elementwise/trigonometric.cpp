// Trigonometric and hyperbolic functions and their inverses.
#include "ops/elementwise/unary.h"

namespace tenon {

Tensor Tensor::sin() const {
  Tensor y = unary(UnaryOp::sin, "sin", *this);
  if (needs_grad(*this)) record("sin", y, {this}, {this}, [](Grads& g) { g.give(0, g.in() * g.saved(0).cos()); });
  return y;
}

Tensor Tensor::cos() const {
  Tensor y = unary(UnaryOp::cos, "cos", *this);
  if (needs_grad(*this)) record("cos", y, {this}, {this}, [](Grads& g) { g.give(0, g.in() * -g.saved(0).sin()); });
  return y;
}

Tensor Tensor::tan() const {
  Tensor y = unary(UnaryOp::tan, "tan", *this);
  if (needs_grad(*this))
    record("tan", y, {this}, {&y}, [](Grads& g) { g.give(0, g.in() * (1 + g.saved(0).square())); });
  return y;
}

Tensor Tensor::asin() const {
  Tensor y = unary(UnaryOp::asin, "asin", *this);
  if (needs_grad(*this))
    record("asin", y, {this}, {this}, [](Grads& g) { g.give(0, g.in() * (1 - g.saved(0).square()).rsqrt()); });
  return y;
}

Tensor Tensor::acos() const {
  Tensor y = unary(UnaryOp::acos, "acos", *this);
  if (needs_grad(*this))
    record("acos", y, {this}, {this}, [](Grads& g) { g.give(0, g.in() * -(1 - g.saved(0).square()).rsqrt()); });
  return y;
}

Tensor Tensor::atan() const {
  Tensor y = unary(UnaryOp::atan, "atan", *this);
  if (needs_grad(*this))
    record("atan", y, {this}, {this}, [](Grads& g) {
      const Tensor x = g.saved(0);
      g.give(0, g.in() / (x * x + 1));  // square() goes back by 2·x, which may be infinite beside 0
    });
  return y;
}

Tensor Tensor::sinh() const {
  Tensor y = unary(UnaryOp::sinh, "sinh", *this);
  if (needs_grad(*this)) record("sinh", y, {this}, {this}, [](Grads& g) { g.give(0, g.in() * g.saved(0).cosh()); });
  return y;
}

Tensor Tensor::cosh() const {
  Tensor y = unary(UnaryOp::cosh, "cosh", *this);
  if (needs_grad(*this)) record("cosh", y, {this}, {this}, [](Grads& g) { g.give(0, g.in() * g.saved(0).sinh()); });
  return y;
}

Tensor Tensor::tanh() const {
  Tensor y = unary(UnaryOp::tanh, "tanh", *this);
  if (needs_grad(*this))
    record("tanh", y, {this}, {&y}, [](Grads& g) {
      const Tensor t = g.saved(0);
      g.give(0, is_grad_enabled() ? g.in() * (1 - t * t) : activation_backward(Activation::tanh, g.in(), t));
    });
  return y;
}

Tensor Tensor::asinh() const {
  Tensor y = unary(UnaryOp::asinh, "asinh", *this);
  if (needs_grad(*this))
    record("asinh", y, {this}, {this}, [](Grads& g) {
      const Tensor x = g.saved(0);
      g.give(0, g.in() * (x * x + 1).rsqrt());
    });
  return y;
}

Tensor Tensor::acosh() const {
  Tensor y = unary(UnaryOp::acosh, "acosh", *this);
  if (needs_grad(*this))
    record("acosh", y, {this}, {this}, [](Grads& g) {
      const Tensor x = g.saved(0);
      g.give(0, g.in() * (x * x - 1).rsqrt());
    });
  return y;
}

Tensor Tensor::atanh() const {
  Tensor y = unary(UnaryOp::atanh, "atanh", *this);
  if (needs_grad(*this))
    record("atanh", y, {this}, {this}, [](Grads& g) {
      const Tensor x = g.saved(0);
      g.give(0, g.in() / (1 - x * x));
    });
  return y;
}

const Tensor& Tensor::sin_() const { return unary_in_place(UnaryOp::sin, "sin_", *this, &Tensor::sin); }
const Tensor& Tensor::cos_() const { return unary_in_place(UnaryOp::cos, "cos_", *this, &Tensor::cos); }
const Tensor& Tensor::tan_() const { return unary_in_place(UnaryOp::tan, "tan_", *this, &Tensor::tan); }
const Tensor& Tensor::asin_() const { return unary_in_place(UnaryOp::asin, "asin_", *this, &Tensor::asin); }
const Tensor& Tensor::acos_() const { return unary_in_place(UnaryOp::acos, "acos_", *this, &Tensor::acos); }
const Tensor& Tensor::atan_() const { return unary_in_place(UnaryOp::atan, "atan_", *this, &Tensor::atan); }
const Tensor& Tensor::sinh_() const { return unary_in_place(UnaryOp::sinh, "sinh_", *this, &Tensor::sinh); }
const Tensor& Tensor::cosh_() const { return unary_in_place(UnaryOp::cosh, "cosh_", *this, &Tensor::cosh); }
const Tensor& Tensor::tanh_() const { return unary_in_place(UnaryOp::tanh, "tanh_", *this, &Tensor::tanh); }
const Tensor& Tensor::asinh_() const { return unary_in_place(UnaryOp::asinh, "asinh_", *this, &Tensor::asinh); }
const Tensor& Tensor::acosh_() const { return unary_in_place(UnaryOp::acosh, "acosh_", *this, &Tensor::acosh); }
const Tensor& Tensor::atanh_() const { return unary_in_place(UnaryOp::atanh, "atanh_", *this, &Tensor::atanh); }

}  // namespace tenon
