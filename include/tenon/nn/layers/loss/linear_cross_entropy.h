#pragma once
#include <tenon/nn/functional/loss/linear_cross_entropy.h>
#include <tenon/nn/layers/linear.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

struct LinearCrossEntropyLossOptions {
  std::vector<int64_t> out_features = {};  ///< d…, of a loss with several places an item
  bool bias = false;
  functional::Reduction reduction = functional::Reduction::mean;
  Tensor weight = {};                        ///< (C): a factor for each class
  std::optional<int64_t> ignore_index = {};  ///< none: −100; an error beside probabilities
  double label_smoothing = 0;
  TENON_FACTORY_OPTIONS;
};

/// Cross-entropy between linear(x) and a target: x (N, in_features) or (in_features), targets (N, d…) or () of class
/// indices, or probabilities (N, C, d…) or (C). PyTorch's chunks (`options`) are not there. Source:
/// torch.nn.LinearCrossEntropyLoss.
class LinearCrossEntropyLoss : public Module<LinearCrossEntropyLoss> {
 public:
  int64_t num_classes;
  Shape out_features;
  functional::Reduction reduction;
  std::optional<int64_t> ignore_index;
  double label_smoothing;
  Buffer weight;  ///< (C), or an empty slot
  Linear linear;

  LinearCrossEntropyLoss(int64_t in_features, int64_t num_classes, const LinearCrossEntropyLossOptions& options = {});

  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x, const Tensor& target) const;

  TENON_MODULE(LinearCrossEntropyLoss, num_classes, out_features, reduction, ignore_index, label_smoothing, weight,
               linear)

 private:
  Shape outputs() const;  ///< (C, d…)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
