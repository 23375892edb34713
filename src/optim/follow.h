#pragma once
// How tensors of the state are kept: beside their parameter, or as numbers on the CPU.
#include <tenon/creation.h>
#include <tenon/ops.h>

namespace tenon::optim {

/// A tensor of the state goes with its parameter, which may have been converted or moved; contiguous, for kernels.
inline void follow(Tensor& slot, const Tensor& parameter) {
  if (slot.dtype() != parameter.dtype()) slot = slot.to(parameter.dtype());
  if (slot.device() != parameter.device()) slot = slot.to(parameter.device());
  if (!slot.is_contiguous()) slot = slot.contiguous();
}

/// The same number, or 0 for none, as PyTorch keeps it.
inline Tensor number(const Tensor& x) { return tensor(x.defined() ? x.item<float>() : 0.0f, {.device = kCPU}); }

}  // namespace tenon::optim
