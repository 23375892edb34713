#include <tenon/nn/layers/activation.h>

#include "nn/extra_repr.h"

namespace tenon::nn {

std::string ReLU::extra_repr() const { return extra_repr_of({{"inplace", inplace, false}}); }

Tensor ReLU::forward(const Tensor& x) const {
  Tensor y = functional::relu(x);
  return inplace ? x.copy_(y) : y;
}

std::string LeakyReLU::extra_repr() const {
  return extra_repr_of({{"negative_slope", negative_slope}, {"inplace", inplace, false}});
}

Tensor LeakyReLU::forward(const Tensor& x) const {
  Tensor y = functional::leaky_relu(x, negative_slope);
  return inplace ? x.copy_(y) : y;
}

std::string Softplus::extra_repr() const { return extra_repr_of({{"beta", beta}, {"threshold", threshold}}); }

Tensor Softplus::forward(const Tensor& x) const { return functional::softplus(x, beta, threshold); }

std::string GELU::extra_repr() const {
  return extra_repr_of({{"approximate", approximate == functional::GELUApproximation::tanh ? "tanh" : "none"}});
}

Tensor GELU::forward(const Tensor& x) const { return functional::gelu(x, approximate); }

}  // namespace tenon::nn
