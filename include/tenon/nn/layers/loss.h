#pragma once
#include <tenon/nn/functional/loss.h>
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

}  // namespace tenon::nn

#pragma GCC visibility pop
