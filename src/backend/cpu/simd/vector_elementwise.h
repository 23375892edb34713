#pragma once
// Elementwise loops over contiguous data, for the best instructions that the processor has (chosen at run time). `type`
// is float32 or float64 throughout.
#include <tenon/dtype.h>

#include "backend/kinds.h"

namespace tenon::backend::cpu {

/// What stands on each side of a row: elements, or one number for the whole row.
struct Operand {
  const void* data;
  bool single;
};

/// False, and nothing done, where there is no vector form of `op`.
bool vector_unary(DType type, UnaryOp op, void* out, const void* in, int64_t n);
bool vector_binary(DType type, BinaryOp op, void* out, Operand a, Operand b, double alpha, int64_t n);
void vector_compare(DType type, CompareOp op, bool* out, Operand a, Operand b, int64_t n);
void vector_ternary(DType type, TernaryOp op, void* out, Operand x, Operand a, Operand b, double value, int64_t n);
/// x below `low` or above `high` becomes that; NaN stays.
void vector_clamp(DType type, void* out, const void* in, double low, double high, int64_t n);
/// Elements of `size` bytes: 1, 2, 4 or 8.
void vector_where(int64_t size, void* out, const bool* condition, Operand a, Operand b, int64_t n);

/// Between a half type and float.
void vector_widen(DType half, float* out, const void* in, int64_t n);
void vector_narrow(DType half, void* out, const float* in, int64_t n);

}  // namespace tenon::backend::cpu
