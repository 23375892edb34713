#pragma once
// What a leaf keeps for the tape, and a computed tensor that retains its gradient.
#include <mutex>

#include <tenon/tensor.h>

#include "tape/node.h"

namespace tenon {

/// A leaf's gradient, and the node through which it comes.
struct LeafGrad final : Node {
  explicit LeafGrad(TensorImpl& leaf);
  void apply(Grads& g) override;

  Tensor grad;
  /// Threads that run backward through graphs of their own may share the leaf; a hook may run backward, too.
  std::recursive_mutex accumulating;
  std::shared_ptr<TensorHooks> hooks;
  std::shared_ptr<HookTable<std::function<void(const Tensor&)>>> after;  ///< run once `grad` has been accumulated
  bool retains = false;  ///< a computed tensor's: its node puts the gradient here

 private:
  void run_hooks(Tensor* grads) override;
};

/// Whether any leaf of the process has ever had a hook on what it accumulates.
bool are_leaves_hooked();

/// x's LeafGrad, made where there is none.
LeafGrad& leaf_of(const Tensor& x);

}  // namespace tenon
