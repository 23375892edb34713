#include "tensor/memory_format.h"

#include <algorithm>

#include "tensor/layout.h"

namespace tenon {
namespace {

std::size_t dims_of(MemoryFormat format) { return format == channels_last ? 4 : 5; }

/// From the fastest to the slowest.
Shape channels_last_order(std::size_t dims) { return dims == 4 ? Shape{1, 3, 2, 0} : Shape{1, 4, 3, 2, 0}; }

}  // namespace

Shape channels_last_strides(const Shape& sizes) {
  Shape strides(sizes.size(), int64_t{1});
  int64_t step = 1;
  for (const int64_t d : channels_last_order(sizes.size())) {
    const auto at = static_cast<std::size_t>(d);
    strides[at] = step;
    step *= std::max<int64_t>(sizes[at], 1);
  }
  return strides;
}

bool has_channels_last(const Shape& sizes, const Shape& strides) {
  if (sizes.size() != 4 && sizes.size() != 5) return false;
  if (strides[1] == 0) return false;
  int64_t least = 0;
  for (const int64_t d : channels_last_order(sizes.size())) {
    const auto at = static_cast<std::size_t>(d);
    if (sizes[at] == 0 || strides[at] < least || (at == 0 && least == strides[1])) return false;
    least = strides[at] * sizes[at];
  }
  return true;
}

MemoryFormat suggested_format(const Tensor& x) {
  if (!has_channels_last(x.shape(), x.strides())) return contiguous_format;
  return x.dim() == 4 ? channels_last : channels_last_3d;
}

Shape strides_in(MemoryFormat format, const Shape& sizes, std::string_view operation) {
  if (format == contiguous_format) return contiguous_strides(sizes);
  if (sizes.size() != dims_of(format))
    fail(operation, "expected {} dimensions for {}, got shape {}", dims_of(format),
         format == channels_last ? "channels_last" : "channels_last_3d", sizes.to_string());
  return channels_last_strides(sizes);
}

bool Tensor::is_contiguous(MemoryFormat format) const {
  if (format == contiguous_format) return is_contiguous();
  if (shape().size() != dims_of(format)) return false;
  int64_t expected = 1;
  for (const int64_t d : channels_last_order(shape().size())) {
    if (size(d) == 1) continue;
    if (numel() > 0 && stride(d) != expected) return false;
    expected *= size(d);
  }
  return true;
}

}  // namespace tenon
