#include <tenon/nn/layers/loss/classification.h>

namespace tenon::nn {

CrossEntropyLoss::CrossEntropyLoss(const functional::CrossEntropyOptions& options)
    : weight(options.weight),
      ignore_index(options.ignore_index),
      reduction(options.reduction),
      label_smoothing(options.label_smoothing) {}

Tensor CrossEntropyLoss::forward(const Tensor& logits, const Tensor& target) const {
  return functional::cross_entropy(
      logits, target,
      {.weight = weight, .ignore_index = ignore_index, .reduction = reduction, .label_smoothing = label_smoothing});
}

NLLLoss::NLLLoss(const functional::NLLLossOptions& options)
    : weight(options.weight), ignore_index(options.ignore_index), reduction(options.reduction) {}

Tensor NLLLoss::forward(const Tensor& x, const Tensor& target) const {
  return functional::nll_loss(x, target, {.weight = weight, .ignore_index = ignore_index, .reduction = reduction});
}

MultiMarginLoss::MultiMarginLoss(const functional::MultiMarginLossOptions& options)
    : p(options.p), margin(options.margin), weight(options.weight), reduction(options.reduction) {
  if (p != 1 && p != 2) fail("MultiMarginLoss", "expected p of 1 or 2, got {}", p);
  if (weight.defined() && weight.dim() != 1)
    fail("MultiMarginLoss", "expected a weight of shape (C), got {}", weight.shape().to_string());
}

Tensor MultiMarginLoss::forward(const Tensor& x, const Tensor& target) const {
  return functional::multi_margin_loss(x, target, {.p = p, .margin = margin, .weight = weight, .reduction = reduction});
}

MultiLabelMarginLoss::MultiLabelMarginLoss(const functional::LossOptions& options) : reduction(options.reduction) {}

Tensor MultiLabelMarginLoss::forward(const Tensor& x, const Tensor& target) const {
  return functional::multilabel_margin_loss(x, target, {.reduction = reduction});
}

BCELoss::BCELoss(const functional::WeightedLossOptions& options)
    : weight(options.weight), reduction(options.reduction) {}

Tensor BCELoss::forward(const Tensor& x, const Tensor& target) const {
  return functional::binary_cross_entropy(x, target, {.weight = weight, .reduction = reduction});
}

BCEWithLogitsLoss::BCEWithLogitsLoss(const functional::BCEWithLogitsOptions& options)
    : weight(options.weight), reduction(options.reduction), pos_weight(options.pos_weight) {}

Tensor BCEWithLogitsLoss::forward(const Tensor& x, const Tensor& target) const {
  return functional::binary_cross_entropy_with_logits(
      x, target, {.weight = weight, .reduction = reduction, .pos_weight = pos_weight});
}

MultiLabelSoftMarginLoss::MultiLabelSoftMarginLoss(const functional::WeightedLossOptions& options)
    : weight(options.weight), reduction(options.reduction) {}

Tensor MultiLabelSoftMarginLoss::forward(const Tensor& x, const Tensor& target) const {
  return functional::multilabel_soft_margin_loss(x, target, {.weight = weight, .reduction = reduction});
}

SoftMarginLoss::SoftMarginLoss(const functional::LossOptions& options) : reduction(options.reduction) {}

Tensor SoftMarginLoss::forward(const Tensor& x, const Tensor& target) const {
  return functional::soft_margin_loss(x, target, {.reduction = reduction});
}

}  // namespace tenon::nn
