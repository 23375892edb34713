#pragma once
#include <tenon/tensor.h>

namespace tenon {

/// x·weightᵀ + bias: (n, in), (out, in), (out) or undefined → (n, out), the bias added by the kernel; recorded as
/// "linear". The sizes have been checked.
Tensor product_with_rows(const Tensor& x, const Tensor& weight, const Tensor& bias);

}  // namespace tenon
