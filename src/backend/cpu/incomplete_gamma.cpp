// The incomplete gamma functions: series (Abramowitz and Stegun, 6.5.29), continued fraction (6.5.31, evaluated by
// Lentz's method), and for large a Temme's uniform expansion (DLMF, 8.12).
#include <cmath>
#include <limits>
#include <numbers>

#include "backend/cpu/special_functions.h"

namespace tenon::backend::cpu {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double large = 20000;  // from here on the expansion is exact to the last digits
constexpr double epsilon = std::numeric_limits<double>::epsilon();

struct Both {
  double lower, upper;  ///< P and Q, each exact where it is small
};

/// m − log(1 + m), exact for small m.
double less_log1p(double m) {
  if (std::abs(m) > 0.1) return m - std::log1p(m);
  double power = m * m, sum = 0;
  for (int k = 2; k < 40; ++k, power *= -m) {
    sum += power / k;
    if (std::abs(power) < std::abs(sum) * 1e-18) break;
  }
  return sum;
}

/// x^a·e^−x / Γ(a), by logarithms that do not cancel where a is large.
double common_factor(double a, double x) {
  if (a < 10) return std::exp(a * std::log(x) - x - lgamma(a));
  // Stirling: Γ(a) = √(2π/a)·(a/e)^a·exp(1/(12a) − …)
  const double z = 1 / (a * a), rest = (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1260 - z / 1680))) / a;
  return std::exp(-a * less_log1p((x - a) / a) - rest) * std::sqrt(a / (2 * std::numbers::pi));
}

Both by_series(double a, double x) {
  double term = 1 / a, sum = term;
  for (double n = a + 1; term > sum * epsilon / 4; n += 1) sum += term *= x / n;
  const double p = sum * common_factor(a, x);
  return {p, 1 - p};
}

Both by_fraction(double a, double x) {
  constexpr double tiny = 1e-300;
  double b = x + 1 - a, c = 1 / tiny, d = 1 / b, h = d;
  for (double n = 1; n < 100000; n += 1) {
    const double an = -n * (n - a);
    b += 2;
    d = an * d + b;
    d = 1 / (std::abs(d) < tiny ? tiny : d);
    c = b + an / c;
    if (std::abs(c) < tiny) c = tiny;
    h *= d * c;
    if (std::abs(d * c - 1) < epsilon) break;
  }
  const double q = h * common_factor(a, x);
  return {1 - q, q};
}

/// Q = erfc(η√(a/2))/2 + exp(−aη²/2)/√(2πa)·(c₀(η) + c₁(η)/a + …), where η²/2 = m − log(1 + m) with m = x/a − 1.
Both by_expansion(double a, double x) {
  const double m = (x - a) / a, half_square = less_log1p(m);
  const double eta = std::copysign(std::sqrt(2 * half_square), m);
  double c0, c1;
  if (std::abs(eta) < 0.01) {
    c0 = -1.0 / 3 +
         eta * (1.0 / 12 - eta * (2.0 / 135 - eta * (1.0 / 864 + eta * (1.0 / 2835 - eta * (139.0 / 777600)))));
    c1 = -1.0 / 540 - eta * (1.0 / 288 - eta * (25.0 / 12096));
  } else {
    c0 = 1 / m - 1 / eta;
    c1 = 1 / (eta * eta * eta) - 1 / (m * m * m) - 1 / (m * m) - 1 / (12 * m);
  }
  const double rest = std::exp(-a * half_square) / std::sqrt(2 * std::numbers::pi * a) * (c0 + c1 / a);
  const double t = eta * std::sqrt(a / 2);
  return {std::erfc(-t) / 2 - rest, std::erfc(t) / 2 + rest};
}

/// P by itself; at the edges as PyTorch has it.
Both both(double a, double x) {
  if (a < 0 || x < 0) return {nan, nan};
  if (a == 0) return x > 0 ? Both{1, 0} : Both{nan, nan};
  if (x == 0) return {0, 1};
  if (std::isinf(a)) return std::isinf(x) ? Both{nan, nan} : Both{0, 1};
  if (std::isinf(x)) return {1, 0};
  if (std::isnan(a) || std::isnan(x)) return {nan, nan};
  if (a >= large && std::abs(x - a) < 0.5 * a) return by_expansion(a, x);
  return x < a + 1 ? by_series(a, x) : by_fraction(a, x);
}

}  // namespace

double igamma(double a, double x) { return both(a, x).lower; }
double igammac(double a, double x) { return both(a, x).upper; }

}  // namespace tenon::backend::cpu
