#pragma once
// What stands between Python's brackets besides numbers and tensors.
#include <cstdint>
#include <optional>

#pragma GCC visibility push(default)

namespace tenon {

/// As an index: a new dimension of size 1. As an end of a slice: where the dimension ends.
inline constexpr struct NoneType {
  constexpr operator std::optional<int64_t>() const { return std::nullopt; }
} None;

/// start, start + step, … before stop, as Python's start:stop:step; negative places count from the end, what lies
/// beyond the ends is cut off. The step is 1 or more, as in PyTorch.
struct Slice {
  std::optional<int64_t> start, stop;
  int64_t step;
  Slice(std::optional<int64_t> start_ = {}, std::optional<int64_t> stop_ = {}, std::optional<int64_t> step_ = {})
      : start(start_), stop(stop_), step(step_.value_or(1)) {}
};

/// As an index: all dimensions that the other indices leave.
inline constexpr struct EllipsisType { } Ellipsis; }  // namespace tenon

#pragma GCC visibility pop
