// Signs, squares, rounding: functions of one tensor that integers have too. The rest stands in exponential.cpp,
// trigonometric.cpp, special.cpp.
#include "ops/elementwise/unary.h"

#include "backend/elementwise.h"

namespace tenon {
namespace {

DType type_of_result(UnaryOp op, const char* name, DType dtype) {
  refuse_carried(dtype);
  switch (op) {
    case UnaryOp::neg:
    case UnaryOp::abs:
    case UnaryOp::relu:
    case UnaryOp::floor:
    case UnaryOp::ceil:
    case UnaryOp::round:
    case UnaryOp::trunc:
      if (dtype == boolean) fail(name, "not defined for bool tensors: convert to another type first");
      return dtype;
    case UnaryOp::sign: return dtype;
    case UnaryOp::square:
    case UnaryOp::cube: return dtype == boolean ? int64 : dtype;
    case UnaryOp::frac:
      if (!is_floating_point(dtype)) fail(name, "expected a real tensor, got {}: integers have no fraction", dtype);
      return dtype;
    case UnaryOp::bitwise_not:
      if (is_floating_point(dtype)) fail(name, "expected a tensor of integers or bool, got {}", dtype);
      return dtype;
    default: return real_type(dtype);
  }
}

bool rounds(UnaryOp op) {
  return op == UnaryOp::floor || op == UnaryOp::ceil || op == UnaryOp::round || op == UnaryOp::trunc;
}

}  // namespace

Tensor unary(UnaryOp op, const char* name, const Tensor& x) {
  const DType dtype = type_of_result(op, name, x.dtype());
  const NoGrad guard;
  if ((op == UnaryOp::sign && dtype == boolean) || (rounds(op) && is_integral(dtype))) return x.clone();
  const Tensor from = as_type(x, dtype);
  Tensor y = new_result(from, dtype);
  on<ElementwiseKernels>(y.device()).unary(op, y, from);
  return y;
}

const Tensor& unary_in_place(UnaryOp op, const char* name, const Tensor& x, Tensor (Tensor::*method)() const) {
  check_result_fits(name, x, x.shape(), type_of_result(op, name, x.dtype()));
  return in_place(
      name, x, {},
      [op](const Tensor& to) {
        const bool unchanged =
            (op == UnaryOp::sign && to.dtype() == boolean) || (rounds(op) && is_integral(to.dtype()));
        if (!unchanged) on<ElementwiseKernels>(to.device()).unary(op, to, to);
      },
      [method](const Tensor& before) { return (before.*method)(); });
}

Tensor activation_backward(Activation kind, const Tensor& grad, const Tensor& saved,
                           const ActivationParameters& parameters) {
  Tensor dx = new_like(saved, saved.dtype());
  on<ActivationKernels>(dx.device()).activation_backward(kind, dx, grad, saved, parameters);
  return dx;
}

Tensor Tensor::neg() const {
  Tensor y = unary(UnaryOp::neg, "neg", *this);
  if (needs_grad(*this)) record("neg", y, {this}, {}, [](Grads& g) { g.give(0, -g.in()); });
  return y;
}

Tensor Tensor::abs() const {
  Tensor y = unary(UnaryOp::abs, "abs", *this);
  if (needs_grad(*this)) record("abs", y, {this}, {this}, [](Grads& g) { g.give(0, g.in() * g.saved(0).sign()); });
  return y;
}

Tensor Tensor::sign() const {
  Tensor y = unary(UnaryOp::sign, "sign", *this);
  if (needs_grad(*this)) record("sign", y, {this}, {}, give_zeros);
  return y;
}

Tensor Tensor::square() const {
  Tensor y = unary(UnaryOp::square, "square", *this);
  if (needs_grad(*this)) record("square", y, {this}, {this}, [](Grads& g) { g.give(0, g.in() * (g.saved(0) * 2)); });
  return y;
}

Tensor Tensor::relu() const {
  Tensor y = unary(UnaryOp::relu, "relu", *this);
  if (needs_grad(*this))
    record("relu", y, {this}, {&y}, [](Grads& g) {
      const Tensor result = g.saved(0);
      g.give(0, is_grad_enabled() ? constant_in(tenon::where(result <= 0, 0, g.in()), result)
                                  : activation_backward(Activation::relu, g.in(), result));
    });
  return y;
}

Tensor Tensor::floor() const {
  Tensor y = unary(UnaryOp::floor, "floor", *this);
  if (needs_grad(*this)) record("floor", y, {this}, {}, give_zeros);
  return y;
}

Tensor Tensor::ceil() const {
  Tensor y = unary(UnaryOp::ceil, "ceil", *this);
  if (needs_grad(*this)) record("ceil", y, {this}, {}, give_zeros);
  return y;
}

Tensor Tensor::round() const {
  Tensor y = unary(UnaryOp::round, "round", *this);
  if (needs_grad(*this)) record("round", y, {this}, {}, give_zeros);
  return y;
}

Tensor Tensor::round(int64_t decimals) const {
  if (decimals == 0) return round();
  if (!tenon::is_floating_point(dtype())) fail("round", "decimals are for real tensors, this one has {}", dtype());
  Tensor y = new_result(*this, dtype());
  on<ElementwiseKernels>(device()).round_decimals(y, *this, decimals);
  if (needs_grad(*this)) record("round", y, {this}, {}, give_zeros);
  return y;
}

Tensor Tensor::trunc() const {
  Tensor y = unary(UnaryOp::trunc, "trunc", *this);
  if (needs_grad(*this)) record("trunc", y, {this}, {}, give_zeros);
  return y;
}

Tensor Tensor::frac() const {
  Tensor y = unary(UnaryOp::frac, "frac", *this);
  if (needs_grad(*this)) record("frac", y, {this}, {}, [](Grads& g) { g.give(0, g.in()); });
  return y;
}

Tensor Tensor::bitwise_not() const { return unary(UnaryOp::bitwise_not, "bitwise_not", *this); }

const Tensor& Tensor::neg_() const { return unary_in_place(UnaryOp::neg, "neg_", *this, &Tensor::neg); }
const Tensor& Tensor::abs_() const { return unary_in_place(UnaryOp::abs, "abs_", *this, &Tensor::abs); }
const Tensor& Tensor::sign_() const { return unary_in_place(UnaryOp::sign, "sign_", *this, &Tensor::sign); }
const Tensor& Tensor::square_() const { return unary_in_place(UnaryOp::square, "square_", *this, &Tensor::square); }
const Tensor& Tensor::relu_() const { return unary_in_place(UnaryOp::relu, "relu_", *this, &Tensor::relu); }
const Tensor& Tensor::floor_() const { return unary_in_place(UnaryOp::floor, "floor_", *this, &Tensor::floor); }
const Tensor& Tensor::ceil_() const { return unary_in_place(UnaryOp::ceil, "ceil_", *this, &Tensor::ceil); }
const Tensor& Tensor::round_() const { return unary_in_place(UnaryOp::round, "round_", *this, &Tensor::round); }
const Tensor& Tensor::trunc_() const { return unary_in_place(UnaryOp::trunc, "trunc_", *this, &Tensor::trunc); }
const Tensor& Tensor::frac_() const { return unary_in_place(UnaryOp::frac, "frac_", *this, &Tensor::frac); }
const Tensor& Tensor::bitwise_not_() const {
  return unary_in_place(UnaryOp::bitwise_not, "bitwise_not_", *this, &Tensor::bitwise_not);
}
const Tensor& Tensor::round_(int64_t decimals) const {
  return in_place_by_copy("round_", *this, {}, [&](const Tensor& x) { return x.round(decimals); });
}

Tensor Tensor::positive() const {
  if (dtype() == boolean) fail("positive", "not defined for bool tensors: convert to another type first");
  return *this;
}

}  // namespace tenon
