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
