#include "ops/fused.h"

#include <vector>

#include <tenon/autograd.h>

namespace tenon {

constinit thread_local bool ComposedOnly::active_ = false;

void detail::give_composed(Grads& g, const Tensor& y, const Tensor* inputs, std::size_t n) {
  std::vector<Tensor> wanted;
  for (std::size_t i = 0; i < n; ++i)
    if (g.needs(i)) wanted.push_back(inputs[i]);
  const std::vector<Tensor> gradients =
      autograd::grad({y}, wanted, {.grad_outputs = {g.in()}, .create_graph = true, .allow_unused = true});
  std::size_t next = 0;
  for (std::size_t i = 0; i < n; ++i)
    if (g.needs(i)) g.give(i, gradients[next++]);
}

}  // namespace tenon
