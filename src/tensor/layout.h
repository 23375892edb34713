#pragma once
// How elements lie in memory.
#include <cstdint>
#include <span>
#include <string_view>

#include <tenon/shape.h>

#include "base/internal_api.h"

namespace tenon {

inline constexpr int64_t most_elements = int64_t{1} << 57;  ///< more than memory has addresses
[[noreturn]] void too_many_elements(const Shape& sizes, std::string_view operation);
/// An error naming `operation` where the strides of this many elements would not be numbers any more.
void check_numel(const Shape& sizes, std::string_view operation);
Shape contiguous_strides(const Shape& sizes);
bool is_contiguous(const Shape& sizes, const Shape& strides);
/// Whether the elements fill a block of memory without gaps or overlaps, in any order of dimensions.
TENON_INTERNAL_API bool is_dense(const Shape& sizes, const Shape& strides);

/// `dim` counted from the end where negative; an error naming `operation` where out of range. A 0-dim tensor takes 0
/// and −1.
int64_t wrap_dim(int64_t dim, int64_t dims, std::string_view operation);

/// The strides, without gaps or overlaps, of a tensor whose dimensions lie in the same order as in `others`, which give
/// strides for each of them: the first that tells two dimensions apart counts, and a stride of 0 tells nothing.
/// Source: torch's TensorIterator, and torch.empty_like for what has gaps.
Shape strides_in_order(const Shape& sizes, std::span<const Shape> others);

}  // namespace tenon
