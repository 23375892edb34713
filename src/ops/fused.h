#pragma once
// A fused operation, and the same made of operations.
#include <array>
#include <utility>

#include "base/internal_api.h"
#include "ops/common.h"

namespace tenon {

/// While one lives, fused operations of this thread are made of operations: tests compare the two.
class TENON_INTERNAL_API ComposedOnly {
 public:
  ComposedOnly() : before_(std::exchange(active_, true)) {}
  ~ComposedOnly() { active_ = before_; }
  ComposedOnly(const ComposedOnly&) = delete;
  ComposedOnly& operator=(const ComposedOnly&) = delete;
  static bool active() { return active_; }

 private:
  bool before_;
  static constinit thread_local bool active_;
};

struct FusedResult {
  Tensor y;
  Tensor kept = {};  ///< for the backward pass, beside the inputs
};

namespace detail {
/// Gives the gradients of inputs 0 … n − 1 by a recorded backward pass through y.
void give_composed(Grads& g, const Tensor& y, const Tensor* inputs, std::size_t n);
}  // namespace detail

/// forward() → FusedResult, not recorded; backward(g) gives the gradients of the inputs, which are g.saved(0 … n − 1)
/// as what was kept is g.saved(n). composed(inputs) is the same result made of operations: it is differentiated where
/// the backward pass is itself recorded, so that there is one formula and no second derivative by hand.
template <std::size_t n, class Forward, class Backward, class Composed>
Tensor fused(const char* name, const std::array<Tensor, n>& inputs, Forward forward, Backward backward,
             Composed composed) {
  if (ComposedOnly::active()) return composed(inputs);
  FusedResult result;
  {
    const NoGrad guard;
    result = forward();
  }
  const auto record_on = [&]<std::size_t... i>(std::index_sequence<i...>) {
    if (!needs_grad(inputs[i]...)) return;
    record(name, result.y, {&inputs[i]...}, {&inputs[i]..., &result.kept},
           [backward = std::move(backward), composed = std::move(composed)](Grads& g) {
             if (!is_grad_enabled()) return backward(g);
             // Handles of their own, that one tensor as two inputs has two gradients.
             const auto own = [](const Tensor& x) { return x.defined() ? x.view_as(x) : x; };
             const std::array<Tensor, n> again{own(g.saved(i))...};
             detail::give_composed(g, composed(again), again.data(), n);
           });
  };
  record_on(std::make_index_sequence<n>());
  return result.y;
}

}  // namespace tenon
