// Division that rounds, and what it leaves over.
#include "ops/elementwise/binary.h"

namespace tenon {
namespace {

BinaryOp op_of(Rounding rounding) { return rounding == Rounding::floor ? BinaryOp::div_floor : BinaryOp::div_trunc; }

/// a / b rounded to whole numbers: flat between its jumps.
Tensor rounded_div(Rounding rounding, const char* name, const Tensor& a, const Tensor& b) {
  Tensor y = binary(op_of(rounding), name, a, b);
  record_constant(name, y, a, b);
  return y;
}

/// a − b · (a / b, rounded).
Tensor rest(BinaryOp op, Rounding rounding, const char* name, const Tensor& a, const Tensor& b) {
  Tensor y = binary(op, name, a, b);
  if (needs_grad(a, b))
    record(name, y, {&a, &b}, {on_tape(b) ? &a : nullptr, on_tape(b) ? &b : nullptr},
           [rounding, la = Like(a), lb = Like(b)](Grads& g) {
             if (g.needs(0)) g.give(0, reduce_to(g.in(), la));
             if (g.needs(1)) g.give(1, reduce_to(-g.in() * div(g.saved(0), g.saved(1), rounding), lb));
           });
  return y;
}

}  // namespace

Tensor div(const Tensor& a, const Tensor& b, Rounding rounding) {
  return rounding == Rounding::none ? div(a, b) : rounded_div(rounding, "div", a, b);
}
Tensor floor_divide(const Tensor& a, const Tensor& b) { return rounded_div(Rounding::floor, "floor_divide", a, b); }
Tensor remainder(const Tensor& a, const Tensor& b) {
  return rest(BinaryOp::remainder, Rounding::floor, "remainder", a, b);
}
Tensor fmod(const Tensor& a, const Tensor& b) { return rest(BinaryOp::fmod, Rounding::trunc, "fmod", a, b); }

Tensor div(const Tensor& a, const Scalar& b, Rounding rounding) { return div(a, number_for(a, b), rounding); }
Tensor floor_divide(const Tensor& a, const Scalar& b) { return floor_divide(a, number_for(a, b)); }
Tensor remainder(const Tensor& a, const Scalar& b) { return remainder(a, number_for(a, b)); }
Tensor remainder(const Scalar& a, const Tensor& b) { return remainder(number_for(b, a), b); }
Tensor fmod(const Tensor& a, const Scalar& b) { return fmod(a, number_for(a, b)); }
Tensor operator%(const Tensor& a, const Tensor& b) { return remainder(a, b); }
Tensor operator%(const Tensor& a, const Scalar& b) { return remainder(a, b); }
Tensor operator%(const Scalar& a, const Tensor& b) { return remainder(a, b); }

const Tensor& Tensor::div_(const Tensor& other, Rounding rounding) const {
  const BinaryOp op = rounding == Rounding::none ? BinaryOp::div : op_of(rounding);
  return binary_in_place(op, "div_", *this, other,
                         [rounding](const Tensor& a, const Tensor& b) { return tenon::div(a, b, rounding); });
}
const Tensor& Tensor::div_(const Scalar& other, Rounding rounding) const {
  return div_(number_for(*this, other), rounding);
}

const Tensor& Tensor::remainder_(const Tensor& other) const {
  return binary_in_place(BinaryOp::remainder, "remainder_", *this, other,
                         [](const Tensor& a, const Tensor& b) { return tenon::remainder(a, b); });
}
const Tensor& Tensor::remainder_(const Scalar& other) const { return remainder_(number_for(*this, other)); }

const Tensor& Tensor::fmod_(const Tensor& other) const {
  return binary_in_place(BinaryOp::fmod, "fmod_", *this, other,
                         [](const Tensor& a, const Tensor& b) { return tenon::fmod(a, b); });
}
const Tensor& Tensor::fmod_(const Scalar& other) const { return fmod_(number_for(*this, other)); }

Tensor Tensor::div(const Tensor& other, Rounding rounding) const { return tenon::div(*this, other, rounding); }
Tensor Tensor::div(const Scalar& other, Rounding rounding) const { return tenon::div(*this, other, rounding); }
Tensor Tensor::floor_divide(const Tensor& other) const { return tenon::floor_divide(*this, other); }
Tensor Tensor::floor_divide(const Scalar& other) const { return tenon::floor_divide(*this, other); }
Tensor Tensor::remainder(const Tensor& other) const { return tenon::remainder(*this, other); }
Tensor Tensor::remainder(const Scalar& other) const { return tenon::remainder(*this, other); }
Tensor Tensor::fmod(const Tensor& other) const { return tenon::fmod(*this, other); }
Tensor Tensor::fmod(const Scalar& other) const { return tenon::fmod(*this, other); }

}  // namespace tenon
