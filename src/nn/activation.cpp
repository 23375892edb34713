#include <tenon/nn/activation.h>

#include <tenon/nn/functional.h>

namespace tenon::nn {

std::string ReLU::extra_repr() const { return inplace ? "inplace=True" : ""; }

Tensor ReLU::forward(const Tensor& x) {
  Tensor y = functional::relu(x);
  return inplace ? x.copy_(y) : y;
}

}  // namespace tenon::nn
