#pragma once
// The graph that the tape is: what is in it, what it saves, and hooks on several of its tensors. Source:
// torch.autograd.graph.
#include <any>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <tenon/hook.h>
#include <tenon/ref.h>
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon {
class Node;

namespace autograd {

/// A recorded operation, as x.grad_fn() gives it: x.grad_fn()->name(). It holds the graph behind it.
/// Source: torch.autograd.graph.Node.
class GraphNode {
 public:
  GraphNode();  ///< null: a leaf's, or an input's that needs no gradient
  explicit GraphNode(Ref<Node> node);
  GraphNode(const GraphNode&);
  GraphNode(GraphNode&&) noexcept;
  GraphNode& operator=(const GraphNode&);
  GraphNode& operator=(GraphNode&&) noexcept;
  ~GraphNode();

  explicit operator bool() const;
  bool operator==(const GraphNode& o) const;
  const GraphNode* operator->() const { return this; }

  /// As PyTorch writes it: "MulBackward0"; "AccumulateGrad" for a leaf's. The 0 is always one.
  std::string name() const;
  /// For each input the node that its gradient goes to, and which of that node's outputs it is.
  std::vector<std::pair<GraphNode, uint32_t>> next_functions() const;
  /// The leaf whose gradient is accumulated here; undefined for other nodes.
  Tensor variable() const;

 private:
  Ref<Node> node_;
};

/// While it lives, what operations on this thread save for the backward pass goes through `pack` first: its result is
/// kept, and `unpack` makes a tensor of it when it is needed (of the same shape, type and device; more than once with
/// retain_graph). Nothing is noticed then of changes in place of what was saved: `pack` should not return its argument.
///
///   autograd::SavedTensorsHooks on_disk([&](const Tensor& x) { return std::any(write(x)); },
///                                       [&](const std::any& file) { return read(std::any_cast<std::string>(file)); });
///
/// Source: torch.autograd.graph.saved_tensors_hooks.
class [[nodiscard]] SavedTensorsHooks {
 public:
  using Pack = std::function<std::any(const Tensor& saved)>;
  using Unpack = std::function<Tensor(const std::any& packed)>;
  SavedTensorsHooks(Pack pack, Unpack unpack);
  ~SavedTensorsHooks();
  SavedTensorsHooks(const SavedTensorsHooks&) = delete;
  SavedTensorsHooks& operator=(const SavedTensorsHooks&) = delete;
};

enum class MultiGradMode : uint8_t { all, any };

/// all: `hook` is called in each backward pass once the gradients of all these tensors that the pass computes are
/// there, with one for each (undefined: the pass computes none). any: with the first that is computed, the others
/// undefined. Source: torch.autograd.graph.register_multi_grad_hook.
HookHandle register_multi_grad_hook(const std::vector<Tensor>& tensors,
                                    std::function<void(const std::vector<Tensor>& grads)> hook,
                                    MultiGradMode mode = MultiGradMode::all);

}  // namespace autograd
}  // namespace tenon

#pragma GCC visibility pop
