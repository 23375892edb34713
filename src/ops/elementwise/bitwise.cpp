// Bits of integers: and, or, xor, shifts, common divisors and multiples.
#include "ops/elementwise/binary.h"

namespace tenon {

Tensor bitwise_and(const Tensor& a, const Tensor& b) { return binary(BinaryOp::bitwise_and, "bitwise_and", a, b); }
Tensor bitwise_or(const Tensor& a, const Tensor& b) { return binary(BinaryOp::bitwise_or, "bitwise_or", a, b); }
Tensor bitwise_xor(const Tensor& a, const Tensor& b) { return binary(BinaryOp::bitwise_xor, "bitwise_xor", a, b); }
Tensor bitwise_left_shift(const Tensor& a, const Tensor& b) {
  return binary(BinaryOp::shift_left, "bitwise_left_shift", a, b);
}
Tensor bitwise_right_shift(const Tensor& a, const Tensor& b) {
  return binary(BinaryOp::shift_right, "bitwise_right_shift", a, b);
}
Tensor gcd(const Tensor& a, const Tensor& b) { return binary(BinaryOp::gcd, "gcd", a, b); }
Tensor lcm(const Tensor& a, const Tensor& b) { return binary(BinaryOp::lcm, "lcm", a, b); }

Tensor operator&(const Tensor& a, const Tensor& b) { return bitwise_and(a, b); }
Tensor operator|(const Tensor& a, const Tensor& b) { return bitwise_or(a, b); }
Tensor operator^(const Tensor& a, const Tensor& b) { return bitwise_xor(a, b); }
Tensor operator<<(const Tensor& a, const Tensor& b) { return bitwise_left_shift(a, b); }
Tensor operator>>(const Tensor& a, const Tensor& b) { return bitwise_right_shift(a, b); }
Tensor operator&(const Tensor& a, const Scalar& b) { return bitwise_and(a, b); }
Tensor operator|(const Tensor& a, const Scalar& b) { return bitwise_or(a, b); }
Tensor operator^(const Tensor& a, const Scalar& b) { return bitwise_xor(a, b); }
Tensor operator<<(const Tensor& a, const Scalar& b) { return bitwise_left_shift(a, b); }
Tensor operator>>(const Tensor& a, const Scalar& b) { return bitwise_right_shift(a, b); }

const Tensor& Tensor::bitwise_and_(const Tensor& other) const {
  return binary_in_place(BinaryOp::bitwise_and, "bitwise_and_", *this, other,
                         [](const Tensor& a, const Tensor& b) { return a & b; });
}
const Tensor& Tensor::bitwise_or_(const Tensor& other) const {
  return binary_in_place(BinaryOp::bitwise_or, "bitwise_or_", *this, other,
                         [](const Tensor& a, const Tensor& b) { return a | b; });
}
const Tensor& Tensor::bitwise_xor_(const Tensor& other) const {
  return binary_in_place(BinaryOp::bitwise_xor, "bitwise_xor_", *this, other,
                         [](const Tensor& a, const Tensor& b) { return a ^ b; });
}
const Tensor& Tensor::bitwise_left_shift_(const Tensor& other) const {
  return binary_in_place(BinaryOp::shift_left, "bitwise_left_shift_", *this, other,
                         [](const Tensor& a, const Tensor& b) { return a << b; });
}
const Tensor& Tensor::bitwise_right_shift_(const Tensor& other) const {
  return binary_in_place(BinaryOp::shift_right, "bitwise_right_shift_", *this, other,
                         [](const Tensor& a, const Tensor& b) { return a >> b; });
}
const Tensor& Tensor::gcd_(const Tensor& other) const {
  return binary_in_place(BinaryOp::gcd, "gcd_", *this, other, tenon::gcd);
}
const Tensor& Tensor::lcm_(const Tensor& other) const {
  return binary_in_place(BinaryOp::lcm, "lcm_", *this, other, tenon::lcm);
}

Tensor Tensor::bitwise_and(const Tensor& other) const { return tenon::bitwise_and(*this, other); }
Tensor Tensor::bitwise_and(const Scalar& other) const { return bitwise_and(number_for(*this, other)); }
const Tensor& Tensor::bitwise_and_(const Scalar& other) const { return bitwise_and_(number_for(*this, other)); }
Tensor Tensor::bitwise_or(const Tensor& other) const { return tenon::bitwise_or(*this, other); }
Tensor Tensor::bitwise_or(const Scalar& other) const { return bitwise_or(number_for(*this, other)); }
const Tensor& Tensor::bitwise_or_(const Scalar& other) const { return bitwise_or_(number_for(*this, other)); }
Tensor Tensor::bitwise_xor(const Tensor& other) const { return tenon::bitwise_xor(*this, other); }
Tensor Tensor::bitwise_xor(const Scalar& other) const { return bitwise_xor(number_for(*this, other)); }
const Tensor& Tensor::bitwise_xor_(const Scalar& other) const { return bitwise_xor_(number_for(*this, other)); }
Tensor Tensor::bitwise_left_shift(const Tensor& other) const { return tenon::bitwise_left_shift(*this, other); }
Tensor Tensor::bitwise_left_shift(const Scalar& other) const { return bitwise_left_shift(number_for(*this, other)); }
const Tensor& Tensor::bitwise_left_shift_(const Scalar& other) const {
  return bitwise_left_shift_(number_for(*this, other));
}
Tensor Tensor::bitwise_right_shift(const Tensor& other) const { return tenon::bitwise_right_shift(*this, other); }
Tensor Tensor::bitwise_right_shift(const Scalar& other) const { return bitwise_right_shift(number_for(*this, other)); }
const Tensor& Tensor::bitwise_right_shift_(const Scalar& other) const {
  return bitwise_right_shift_(number_for(*this, other));
}
Tensor Tensor::gcd(const Tensor& other) const { return tenon::gcd(*this, other); }
Tensor Tensor::lcm(const Tensor& other) const { return tenon::lcm(*this, other); }

}  // namespace tenon
