#pragma once
// Copies of one type between layouts whose rows lie across each other.
#include <tenon/tensor.h>

namespace tenon::backend::cpu {

/// Copies `in` to `out`, of the same shape and type, where the elements that follow each other in the one lie apart in
/// the other. False, and nothing done, for any other layouts, and where blocks would gain nothing.
bool copy_transposed(const Tensor& out, const Tensor& in);

}  // namespace tenon::backend::cpu
