#pragma once
// The cross-entropy of a linear layer's outputs.
#include <optional>

#include <tenon/nn/functional/loss/reduction.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

struct LinearCrossEntropyOptions {
  Tensor linear_bias = {};  ///< (C, d…)
  Tensor weight = {};       ///< (C): a factor for each class
  Reduction reduction = Reduction::mean;
  std::optional<int64_t> ignore_index = {};  ///< none: −100; an error beside probabilities
  double label_smoothing = 0;
};

/// cross_entropy of x·linear_weightᵀ + linear_bias: x (N, in_features) or (in_features), linear_weight (C, d…,
/// in_features), and a target as cross_entropy's: class indices (N, d…) or (), or probabilities (N, C, d…) or (C).
/// Several d need a batch. The whole logits are made: PyTorch's option to compute them in chunks is not there. Source:
/// torch.nn.functional.linear_cross_entropy.
Tensor linear_cross_entropy(const Tensor& x, const Tensor& linear_weight, const Tensor& target,
                            const LinearCrossEntropyOptions& options = {});

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
