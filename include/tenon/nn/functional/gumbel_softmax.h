#pragma once
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

struct GumbelSoftmaxOptions {
  double tau = 1;     ///< the temperature: the lower, the nearer to one class
  bool hard = false;  ///< 1 for the likeliest class and 0 for the others, with the gradient of the soft result
  int64_t dim = -1;
};
/// softmax((logits + Gumbel noise) / tau): a draw from the classes through which gradients pass. Draws as PyTorch does
/// on the CPU. Source: torch.nn.functional.gumbel_softmax (Jang, Gu and Poole 2017, "Categorical reparameterization
/// with Gumbel-softmax").
Tensor gumbel_softmax(const Tensor& logits, const GumbelSoftmaxOptions& options = {});

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
