#pragma once
// What a leaf keeps for the tape.
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
  std::mutex accumulating;  ///< threads that go back through graphs of their own may share the leaf
};

/// Where the gradient of a leaf goes to. It holds the leaf; the leaf only knows where it is.
class AccumulateGrad final : public Node {
 public:
  explicit AccumulateGrad(const Tensor& leaf);
  ~AccumulateGrad() override;
  void apply(Grads& g) override;
  const Tensor& leaf() const { return leaf_; }

 private:
  Tensor leaf_;
};

}  // namespace tenon
