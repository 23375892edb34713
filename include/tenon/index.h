#pragma once
// Index: one of the things between Python's brackets, x.index({0, Slice(1, 3), None, Ellipsis, mask}).
#include <concepts>
#include <variant>

#include <tenon/slice.h>
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon {

/// A number (one place of a dimension, which is dropped), a slice, None, Ellipsis, a bool (a new dimension of size 1 or
/// 0), a tensor of integers (places of a dimension), or a tensor of bool (the places, of as many dimensions as it has,
/// where it is true).
class Index {
 public:
  Index(std::same_as<bool> auto whole) : value_(whole) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Index(T place) : value_(static_cast<int64_t>(place)) {}
  Index(const Slice& slice) : value_(slice) {}
  Index(NoneType none) : value_(none) {}
  Index(EllipsisType ellipsis) : value_(ellipsis) {}
  Index(const Tensor& tensor) : value_(tensor) {}

  using Any = std::variant<int64_t, bool, Slice, NoneType, EllipsisType, Tensor>;
  const Any& value() const { return value_; }

 private:
  Any value_;
};

}  // namespace tenon

#pragma GCC visibility pop
