#pragma once
// How a new tensor lies in memory where it follows others.
#include <span>

#include <tenon/shape.h>

namespace tenon {

/// The strides, without gaps or overlaps, of a tensor whose dimensions lie in the same order as in `others`, which give
/// strides for each of them: the first that tells two dimensions apart counts, and a stride of 0 tells nothing.
/// Source: torch's TensorIterator, and torch.empty_like for what has gaps.
Shape strides_in_order(const Shape& sizes, std::span<const Shape> others);

}  // namespace tenon
