#pragma once
// What belongs to the activation functions alone; elementwise, as in elementwise.h.
#include "backend/kernels.h"
#include "backend/kinds.h"

namespace tenon {

struct ActivationKernels {
  /// The gradient of relu, tanh or sigmoid, whose result is y.
  Kernel<"unary_backward", void(UnaryOp, const Tensor& out, const Tensor& grad, const Tensor& y)> unary_backward;

  static const ActivationKernels cpu, cuda, meta;
};

}  // namespace tenon
