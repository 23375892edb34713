#pragma once
#include <cstdint>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

enum class Reduction { none, mean, sum };

struct CrossEntropyOptions {
  Tensor weight = {};  ///< (C): a factor for each class
  int64_t ignore_index = -100;
  Reduction reduction = Reduction::mean;
  double label_smoothing = 0;
};

/// Cross-entropy between logits (N, C, …) or (C) and class indices (N, …) or () of int64, or probabilities of
/// the classes in the logits' shape. Source: torch.nn.functional.cross_entropy.
Tensor cross_entropy(const Tensor& logits, const Tensor& target, const CrossEntropyOptions& options = {});

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
