#pragma once
// Elements in memory, whatever their type.
#include <tenon/tensor.h>

namespace tenon {

/// The element of type `t` at `p`, which must lie on the CPU.
Scalar element_at(const void* p, DType t);

/// Where x's elements begin; null where x is undefined.
inline std::byte* data_or_null(const Tensor& x) { return x.defined() ? x.impl()->data : nullptr; }

}  // namespace tenon
