#pragma once
// What the functions of one tensor share: the type of the result, the kernel call, the form in place.
#include <functional>

#include "backend/activation.h"
#include "backend/kinds.h"
#include "ops/common.h"
#include "ops/in_place.h"

namespace tenon {

/// op(x), not recorded. Real functions turn integers and bool into float32, others keep them.
Tensor unary(UnaryOp op, const char* name, const Tensor& x);
/// x = op(x), recorded as `ordinary`, the operation that makes a new tensor.
const Tensor& unary_in_place(UnaryOp op, const char* name, const Tensor& x,
                             const std::function<Tensor(const Tensor&)>& ordinary);

/// An activation's gradient in one pass; `saved` as the kernel takes it (backend/activation.h).
Tensor activation_backward(Activation kind, const Tensor& grad, const Tensor& saved,
                           const ActivationParameters& parameters = {});

/// What a step function gives back: nothing changes where it is flat, and the jumps do not count.
inline void give_zeros(Grads& g) { g.give(0, zeros_like(g.in())); }

}  // namespace tenon
