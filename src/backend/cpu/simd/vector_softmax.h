#pragma once
// Softmax of rows of contiguous float and double data, for the best instructions that the processor has (chosen at run
// time).
#include <tenon/dtype.h>

#include "backend/kinds.h"

namespace tenon::backend::cpu {

/// One row of softmax or log-softmax. `stream`: what is written is not read soon, so it goes past the caches.
void vector_softmax(DType type, void* out, const void* in, int64_t n, bool log, bool stream);

/// The same along the columns of `n` rows that lie `stride` elements apart, at most 512 of them.
void vector_softmax_columns(DType type, void* out, const void* in, int64_t n, int64_t stride, int64_t width, bool log);

/// Σ exp(x − shift) of a row x, with the shift its largest element (0 where that is −inf): the row's log Σ exp is shift
/// + log(sum).
struct ExpSum {
  double shift, sum;
};
ExpSum vector_exp_sum(DType type, const void* in, int64_t n);
/// out(j) = exp(in(j) − shift)·scale.
void vector_scaled_exp(DType type, void* out, const void* in, double shift, double scale, int64_t n);

}  // namespace tenon::backend::cpu
