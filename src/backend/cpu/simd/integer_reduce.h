#pragma once
// Reductions of contiguous integers and truth values, for the best instructions that the processor has (chosen at run
// time).
#include <tenon/dtype.h>

#include "backend/kinds.h"

namespace tenon::backend::cpu {

/// One number of n elements: a sum or a product, which wraps around in 64 bits, or the largest or smallest (n > 0).
using IntegerRow = uint64_t (*)(const void* in, int64_t n);
IntegerRow integer_row(DType type, ReduceOp op);

/// The same for each of `width` columns, in rows that lie `stride` elements apart. Sums and products are uint64_t,
/// others of the elements' type.
using IntegerColumns = void (*)(void* out, const void* in, int64_t rows, int64_t stride, int64_t width);
IntegerColumns integer_columns(DType type, ReduceOp op);

}  // namespace tenon::backend::cpu
