#pragma once
// Means and variances, put together from parts.
#include <algorithm>
#include <cmath>

#include "backend/cpu/simd/vector_reduce.h"

namespace tenon::backend::cpu {

/// How many elements there are, their mean, and the squares of their distances from it.
struct Spread {
  double n = 0, mean = 0, squares = 0;

  /// From sums of distances, and of their squares, from a pivot near the mean.
  static Spread from(double n, double pivot, Deviations d) {
    if (n == 0) return {};
    const double squares = std::isinf(d.squares) ? d.squares : d.squares - d.sum * d.sum / n;
    return {n, std::isfinite(pivot) ? pivot + d.sum / n : pivot, squares};
  }

  /// Of `rows` of n elements that lie `stride` apart, in double throughout, for floats whose squares float does not
  /// hold.
  template <class T>
  static Spread in_double(const T* in, int64_t rows, int64_t stride, int64_t n) {
    const auto count = static_cast<double>(rows * n);
    const auto for_each = [&](auto f) {
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t i = 0; i < n; ++i) f(static_cast<double>(in[r * stride + i]));
    };
    double pivot = 0;
    for_each([&](double x) { pivot += x; });
    pivot /= std::max(count, 1.0);
    Deviations d{0, 0};
    for_each([&](double x) {
      d.sum += x - pivot;
      d.squares += (x - pivot) * (x - pivot);
    });
    return from(count, pivot, d);
  }

  /// With the elements of another part. Source: Chan, Golub and LeVeque (1979).
  void add(const Spread& next) {
    const double together = n + next.n, apart = next.mean - mean;
    squares += next.squares + apart * apart * n * next.n / together;
    mean += std::isfinite(apart) ? apart * next.n / together : next.mean;
    n = together;
  }
};

}  // namespace tenon::backend::cpu
