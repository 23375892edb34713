#pragma once
// Functions of every element: arithmetic, comparison, logic, elementary functions. They broadcast, and compute in the
// type of torch.result_type: dimensions beat 0-dim tensors, those beat plain numbers.
#include <tenon/tensor.h>

namespace tenon {

// ---- arithmetic
Tensor add(const Tensor& a, const Tensor& b, const Scalar& alpha = 1);  ///< a + alpha · b
Tensor sub(const Tensor& a, const Tensor& b, const Scalar& alpha = 1);
Tensor mul(const Tensor& a, const Tensor& b);
Tensor div(const Tensor& a, const Tensor& b);  ///< true division: integers give float32
Tensor div(const Tensor& a, const Tensor& b, Rounding rounding);
Tensor floor_divide(const Tensor& a, const Tensor& b);
Tensor remainder(const Tensor& a, const Tensor& b);  ///< Python's %: the divisor's sign
Tensor fmod(const Tensor& a, const Tensor& b);       ///< C's: the dividend's sign
Tensor maximum(const Tensor& a, const Tensor& b);    ///< NaN wins
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor fmax(const Tensor& a, const Tensor& b);  ///< NaN loses
Tensor fmin(const Tensor& a, const Tensor& b);
Tensor pow(const Tensor& a, const Tensor& b);
Tensor atan2(const Tensor& a, const Tensor& b);
Tensor hypot(const Tensor& a, const Tensor& b);
Tensor copysign(const Tensor& a, const Tensor& b);
Tensor nextafter(const Tensor& a, const Tensor& b);
Tensor logaddexp(const Tensor& a, const Tensor& b);
Tensor logaddexp2(const Tensor& a, const Tensor& b);
Tensor xlogy(const Tensor& a, const Tensor& b);
Tensor heaviside(const Tensor& a, const Tensor& b);
Tensor gcd(const Tensor& a, const Tensor& b);
Tensor lcm(const Tensor& a, const Tensor& b);

Tensor operator+(const Tensor& a, const Tensor& b);
Tensor operator-(const Tensor& a, const Tensor& b);
Tensor operator*(const Tensor& a, const Tensor& b);
Tensor operator/(const Tensor& a, const Tensor& b);
Tensor operator%(const Tensor& a, const Tensor& b);
Tensor operator+(const Tensor& a, const Scalar& b);
Tensor operator-(const Tensor& a, const Scalar& b);
Tensor operator*(const Tensor& a, const Scalar& b);
Tensor operator/(const Tensor& a, const Scalar& b);
Tensor operator%(const Tensor& a, const Scalar& b);
Tensor operator+(const Scalar& a, const Tensor& b);
Tensor operator-(const Scalar& a, const Tensor& b);
Tensor operator*(const Scalar& a, const Tensor& b);
Tensor operator/(const Scalar& a, const Tensor& b);
Tensor operator%(const Scalar& a, const Tensor& b);

/// A number on either side: pow(2, x), maximum(x, 0), floor_divide(x, 2).
Tensor div(const Tensor& a, const Scalar& b, Rounding rounding = Rounding::none);
Tensor floor_divide(const Tensor& a, const Scalar& b);
Tensor remainder(const Tensor& a, const Scalar& b);
Tensor fmod(const Tensor& a, const Scalar& b);
Tensor pow(const Tensor& a, const Scalar& b);
Tensor pow(const Scalar& a, const Tensor& b);
/// pow in float64, whatever the types.
Tensor float_power(const Tensor& a, const Tensor& b);
Tensor float_power(const Tensor& a, const Scalar& b);
Tensor float_power(const Scalar& a, const Tensor& b);
Tensor ldexp(const Tensor& a, const Tensor& b);  ///< a · 2^b
Tensor copysign(const Tensor& a, const Scalar& b);
Tensor xlogy(const Tensor& a, const Scalar& b);

// ---- comparison: bool tensors
Tensor operator==(const Tensor& a, const Tensor& b);
Tensor operator!=(const Tensor& a, const Tensor& b);
Tensor operator<(const Tensor& a, const Tensor& b);
Tensor operator<=(const Tensor& a, const Tensor& b);
Tensor operator>(const Tensor& a, const Tensor& b);
Tensor operator>=(const Tensor& a, const Tensor& b);
Tensor operator==(const Tensor& a, const Scalar& b);
Tensor operator!=(const Tensor& a, const Scalar& b);
Tensor operator<(const Tensor& a, const Scalar& b);
Tensor operator<=(const Tensor& a, const Scalar& b);
Tensor operator>(const Tensor& a, const Scalar& b);
Tensor operator>=(const Tensor& a, const Scalar& b);
/// |a − b| ≤ atol + rtol·|b|.
Tensor isclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false);
inline bool allclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false) {
  return a.allclose(b, rtol, atol, equal_nan);
}
inline bool equal(const Tensor& a, const Tensor& b) { return a.equal(b); }

// ---- logic (any type gives bool) and bits (integers and bool)
Tensor logical_and(const Tensor& a, const Tensor& b);
Tensor logical_or(const Tensor& a, const Tensor& b);
Tensor logical_xor(const Tensor& a, const Tensor& b);
Tensor bitwise_and(const Tensor& a, const Tensor& b);
Tensor bitwise_or(const Tensor& a, const Tensor& b);
Tensor bitwise_xor(const Tensor& a, const Tensor& b);
Tensor bitwise_left_shift(const Tensor& a, const Tensor& b);
Tensor bitwise_right_shift(const Tensor& a, const Tensor& b);
Tensor operator&(const Tensor& a, const Tensor& b);
Tensor operator|(const Tensor& a, const Tensor& b);
Tensor operator^(const Tensor& a, const Tensor& b);
Tensor operator<<(const Tensor& a, const Tensor& b);
Tensor operator>>(const Tensor& a, const Tensor& b);
Tensor operator&(const Tensor& a, const Scalar& b);
Tensor operator|(const Tensor& a, const Scalar& b);
Tensor operator^(const Tensor& a, const Scalar& b);
Tensor operator<<(const Tensor& a, const Scalar& b);
Tensor operator>>(const Tensor& a, const Scalar& b);

