#pragma once
// Elements in memory, whatever their type.
#include <tenon/tensor.h>

namespace tenon {

/// The element of type `t` at `p`, which must lie on the CPU.
Scalar element_at(const void* p, DType t);

/// Where x's elements begin; null where x is undefined.
inline std::byte* data_or_null(const Tensor& x) { return x.defined() ? x.impl()->data : nullptr; }

/// An error naming `operation` where the number is beyond the type's range, as in PyTorch: −1 is in that of unsigned
/// types, −1.0 not, NaN not in that of integers.
bool fits(const Scalar& value, DType type);
void check_fits(const Scalar& value, DType type, std::string_view operation);

}  // namespace tenon
