#pragma once
// One element, whatever its type.
#include <tenon/scalar.h>

namespace tenon {

/// The element of type `t` at `p`, which must lie on the CPU.
Scalar element_at(const void* p, DType t);

}  // namespace tenon
