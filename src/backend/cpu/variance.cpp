// Means and variances: each piece by two passes while it is in the cache.
#include <cmath>
#include <limits>

#include "backend/cpu/reduce.h"
#include "backend/cpu/simd/vector_reduce.h"
#include "backend/cpu/spread.h"
#include "backend/reduction.h"

namespace tenon::backend::cpu {
namespace {

/// Whether a sum of squares of T's may have left its range on the way, upwards or down to 0.
template <class T>
bool out_of_range(double squares) {
  return std::is_same_v<T, float> && !(squares > 0x1p-100 && squares < 0x1p120);
}

template <class T>
struct VarianceKernel {
  using Element = T;
  using Partial = Spread;
  using Column = Spread;
  static constexpr int64_t rows_of_piece = 64;
  static constexpr DType type = dtype_of<T>();
  T* variance;
  T* mean;
  double correction;
  bool root;

  Spread row(const T* in, int64_t n, int64_t) const {
    const auto count = static_cast<double>(n);
    const T pivot = static_cast<T>(vector_reduce(type, ReduceOp::sum, in, n) / std::max(count, 1.0));
    const Deviations d = vector_deviations(type, in, static_cast<double>(pivot), n);
    if (out_of_range<T>(d.squares)) return Spread::in_double(in, 1, 0, n);
    return Spread::from(count, static_cast<double>(pivot), d);
  }
  void columns(Spread* to, const T* in, int64_t rows, int64_t stride, int64_t width, int64_t) const {
    std::array<T, columns_at_once> pivots, sums, squares;
    vector_reduce_columns(type, ReduceOp::sum, pivots.data(), in, rows, stride, width);
    for (int64_t j = 0; j < width; ++j)
      pivots[static_cast<std::size_t>(j)] /= static_cast<T>(std::max<int64_t>(rows, 1));
    vector_deviations_columns(type, sums.data(), squares.data(), pivots.data(), in, rows, stride, width);
    for (std::size_t j = 0; j < static_cast<std::size_t>(width); ++j) {
      const Deviations d{static_cast<double>(sums[j]), static_cast<double>(squares[j])};
      to[j] = out_of_range<T>(d.squares) ? Spread::in_double(in + j, rows, stride, 1)
                                         : Spread::from(static_cast<double>(rows), static_cast<double>(pivots[j]), d);
    }
  }
  void combine(Spread& total, const Spread& next) const { total.add(next); }
  void store(int64_t at, const Spread& m) const {
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
