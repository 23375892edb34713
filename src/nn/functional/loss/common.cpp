#include "nn/functional/loss/common.h"

namespace tenon::nn::functional {

DType loss_type(const char* name, const Tensor& x, const Tensor& target) {
  check_same_device(x, target, name);
  const DType type = result_type(x, target);
  if (!is_floating_point(type))
    fail(name, "expected floating-point tensors, got {} and {}: convert one with to(float32)", x.dtype(),
         target.dtype());
  refuse_carried(type);
  broadcast_shapes(x.shape(), target.shape(), name);
  return type;
}

Tensor reduced(const Tensor& losses, Reduction reduction) {
  if (reduction == Reduction::none) return losses;
  return reduction == Reduction::sum ? losses.sum() : losses.mean();
}

void refuse_gradient(const char* name, const char* what, const Tensor& weight) {
  if (needs_grad(weight)) fail(name, "there is no gradient by the {}: detach() it", what);
}

}  // namespace tenon::nn::functional
