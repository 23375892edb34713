// Sums, products, extrema and norms. Half types are reduced in float and rounded once.
#include "backend/cpu/reduce.h"

#include <cmath>

#include "backend/cpu/cpu_backend.h"
#include "backend/cpu/vector_reduce.h"
#include "tensor/new_tensor.h"

namespace tenon::backend::cpu {
namespace {

template <class A>
void combine_two(ReduceOp op, A& total, A next) {
  switch (op) {
    case ReduceOp::prod: total *= next; return;
    case ReduceOp::amax: total = total > next || total != total ? total : next; return;
    case ReduceOp::amin: total = total < next || total != total ? total : next; return;
    default: total += next;
  }
}

/// Float and double, through vectors; partial results of rows are kept in double. `finish` makes the result of the total.
template <class T, class F>
struct RealKernel {
  using Element = T;
  using Partial = double;
  using Column = T;
  static constexpr int64_t rows_of_piece = 1024;
  ReduceOp op;
  T* out;
  F finish;

  double row(const T* in, int64_t n, int64_t) const { return vector_reduce(dtype_of<T>(), op, in, n); }
  void columns(T* to, const T* in, int64_t rows, int64_t stride, int64_t width, int64_t) const {
    vector_reduce_columns(dtype_of<T>(), op, to, in, rows, stride, width);
  }
  void combine(double& total, double next) const { combine_two(op, total, next); }
  void store(int64_t at, double total) const { out[at] = static_cast<T>(finish(total)); }
};

/// Integers and truth values: sums wrap around.
template <class T>
struct IntegerKernel {
  using Element = T;
  using Partial = std::conditional_t<std::is_same_v<T, int64_t>, uint64_t, std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>>;
  using Column = Partial;
  static constexpr int64_t rows_of_piece = 1024;
  ReduceOp op;
  T* out;

  Partial two(Partial total, Partial next) const {
    if (op == ReduceOp::amax) return static_cast<T>(total) > static_cast<T>(next) ? total : next;
    if (op == ReduceOp::amin) return static_cast<T>(total) < static_cast<T>(next) ? total : next;
    return static_cast<Partial>(op == ReduceOp::prod ? total * next : total + next);
  }
  Partial row(const T* in, int64_t n, int64_t) const {
    Partial total = n > 0 ? static_cast<Partial>(in[0]) : static_cast<Partial>(op == ReduceOp::prod);
    for (int64_t i = 1; i < n; ++i) total = two(total, static_cast<Partial>(in[i]));
    return total;
  }
  void columns(Column* to, const T* in, int64_t rows, int64_t stride, int64_t width, int64_t) const {
    for (int64_t j = 0; j < width; ++j) to[j] = rows > 0 ? static_cast<Partial>(in[j]) : static_cast<Partial>(op == ReduceOp::prod);
    for (int64_t i = 1; i < rows; ++i)
      for (int64_t j = 0; j < width; ++j) to[j] = two(to[j], static_cast<Partial>(in[i * stride + j]));
  }
  void combine(Partial& total, Partial next) const { total = two(total, next); }
  void store(int64_t at, Partial total) const { out[at] = static_cast<T>(total); }
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

  double power(T x) const { return p == 0 ? static_cast<double>(x != 0) : std::pow(std::abs(static_cast<double>(x)), p); }
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
  void store(int64_t at, double total) const { out[at] = static_cast<T>(p == 0 ? total : std::pow(total, 1 / p)); }
};

template <class T>
T* elements(const Tensor& x) {
  return reinterpret_cast<T*>(x.impl()->data);
}

template <class T, class F>
void reduce_real(ReduceOp op, const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner, F finish) {
  reduce_pieces(RealKernel<T, F>{op, elements<T>(out), finish}, elements<T>(in), outer, n, inner);
}

/// f(out, in) with float32 in the place of half types.
template <class F>
void in_float(const Tensor& out, const Tensor& in, F f) {
  const Tensor wide = new_like(out, float32);
  f(wide, in.detach().to(float32));
  cpu_backend().copy(out, wide);
}

}  // namespace

void CpuBackend::reduce(ReduceOp op, const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner) const {
  if (is_half(in.dtype())) return in_float(out, in, [&](const Tensor& y, const Tensor& x) { reduce(op, y, x, outer, n, inner); });
  with_type(in.dtype(), [&]<class T>() {
    if constexpr (std::is_floating_point_v<T>) reduce_real<T>(op, out, in, outer, n, inner, [](double total) { return total; });
    else if constexpr (std::is_integral_v<T>) reduce_pieces(IntegerKernel<T>{op, elements<T>(out)}, elements<T>(in), outer, n, inner);
  });
}

void CpuBackend::norm(const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner, double p) const {
  if (is_half(in.dtype())) return in_float(out, in, [&](const Tensor& y, const Tensor& x) { norm(y, x, outer, n, inner, p); });
  if (p == 1) return reduce(ReduceOp::sum_of_absolutes, out, in, outer, n, inner);
  with_type(in.dtype(), [&]<class T>() {
    if constexpr (std::is_floating_point_v<T>) {
      if (p == 2) reduce_real<T>(ReduceOp::sum_of_squares, out, in, outer, n, inner, [](double total) { return std::sqrt(total); });
      else reduce_pieces(PowerKernel<T>{p, elements<T>(out)}, elements<T>(in), outer, n, inner);
    }
  });
}

}  // namespace tenon::backend::cpu
