#pragma once
// What a tensor's elements are like.
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include <tenon/tensor.h>

namespace tenon::tool {

struct Stats {
  double mean = 0, std = 0, min = 0, max = 0;  ///< of those that are finite; std as of all there is, not of a sample
  uint64_t nans = 0, infinities = 0, zeros = 0;
  std::array<uint64_t, 8> histogram{};  ///< of those, in equal parts from min to max
};

/// None where there are no numbers: for complex types, without elements, on the meta device.
std::optional<Stats> stats_of(const Tensor& x);
/// A histogram as bars: ▁▂█▂.
std::string bars(const std::array<uint64_t, 8>& histogram);

}  // namespace tenon::tool
