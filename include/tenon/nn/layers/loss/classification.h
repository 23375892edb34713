#pragma once
// Losses of scores.
#include <tenon/nn/functional/loss/classification.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// Cross-entropy between logits (N, C, …) or (C) and class indices (N, …) or () of int64, or probabilities of the
/// classes in the logits' shape. The options are functional::cross_entropy's. Source: torch.nn.CrossEntropyLoss.
class CrossEntropyLoss : public Module<CrossEntropyLoss> {
 public:
  Buffer weight;  ///< (C), or an empty slot
  int64_t ignore_index;
  functional::Reduction reduction;
  double label_smoothing;

  explicit CrossEntropyLoss(const functional::CrossEntropyOptions& options = {});

 protected:
  Tensor forward(const Tensor& logits, const Tensor& target) const;

  TENON_MODULE(CrossEntropyLoss, weight, ignore_index, reduction, label_smoothing)
};

/// −x of the target's class: log-probabilities (N, C, …) or (C) and class indices (N, …) or (). The mean is divided by
/// the sum of the classes' weights. Source: torch.nn.NLLLoss.
class NLLLoss : public Module<NLLLoss> {
 public:
  Buffer weight;  ///< (C), or an empty slot
  int64_t ignore_index;
  functional::Reduction reduction;

  explicit NLLLoss(const functional::NLLLossOptions& options = {});

 protected:
  Tensor forward(const Tensor& x, const Tensor& target) const;

  TENON_MODULE(NLLLoss, weight, ignore_index, reduction)
};

/// Σ max(0, margin − x(target) + x(c))^p / C over the other classes: scores (N, C) or (C) and class indices (N) or ().
/// An error for a p other than 1 and 2. Source: torch.nn.MultiMarginLoss.
class MultiMarginLoss : public Module<MultiMarginLoss> {
 public:
  int64_t p;
  double margin;
  Buffer weight;  ///< (C), or an empty slot
  functional::Reduction reduction;

  explicit MultiMarginLoss(const functional::MultiMarginLossOptions& options = {});

 protected:
  Tensor forward(const Tensor& x, const Tensor& target) const;

  TENON_MODULE(MultiMarginLoss, p, margin, weight, reduction)
};

/// Σ max(0, 1 − x(j) + x(i)) / C over an item's classes j and the others i: scores and lists of classes that end at the
/// first −1, (N, C) or (C). Source: torch.nn.MultiLabelMarginLoss.
class MultiLabelMarginLoss : public Module<MultiLabelMarginLoss> {
 public:
  functional::Reduction reduction;

  explicit MultiLabelMarginLoss(const functional::LossOptions& options = {});

 protected:
  Tensor forward(const Tensor& x, const Tensor& target) const;

  TENON_MODULE(MultiLabelMarginLoss, reduction)
};

/// Cross-entropy of probabilities x and targets in [0, 1], of one shape and type. Source: torch.nn.BCELoss.
class BCELoss : public Module<BCELoss> {
 public:
  Buffer weight;  ///< broadcasts; or an empty slot
  functional::Reduction reduction;

  explicit BCELoss(const functional::WeightedLossOptions& options = {});

 protected:
  Tensor forward(const Tensor& x, const Tensor& target) const;

  TENON_MODULE(BCELoss, weight, reduction)
};

/// BCELoss of sigmoid(x), exact for large x. Source: torch.nn.BCEWithLogitsLoss.
class BCEWithLogitsLoss : public Module<BCEWithLogitsLoss> {
 public:
  Buffer weight;  ///< broadcasts; or an empty slot
  functional::Reduction reduction;
  Buffer pos_weight;  ///< a factor of what positive targets add; or an empty slot

  explicit BCEWithLogitsLoss(const functional::BCEWithLogitsOptions& options = {});

 protected:
  Tensor forward(const Tensor& x, const Tensor& target) const;

  TENON_MODULE(BCEWithLogitsLoss, weight, reduction, pos_weight)
};

/// The mean over the classes of BCEWithLogitsLoss, (*, C) → (*). Source: torch.nn.MultiLabelSoftMarginLoss.
class MultiLabelSoftMarginLoss : public Module<MultiLabelSoftMarginLoss> {
 public:
  Buffer weight;  ///< broadcasts; or an empty slot
  functional::Reduction reduction;

  explicit MultiLabelSoftMarginLoss(const functional::WeightedLossOptions& options = {});

 protected:
  Tensor forward(const Tensor& x, const Tensor& target) const;

  TENON_MODULE(MultiLabelSoftMarginLoss, weight, reduction)
};

/// log(1 + exp(−target·x)) for targets of 1 and −1. Source: torch.nn.SoftMarginLoss.
class SoftMarginLoss : public Module<SoftMarginLoss> {
 public:
  functional::Reduction reduction;

  explicit SoftMarginLoss(const functional::LossOptions& options = {});

 protected:
  Tensor forward(const Tensor& x, const Tensor& target) const;

  TENON_MODULE(SoftMarginLoss, reduction)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
