#pragma once
// The activation functions, elementwise as in elementwise.h: one kernel forward, one backward, a case each.
#include <array>
#include <cstdint>

#include "backend/kernels.h"

namespace tenon {

enum class Activation : uint8_t {
  relu,
  leaky_relu,
  tanh,  // from here on many times the work of a sum
  sigmoid,
  softplus,
  gelu,
  gelu_tanh
};
/// A function's parameters, in PyTorch's order: leaky_relu's negative_slope; softplus's beta and threshold.
using ActivationParameters = std::array<double, 3>;

struct ActivationKernels {
  /// Real types, out's and x's the same. Not of relu, tanh and sigmoid, which are unary kernels.
  Kernel<"activation", void(Activation, const Tensor& out, const Tensor& x, const ActivationParameters&)> activation;
  /// The gradient by x. `saved` is x, but the result of relu, tanh and sigmoid.
  Kernel<"activation_backward",
         void(Activation, const Tensor& out, const Tensor& grad, const Tensor& saved, const ActivationParameters&)>
      activation_backward;

  static const ActivationKernels cpu, cuda, meta;
};

}  // namespace tenon
