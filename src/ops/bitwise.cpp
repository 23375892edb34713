// Bits of integers: and, or, xor, shifts, common divisors and multiples.
#include "ops/binary.h"

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
Tensor operator&(const Tensor& a, const Scalar& b) { return bitwise_and(a, number_for(a, b)); }
Tensor operator|(const Tensor& a, const Scalar& b) { return bitwise_or(a, number_for(a, b)); }
Tensor operator^(const Tensor& a, const Scalar& b) { return bitwise_xor(a, number_for(a, b)); }
Tensor operator<<(const Tensor& a, const Scalar& b) { return bitwise_left_shift(a, number_for(a, b)); }
Tensor operator>>(const Tensor& a, const Scalar& b) { return bitwise_right_shift(a, number_for(a, b)); }

const Tensor& Tensor::bitwise_and_(const Tensor& other) const {
  return binary_in_place(BinaryOp::bitwise_and, "bitwise_and_", *this, other, bitwise_and);
}
const Tensor& Tensor::bitwise_or_(const Tensor& other) const {
  return binary_in_place(BinaryOp::bitwise_or, "bitwise_or_", *this, other, bitwise_or);
}
const Tensor& Tensor::bitwise_xor_(const Tensor& other) const {
  return binary_in_place(BinaryOp::bitwise_xor, "bitwise_xor_", *this, other, bitwise_xor);
}
const Tensor& Tensor::bitwise_left_shift_(const Tensor& other) const {
  return binary_in_place(BinaryOp::shift_left, "bitwise_left_shift_", *this, other, bitwise_left_shift);
}
const Tensor& Tensor::bitwise_right_shift_(const Tensor& other) const {
  return binary_in_place(BinaryOp::shift_right, "bitwise_right_shift_", *this, other, bitwise_right_shift);
}
const Tensor& Tensor::gcd_(const Tensor& other) const {
  return binary_in_place(BinaryOp::gcd, "gcd_", *this, other, gcd);
}
const Tensor& Tensor::lcm_(const Tensor& other) const {
  return binary_in_place(BinaryOp::lcm, "lcm_", *this, other, lcm);
}

}  // namespace tenon
