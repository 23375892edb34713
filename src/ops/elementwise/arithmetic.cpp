// a + b, a − b, a · b, a / b, and their in-place forms.
#include "ops/elementwise/binary.h"

namespace tenon {
namespace {

void check_alpha(const char* name, const Tensor& a, const Tensor& b, const Scalar& alpha) {
  if (alpha.kind() == int64 && alpha.to<int64_t>() == 1) return;  // the default fits every type
  const DType dtype = result_type(a, b);
  if (alpha.kind() == float64 && !is_floating_point(dtype))
    fail(name, "alpha must be an integer for a result of type {}", dtype);
  if (alpha.kind() == boolean && dtype != boolean)
    fail(name, "a bool alpha is for bool tensors, the result has type {}", dtype);
  check_fits(alpha, dtype, name);
}

bool is_one(const Scalar& alpha) { return alpha.to_double() == 1; }

}  // namespace

Tensor add(const Tensor& a, const Tensor& b, const Scalar& alpha) {
  check_alpha("add", a, b, alpha);
  Tensor y = binary(BinaryOp::add, "add", a, b, alpha);
  if (needs_grad(a, b))
    record("add", y, {&a, &b}, {}, [la = Like(a, y), lb = Like(b, y), alpha](Grads& g) {
      if (g.needs(0)) g.give(0, reduce_to(g.in(), la));
      if (g.needs(1)) g.give(1, reduce_to(is_one(alpha) ? g.in() : g.in() * alpha, lb));
    });
  return y;
}

Tensor sub(const Tensor& a, const Tensor& b, const Scalar& alpha) {
  check_alpha("sub", a, b, alpha);
  Tensor y = binary(BinaryOp::sub, "sub", a, b, alpha);
  if (needs_grad(a, b))
    record("sub", y, {&a, &b}, {}, [la = Like(a, y), lb = Like(b, y), alpha](Grads& g) {
      if (g.needs(0)) g.give(0, reduce_to(g.in(), la));
      if (g.needs(1)) g.give(1, reduce_to(is_one(alpha) ? -g.in() : -(g.in() * alpha), lb));
    });
  return y;
}

Tensor mul(const Tensor& a, const Tensor& b) {
  Tensor y = binary(BinaryOp::mul, "mul", a, b);
  if (needs_grad(a, b))
    record("mul", y, {&a, &b}, {on_tape(b) ? &a : nullptr, on_tape(a) ? &b : nullptr},
           [la = Like(a, y), lb = Like(b, y)](Grads& g) {
             if (g.needs(0)) g.give(0, reduce_to(g.in() * g.saved(1), la));
             if (g.needs(1)) g.give(1, reduce_to(g.in() * g.saved(0), lb));
           });
  return y;
}

Tensor div(const Tensor& a, const Tensor& b) {
  Tensor y = binary(BinaryOp::div, "div", a, b);
  if (needs_grad(a, b))
    record("div", y, {&a, &b}, {&b, on_tape(b) ? &y : nullptr}, [la = Like(a, y), lb = Like(b, y)](Grads& g) {
      if (g.needs(0)) g.give(0, reduce_to(g.in() / g.saved(0), la));
      if (g.needs(1)) g.give(1, reduce_to(-g.in() * (g.saved(1) / g.saved(0)), lb));
    });
  return y;
}

Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
Tensor operator-(const Tensor& a, const Tensor& b) { return sub(a, b); }
Tensor operator*(const Tensor& a, const Tensor& b) { return mul(a, b); }
Tensor operator/(const Tensor& a, const Tensor& b) { return div(a, b); }
Tensor operator+(const Tensor& a, const Scalar& b) { return add(a, number_for(a, b)); }
Tensor operator-(const Tensor& a, const Scalar& b) { return sub(a, number_for(a, b)); }
Tensor operator*(const Tensor& a, const Scalar& b) { return mul(a, number_for(a, b)); }
Tensor operator/(const Tensor& a, const Scalar& b) { return div(a, number_for(a, b)); }
Tensor operator+(const Scalar& a, const Tensor& b) { return add(number_for(b, a), b); }
Tensor operator-(const Scalar& a, const Tensor& b) { return sub(number_for(b, a), b); }
Tensor operator*(const Scalar& a, const Tensor& b) { return mul(number_for(b, a), b); }
Tensor operator/(const Scalar& a, const Tensor& b) { return div(number_for(b, a), b); }

const Tensor& Tensor::add_(const Tensor& other, const Scalar& alpha) const {
  check_alpha("add_", *this, other, alpha);
  return binary_in_place(
      BinaryOp::add, "add_", *this, other, [&](const Tensor& a, const Tensor& b) { return tenon::add(a, b, alpha); },
      alpha);
}
const Tensor& Tensor::sub_(const Tensor& other, const Scalar& alpha) const {
  check_alpha("sub_", *this, other, alpha);
  return binary_in_place(
      BinaryOp::sub, "sub_", *this, other, [&](const Tensor& a, const Tensor& b) { return tenon::sub(a, b, alpha); },
      alpha);
}
const Tensor& Tensor::mul_(const Tensor& other) const {
  return binary_in_place(BinaryOp::mul, "mul_", *this, other, [](const Tensor& a, const Tensor& b) { return a * b; });
}
const Tensor& Tensor::add_(const Scalar& other, const Scalar& alpha) const {
  return add_(number_for(*this, other), alpha);
}
const Tensor& Tensor::sub_(const Scalar& other, const Scalar& alpha) const {
  return sub_(number_for(*this, other), alpha);
}
const Tensor& Tensor::mul_(const Scalar& other) const { return mul_(number_for(*this, other)); }

Tensor Tensor::add(const Tensor& other, const Scalar& alpha) const { return tenon::add(*this, other, alpha); }
Tensor Tensor::sub(const Tensor& other, const Scalar& alpha) const { return tenon::sub(*this, other, alpha); }
Tensor Tensor::mul(const Tensor& other) const { return tenon::mul(*this, other); }
Tensor Tensor::add(const Scalar& other, const Scalar& alpha) const { return add(number_for(*this, other), alpha); }
Tensor Tensor::sub(const Scalar& other, const Scalar& alpha) const { return sub(number_for(*this, other), alpha); }
Tensor Tensor::mul(const Scalar& other) const { return mul(number_for(*this, other)); }

}  // namespace tenon
