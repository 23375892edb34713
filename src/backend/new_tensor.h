#pragma once
// New memory for tensors, for the library's own operations: no checks, nothing recorded.
#include <tenon/tensor.h>

#include "base/internal_api.h"
#include "tensor/header.h"
#include "tensor/layout.h"

namespace tenon {

/// A block of uninitialised memory (none on the meta device). An error for a device that this build does not have.
TENON_INTERNAL_API Ref<Storage> new_storage(int64_t nbytes, const Device& device);

/// A contiguous, uninitialised tensor.
Tensor new_tensor(const Shape& sizes, DType dtype, const Device& device = kCPU);
/// The same with given strides, which must be dense.
Tensor new_strided(const Shape& sizes, const Shape& strides, DType dtype, const Device& device);
/// The same in a memory format; an error naming `operation` where the sizes are for another one, or too large.
Tensor new_tensor(const Shape& sizes, MemoryFormat format, DType dtype, const Device& device,
                  std::string_view operation);
/// Uninitialised, x's sizes; x's strides too where x is dense, else dense with x's order of dimensions in memory.
Tensor new_like(const Tensor& x, DType dtype, const Device& device);
inline Tensor new_like(const Tensor& x, DType dtype) { return new_like(x, dtype, x.device()); }
/// A plain number beside x, as a 0-dim tensor on the CPU that is outranked by x: bool or int64 as it is, but beside
/// real types in what those are computed in (float32 for half types), so that the operation decides whether it is
/// rounded.
Tensor number_for(const Tensor& x, const Scalar& value);

}  // namespace tenon
