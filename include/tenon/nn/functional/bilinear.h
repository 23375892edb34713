#pragma once
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

/// y(o) = Σ x1(i)·weight(o, i, j)·x2(j) + bias(o): (*, in1), (*, in2), (out, in1, in2), (out) or undefined → (*, out).
/// Source: torch.nn.functional.bilinear.
Tensor bilinear(const Tensor& x1, const Tensor& x2, const Tensor& weight, const Tensor& bias = {});

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
