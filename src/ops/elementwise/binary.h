#pragma once
// What the functions of two tensors share: the type of the result, broadcasting, the kernel call, the form in place.
#include "backend/kinds.h"
#include "ops/common.h"
#include "ops/in_place.h"

namespace tenon {

/// op(a, b), not recorded.
Tensor binary(BinaryOp op, const char* name, const Tensor& a, const Tensor& b, const Scalar& alpha = 1);
/// Puts y, which does not move with a and b (or in jumps only), on the tape: a gradient of zero for each.
void record_constant(const char* name, const Tensor& y, const Tensor& a, const Tensor& b);
/// x = op(x, other), after the checks and under in_place(); op must have been checked by check_binary_in_place.
void binary_into(BinaryOp op, const char* name, const Tensor& x, const Tensor& other, const Scalar& alpha = 1);
void check_binary_in_place(BinaryOp op, const char* name, const Tensor& x, const Tensor& other);

/// x = op(x, other); `recorded` is the ordinary operation on (x before, other).
template <class F>
const Tensor& binary_in_place(BinaryOp op, const char* name, const Tensor& x, const Tensor& other, F recorded,
                              const Scalar& alpha = 1) {
  if (overlaps(x, other)) return binary_in_place(op, name, x, other.clone(), recorded, alpha);
  check_binary_in_place(op, name, x, other);
  return in_place(
      name, x, {&other}, [&](const Tensor& to) { binary_into(op, name, to, other, alpha); },
      [&](const Tensor& before) {
        return recorded(before, other.is_same(x) ? before : other);
      });  // x itself would be saved by its own node
}

}  // namespace tenon
