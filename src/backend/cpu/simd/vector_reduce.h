#pragma once
// Reductions of contiguous float and double data, for the best instructions that the processor has (chosen at run
// time).
#include <tenon/dtype.h>

#include "backend/kinds.h"

namespace tenon::backend::cpu {

/// One number of n elements (n may be 0), combined in a fixed order.
double vector_reduce(DType type, ReduceOp op, const void* in, int64_t n);
/// Σ and Σ of squares of in(i) − pivot, the pivot as rounded to the type.
struct Deviations {
  double sum, squares;
};
Deviations vector_deviations(DType type, const void* in, double pivot, int64_t n);
/// The first place of `value` (of a NaN, if that is one); n where there is none.
int64_t vector_find(DType type, const void* in, double value, int64_t n);

// ---- the same for each of `width` columns, in rows that lie `stride` elements apart; results are of the elements'
// type
void vector_reduce_columns(DType type, ReduceOp op, void* out, const void* in, int64_t rows, int64_t stride,
                           int64_t width);
void vector_deviations_columns(DType type, void* sums, void* squares, const void* pivots, const void* in, int64_t rows,
                               int64_t stride, int64_t width);
/// `places` are int32 for float, int64 for double.
void vector_find_columns(DType type, void* places, const void* values, const void* in, int64_t rows, int64_t stride,
                         int64_t width);

}  // namespace tenon::backend::cpu
