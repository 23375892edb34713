// Means and variances: each piece by two passes while it is in the cache, pieces by the rule of Chan, Golub and LeVeque
// (1979).
#include <cmath>
#include <limits>

#include "backend/cpu/reduce.h"
#include "backend/cpu/simd/vector_reduce.h"
#include "backend/reduction.h"

namespace tenon::backend::cpu {
namespace {

struct Moments {
  double n = 0, mean = 0, squares = 0;  ///< the squares are of distances from the mean

  /// From sums of distances, and of their squares, from a pivot near the mean.
  static Moments from(double n, double pivot, Deviations d) {
    if (n == 0) return {};
    const double squares = std::isinf(d.squares) ? d.squares : d.squares - d.sum * d.sum / n;
    return {n, std::isfinite(pivot) ? pivot + d.sum / n : pivot, squares};
  }

  /// The same in double throughout, for floats whose squares float does not hold.
  template <class T>
  static Moments in_double(const T* in, int64_t n, int64_t stride) {
    const auto count = static_cast<double>(n);
    double pivot = 0;
    for (int64_t i = 0; i < n; ++i) pivot += static_cast<double>(in[i * stride]);
    pivot /= std::max(count, 1.0);
    Deviations d{0, 0};
    for (int64_t i = 0; i < n; ++i) {
      const double apart = static_cast<double>(in[i * stride]) - pivot;
      d.sum += apart;
      d.squares += apart * apart;
    }
    return from(count, pivot, d);
  }
};

/// Whether a sum of squares of T's may have left its range on the way, upwards or down to 0.
template <class T>
bool out_of_range(double squares) {
  return std::is_same_v<T, float> && !(squares > 0x1p-100 && squares < 0x1p120);
}

template <class T>
struct VarianceKernel {
  using Element = T;
  using Partial = Moments;
  using Column = Moments;
  static constexpr int64_t rows_of_piece = 64;
  static constexpr DType type = dtype_of<T>();
  T* variance;
  T* mean;
  double correction;
  bool root;

  Moments row(const T* in, int64_t n, int64_t) const {
    const auto count = static_cast<double>(n);
    const T pivot = static_cast<T>(vector_reduce(type, ReduceOp::sum, in, n) / std::max(count, 1.0));
    const Deviations d = vector_deviations(type, in, static_cast<double>(pivot), n);
    if (out_of_range<T>(d.squares)) return Moments::in_double(in, n, 1);
    return Moments::from(count, static_cast<double>(pivot), d);
  }
  void columns(Moments* to, const T* in, int64_t rows, int64_t stride, int64_t width, int64_t) const {
    std::array<T, columns_at_once> pivots, sums, squares;
    vector_reduce_columns(type, ReduceOp::sum, pivots.data(), in, rows, stride, width);
    for (int64_t j = 0; j < width; ++j)
      pivots[static_cast<std::size_t>(j)] /= static_cast<T>(std::max<int64_t>(rows, 1));
    vector_deviations_columns(type, sums.data(), squares.data(), pivots.data(), in, rows, stride, width);
    for (std::size_t j = 0; j < static_cast<std::size_t>(width); ++j) {
      const Deviations d{static_cast<double>(sums[j]), static_cast<double>(squares[j])};
      to[j] = out_of_range<T>(d.squares) ? Moments::in_double(in + j, rows, stride)
                                         : Moments::from(static_cast<double>(rows), static_cast<double>(pivots[j]), d);
    }
  }
  void combine(Moments& total, const Moments& next) const {
    const double n = total.n + next.n, apart = next.mean - total.mean;
    total.squares += next.squares + apart * apart * total.n * next.n / n;
    total.mean += std::isfinite(apart) ? apart * next.n / n : next.mean;
    total.n = n;
  }
  void store(int64_t at, const Moments& m) const {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    mean[at] = static_cast<T>(m.n == 0 ? nan : m.mean);
    const double spread = m.n == 0 ? nan : std::max(m.squares, 0.0) / std::max(m.n - correction, 0.0);
    variance[at] = static_cast<T>(root ? std::sqrt(spread) : spread);  // a root may be a T where its square is none
  }
};

}  // namespace

void variance(const Tensor& variance, const Tensor& mean, const Tensor& in, int64_t outer, int64_t n, int64_t inner,
              double correction, bool root) {
  with_real_type(in.dtype(), [&]<class T>() {
    if constexpr (std::is_floating_point_v<T>)
      reduce_pieces(VarianceKernel<T>{reinterpret_cast<T*>(variance.impl()->data),
                                      reinterpret_cast<T*>(mean.impl()->data), correction, root},
                    reinterpret_cast<const T*>(in.impl()->data), outer, n, inner);
  });
}

}  // namespace tenon::backend::cpu
