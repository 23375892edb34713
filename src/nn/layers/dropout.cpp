#include <tenon/nn/dropout.h>

#include <tenon/nn/functional.h>

#include "nn/repr.h"

namespace tenon::nn {

Dropout::Dropout(double p_, const InplaceOptions& options) : p(p_), inplace(options.inplace) {
  if (!(p >= 0 && p <= 1)) fail("Dropout", "expected a probability between 0 and 1, got {}", p);
}

std::string Dropout::extra_repr() const { return fmt::format("p={}, inplace={}", repr(p), repr(inplace)); }

Tensor Dropout::forward(const Tensor& x) const {
  Tensor y = functional::dropout(x, p, tenon_state_.training);
  return inplace && tenon_state_.training ? x.copy_(y) : y;
}

}  // namespace tenon::nn
