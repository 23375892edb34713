// What the functions of one tensor share, which pointwise.inc lists; round to decimals, and positive.
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

/// Integers are whole, and a bool is its own sign.
bool changes_nothing(UnaryOp op, DType dtype) {
  if (op == UnaryOp::sign) return dtype == boolean;
  const bool rounds = op == UnaryOp::floor || op == UnaryOp::ceil || op == UnaryOp::round || op == UnaryOp::trunc;
  return rounds && is_integral(dtype);
}

}  // namespace

Tensor unary(UnaryOp op, const char* name, const Tensor& x) {
  const DType dtype = type_of_result(op, name, x.dtype());
  const NoGrad guard;
  if (changes_nothing(op, dtype)) return x.clone();
  const Tensor from = as_type(x, dtype);
  Tensor y = new_result(from, dtype);
  on<ElementwiseKernels>(y.device()).unary(op, y, from);
  return y;
}

const Tensor& unary_in_place(UnaryOp op, const char* name, const Tensor& x,
                             const std::function<Tensor(const Tensor&)>& ordinary) {
  check_result_fits(name, x, x.shape(), type_of_result(op, name, x.dtype()));
  return in_place(
      name, x, {},
      [op](const Tensor& to) {
        if (!changes_nothing(op, to.dtype())) on<ElementwiseKernels>(to.device()).unary(op, to, to);
      },
      ordinary);
}

Tensor activation_backward(Activation kind, const Tensor& grad, const Tensor& saved,
                           const ActivationParameters& parameters) {
  Tensor dx = new_like(saved, saved.dtype());
  on<ActivationKernels>(dx.device()).activation_backward(kind, dx, grad, saved, parameters);
  return dx;
}

Tensor Tensor::round(int64_t decimals) const {
  if (decimals == 0) return round();
  if (!tenon::is_floating_point(dtype())) fail("round", "decimals are for real tensors, this one has {}", dtype());
  Tensor y = new_result(*this, dtype());
  on<ElementwiseKernels>(device()).round_decimals(y, *this, decimals);
  if (needs_grad(*this)) record("round", y, {this}, {}, give_zeros);
  return y;
}

const Tensor& Tensor::round_(int64_t decimals) const {
  return in_place_by_copy("round_", *this, {}, [&](const Tensor& x) { return x.round(decimals); });
}

Tensor Tensor::positive() const {
  if (dtype() == boolean) fail("positive", "not defined for bool tensors: convert to another type first");
  return *this;
}

}  // namespace tenon
