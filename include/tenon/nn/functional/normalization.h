#pragma once
#include <optional>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

/// (x − mean) / √(variance + eps)·weight + bias over the last dimensions: (*, normalized_shape). The variance is
/// divided by their number. Source: torch.nn.functional.layer_norm (Ba, Kiros and Hinton 2016, "Layer normalization").
Tensor layer_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight = {}, const Tensor& bias = {},
                  double eps = 1e-5);

/// x / √(mean of x² + eps)·weight over the last dimensions: (*, normalized_shape). eps is by default the smallest
/// difference from 1 that float32 has (float64 for float64). Source: torch.nn.functional.rms_norm (Zhang and Sennrich
/// 2019, "Root mean square layer normalization").
Tensor rms_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight = {},
                std::optional<double> eps = {});

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
