#pragma once
// Functions that the C library lacks, in double.
#include <cmath>
#include <cstdint>

namespace tenon::backend::cpu {

/// The inverse of erf: ±infinity at ±1, NaN beyond.
double erfinv(double x);
/// Γ'(x)/Γ(x): −infinity at 0 (+infinity at −0), NaN at negative integers.
double digamma(double x);
/// The n-th derivative of digamma, n ≥ 1.
double polygamma(int64_t n, double x);

/// Modified Bessel functions of the first kind, of orders 0 and 1; those with an e are multiplied by exp(−|x|).
double bessel_i0(double x);
double bessel_i0e(double x);
double bessel_i1(double x);
double bessel_i1e(double x);
/// Bessel functions of the first and second kind; NaN at ±infinity, as in PyTorch, and the second's below 0.
double bessel_j0(double x);
double bessel_j1(double x);
double bessel_y0(double x);
double bessel_y1(double x);
/// The modified Bessel function of the second kind of order 0 or 1, and times exp(x): infinity at 0, NaN below.
double bessel_k(int order, double x);
double bessel_ke(int order, double x);
/// sin(x) / x, 1 at 0.
double spherical_bessel_j0(double x);
/// The regularised incomplete gamma functions P(a, x) and Q = 1 − P; NaN where a or x is negative.
double igamma(double a, double x);
double igammac(double a, double x);
/// Hurwitz's Σ (q + k)^−s: infinity at its poles, NaN for s < 1 and for negative q where s is no whole number.
double zeta(double s, double q);
/// exp(x²)·erfc(x).
double erfcx(double x);
/// The normal distribution's logarithm, and its inverse: ±infinity at 1 and 0, NaN beyond.
double log_ndtr(double x);
double ndtri(double p);

/// log |Γ(x)|, without the C library's global sign, which threads would share.
inline float lgamma(float x) {
  int sign;
  return ::lgammaf_r(x, &sign);
}
inline double lgamma(double x) {
  int sign;
  return ::lgamma_r(x, &sign);
}

}  // namespace tenon::backend::cpu
