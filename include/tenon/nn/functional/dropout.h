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

/// Zeroes no elements but sets them to what keeps the mean and the variance of selu's values, and scales and moves all
/// so that they stay: for networks of selu. The input itself where training is false, as it is by default. Source:
/// torch.nn.functional.alpha_dropout (Klambauer et al. 2017, "Self-normalizing neural networks").
Tensor alpha_dropout(const Tensor& x, double p = 0.5, bool training = false);
/// The same for whole channels, (N, C, …). Source: torch.nn.functional.feature_alpha_dropout.
Tensor feature_alpha_dropout(const Tensor& x, double p = 0.5, bool training = false);

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
