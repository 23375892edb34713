// Elementary functions of one tensor.
#include "ops/common.h"

namespace tenon {
namespace {

Tensor run(UnaryOp op, const char* name, const Tensor& x) {
  DType dtype = x.dtype();
  const bool keeps_integers = op == UnaryOp::neg || op == UnaryOp::abs || op == UnaryOp::relu;
  if (!is_floating_point(dtype) && !keeps_integers) dtype = float32;
  if (dtype == boolean) fail(name, "not defined for bool tensors: convert to another type first");
  Tensor y = new_like(x, dtype);
  const NoGrad guard;
  backend_for(y.device()).unary(op, y, as_type(x, dtype));
  return y;
}

}  // namespace

Tensor Tensor::neg() const {
  Tensor y = run(UnaryOp::neg, "neg", *this);
  if (needs_grad(*this)) record("neg", y, {this}, {}, [](Grads& g) { g.give(0, -g.in()); });
  return y;
}

Tensor Tensor::abs() const {
  Tensor y = run(UnaryOp::abs, "abs", *this);
  if (needs_grad(*this))
    record("abs", y, {this}, {this}, [](Grads& g) {
      const Tensor x = g.saved(0);
      const DType t = x.dtype();
      g.give(0, g.in() * ((x > 0).to(t) - (x < 0).to(t)));
    });
  return y;
}

Tensor Tensor::exp() const {
  Tensor y = run(UnaryOp::exp, "exp", *this);
  if (needs_grad(*this)) record("exp", y, {this}, {&y}, [](Grads& g) { g.give(0, g.in() * g.saved(0)); });
  return y;
}

Tensor Tensor::log() const {
  Tensor y = run(UnaryOp::log, "log", *this);
  if (needs_grad(*this)) record("log", y, {this}, {this}, [](Grads& g) { g.give(0, g.in() / g.saved(0)); });
  return y;
}

Tensor Tensor::sqrt() const {
  Tensor y = run(UnaryOp::sqrt, "sqrt", *this);
  if (needs_grad(*this)) record("sqrt", y, {this}, {&y}, [](Grads& g) { g.give(0, g.in() / (g.saved(0) * 2)); });
  return y;
}

Tensor Tensor::tanh() const {
  Tensor y = run(UnaryOp::tanh, "tanh", *this);
  if (needs_grad(*this))
    record("tanh", y, {this}, {&y}, [](Grads& g) {
      const Tensor t = g.saved(0);
      g.give(0, g.in() * (1 - t * t));
    });
  return y;
}

Tensor Tensor::sigmoid() const {
  Tensor y = run(UnaryOp::sigmoid, "sigmoid", *this);
  if (needs_grad(*this))
    record("sigmoid", y, {this}, {&y}, [](Grads& g) {
      const Tensor s = g.saved(0);
      g.give(0, g.in() * (s * (1 - s)));
    });
  return y;
}

Tensor Tensor::relu() const {
  Tensor y = run(UnaryOp::relu, "relu", *this);
  if (needs_grad(*this))
    record("relu", y, {this}, {&y}, [](Grads& g) {
      const Tensor result = g.saved(0);
      if (is_grad_enabled()) return g.give(0, g.in() * (result > 0).to(result.dtype()));
      Tensor dx = new_like(result, result.dtype());
      backend_for(dx.device()).relu_backward(dx, g.in(), result);
      g.give(0, dx);
    });
  return y;
}

}  // namespace tenon
