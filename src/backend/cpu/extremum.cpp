// The largest or smallest of each row or column, and the first place where it stands.
#include "backend/cpu/reduce.h"
#include "backend/cpu/simd/vector_reduce.h"
#include "backend/memory.h"
#include "backend/new_tensor.h"
#include "backend/reduction.h"

namespace tenon::backend::cpu {
namespace {

template <class T>
struct Found {
  T value{};
  int64_t place = 0;
};

template <class T>
struct ExtremumKernel {
  using Element = T;
  using Partial = Found<T>;
  using Column = Found<T>;
  static constexpr int64_t rows_of_piece = 64;
  static constexpr bool real = std::is_floating_point_v<T>;
  bool largest;
  T* values;  ///< may be null
  int64_t* places;

  bool beyond(T x, T best) const { return (largest ? x > best : x < best) || (x != x && best == best); }
  Found<T> row(const T* in, int64_t n, int64_t first) const {
    if constexpr (real) {
      const double best = vector_reduce(dtype_of<T>(), largest ? ReduceOp::amax : ReduceOp::amin, in, n);
      const int64_t place = vector_find(dtype_of<T>(), in, best, n);
      return {in[place], first + place};
    } else {
      Found<T> best{in[0], first};
      for (int64_t i = 1; i < n; ++i)
        if (beyond(in[i], best.value)) best = {in[i], first + i};
      return best;
    }
  }
  void columns(Found<T>* to, const T* in, int64_t rows, int64_t stride, int64_t width, int64_t first) const {
    if constexpr (real) {
      std::array<T, columns_at_once> best;
      std::array<std::conditional_t<sizeof(T) == 4, int32_t, int64_t>, columns_at_once> at;
      vector_reduce_columns(dtype_of<T>(), largest ? ReduceOp::amax : ReduceOp::amin, best.data(), in, rows, stride,
                            width);
      vector_find_columns(dtype_of<T>(), at.data(), best.data(), in, rows, stride, width);
      for (std::size_t j = 0; j < static_cast<std::size_t>(width); ++j)
        to[j] = {in[at[j] * stride + static_cast<int64_t>(j)], first + at[j]};
    } else {
      for (int64_t j = 0; j < width; ++j) to[j] = {in[j], first};
      for (int64_t i = 1; i < rows; ++i)
        for (int64_t j = 0; j < width; ++j)
          if (beyond(in[i * stride + j], to[j].value)) to[j] = {in[i * stride + j], first + i};
    }
  }
  void combine(Found<T>& total, const Found<T>& next) const {
    if (beyond(next.value, total.value)) total = next;
  }
  void store(int64_t at, const Found<T>& found) const {
    if (values) values[at] = found.value;
    places[at] = found.place;
  }
};

}  // namespace

void extremum(const Tensor& values, const Tensor& places, const Tensor& in, int64_t outer, int64_t n, int64_t inner,
              bool largest) {
  if (is_half(in.dtype())) {
    const Tensor wide = values.defined() ? new_like(values, float32) : Tensor();
    extremum(wide, places, in.detach().to(float32), outer, n, inner, largest);
    if (values.defined()) MemoryKernels::cpu.copy(values, wide);
    return;
  }
  with_type(in.dtype(), [&]<class T>() {
    if constexpr (std::is_arithmetic_v<T>)
      reduce_pieces(ExtremumKernel<T>{largest, values.defined() ? reinterpret_cast<T*>(values.impl()->data) : nullptr,
                                      reinterpret_cast<int64_t*>(places.impl()->data)},
                    reinterpret_cast<const T*>(in.impl()->data), outer, n, inner);
  });
}

}  // namespace tenon::backend::cpu
