#pragma once
#include <tenon/nn/module.h>

namespace tenon::nn {

struct InplaceOptions {
  bool inplace = false;  ///< changes the input instead of making a new tensor
};

/// max(x, 0), any shape. Source: torch.nn.ReLU.
class ReLU : public Module<ReLU> {
 public:
  bool inplace;

  explicit ReLU(const InplaceOptions& options = {}) : inplace(options.inplace) {}
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x);

  TENON_MODULE(ReLU, inplace)
};

}  // namespace tenon::nn
