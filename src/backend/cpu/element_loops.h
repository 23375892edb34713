#pragma once
// The loops of for_elements, for the best instructions that the processor has (chosen at run time).
#include <tenon/dtype.h>

#include "backend/cpu/elements.h"
#include "backend/kinds.h"

namespace tenon::backend::cpu {

// Of integers and bool; an error for types that are only carried.
Loop unary_loop(DType type, UnaryOp op);
/// The loop's number is alpha, which scales b in add and sub.
Loop binary_loop(DType type, BinaryOp op, int64_t alpha);
/// addcmul, whose value is the loop's number, and clamp.
Loop ternary_loop(DType type, TernaryOp op);
/// To bool.
Loop compare_loop(DType type, CompareOp op);

/// As PyTorch converts; null where a half type is converted to or from another one than float32.
Loop convert_loop(DType to, DType from);

}  // namespace tenon::backend::cpu
