#pragma once
// What a kernel is asked to do, where one kernel does several things. Kernels of all processors include this and their
// topic's header, nothing of the operations.
#include <cstdint>

namespace tenon {

// a kind a line
// clang-format off
enum class UnaryOp : uint8_t {
  neg, abs, sign, square, cube, relu,  // integers too
  bitwise_not,                         // integers and bool only
  floor, ceil, round, trunc, frac, reciprocal, inverse_square, sqrt, rsqrt,
  exp, exp2, expm1, log, log2, log10, log1p, sigmoid,  // from here on many times the work of a sum
  sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh, erf, erfc, erfinv, lgamma, digamma, sinc,
  i0, i0e, i1, i1e, erfcx, log_ndtr, ndtri,
  bessel_j0, bessel_j1, bessel_y0, bessel_y1, bessel_k0, bessel_k1, bessel_k0e, bessel_k1e, spherical_bessel_j0,
  mantissa, binary_exponent  // x = mantissa · 2^exponent
};
/// What is asked of an element.
enum class TestOp : uint8_t { is_nan, is_inf, is_finite, is_posinf, is_neginf, sign_bit };
enum class BinaryOp : uint8_t {
  add, sub, mul, maximum, minimum, fmax, fmin, heaviside,                   // every type (sub: but bool)
  div_trunc, div_floor, remainder, fmod, pow,                               // every type but bool
  bitwise_and, bitwise_or, bitwise_xor, shift_left, shift_right, gcd, lcm,  // integers (the first three: and bool)
  div, atan2, hypot, copysign, nextafter, logaddexp, logaddexp2, xlogy,     // real types
  igamma, igammac, zeta,                                                    // the same
  ldexp                                                                     // the same; exponents are whole numbers
};
// clang-format on
enum class CompareOp : uint8_t { eq, ne, lt, le, gt, ge, logical_and, logical_or, logical_xor };
/// x + value·a·b, x + value·a/b, a + (b − a)·weight with x, a, b = start, end, weight, and min(max(x, a), b).
enum class TernaryOp : uint8_t { addcmul, addcdiv, lerp, clamp };
enum class Rank : uint8_t { kth, median, nanmedian };
enum class ScanOp : uint8_t { sum, prod, log_sum_exp };
enum class ReduceOp : uint8_t { sum, nansum, prod, amax, amin, sum_of_absolutes, sum_of_squares };

/// What becomes of two elements that meet in one place.
enum class Combine : uint8_t { replace, add, multiply, max, min };

}  // namespace tenon
