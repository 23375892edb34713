#pragma once
// Copies of one type between layouts whose rows lie across each other.
#include <tenon/tensor.h>

#include "base/internal_api.h"

namespace tenon::backend::cpu {

/// Copies `in` to `out`, of the same shape and type, where the elements that follow each other in the one lie apart in
/// the other. False, and nothing done, for any other layouts, and where blocks would gain nothing.
TENON_INTERNAL_API bool copy_transposed(const Tensor& out, const Tensor& in);

}  // namespace tenon::backend::cpu
