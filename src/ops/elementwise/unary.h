#pragma once
// What the functions of one tensor share: the type of the result, the kernel call, the form in place.
#include "backend/kinds.h"
#include "ops/common.h"
#include "ops/in_place.h"

namespace tenon {

/// op(x), not recorded. Real functions turn integers and bool into float32, others keep them.
Tensor unary(UnaryOp op, const char* name, const Tensor& x);
/// x = op(x), recorded as `method`, the ordinary operation.
const Tensor& unary_in_place(UnaryOp op, const char* name, const Tensor& x, Tensor (Tensor::*method)() const);

/// The gradient of relu, tanh or sigmoid from its result, in one pass.
Tensor unary_backward(UnaryOp op, const Tensor& grad, const Tensor& y);

/// What a step function gives back: nothing changes where it is flat, and the jumps do not count.
inline void give_zeros(Grads& g) { g.give(0, zeros_like(g.in())); }

}  // namespace tenon
