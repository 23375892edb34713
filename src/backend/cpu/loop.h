#pragma once
// One walk over tensors of any strides: dimensions are put in memory order and merged, then an inner function sees
// rows.
#include <algorithm>
#include <array>

#include <tenon/tensor.h>

#include "backend/cpu/parallel.h"
#include "tensor/carried.h"

namespace tenon::backend::cpu {

/// Rows of N tensors: pointers to the first elements, strides in bytes, and the length.
template <std::size_t N>
struct Row {
  std::array<std::byte*, N> data;
  std::array<int64_t, N> stride;
  int64_t n;
};

namespace detail {
inline constexpr std::size_t most_tensors = 4;
using AnyRow = Row<most_tensors>;
void walk(const Tensor* const* tensors, std::size_t count, void (*inner)(void*, const AnyRow&), void* context,
          int64_t work);
}  // namespace detail

/// Calls inner(Row<N>) so that all elements of tensors[0] are visited once; the others broadcast to its shape. Large
/// tensors are shared out among threads, sooner where an element stands for more `work` than one.
template <std::size_t N, class F>
void for_rows(const std::array<const Tensor*, N>& tensors, F&& inner, int64_t work = 1) {
  static_assert(N <= detail::most_tensors);
  detail::walk(
      tensors.data(), N,
      [](void* f, const detail::AnyRow& any) {
        Row<N> row;
        std::copy_n(any.data.begin(), N, row.data.begin());
        std::copy_n(any.stride.begin(), N, row.stride.begin());
        row.n = any.n;
        (*static_cast<std::remove_reference_t<F>*>(f))(row);
      },
      &inner, work);
}

/// f.template operator()<T>() with T the element type, bool or an integer. An error for types that are only carried.
template <class F>
decltype(auto) with_integer_type(DType dtype, F&& f) {
  switch (dtype) {
    case DType::boolean: return f.template operator()<bool>();
    case DType::uint8: return f.template operator()<uint8_t>();
    case DType::int8: return f.template operator()<int8_t>();
    case DType::int16: return f.template operator()<int16_t>();
    case DType::int32: return f.template operator()<int32_t>();
    case DType::int64: return f.template operator()<int64_t>();
    default: fail_carried(dtype);
  }
}

/// The same for the floating-point types.
template <class F>
decltype(auto) with_real_type(DType dtype, F&& f) {
  switch (dtype) {
    case DType::float16: return f.template operator()<Half>();
    case DType::bfloat16: return f.template operator()<BFloat16>();
    case DType::float64: return f.template operator()<double>();
    case DType::float32: return f.template operator()<float>();
    default: fail_carried(dtype);
  }
}

/// The same for all types that are computed with.
template <class F>
decltype(auto) with_type(DType dtype, F&& f) {
  return is_floating_point(dtype) ? with_real_type(dtype, f) : with_integer_type(dtype, f);
}

template <class T>
struct Two {
  T parts[2];
};

/// f.template operator()<T>() with T of this many bytes: 1, 2, 4, 8 or 16.
template <class F>
decltype(auto) with_size(int64_t bytes, F&& f) {
  switch (bytes) {
    case 1: return f.template operator()<uint8_t>();
    case 2: return f.template operator()<uint16_t>();
    case 4: return f.template operator()<uint32_t>();
    case 8: return f.template operator()<uint64_t>();
    default: return f.template operator()<Two<uint64_t>>();
  }
}

/// The same with T of the element's size and alignment, for what moves elements and does not look at them.
template <class F>
decltype(auto) with_size(DType dtype, F&& f) {
  if (dtype == complex32) return f.template operator()<Two<uint16_t>>();
  if (dtype == complex64) return f.template operator()<Two<uint32_t>>();
  return with_size(item_size(dtype), f);
}

/// What a type is computed in: half types in float.
template <class T>
using compute_t = std::conditional_t<std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>, float, T>;

/// What integers are computed in, so that they wrap around: unsigned, and too wide to be promoted to int.
template <class T>
using wrapping_t =
    std::conditional_t<!std::is_integral_v<T>, T, std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>>;

template <class T>
T& at(std::byte* p) {
  return *reinterpret_cast<T*>(p);
}

}  // namespace tenon::backend::cpu
