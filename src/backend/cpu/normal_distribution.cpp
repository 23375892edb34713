// What the error function gives where it is small, and the normal distribution.
#include <cmath>
#include <limits>
#include <numbers>

#include "backend/cpu/special_functions.h"

namespace tenon::backend::cpu {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double root_half = 1 / std::numbers::sqrt2;

/// exp(x²): the rounding of x² is made good, as it would be large beside a large power's last digit.
double exp_of_square(double x) {
  const double square = x * x;
  return std::exp(square) * (1 + std::fma(x, x, -square));
}

}  // namespace

double erfcx(double x) {
  if (x < 0) {
    if (x < -26.7) return infinity;
    return 2 * exp_of_square(x) - erfcx(-x);
  }
  if (x < 10) return exp_of_square(x) * std::erfc(x);
  const double z = 1 / (2 * x * x);  // Abramowitz and Stegun, 7.1.23
  double term = 1, sum = 1;
  for (int k = 1; std::abs(term) > 1e-17; ++k) {
    term *= -(2 * k - 1) * z;
    sum += term;
  }
  return sum * std::numbers::inv_sqrtpi / x;
}

double log_ndtr(double x) {
  const double t = x * root_half;
  return x < -1 ? std::log(erfcx(-t) / 2) - t * t : std::log1p(-std::erfc(t) / 2);
}

double ndtri(double p) {
  if (!(p >= 0 && p <= 1)) return std::numeric_limits<double>::quiet_NaN();
  if (p == 0 || p == 1) return p == 0 ? -infinity : infinity;
  if (p == 0.5) return 0;
  if (p > 0.5) return -ndtri(1 - p);  // the difference is exact
  // A start that is right to three digits (Abramowitz and Stegun, 26.2.23), then Halley's steps.
  const double t = std::sqrt(-2 * std::log(p));
  double x = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (int i = 0; i < 3; ++i) {
    // (Φ(x) − p) / φ(x); both are small together, so that their ratio is taken first.
    const double scaled = erfcx(-x * root_half) / 2, density = std::numbers::inv_sqrtpi * root_half;
    const double step = (scaled - p * exp_of_square(x * root_half)) / density;
    x -= step / (1 + x * step / 2);
  }
  return x;
}

}  // namespace tenon::backend::cpu
