// Modified Bessel functions, by their series (Abramowitz and Stegun, 9.6.10 and 9.7.1).
#include <cmath>
#include <numbers>

#include "backend/cpu/special_functions.h"

namespace tenon::backend::cpu {
namespace {

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

}  // namespace

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
