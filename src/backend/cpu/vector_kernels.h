#pragma once
// Loops over contiguous float and double data, for the best instructions that the processor has (chosen at run time).
#include "backend/backend.h"

namespace tenon::backend::cpu {

/// What stands on each side of a row: elements, or one number for the whole row.
struct Operand {
  const void* data;
  bool single;
};

void vector_unary(DType type, UnaryOp op, void* out, const void* in, int64_t n);
void vector_binary(DType type, BinaryOp op, void* out, Operand a, Operand b, double alpha, int64_t n);
void vector_relu_backward(DType type, void* out, const void* grad, const void* y, int64_t n);

/// out(j) = Σ_l in(j, l)·x(l) (+ bias(j)) for rows begin … end of a matrix whose rows lie `leading` elements apart.
void vector_matvec(DType type, void* out, const void* in, int64_t leading, const void* x, const void* bias, int64_t begin, int64_t end, int64_t k);

}  // namespace tenon::backend::cpu
