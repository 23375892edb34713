#pragma once
// Tensors from nothing: sizes, numbers, memory. Random ones are in random.h.
#include <tenon/tensor.h>

namespace tenon {

Tensor empty(const Shape& shape, const TensorOptions& options = {});  ///< not initialised
Tensor zeros(const Shape& shape, const TensorOptions& options = {});
Tensor ones(const Shape& shape, const TensorOptions& options = {});
Tensor full(const Shape& shape, const Scalar& value, const TensorOptions& options = {});
Tensor empty_strided(const Shape& shape, const Shape& strides, const TensorOptions& options = {});
Tensor empty_like(const Tensor& x, const TensorOptions& options = {});  ///< dtype and device default to x's
Tensor zeros_like(const Tensor& x, const TensorOptions& options = {});
Tensor ones_like(const Tensor& x, const TensorOptions& options = {});
Tensor full_like(const Tensor& x, const Scalar& value, const TensorOptions& options = {});
Tensor arange(const Scalar& end, const TensorOptions& options = {});
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
/// Wraps memory of the caller's without a copy; `release` is called when the last tensor on it goes.
Tensor from_blob(void* data, const Shape& shape, DType dtype, std::function<void()> release = {});

/// A 0-dim tensor of the value's own type (double becomes float32, as in Python).
template <class T>
  requires std::is_arithmetic_v<T>
Tensor tensor(T value, const TensorOptions& options = {});
/// A 1-dim copy of the values.
template <class T>
Tensor tensor(const std::vector<T>& values, const TensorOptions& options = {});
template <class T>
Tensor tensor(std::initializer_list<T> values, const TensorOptions& options = {});
/// A 2-dim copy of the rows, which must be of one length.
template <class T>
Tensor tensor(std::initializer_list<std::initializer_list<T>> rows, const TensorOptions& options = {});

namespace detail {
Tensor tensor_from(const void* values, DType given, const Shape& shape, const TensorOptions& options);
template <class T>
using stored_t = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;  // std::vector<bool> has no memory to lend
}  // namespace detail

template <class T>
  requires std::is_arithmetic_v<T>
Tensor tensor(T value, const TensorOptions& options) {
  return detail::tensor_from(&value, dtype_of<T>(), {}, options);
}
template <class T>
Tensor tensor(const std::vector<T>& values, const TensorOptions& options) {
  const std::vector<detail::stored_t<T>> stored(values.begin(), values.end());
  return detail::tensor_from(stored.data(), dtype_of<T>(), {static_cast<int64_t>(stored.size())}, options);
}
template <class T>
Tensor tensor(std::initializer_list<T> values, const TensorOptions& options) {
  return detail::tensor_from(values.begin(), dtype_of<T>(), {static_cast<int64_t>(values.size())}, options);
}
template <class T>
Tensor tensor(std::initializer_list<std::initializer_list<T>> rows, const TensorOptions& options) {
  std::vector<detail::stored_t<T>> stored;
  const std::size_t columns = rows.size() == 0 ? 0 : rows.begin()->size();
  for (const auto& row : rows) {
    if (row.size() != columns) fail("tensor", "expected rows of {} values, got one of {}", columns, row.size());
    stored.insert(stored.end(), row.begin(), row.end());
  }
  return detail::tensor_from(stored.data(), dtype_of<T>(), {static_cast<int64_t>(rows.size()), static_cast<int64_t>(columns)}, options);
}
}  // namespace tenon
