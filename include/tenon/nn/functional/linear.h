#pragma once
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

/// x·weightᵀ + bias: (*, in), (out, in), (out) or undefined → (*, out). Source: torch.nn.functional.linear.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
