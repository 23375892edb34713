#pragma once
// What stands between Python's brackets besides numbers and tensors.
#include <cstdint>
#include <optional>

namespace tenon {

/// start, start + step, … before stop, as Python's start:stop:step; negative places count from the end, what lies
/// beyond the ends is cut off. The step is 1 or more, as in PyTorch.
struct Slice {
  std::optional<int64_t> start, stop;
  int64_t step;
  Slice(std::optional<int64_t> start_ = {}, std::optional<int64_t> stop_ = {}, int64_t step_ = 1)
      : start(start_), stop(stop_), step(step_) {}
};

/// As an index: a new dimension of size 1.
inline constexpr struct NoneType {
} None;
/// As an index: all dimensions that the other indices leave.
inline constexpr struct EllipsisType { } Ellipsis; }  // namespace tenon
