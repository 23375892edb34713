#pragma once
// Loops over contiguous float and double data, for the best instructions that the processor has (chosen at run time).
#include "backend/backend.h"

namespace tenon::backend::cpu {

/// out(j) = Σ_l in(j, l)·x(l) (+ bias(j)) for rows begin … end of a matrix whose rows lie `leading` elements apart.
void vector_matvec(DType type, void* out, const void* in, int64_t leading, const void* x, const void* bias,
                   int64_t begin, int64_t end, int64_t k);

}  // namespace tenon::backend::cpu
