#pragma once
// Pooling: each result is made of a window of its input, in up to three dimensions. Tensors are dense, (planes, depth,
// height, width, lanes) in memory: an image by channels is of planes alone, one whose channels lie last of lanes.
#include <array>
#include <vector>

#include "backend/kernels.h"

namespace tenon {

/// Of one dimension: `count` elements from `first` on, all of which are there. Averages are divided by the product of
/// three divisors.
struct PoolWindow {
  int64_t first, count, divisor;
};
struct PoolArgs {
  int64_t planes, lanes;
  std::array<int64_t, 3> sizes;     ///< of the input: depth, height, width
  std::array<int64_t, 3> results;   ///< of the result
  std::array<int64_t, 3> dilation;  ///< from one element of a window to the next
  /// Of each place of the result; or, one after the other, of each place of each plane.
  std::array<std::vector<PoolWindow>, 3> windows;
  bool windows_of_planes = false;
};

struct PoolingKernels {
  /// The largest of each window, and, where `places` (int64) is defined, where it stands in the plane: the first of
  /// equals, the last NaN. An empty window has the least number. float32, float64, int32 or int64; at most 2^31 places
  /// where there are lanes of 32 bits.
  Kernel<"max_pool", void(const Tensor& out, const Tensor& places, const Tensor& in, const PoolArgs&)> max_pool;
  /// Each gradient is added to those of its place; float32 or float64.
  Kernel<"max_pool_backward", void(const Tensor& dx, const Tensor& grad, const Tensor& places, const PoolArgs&)>
      max_pool_backward;
  /// Sums by divisors; float32 or float64, or int64 without lanes, rounded towards 0.
  Kernel<"avg_pool", void(const Tensor& out, const Tensor& in, const PoolArgs&)> avg_pool;
  /// The gradient of avg_pool; float32 or float64.
  Kernel<"avg_pool_backward", void(const Tensor& dx, const Tensor& grad, const PoolArgs&)> avg_pool_backward;

  static const PoolingKernels cpu, cuda, meta;
};

}  // namespace tenon
