#pragma once
// Tensors from nothing: sizes, numbers, memory. Random ones are in random.h.
#include <ranges>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon {

Tensor empty(const Shape& shape, const TensorOptions& options = {});  ///< not initialised
Tensor zeros(const Shape& shape, const TensorOptions& options = {});
Tensor ones(const Shape& shape, const TensorOptions& options = {});
/// The value must fit into the type.
Tensor full(const Shape& shape, const Scalar& value, const TensorOptions& options = {});
/// Not initialised; strides in elements, 0 or more.
Tensor empty_strided(const Shape& shape, const Shape& strides, const TensorOptions& options = {});
// Of x's shape, and its memory order where x lies densely; dtype and device default to x's.
Tensor empty_like(const Tensor& x, const TensorOptions& options = {});
Tensor zeros_like(const Tensor& x, const TensorOptions& options = {});
Tensor ones_like(const Tensor& x, const TensorOptions& options = {});
Tensor full_like(const Tensor& x, const Scalar& value, const TensorOptions& options = {});
/// 0, 1, … before end: int64, or float32 where a number given is a floating-point one.
Tensor arange(const Scalar& end, const TensorOptions& options = {});
/// start, start + step, … before end. The step may be negative, not 0.
Tensor arange(const Scalar& start, const Scalar& end, const Scalar& step = 1, const TensorOptions& options = {});
/// `steps` numbers from start to end, both included.
Tensor linspace(double start, double end, int64_t steps, const TensorOptions& options = {});
/// base to the power of linspace(start, end, steps).
Tensor logspace(double start, double end, int64_t steps, double base = 10, const TensorOptions& options = {});
/// (n, m), m = n where it is not given: ones on the diagonal.
Tensor eye(int64_t n, std::optional<int64_t> m = {}, const TensorOptions& options = {});
/// The places of a triangle, (2, count) int64: rows, then columns.
Tensor tril_indices(int64_t rows, int64_t columns, int64_t offset = 0);
Tensor triu_indices(int64_t rows, int64_t columns, int64_t offset = 0);

// ---- from values, which are copied

/// What an element of a tensor can be in C++. (Not char: text is no tensor.)
template <class T>
concept Element = (std::integral<T> && !std::same_as<T, char> && !std::same_as<T, wchar_t>) || std::same_as<T, float> ||
                  std::same_as<T, double> || std::same_as<T, Half> || std::same_as<T, BFloat16> ||
                  std::same_as<T, Float8_e4m3fn> || std::same_as<T, Float8_e5m2> || std::same_as<T, Float8_e4m3fnuz> ||
                  std::same_as<T, Float8_e5m2fnuz> || std::same_as<T, Float8_e8m0fnu> || ComplexNumber<T>;

namespace detail {

template <class R>
struct Innermost {
  using type = R;
};
template <std::ranges::input_range R>
requires(!std::same_as<R, Tensor>) struct Innermost<R> : Innermost<std::ranges::range_value_t<R>> {
};
template <class R>
using innermost_t = typename Innermost<R>::type;

/// Values, or ranges of values, or ranges of those.
template <class R>
concept Values = std::ranges::input_range<R> && Element<innermost_t<R>>;

Tensor tensor_from(const void* values, DType given, const Shape& shape, const TensorOptions& options);
Tensor tensor_from_nested(const auto& values, const TensorOptions& options);

}  // namespace detail

/// A 0-dim tensor of the value's own type, but that C++'s usual numbers become what Python's do: int is int64, double
/// float32, std::complex<double> complex64. A dtype in the options is what is taken instead.
template <Element T>
Tensor tensor(T value, const TensorOptions& options = {}) {
  return detail::tensor_from(&value, dtype_of<T>(), {}, options);
}
/// A copy of a vector, an array, a span or any other range, and of ranges of ranges, which must be of one length.
template <detail::Values R>
Tensor tensor(const R& values, const TensorOptions& options = {}) {
  return detail::tensor_from_nested(values, options);
}
/// The same in braces, up to four deep: tensor({{1, 2}, {3, 4}}).
template <Element T>
Tensor tensor(std::initializer_list<T> values, const TensorOptions& options = {}) {
  return detail::tensor_from_nested(values, options);
}
template <Element T>
Tensor tensor(std::initializer_list<std::initializer_list<T>> values, const TensorOptions& options = {}) {
  return detail::tensor_from_nested(values, options);
}
template <Element T>
Tensor tensor(std::initializer_list<std::initializer_list<std::initializer_list<T>>> values,
              const TensorOptions& options = {}) {
  return detail::tensor_from_nested(values, options);
}
template <Element T>
Tensor tensor(std::initializer_list<std::initializer_list<std::initializer_list<std::initializer_list<T>>>> values,
              const TensorOptions& options = {}) {
  return detail::tensor_from_nested(values, options);
}

// ---- the caller's own memory, which is not copied and must live as long as the tensors on it

/// `release` is called when the last tensor on the memory goes.
Tensor from_blob(void* data, const Shape& shape, DType dtype, std::function<void()> release = {});
/// The same with strides, in elements, 0 or more.
Tensor from_blob(void* data, const Shape& shape, const Shape& strides, DType dtype, std::function<void()> release = {});
/// A vector, an array or a span, 1-dim.
template <class R>
requires std::ranges::contiguous_range<R> && std::ranges::borrowed_range<R> && Element<std::ranges::range_value_t<R>>
    Tensor from_blob(R&& values) {
  static_assert(!std::is_const_v<std::remove_reference_t<std::ranges::range_reference_t<R>>>,
                "a tensor can be written to, this memory cannot: copy it with tensor()");
  return from_blob(std::ranges::data(values), static_cast<int64_t>(std::ranges::size(values)),
                   dtype_of<std::ranges::range_value_t<R>>());
}
/// The same as a shape of as many elements.
template <class R>
requires std::ranges::contiguous_range<R> && std::ranges::borrowed_range<R> && Element<std::ranges::range_value_t<R>>
    Tensor from_blob(R&& values, const Shape& shape) {
  return from_blob(std::forward<R>(values)).view(shape);
}

namespace detail {

/// The sizes of nested ranges, and their values in order.
template <class T>
struct Flattened {
  using Stored = std::conditional_t<std::same_as<T, bool>, uint8_t, T>;  // std::vector<bool> has no memory to lend
  Shape shape;
  std::vector<Stored> values;

  template <class R>
  void add(const R& range, std::size_t depth) {
    const auto n = static_cast<int64_t>(std::ranges::distance(range));
    if (depth == shape.size()) shape.push_back(n);
    else if (shape[depth] != n)
      fail("tensor", "expected rows of {} values in dimension {}, got one of {}", shape[depth], depth, n);
    for (auto&& item : range) {
      if constexpr (std::ranges::input_range<std::remove_cvref_t<decltype(item)>>) add(item, depth + 1);
      else values.push_back(static_cast<Stored>(item));
    }
  }
};

template <class R>
constexpr std::size_t depth_of() {
  if constexpr (std::ranges::input_range<R>) return 1 + depth_of<std::ranges::range_value_t<R>>();
  else return 0;
}

Tensor tensor_from_nested(const auto& values, const TensorOptions& options) {
  using R = std::remove_cvref_t<decltype(values)>;
  using T = innermost_t<R>;
  Flattened<T> flat;
  flat.add(values, 0);
  flat.shape.resize(depth_of<R>(), 0);  // without rows nothing says how long they are
  return tensor_from(flat.values.data(), dtype_of<T>(), flat.shape, options);
}

}  // namespace detail
}  // namespace tenon

#pragma GCC visibility pop
