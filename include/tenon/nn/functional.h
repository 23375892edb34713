#pragma once
// Layers' mathematics as functions of tensors: nn::functional, with PyTorch's names and defaults.
#include <tenon/ops.h>

namespace tenon::nn::functional {

enum class Reduction { none, mean, sum };

/// x·weightᵀ + bias: (*, in), (out, in), (out) or undefined → (*, out). Source: torch.nn.functional.linear.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

/// max(x, 0). Source: torch.nn.functional.relu.
inline Tensor relu(const Tensor& x) { return x.relu(); }

/// Zeroes elements with probability p and scales the rest by 1/(1−p); the input itself where training is false.
/// Draws as PyTorch's CPU generator does. Source: torch.nn.functional.dropout.
Tensor dropout(const Tensor& x, double p = 0.5, bool training = true);

struct CrossEntropyOptions {
  Tensor weight = {};  ///< (C): a factor for each class
  int64_t ignore_index = -100;
  Reduction reduction = Reduction::mean;
  double label_smoothing = 0;
};

/// Cross-entropy between logits (N, C) or (C) and class indices (N) or () of int64. Source: torch.nn.functional.cross_entropy.
Tensor cross_entropy(const Tensor& logits, const Tensor& target, const CrossEntropyOptions& options = {});

}  // namespace tenon::nn::functional
