#pragma once
// What a leaf keeps for the tape, and a computed tensor that retains its gradient.
#include <atomic>
#include <mutex>

#include <tenon/tensor.h>

#include "autograd/node.h"

namespace tenon {

class AccumulateGrad;

struct LeafGrad {
  Tensor grad;
  /// The node that adds to `grad`, while a graph holds one; guarded by `lock` since threads may share a leaf.
  AccumulateGrad* accumulator = nullptr;
  std::atomic_flag lock;
  std::recursive_mutex accumulating;  ///< threads that go back through graphs of their own may share the leaf; a hook may go back again
  std::shared_ptr<TensorHooks> hooks;
  std::shared_ptr<HookTable<std::function<void(const Tensor&)>>> after;  ///< run once `grad` has been accumulated
  bool retains = false;  ///< a computed tensor's: its node puts the gradient here
};

/// x's LeafGrad, made where there is none.
LeafGrad& leaf_of(const Tensor& x);

/// Where the gradient of a leaf goes to. It holds the leaf; the leaf only knows where it is.
class AccumulateGrad final : public Node {
 public:
  explicit AccumulateGrad(const Tensor& leaf);
  ~AccumulateGrad() override;
  void apply(Grads& g) override;
  const Tensor& leaf() const { return leaf_; }

 private:
  void run_hooks(Tensor* grads) override;
  Tensor leaf_;
};

}  // namespace tenon
