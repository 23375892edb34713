// Sums, products, extrema and norms. Half types are reduced in float and rounded once.
#include "backend/cpu/reduce.h"

#include <cmath>

#include "backend/cpu/simd/integer_reduce.h"
#include "backend/cpu/simd/vector_elementwise.h"
#include "backend/cpu/simd/vector_reduce.h"
#include "backend/reduction.h"

namespace tenon::backend::cpu {
namespace {

template <class A>
void combine_two(ReduceOp op, A& total, A next) {
  switch (op) {
    case ReduceOp::prod: total = static_cast<A>(total * next); return;
    case ReduceOp::amax: total = total > next || total != total ? total : next; return;
    case ReduceOp::amin: total = total < next || total != total ? total : next; return;
    default: total = static_cast<A>(total + next);
  }
}

/// Real numbers, through vectors of float or double; partial results of rows are kept in double. `finish` makes the
/// result of the total.
template <class T, class F>
struct RealKernel {
  using Element = T;
  using Partial = double;
  using Column = compute_t<T>;
  static constexpr int64_t rows_of_piece = 1024;
  static constexpr DType type = dtype_of<Column>();
  ReduceOp op;
  T* out;
  F finish;

  double row(const T* in, int64_t n, int64_t) const {
    if constexpr (!std::is_same_v<T, Column>) {  // half types, a piece at a time
      std::array<float, 1024> wide;
      double total = vector_reduce(type, op, nullptr, 0);
      for (int64_t i = 0; i < n; i += 1024) {
        const int64_t count = std::min<int64_t>(1024, n - i);
        vector_widen(dtype_of<T>(), wide.data(), in + i, count);
        combine(total, vector_reduce(type, op, wide.data(), count));
      }
      return total;
    } else {
      return vector_reduce(type, op, in, n);
    }
  }
  void columns(Column* to, const T* in, int64_t rows, int64_t stride, int64_t width, int64_t) const {
    if constexpr (!std::is_same_v<T, Column>) {
      constexpr int64_t at_once = 16;
      std::array<float, at_once * columns_at_once> wide;
      std::array<float, columns_at_once> part;
      vector_reduce_columns(type, op, to, nullptr, 0, 0, width);
      for (int64_t i = 0; i < rows; i += at_once) {
        const int64_t count = std::min(at_once, rows - i);
        for (int64_t k = 0; k < count; ++k)
          vector_widen(dtype_of<T>(), wide.data() + k * width, in + (i + k) * stride, width);
        vector_reduce_columns(type, op, part.data(), wide.data(), count, width, width);
        for (int64_t j = 0; j < width; ++j) combine_two(op, to[j], part[static_cast<std::size_t>(j)]);
      }
    } else {
      vector_reduce_columns(type, op, to, in, rows, stride, width);
    }
  }
  void combine(double& total, double next) const { combine_two(op, total, next); }
  void store(int64_t at, double total) const { out[at] = static_cast<T>(static_cast<Column>(finish(total))); }
};

/// Integers and truth values: sums and products wrap around in 64 bits, choices are made in the type T.
template <class T, bool adds>
struct IntegerKernel {
  using Element = T;
  using Partial = std::conditional_t<adds, uint64_t, T>;
  using Column = Partial;
  static constexpr int64_t rows_of_piece = 1024;
  ReduceOp op;
  IntegerRow of_row;
  IntegerColumns of_columns;
  Partial* out;

  Partial row(const T* in, int64_t n, int64_t) const { return static_cast<Partial>(of_row(in, n)); }
  void columns(Column* to, const T* in, int64_t rows, int64_t stride, int64_t width, int64_t) const {
    of_columns(to, in, rows, stride, width);
  }
  void combine(Partial& total, Partial next) const { combine_two(op, total, next); }
  void store(int64_t at, Partial total) const { out[at] = total; }
};

/// Σ |x|^p for any p.
template <class T>
struct PowerKernel {
  using Element = T;
  using Partial = double;
  using Column = double;
  static constexpr int64_t rows_of_piece = 1024;
  double p;
  T* out;

  double power(T element) const {
    const auto x = static_cast<double>(static_cast<compute_t<T>>(element));
    return p == 0 ? static_cast<double>(x != 0) : std::pow(std::abs(x), p);
  }
  double row(const T* in, int64_t n, int64_t) const {
    double total = 0;
    for (int64_t i = 0; i < n; ++i) total += power(in[i]);
    return total;
  }
  void columns(double* to, const T* in, int64_t rows, int64_t stride, int64_t width, int64_t) const {
    std::fill_n(to, width, 0.0);
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < width; ++j) to[j] += power(in[i * stride + j]);
  }
  void combine(double& total, double next) const { total += next; }
  void store(int64_t at, double total) const {
    out[at] = static_cast<T>(static_cast<compute_t<T>>(p == 0 ? total : std::pow(total, 1 / p)));
  }
};

template <class T>
T* elements(const Tensor& x) {
  return reinterpret_cast<T*>(x.impl()->data);
}

template <class T, class F>
void reduce_real(ReduceOp op, const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner, F finish) {
  reduce_pieces(RealKernel<T, F>{op, elements<T>(out), finish}, elements<T>(in), outer, n, inner);
}

}  // namespace

void reduce(ReduceOp op, const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner) {
  const DType type = in.dtype();
  if (tenon::is_floating_point(type))
    return with_real_type(
        type, [&]<class T>() { reduce_real<T>(op, out, in, outer, n, inner, [](double total) { return total; }); });
  with_integer_type(type, [&]<class E>() {
    using T = std::conditional_t<std::is_same_v<E, bool>, uint8_t, E>;
    const auto run = [&]<bool adds>() {
      using Kernel = IntegerKernel<T, adds>;
      const Kernel kernel{op, integer_row(type, op), integer_columns(type, op),
                          elements<typename Kernel::Partial>(out)};
      reduce_pieces(kernel, elements<T>(in), outer, n, inner);
    };
    if (op == ReduceOp::amax || op == ReduceOp::amin) run.template operator()<false>();
    else run.template operator()<true>();
  });
}

void norm(const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner, double p) {
  if (p == 1) return reduce(ReduceOp::sum_of_absolutes, out, in, outer, n, inner);
  with_real_type(in.dtype(), [&]<class T>() {
    if (p == 2)
      reduce_real<T>(ReduceOp::sum_of_squares, out, in, outer, n, inner, [](double total) { return std::sqrt(total); });
    else reduce_pieces(PowerKernel<T>{p, elements<T>(out)}, elements<T>(in), outer, n, inner);
  });
}

}  // namespace tenon::backend::cpu
