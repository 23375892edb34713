#include "backend/cpu/special_functions.h"

#include <array>
#include <cstdint>
#include <limits>
#include <numbers>

namespace tenon::backend::cpu {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
using std::numbers::pi;

/// B₂, B₄, …: Bernoulli's numbers (Abramowitz and Stegun, 23.1.15).
constexpr std::array<double, 12> bernoulli{1.0 / 6,       -1.0 / 30,       1.0 / 42,       -1.0 / 30,
                                           5.0 / 66,      -691.0 / 2730,   7.0 / 6,        -3617.0 / 510,
                                           43867.0 / 798, -174611.0 / 330, 854513.0 / 138, -236364091.0 / 2730};

/// Hurwitz's zeta function Σ (q + k)^−s for s > 1, q > 0 by the formula of Euler and Maclaurin (Abramowitz and
/// Stegun, 23.1.30): ten terms one by one, then the integral over the rest and its corrections.
double zeta_of_positive(double s, double q) {
  double sum = 0;
  for (int k = 0; k < 10; ++k) sum += std::pow(q + k, -s);
  const double a = q + 10, power = std::pow(a, -s);
  sum += power * a / (s - 1) + power / 2;
  double factor = s * power / a / 2;  // s(s+1)…(s+2j−2) / (2j)! · a^(−s−2j+1)
  for (std::size_t j = 0; j < bernoulli.size(); ++j) {
    const double term = bernoulli[j] * factor;
    sum += term;
    if (std::abs(term) <= std::abs(sum) * 1e-17) break;
    const auto twice = 2 * static_cast<double>(j + 1);
    factor *= (s + twice - 1) * (s + twice) / ((twice + 1) * (twice + 2)) / (a * a);
  }
  return sum;
}

}  // namespace

// For q below 0 the terms before the first positive one are a difference of two such sums, with a sign.
double zeta(double s, double q) {
  if (s <= 1) return s == 1 ? infinity : nan;
  if (std::isinf(q)) return q > 0 ? nan : infinity;
  if (q > 0) return s == infinity ? std::pow(q, -s) : zeta_of_positive(s, q);
  if (q == std::floor(q)) return infinity;
  if (s != std::floor(s) || std::isinf(s)) return nan;  // a NaN is not its own floor
  const double last = std::trunc(q) - q;                // in (0, 1): the size of the last negative term's base
  const double positive = zeta_of_positive(s, 1 - last), all = zeta_of_positive(s, last);
  const double beyond = zeta_of_positive(s, last - std::floor(q));
  return std::fmod(s, 2) == 0 ? positive + (all - beyond) : positive - all + beyond;
}

// S. Winitzki's closed form ("A handy approximation for the error function and its inverse", 2008), good to three
// digits, then two steps of Halley's method, each of which triples them.
double erfinv(double x) {
  const double size = std::abs(x);
  if (!(size < 1)) return size == 1 ? std::copysign(infinity, x) : nan;
  if (size < 1e-8) return x * (std::sqrt(pi) / 2);
  constexpr double a = 0.147;
  const double rest = 1 - size, log = std::log(rest * (1 + size)), half = 2 / (pi * a) + log / 2;
  double y = std::sqrt(std::sqrt(half * half - log / a) - half);
  for (int step = 0; step < 2; ++step) {
    const double error = size < 0.5 ? std::erf(y) - size : rest - std::erfc(y);  // the tail's own digits
    const double ratio = error / (2 / std::sqrt(pi) * std::exp(-y * y));
    y -= ratio / (1 + y * ratio);
  }
  return std::copysign(y, x);
}

// Reflection for negative numbers, the recurrence up to 10, then the asymptotic series (Abramowitz and
// Stegun, 6.3.7, 6.3.5, 6.3.18).
double digamma(double x) {
  if (x == 0) return std::copysign(infinity, -x);
  if (x < 0) {
    if (x == std::floor(x)) return nan;
    return digamma(1 - x) - pi / std::tan(pi * (x - std::trunc(x)));
  }
  double below = 0;
  for (; x < 10; x += 1) below -= 1 / x;
  const double z = 1 / (x * x);
  double series = 0, power = z;
  for (std::size_t j = 0; j < 8; ++j, power *= z) series += bernoulli[j] / (2 * static_cast<double>(j + 1)) * power;
  return below + std::log(x) - 0.5 / x - (std::isinf(x) ? 0 : series);
}

// (−1)^(n+1) n! ζ(n + 1, x) (Abramowitz and Stegun, 6.4.10).
double polygamma(int64_t n, double x) {
  const auto order = static_cast<double>(n);
  if (n == 1 && x == infinity) return 0;
  if (n == 1 && x == -infinity) return nan;
  const double z = zeta(order + 1, x);
  const double size = z == infinity ? z : std::tgamma(order + 1) * z;
  return n % 2 == 0 ? -size : size;
}

}  // namespace tenon::backend::cpu
