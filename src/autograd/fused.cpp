#include "ops/fused.h"

#include <vector>

#include <tenon/autograd.h>

namespace tenon {

constinit thread_local bool ComposedOnly::active_ = false;

void detail::give_composed(Grads& g, std::span<const Tensor> outputs, std::span<const Tensor> inputs) {
  std::vector<Tensor> wanted, made, arrived;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (g.needs(i)) wanted.push_back(inputs[i]);
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (g.in(i).defined()) {
      made.push_back(outputs[i]);
      arrived.push_back(g.in(i));
    }
  const std::vector<Tensor> gradients =
      autograd::grad(made, wanted, {.grad_outputs = arrived, .create_graph = true, .allow_unused = true});
  std::size_t next = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (g.needs(i)) g.give(i, gradients[next++]);
}

}  // namespace tenon
