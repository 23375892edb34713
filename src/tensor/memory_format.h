#pragma once
// The orders of an image's dimensions in memory.
#include <tenon/tensor.h>

namespace tenon {

/// Strides without gaps of (N, C, H, W) or (N, C, D, H, W) where the channels lie side by side.
Shape channels_last_strides(const Shape& sizes);
/// Whether four or five dimensions lie in that order, gaps or not; images of one channel and one point lie in any, and
/// so not in it.
bool has_channels_last(const Shape& sizes, const Shape& strides);
/// The format whose order x's dimensions lie in; contiguous where that is none of the others.
MemoryFormat suggested_format(const Tensor& x);
/// Strides without gaps in that format; an error naming `operation` where it is for another number of dimensions.
Shape strides_in(MemoryFormat format, const Shape& sizes, std::string_view operation);

}  // namespace tenon
