#pragma once
#include <tenon/nn/layers/options.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

struct LinearOptions {
  bool bias = true;
  TENON_FACTORY_OPTIONS;
};

/// x·weightᵀ + bias: (*, in_features) → (*, out_features).
///
/// weight (out_features, in_features) and bias (out_features) start uniform in ±1/√in_features, drawn in PyTorch's
/// order. An error for an input whose last size is not in_features. Source: torch.nn.Linear.
class Linear : public Module<Linear> {
 public:
  int64_t in_features, out_features;
  Parameter weight;
  Parameter bias;  ///< an empty slot with {.bias = false}

  Linear(int64_t in_features, int64_t out_features, const LinearOptions& options = {});

  /// Draws the weights anew.
  void reset_parameters();
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(Linear, in_features, out_features, weight, bias)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