// ---- choice
/// a where the condition (bool) holds, else b.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
Tensor where(const Tensor& condition, const Tensor& a, const Scalar& b);
Tensor where(const Tensor& condition, const Scalar& a, const Tensor& b);
Tensor where(const Tensor& condition, const Scalar& a, const Scalar& b);
inline Tensor clamp(const Tensor& x, std::optional<Scalar> min, std::optional<Scalar> max = {}) {
  return x.clamp(min, max);
}
inline Tensor clamp(const Tensor& x, const Tensor& min, const Tensor& max) { return x.clamp(min, max); }
inline Tensor lerp(const Tensor& start, const Tensor& end, const Tensor& weight) { return start.lerp(end, weight); }
inline Tensor lerp(const Tensor& start, const Tensor& end, const Scalar& weight) { return start.lerp(end, weight); }
inline Tensor addcmul(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& value = 1) {
  return x.addcmul(a, b, value);
}
inline Tensor addcdiv(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& value = 1) {
  return x.addcdiv(a, b, value);
}

// ---- elementary functions
inline Tensor neg(const Tensor& x) { return x.neg(); }
inline Tensor abs(const Tensor& x) { return x.abs(); }
inline Tensor sign(const Tensor& x) { return x.sign(); }
inline Tensor exp(const Tensor& x) { return x.exp(); }
inline Tensor exp2(const Tensor& x) { return x.exp2(); }
inline Tensor expm1(const Tensor& x) { return x.expm1(); }
inline Tensor log(const Tensor& x) { return x.log(); }
inline Tensor log2(const Tensor& x) { return x.log2(); }
inline Tensor log10(const Tensor& x) { return x.log10(); }
inline Tensor log1p(const Tensor& x) { return x.log1p(); }
inline Tensor sqrt(const Tensor& x) { return x.sqrt(); }
inline Tensor rsqrt(const Tensor& x) { return x.rsqrt(); }
inline Tensor square(const Tensor& x) { return x.square(); }
inline Tensor reciprocal(const Tensor& x) { return x.reciprocal(); }
inline Tensor sin(const Tensor& x) { return x.sin(); }
inline Tensor cos(const Tensor& x) { return x.cos(); }
inline Tensor tan(const Tensor& x) { return x.tan(); }
inline Tensor asin(const Tensor& x) { return x.asin(); }
inline Tensor acos(const Tensor& x) { return x.acos(); }
inline Tensor atan(const Tensor& x) { return x.atan(); }
inline Tensor sinh(const Tensor& x) { return x.sinh(); }
inline Tensor cosh(const Tensor& x) { return x.cosh(); }
inline Tensor tanh(const Tensor& x) { return x.tanh(); }
inline Tensor asinh(const Tensor& x) { return x.asinh(); }
inline Tensor acosh(const Tensor& x) { return x.acosh(); }
inline Tensor atanh(const Tensor& x) { return x.atanh(); }
inline Tensor sigmoid(const Tensor& x) { return x.sigmoid(); }
inline Tensor relu(const Tensor& x) { return x.relu(); }
inline Tensor erf(const Tensor& x) { return x.erf(); }
inline Tensor erfc(const Tensor& x) { return x.erfc(); }
inline Tensor erfinv(const Tensor& x) { return x.erfinv(); }
inline Tensor lgamma(const Tensor& x) { return x.lgamma(); }
inline Tensor digamma(const Tensor& x) { return x.digamma(); }
inline Tensor sinc(const Tensor& x) { return x.sinc(); }
inline Tensor floor(const Tensor& x) { return x.floor(); }
inline Tensor ceil(const Tensor& x) { return x.ceil(); }
inline Tensor round(const Tensor& x) { return x.round(); }
inline Tensor trunc(const Tensor& x) { return x.trunc(); }
inline Tensor frac(const Tensor& x) { return x.frac(); }
inline Tensor isnan(const Tensor& x) { return x.isnan(); }
inline Tensor isinf(const Tensor& x) { return x.isinf(); }
inline Tensor isfinite(const Tensor& x) { return x.isfinite(); }
inline Tensor isposinf(const Tensor& x) { return x.isposinf(); }
inline Tensor isneginf(const Tensor& x) { return x.isneginf(); }
inline Tensor signbit(const Tensor& x) { return x.signbit(); }
inline Tensor logical_not(const Tensor& x) { return x.logical_not(); }
inline Tensor bitwise_not(const Tensor& x) { return x.bitwise_not(); }
inline Tensor round(const Tensor& x, int64_t decimals) { return x.round(decimals); }
inline Tensor logit(const Tensor& x, std::optional<double> eps = {}) { return x.logit(eps); }
inline Tensor polygamma(int64_t n, const Tensor& x) { return x.polygamma(n); }
inline Tensor nan_to_num(const Tensor& x, double nan = 0, std::optional<double> posinf = {},
                         std::optional<double> neginf = {}) {
  return x.nan_to_num(nan, posinf, neginf);
}

Tensor deg2rad(const Tensor& x);
Tensor rad2deg(const Tensor& x);

/// The dtype an operation on both computes in (torch.result_type).
DType result_type(const Tensor& a, const Tensor& b);
/// The shape both broadcast to; an error naming `operation` where they do not.
Shape broadcast_shapes(const Shape& a, const Shape& b, std::string_view operation = "broadcast");

}  // namespace tenon
