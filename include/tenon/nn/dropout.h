#pragma once
#include <tenon/nn/activation.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// In training, zeroes each element with probability p and scales the others by 1/(1−p); in eval mode gives its input.
/// Any shape. Draws as PyTorch does on the CPU. An error for a p outside [0, 1]. Source: torch.nn.Dropout.
class Dropout : public Module<Dropout> {
 public:
  double p;
  bool inplace;

  explicit Dropout(double p = 0.5, const InplaceOptions& options = {});
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(Dropout, p, inplace)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
