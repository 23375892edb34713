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

/// x where it is above 0, else x·negative_slope, any shape. Source: torch.nn.LeakyReLU.
class LeakyReLU : public Module<LeakyReLU> {
 public:
  double negative_slope;
  bool inplace;

  explicit LeakyReLU(double slope = 0.01, const InplaceOptions& options = {})
      : negative_slope(slope), inplace(options.inplace) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(LeakyReLU, negative_slope, inplace)
};

/// log(1 + exp(beta·x)) / beta, x itself where beta·x is above the threshold; any shape. Source: torch.nn.Softplus.
class Softplus : public Module<Softplus> {
 public:
  double beta;
  double threshold;

  explicit Softplus(double beta_ = 1, double threshold_ = 20) : beta(beta_), threshold(threshold_) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(Softplus, beta, threshold)
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
