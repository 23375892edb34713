#pragma once
// The activation functions, elementwise as in elementwise.h: one kernel forward, one backward, a case each.
#include <array>
#include <cstdint>

#include "backend/kernels.h"

namespace tenon {

// a group a line
// clang-format off
enum class Activation : uint8_t {
  relu, leaky_relu, threshold, hardtanh, hardshrink, softshrink, hardsigmoid, hardswish, softsign,
  tanh, sigmoid,  // from here on many times the work of a sum
  softplus, log_sigmoid, gelu, gelu_tanh, elu, silu, mish, tanhshrink
};
// clang-format on

/// A function's parameters, in PyTorch's order: leaky_relu's negative_slope; threshold's and softplus's two; hardtanh's
/// bounds; the shrinking functions' lambd. elu is x·p(1) above 0, else (exp(x·p(2)) − 1)·p(0), so that selu and celu
/// are it, too.
using ActivationParameters = std::array<double, 3>;

struct ActivationKernels {
  /// Real types, out's and x's the same. Not of relu, tanh and sigmoid, which are unary kernels. out may be x.
  Kernel<"activation", void(Activation, const Tensor& out, const Tensor& x, const ActivationParameters&)> activation;
  /// The gradient by x. `saved` is x, but the result of relu, tanh and sigmoid.
  Kernel<"activation_backward",
         void(Activation, const Tensor& out, const Tensor& grad, const Tensor& saved, const ActivationParameters&)>
      activation_backward;

  static const ActivationKernels cpu, cuda, meta;
};

}  // namespace tenon
