#pragma once
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

/// Zeroes elements with probability p and scales the rest by 1/(1−p); the input itself where training is false.
/// Draws as PyTorch's CPU generator does. Source: torch.nn.functional.dropout.
Tensor dropout(const Tensor& x, double p = 0.5, bool training = true);
/// The same for whole channels: (N, C, …), and (C, L) for dropout1d, (C, D, H, W) for dropout3d; dropout2d takes the
/// first dimension as the batch's always, as PyTorch does. Source: torch.nn.functional.dropout1d, dropout2d, dropout3d.
Tensor dropout1d(const Tensor& x, double p = 0.5, bool training = true);
Tensor dropout2d(const Tensor& x, double p = 0.5, bool training = true);
Tensor dropout3d(const Tensor& x, double p = 0.5, bool training = true);

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
