#pragma once
#include <cstdint>

#include <tenon/nn/layers/options.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

struct BilinearOptions {
  bool bias = true;
  TENON_FACTORY_OPTIONS;
};

/// y(o) = Σ x1(i)·weight(o, i, j)·x2(j) + bias(o): (*, in1_features), (*, in2_features) → (*, out_features).
///
/// weight (out_features, in1_features, in2_features) and bias (out_features) start uniform in ±1/√in1_features. Source:
/// torch.nn.Bilinear.
class Bilinear : public Module<Bilinear> {
 public:
  int64_t in1_features, in2_features, out_features;
  Parameter weight;
  Parameter bias;  ///< an empty slot with {.bias = false}

  Bilinear(int64_t in1_features, int64_t in2_features, int64_t out_features, const BilinearOptions& options = {});

  /// Draws the weights anew.
  void reset_parameters();
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x1, const Tensor& x2) const;

  TENON_MODULE(Bilinear, in1_features, in2_features, out_features, weight, bias)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
