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

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
