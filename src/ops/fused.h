#pragma once
// A fused operation, and the same made of operations.
#include <array>
#include <span>
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
  Tensor kept = {};      ///< for the backward pass, beside the inputs
  bool keeps_y = false;  ///< y, too
};

/// The same of m outputs.
template <std::size_t m>
struct FusedResults {
  std::array<Tensor, m> y;
  Tensor kept = {};
};

namespace detail {
/// Gives the gradients of inputs 0 … n − 1 by a recorded backward pass through what the outputs are made of.
void give_composed(Grads& g, std::span<const Tensor> outputs, std::span<const Tensor> inputs);
/// A handle of its own, that one tensor as two inputs has two gradients.
inline Tensor own_handle(const Tensor& x) { return x.defined() ? x.view_as(x) : x; }
}  // namespace detail

/// forward() → FusedResult, not recorded; backward(g) gives the gradients of the inputs, which are g.saved(0 … n − 1)
/// as what was kept is g.saved(n), and y, if it was, g.saved(n + 1). composed(inputs) is the same result made of
/// operations: it is differentiated where the backward pass is itself recorded, so that there is one formula and no
/// second derivative by hand.
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
    const Tensor none;
    record(name, result.y, {&inputs[i]...}, {&inputs[i]..., &result.kept, result.keeps_y ? &result.y : &none},
           [backward = std::move(backward), composed = std::move(composed)](Grads& g) {
             if (!is_grad_enabled()) return backward(g);
             const std::array<Tensor, n> again{detail::own_handle(g.saved(i))...};
             detail::give_composed(g, std::array{composed(again)}, again);
           });
  };
  record_on(std::make_index_sequence<n>());
  return result.y;
}

/// The same of m outputs: forward() → FusedResults<m>, composed(inputs) → std::array<Tensor, m>. backward(g) finds the
/// first output as g.saved(n + 1), and the outputs' gradients as g.in(0 … m − 1), undefined where none came.
template <std::size_t m, std::size_t n, class Forward, class Backward, class Composed>
std::array<Tensor, m> fused_outputs(const char* name, const std::array<Tensor, n>& inputs, Forward forward,
                                    Backward backward, Composed composed) {
  if (ComposedOnly::active()) return composed(inputs);
  FusedResults<m> result;
  {
    const NoGrad guard;
    result = forward();
  }
  const auto record_on = [&]<std::size_t... i, std::size_t... k>(std::index_sequence<i...>, std::index_sequence<k...>) {
    if (!needs_grad(inputs[i]...)) return;
    record_outputs(name, {&result.y[k]...}, {&inputs[i]...}, {&inputs[i]..., &result.kept, &result.y[0]},
                   [backward = std::move(backward), composed = std::move(composed)](Grads& g) {
                     if (!is_grad_enabled()) return backward(g);
                     const std::array<Tensor, n> again{detail::own_handle(g.saved(i))...};
                     detail::give_composed(g, composed(again), again);
                   });
  };
  record_on(std::make_index_sequence<n>(), std::make_index_sequence<m>());
  return result.y;
}

}  // namespace tenon
