#include <tenon/nn/layers/loss.h>

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

}  // namespace tenon::nn
