#include <tenon/nn/activation.h>

namespace tenon::nn {

std::string ReLU::extra_repr() const { return inplace ? "inplace=True" : ""; }

Tensor ReLU::forward(const Tensor& x) const {
  Tensor y = functional::relu(x);
  return inplace ? x.copy_(y) : y;
}

std::string GELU::extra_repr() const {
  return approximate == functional::GELUApproximation::tanh ? "approximate='tanh'" : "approximate='none'";
}

Tensor GELU::forward(const Tensor& x) const { return functional::gelu(x, approximate); }

}  // namespace tenon::nn
