#pragma once
// Losses of single elements, computed together with their reduction.
#include "backend/loss.h"
#include "nn/functional/loss/common.h"

namespace tenon::nn::functional {

/// A loss that has a kernel.
struct ElementwiseLoss {
  Loss kind;
  const char* name;
  /// The same made of operations, in float or double.
  Tensor (*composed)(const Tensor& x, const Tensor& target, double parameter);
  /// The derivative by the target; null: that by x, negated.
  Tensor (*target_slope)(const Tensor& x, const Tensor& target) = nullptr;
};

/// Of tensors that broadcast, in `type`.
Tensor elementwise_loss(const ElementwiseLoss& loss, DType type, const Tensor& x, const Tensor& target,
                        double parameter, Reduction reduction);

/// The losses themselves, times a weight that broadcasts, in computed_type(type).
Tensor weighted_losses(const ElementwiseLoss& loss, DType type, const Tensor& x, const Tensor& target, double parameter,
                       const Tensor& weight);

}  // namespace tenon::nn::functional
