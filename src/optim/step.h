#pragma once
// What steps have in common: which tensors a kernel may work on directly, and what is done about the others.
#include <tenon/creation.h>
#include <tenon/optim/optimizer.h>

#include "tensor/carried.h"

namespace tenon::optim {

/// A parameter and its gradient, ready for a kernel: contiguous and of one type. While it lives nothing is recorded.
class StepTensors {
 public:
  StepTensors(std::string_view optimizer, const Tensor& parameter, Tensor gradient)
      : parameter_(parameter), grad(std::move(gradient)) {
    if (grad.shape() != parameter.shape() || grad.device() != parameter.device())
      fail(optimizer, "expected a gradient like its parameter, of shape {} on {}; got shape {} on {}",
           parameter.shape().to_string(), parameter.device(), grad.shape().to_string(), grad.device());
    if (!parameter.is_floating_point())
      fail(optimizer, "expected a parameter of a floating-point type, got {}", parameter.dtype());
    refuse_carried(parameter.dtype());
    if (grad.dtype() != parameter.dtype()) grad = grad.to(parameter.dtype());
    if (!grad.is_contiguous()) grad = grad.contiguous();
    p = parameter.is_contiguous() ? parameter : parameter.contiguous();
  }
  /// Makes the change visible: in the parameter's own memory, and to whoever saved it for a backward pass.
  void finish() const {
    if (!parameter_.is_contiguous()) parameter_.copy_(p);
    else parameter_.impl()->storage->version.fetch_add(1, std::memory_order_relaxed);
  }

 private:
  const Tensor& parameter_;

 public:
  Tensor p, grad;
};

/// A state tensor of the parameter's type and place: made of zeros at first, and moved after a parameter that was
/// converted or moved.
inline bool follow(Tensor& slot, const Tensor& parameter) {
  if (!slot.defined()) {
    slot = zeros(parameter.shape(), {.dtype = parameter.dtype(), .device = parameter.device()});
    return true;
  }
  if (slot.dtype() != parameter.dtype()) slot = slot.to(parameter.dtype());
  if (slot.device() != parameter.device()) slot = slot.to(parameter.device());
  return false;
}

}  // namespace tenon::optim
