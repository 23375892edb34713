#pragma once
#include <vector>

#include <tenon/nn/layers/linear.h>
#include <tenon/nn/module_list.h>
#include <tenon/nn/sequential.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

struct AdaptiveSoftmaxOptions {
  double div_value = 4;  ///< each cluster's hidden size is the one before, divided by this
  bool head_bias = false;
  TENON_FACTORY_OPTIONS;
};

struct AdaptiveSoftmaxOutput {
  Tensor output;  ///< (N) or (): the targets' log-probabilities
  Tensor loss;    ///< (): the mean of −output
};

/// Softmax over many classes, sorted by how often they come: the first cutoffs[0] have a place in the head, the others
/// stand in clusters, which end at the further cutoffs and have smaller hidden layers the further they lie behind.
///
/// (N, in_features) and targets (N) of int64 → {output, loss}; or (in_features) and (). An error for cutoffs that do
/// not rise between 1 and n_classes − 1, and for a target that is no class. Source: torch.nn.AdaptiveLogSoftmaxWithLoss
/// (Grave et al. 2017, "Efficient softmax approximation for GPUs").
class AdaptiveLogSoftmaxWithLoss : public Module<AdaptiveLogSoftmaxWithLoss> {
 public:
  int64_t in_features;
  int64_t n_classes;
  std::vector<int64_t> cutoffs;  ///< as given, and n_classes
  double div_value;
  bool head_bias;
  Linear head;
  ModuleList<Sequential> tail;

  AdaptiveLogSoftmaxWithLoss(int64_t in_features, int64_t n_classes, const std::vector<int64_t>& cutoffs,
                             const AdaptiveSoftmaxOptions& options = {});

  void reset_parameters();
  /// The log-probabilities of all classes: (N, in_features) → (N, n_classes).
  Tensor log_prob(const Tensor& input) const;
  /// The likeliest class of each row: (N, in_features) → (N), int64.
  Tensor predict(const Tensor& input) const;

 protected:
  AdaptiveSoftmaxOutput forward(const Tensor& input, const Tensor& target) const;

  TENON_MODULE(AdaptiveLogSoftmaxWithLoss, in_features, n_classes, cutoffs, div_value, head_bias, head, tail)

 private:
  Tensor all_logs(const Tensor& input, const Tensor& head_output) const;
};

}  // namespace tenon::nn

#pragma GCC visibility pop
