#pragma once
#include <tenon/nn/functional/activation.h>
#include <tenon/nn/layers/options.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// max(x, 0), any shape. Source: torch.nn.ReLU.
class ReLU : public Module<ReLU> {
 public:
  bool inplace;

  explicit ReLU(const InplaceOptions& options = {}) : inplace(options.inplace) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(ReLU, inplace)
};

struct GELUOptions {
  functional::GELUApproximation approximate = functional::GELUApproximation::none;
};

/// x·Φ(x), any shape. Source: torch.nn.GELU.
class GELU : public Module<GELU> {
 public:
  functional::GELUApproximation approximate;

  explicit GELU(const GELUOptions& options = {}) : approximate(options.approximate) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(GELU, approximate)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
