#pragma once
// How far scores are from the classes that they should tell.
#include <cstdint>

#include <tenon/nn/functional/loss/reduction.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

struct CrossEntropyOptions {
  Tensor weight = {};  ///< (C): a factor for each class
  int64_t ignore_index = -100;
  Reduction reduction = Reduction::mean;
  double label_smoothing = 0;
};

/// Cross-entropy between logits (N, C, …) or (C) and class indices (N, …) or () of int64, or probabilities of
/// the classes in the logits' shape. Source: torch.nn.functional.cross_entropy.
Tensor cross_entropy(const Tensor& logits, const Tensor& target, const CrossEntropyOptions& options = {});

struct NLLLossOptions {
  Tensor weight = {};  ///< (C): a factor for each class, by whose sum the mean is divided; it gets no gradient
  int64_t ignore_index = -100;
  Reduction reduction = Reduction::mean;
};
/// −x of the target's class: log-probabilities (N, C, …) or (C) and class indices (N, …) or () of int64 or uint8.
/// Source: torch.nn.functional.nll_loss.
Tensor nll_loss(const Tensor& x, const Tensor& target, const NLLLossOptions& options = {});

struct MultiMarginLossOptions {
  int64_t p = 1;  ///< 1 or 2: the power of what a class lacks
  double margin = 1;
  Tensor weight = {};  ///< (C): a factor for each class; it gets no gradient
  Reduction reduction = Reduction::mean;
};
/// Σ max(0, margin − x(target) + x(c))^p / C over the other classes c: scores (N, C) or (C) and class indices (N) or ()
/// of int64. Source: torch.nn.functional.multi_margin_loss.
Tensor multi_margin_loss(const Tensor& x, const Tensor& target, const MultiMarginLossOptions& options = {});

/// Σ max(0, 1 − x(j) + x(i)) / C over an item's classes j and the others i: scores (N, C) or (C) and a list of classes
/// in the same shape, int64, that ends at the first −1. Source: torch.nn.functional.multilabel_margin_loss.
Tensor multilabel_margin_loss(const Tensor& x, const Tensor& target, const LossOptions& options = {});

// ---- yes or no: targets are probabilities, of the input's shape

/// −(target·log(x) + (1 − target)·log(1 − x)) of probabilities x, logarithms being −100 at least. Both lie in [0, 1],
/// have one shape and one type; the weight broadcasts, and gets no gradient. Source:
/// torch.nn.functional.binary_cross_entropy.
Tensor binary_cross_entropy(const Tensor& x, const Tensor& target, const WeightedLossOptions& options = {});

struct BCEWithLogitsOptions {
  Tensor weight = {};  ///< broadcasts; neither gets a gradient
  Reduction reduction = Reduction::mean;
  Tensor pos_weight = {};  ///< broadcasts: a factor of what positive targets add
};
/// binary_cross_entropy of sigmoid(x), exact for large x. Source:
/// torch.nn.functional.binary_cross_entropy_with_logits.
Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& target,
                                        const BCEWithLogitsOptions& options = {});

/// The mean over the classes of binary_cross_entropy_with_logits, (*, C) → (*); the weight broadcasts. Source:
/// torch.nn.functional.multilabel_soft_margin_loss.
Tensor multilabel_soft_margin_loss(const Tensor& x, const Tensor& target, const WeightedLossOptions& options = {});

/// log(1 + exp(−target·x)) for targets of 1 and −1, which broadcast; where PyTorch's exp is infinite, this is exact.
/// Source: torch.nn.functional.soft_margin_loss.
Tensor soft_margin_loss(const Tensor& x, const Tensor& target, const LossOptions& options = {});

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
