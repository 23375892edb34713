#pragma once
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

/// max(x, 0). Source: torch.nn.functional.relu.
inline Tensor relu(const Tensor& x) { return x.relu(); }

enum class GELUApproximation { none, tanh };
/// x·Φ(x), Φ the normal distribution's function, or its approximation by tanh. Any shape. Source:
/// torch.nn.functional.gelu (Hendrycks and Gimpel 2016, "Gaussian error linear units").
Tensor gelu(const Tensor& x, GELUApproximation approximate = GELUApproximation::none);

/// x where it is above 0, else x·negative_slope. Any shape. Source: torch.nn.functional.leaky_relu (Maas, Hannun and Ng
/// 2013, "Rectifier nonlinearities improve neural network acoustic models").
Tensor leaky_relu(const Tensor& x, double negative_slope = 0.01);

/// log(1 + exp(beta·x)) / beta, a smooth relu; x itself where beta·x is above the threshold. Any shape. Source:
/// torch.nn.functional.softplus.
Tensor softplus(const Tensor& x, double beta = 1, double threshold = 20);

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
