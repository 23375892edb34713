#pragma once
// What tensors' functions may be told.
#include <cstdint>
#include <optional>

#include <tenon/device.h>
#include <tenon/dtype.h>

#pragma GCC visibility push(default)

namespace tenon {

/// What a creating function takes besides the shape: zeros({2}, {.dtype = float64}).
struct TensorOptions {
  std::optional<DType> dtype = {};    ///< default: float32, or what the values given have (tensor, arange, full)
  std::optional<Device> device = {};  ///< default: default_device(), or where the tensor given is (zeros_like)
  bool requires_grad = false;
};

/// The order in which the dimensions of images, (N, C, H, W) or (N, C, D, H, W), lie in memory: as they are named, or
/// with an image point's channels side by side. Source: torch.memory_format.
enum class MemoryFormat : uint8_t { contiguous, channels_last, channels_last_3d };
inline constexpr MemoryFormat contiguous_format = MemoryFormat::contiguous;
inline constexpr MemoryFormat channels_last = MemoryFormat::channels_last;        ///< of 4 dimensions
inline constexpr MemoryFormat channels_last_3d = MemoryFormat::channels_last_3d;  ///< of 5 dimensions

/// How div() rounds: not at all, towards zero, or down.
enum class Rounding : uint8_t { none, trunc, floor };
/// How scatter_reduce() combines what meets in one place.
enum class Reduce : uint8_t { sum, prod, mean, amax, amin };
/// What quantile() takes between two elements: a number in proportion, one of them, the middle, or the nearer (of
/// equally near, the even place).
enum class Interpolation : uint8_t { linear, lower, higher, midpoint, nearest };

}  // namespace tenon

#pragma GCC visibility pop
