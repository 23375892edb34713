#pragma once
// Functions of every element: arithmetic, comparison, logic, elementary functions. They broadcast, and compute in the
// type of torch.result_type: dimensions beat 0-dim tensors, those beat plain numbers.
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon {

// ---- arithmetic
Tensor add(const Tensor& a, const Tensor& b, const Scalar& alpha = 1);  ///< a + alpha · b
Tensor sub(const Tensor& a, const Tensor& b, const Scalar& alpha = 1);  ///< a − alpha · b
Tensor mul(const Tensor& a, const Tensor& b);
Tensor div(const Tensor& a, const Tensor& b);                     ///< true division: integers give float32
Tensor div(const Tensor& a, const Tensor& b, Rounding rounding);  ///< integers by 0, rounded, are an error
Tensor floor_divide(const Tensor& a, const Tensor& b);            ///< rounded down
Tensor remainder(const Tensor& a, const Tensor& b);               ///< Python's %: the divisor's sign
Tensor fmod(const Tensor& a, const Tensor& b);                    ///< C's: the dividend's sign
Tensor maximum(const Tensor& a, const Tensor& b);                 ///< NaN wins
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor fmax(const Tensor& a, const Tensor& b);  ///< NaN loses
Tensor fmin(const Tensor& a, const Tensor& b);
Tensor pow(const Tensor& a, const Tensor& b);         ///< integers to a negative number are an error
Tensor atan2(const Tensor& a, const Tensor& b);       ///< the angle of (b, a)
Tensor hypot(const Tensor& a, const Tensor& b);       ///< √(a² + b²), of real tensors
Tensor copysign(const Tensor& a, const Tensor& b);    ///< |a| with b's sign
Tensor nextafter(const Tensor& a, const Tensor& b);   ///< the next number that the type has after a, towards b
Tensor logaddexp(const Tensor& a, const Tensor& b);   ///< log(exp(a) + exp(b)), without overflow, of real tensors
Tensor logaddexp2(const Tensor& a, const Tensor& b);  ///< the same with base 2
Tensor xlogy(const Tensor& a, const Tensor& b);       ///< a · log b, 0 where a is 0
/// The regularised incomplete gamma functions, lower and upper: the part of the gamma distribution of shape a below x,
/// and above. Of real tensors, 0 or more; NaN elsewhere. By a there is no gradient, which is an error in backward().
Tensor igamma(const Tensor& a, const Tensor& x);
Tensor igammac(const Tensor& a, const Tensor& x);
Tensor heaviside(const Tensor& a, const Tensor& b);  ///< 0 where a is below 0, 1 above, b at 0; one type
Tensor gcd(const Tensor& a, const Tensor& b);        ///< the greatest common divisor, of integers
Tensor lcm(const Tensor& a, const Tensor& b);        ///< the least common multiple, of integers

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

// A number on one side: add(x, 1), pow(2, x), floor_divide(x, 2).
inline Tensor add(const Tensor& a, const Scalar& b, const Scalar& alpha = 1) { return a.add(b, alpha); }
inline Tensor sub(const Tensor& a, const Scalar& b, const Scalar& alpha = 1) { return a.sub(b, alpha); }
inline Tensor mul(const Tensor& a, const Scalar& b) { return a.mul(b); }
Tensor div(const Tensor& a, const Scalar& b, Rounding rounding = Rounding::none);
Tensor floor_divide(const Tensor& a, const Scalar& b);
Tensor remainder(const Tensor& a, const Scalar& b);
Tensor remainder(const Scalar& a, const Tensor& b);
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
Tensor xlogy(const Scalar& a, const Tensor& b);

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
inline Tensor eq(const Tensor& a, const TensorOrNumber auto& b) { return a.eq(b); }
inline Tensor ne(const Tensor& a, const TensorOrNumber auto& b) { return a.ne(b); }
inline Tensor lt(const Tensor& a, const TensorOrNumber auto& b) { return a.lt(b); }
inline Tensor le(const Tensor& a, const TensorOrNumber auto& b) { return a.le(b); }
inline Tensor gt(const Tensor& a, const TensorOrNumber auto& b) { return a.gt(b); }
inline Tensor ge(const Tensor& a, const TensorOrNumber auto& b) { return a.ge(b); }
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
inline Tensor bitwise_and(const Tensor& a, const Scalar& b) { return a.bitwise_and(b); }
inline Tensor bitwise_or(const Tensor& a, const Scalar& b) { return a.bitwise_or(b); }
inline Tensor bitwise_xor(const Tensor& a, const Scalar& b) { return a.bitwise_xor(b); }
inline Tensor bitwise_left_shift(const Tensor& a, const Scalar& b) { return a.bitwise_left_shift(b); }
inline Tensor bitwise_right_shift(const Tensor& a, const Scalar& b) { return a.bitwise_right_shift(b); }
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

// ---- elementary functions, described at the methods (methods/elementwise.inc)
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
inline Tensor i0(const Tensor& x) { return x.i0(); }
inline Tensor mvlgamma(const Tensor& x, int64_t p) { return x.mvlgamma(p); }
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
inline MantissaAndExponent frexp(const Tensor& x) { return x.frexp(); }
inline Tensor nan_to_num(const Tensor& x, double nan = 0, std::optional<double> posinf = {},
                         std::optional<double> neginf = {}) {
  return x.nan_to_num(nan, posinf, neginf);
}

inline Tensor deg2rad(const Tensor& x) { return x.deg2rad(); }
inline Tensor rad2deg(const Tensor& x) { return x.rad2deg(); }
inline Tensor positive(const Tensor& x) { return x.positive(); }

/// The dtype an operation on both computes in (torch.result_type).
DType result_type(const Tensor& a, const Tensor& b);
/// The shape both broadcast to; an error naming `operation` where they do not.
Shape broadcast_shapes(const Shape& a, const Shape& b, std::string_view operation = "broadcast");

}  // namespace tenon

#pragma GCC visibility pop
