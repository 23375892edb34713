#pragma once
// How tensors come to be, for the library's own operations: no checks, nothing recorded.
#include <tenon/tensor.h>

#include "base/internal_api.h"

namespace tenon {

/// A block of uninitialised memory (none on the meta device). An error for a device this build has not.
TENON_INTERNAL_API Ref<Storage> new_storage(int64_t nbytes, const Device& device);

/// A contiguous, uninitialised tensor.
Tensor new_tensor(const Shape& sizes, DType dtype, const Device& device = kCPU);
/// The same with given strides, which must be dense.
Tensor new_strided(const Shape& sizes, const Shape& strides, DType dtype, const Device& device);
/// A tensor on a storage that is there; `offset` in elements, from the storage's begin.
Tensor new_on_storage(Ref<Storage> storage, const Shape& sizes, const Shape& strides, DType dtype, int64_t offset = 0);
/// Uninitialised, x's sizes; x's strides too where x is dense, else dense with x's order of dimensions in memory.
Tensor new_like(const Tensor& x, DType dtype);
/// A plain number beside x, as a 0-dim tensor that is outranked by x: bool or int64 as it is, but beside real types in
/// what those are computed in (float32 for half types), so that the operation decides whether it is rounded.
Tensor number_for(const Tensor& x, const Scalar& value);

/// Another header on x's storage; `offset` in elements, from the storage's begin.
Tensor new_alias(const Tensor& x, const Shape& sizes, const Shape& strides, int64_t offset);
/// Another header with x's own sizes and strides.
Tensor new_alias(const Tensor& x);
/// The header of a view of x (autograd/view.h), without a storage yet: new sizes and strides, or all of x, which is
/// contiguous, in new sizes.
Ref<TensorImpl> new_header(const Tensor& x, const Shape& sizes, const Shape& strides, int64_t offset);
Ref<TensorImpl> new_header(const Tensor& x, const Shape& sizes);

/// `to` lies where `from` does, in its shape; type, storage and device stay.
void take_place(TensorImpl& to, const TensorImpl& from);
/// x shows `data`'s memory from now on, in its shape and type: every handle of x sees it, views of x keep the old one.
/// What was recorded with the old data is stale.
void take_data(const Tensor& x, const Tensor& data);

inline constexpr int64_t most_elements = int64_t{1} << 57;  ///< more than memory has addresses

/// An error naming `operation` where the number is beyond the type's range, as in PyTorch: −1 is in that of unsigned
/// types, −1.0 not, NaN not in that of integers.
bool fits(const Scalar& value, DType type);
void check_fits(const Scalar& value, DType type, std::string_view operation);

/// An error naming `operation` where the strides of this many elements would not be numbers any more.
void check_numel(const Shape& sizes, std::string_view operation);
Shape contiguous_strides(const Shape& sizes);
bool is_contiguous(const Shape& sizes, const Shape& strides);
/// Whether the elements fill a block of memory without gaps or overlaps, in any order of dimensions.
TENON_INTERNAL_API bool is_dense(const Shape& sizes, const Shape& strides);

/// `dim` counted from the end where negative; an error naming `operation` where out of range. A 0-dim tensor takes 0
/// and −1.
int64_t wrap_dim(int64_t dim, int64_t dims, std::string_view operation);

}  // namespace tenon
