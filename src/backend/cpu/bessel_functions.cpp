// Bessel functions. The modified ones of the first kind by their series (Abramowitz and Stegun, 9.6.10 and 9.7.1),
// those of the second by theirs (9.6.11) near 0 and by their integral (9.6.24) elsewhere; others are the C library's.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "backend/cpu/special_functions.h"

namespace tenon::backend::cpu {
namespace {

constexpr double euler = std::numbers::egamma;
constexpr double far = 20;  // from here on the asymptotic series is exact to the last digit

/// Σ (x²/4)^k / (k! (k + order)!), whose terms are positive; I of the order is (x/2)^order times it.
double power_series(int order, double x) {
  const double quarter = x * x / 4;
  double term = 1, sum = 1;
  for (int k = 1; term > sum * 1e-17; ++k) {
    term *= quarter / (static_cast<double>(k) * (k + order));
    sum += term;
  }
  return sum;
}

/// I of the order times exp(−x), for x above `far`.
double asymptotic_series(int order, double x) {
  const double mu = 4 * order * order;
  double term = 1, sum = 1;
  for (int k = 1; k < 30 && std::abs(term) > 1e-17; ++k) {
    const double odd = 2 * k - 1;
    term *= -(mu - odd * odd) / (8 * x * k);
    sum += term;
  }
  return sum / std::sqrt(2 * std::numbers::pi * x);
}

double by_exp(double scaled, double x) {  // exp(x) alone would overflow before the product does
  const double half = std::exp(x / 2);
  return std::isinf(half) ? half : scaled * half * half;
}

/// K of order 0 or 1 for x up to 2: the logarithm's part, the pole, and Σ of (x²/4)^k with harmonic numbers.
double k_by_series(int order, double x) {
  const double quarter = x * x / 4, log = std::log(x / 2);
  double term = 1, sum = 0, harmonic = 0;  // of k
  for (int k = 0; k < 40; ++k) {
    const double next = harmonic + 1.0 / (k + 1);
    sum += term * (order == 0 ? harmonic - euler : (harmonic + next) / 2 - euler);
    term *= quarter / ((k + 1.0) * (k + 1 + order));
    if (term < 1e-18) break;
    harmonic = next;
  }
  if (order == 0) return sum - log * bessel_i0(x);
  return 1 / x + log * bessel_i1(x) - x / 2 * sum;
}

/// exp(x)·K = ∫ exp(−x·(cosh t − 1))·cosh(order·t) dt over t > 0, by the trapezoidal rule, which is exact to the last
/// digit for a step that is small beside the width of the peak.
double ke_by_integral(int order, double x) {
  const double step = std::min(0.2, 0.6 / std::sqrt(x));
  double sum = 0.5;
  for (int k = 1;; ++k) {
    const double t = k * step, s = std::sinh(t / 2), part = std::exp(-2 * x * s * s) * (order == 0 ? 1 : std::cosh(t));
    sum += part;
    if (part < sum * 1e-18) return sum * step;
  }
}

/// K, or exp(x)·K.
double k_of(int order, double x, bool scaled) {
  if (std::isnan(x) || x < 0) return std::numeric_limits<double>::quiet_NaN();
  if (x == 0) return std::numeric_limits<double>::infinity();
  if (std::isinf(x)) return 0;
  if (x <= 2) return k_by_series(order, x) * (scaled ? std::exp(x) : 1);
  return ke_by_integral(order, x) * (scaled ? 1 : std::exp(-x));
}

double where_finite(double (*f)(double), double x) {
  return std::isinf(x) ? std::numeric_limits<double>::quiet_NaN() : f(x);
}

}  // namespace

double bessel_j0(double x) { return where_finite(::j0, x); }
double bessel_j1(double x) { return where_finite(::j1, x); }
double bessel_y0(double x) { return where_finite(::y0, x); }
double bessel_y1(double x) { return where_finite(::y1, x); }
double bessel_k(int order, double x) { return k_of(order, x, false); }
double bessel_ke(int order, double x) { return k_of(order, x, true); }
double spherical_bessel_j0(double x) { return std::isinf(x) ? 0 : x == 0 ? 1 : std::sin(x) / x; }

double bessel_i0(double x) {
  const double size = std::abs(x);
  if (std::isinf(x)) return size;
  return size < far ? power_series(0, size) : by_exp(asymptotic_series(0, size), size);
}

double bessel_i0e(double x) {
  const double size = std::abs(x);
  return size < far ? power_series(0, size) * std::exp(-size) : asymptotic_series(0, size);
}

double bessel_i1(double x) {
  const double size = std::abs(x);
  if (std::isinf(x)) return x;
  return std::copysign(size < far ? size / 2 * power_series(1, size) : by_exp(asymptotic_series(1, size), size), x);
}

double bessel_i1e(double x) {
  const double size = std::abs(x);
  return std::copysign(size < far ? size / 2 * power_series(1, size) * std::exp(-size) : asymptotic_series(1, size), x);
}

}  // namespace tenon::backend::cpu
