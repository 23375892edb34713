#pragma once
// The tape: a node for each recorded operation, and how an operation records itself.
//
//   Tensor y = …;                                                     // forward
//   if (needs_grad(a, b))
//     record("mul", y, {&a, &b}, {&a, &b}, [](Grads& g) {             // inputs, what backward wants to see again
//       if (g.needs(0)) g.give(0, g.in() * g.saved(1));
//       if (g.needs(1)) g.give(1, g.in() * g.saved(0));
//     });
//
// A backward is made of operations, so that it can itself be recorded (create_graph).
#include <initializer_list>
#include <utility>

#include <tenon/autograd.h>
#include <tenon/tensor.h>

#include "tensor/allocator.h"

namespace tenon {

class Grads;

struct Edge {
  Ref<Node> node;     ///< null: that input needs no gradient
  uint32_t slot = 0;  ///< which output of the node the gradient belongs to
};

struct Saved {
  Tensor tensor;
  uint32_t version = 0;
  bool is_output = false;  ///< of this very node: kept without its grad_fn, or the node would hold itself
};

class Node : public RefCounted {
 public:
  explicit Node(const char* name) : name_(name) {}
  virtual ~Node() = default;
  /// Takes g.in(i), the gradient of each output, and gives that of each input.
  virtual void apply(Grads& g) = 0;

  void add_input(const Tensor& x);
  void save(const Tensor& x, const Tensor& output);
  void release_saved();
  void take_number();  ///< after its inputs have theirs
  Tensor saved(std::size_t i);

  const char* name() const { return name_; }
  uint64_t sequence() const { return sequence_; }
  const SmallVector<Edge, 3>& edges() const { return edges_; }
  uint32_t outputs() const { return outputs_; }
  void set_outputs(uint32_t n) { outputs_ = n; }

  static void destroy(Node* n);  ///< never recursive, however long the graph
  static void* operator new(std::size_t n) { return host::allocate(n); }
  static void operator delete(void* p, std::size_t n) { host::deallocate(p, n); }

 private:
  const char* name_;
  uint64_t sequence_ = 0;  ///< grows with time in the whole process: an input's node has a lower one
  uint32_t outputs_ = 1;
  bool released_ = false;
  Node* next_ = nullptr;  ///< among those that wait to be destroyed
  SmallVector<Edge, 3> edges_;
  SmallVector<Saved, 2> saved_;
};

/// One node's gradients while it is gone back through.
class Grads {
 public:
  Grads(Node& node, Tensor* in) : node_(node), in_(in), out_(node.edges().size()) {}
  /// The gradient of output i; undefined where none came.
  const Tensor& in(std::size_t i = 0) const { return in_[i]; }
  Tensor take_in(std::size_t i = 0) { return std::move(in_[i]); }
  bool needs(std::size_t i) const { return node_.edges()[i].node != nullptr; }
  Tensor saved(std::size_t i) const { return node_.saved(i); }
  void give(std::size_t i, Tensor gradient) { out_[i] = std::move(gradient); }
  Tensor take(std::size_t i) { return std::move(out_[i]); }

 private:
  Node& node_;
  Tensor* in_;
  SmallVector<Tensor, 3> out_;
};

template <class F>
class OpNode final : public Node {
 public:
  OpNode(const char* name, F f) : Node(name), f_(std::move(f)) {}
  void apply(Grads& g) override { f_(g); }

 private:
  F f_;
};

inline bool on_tape(const Tensor& x) { return x.defined() && x.impl()->on_tape(); }

/// Whether an operation on these has to be recorded.
template <class... T>
bool needs_grad(const T&... inputs) {
  return (on_tape(inputs) || ...) && is_grad_enabled();
}

namespace detail {
void refuse_inference(const Tensor& x, const char* operation);
void attach(const Tensor& y, Ref<Node> node);
}  // namespace detail

using TensorPointers = std::initializer_list<const Tensor*>;

/// Puts `y` on the tape. Gradients are given in the order of `inputs`; a null pointer in either list is an absent tensor.
template <class F>
void record(const char* name, const Tensor& y, TensorPointers inputs, TensorPointers saved, F backward) {
  Ref<Node> node(new OpNode<F>(name, std::move(backward)));
  for (const Tensor* x : inputs) node->add_input(x ? *x : Tensor());
  for (const Tensor* x : saved) node->save(x ? *x : Tensor(), y);
  detail::attach(y, std::move(node));
}

/// The same for any number of inputs, with nothing saved.
template <class Inputs, class F>
void record_all(const char* name, const Tensor& y, const Inputs& inputs, F backward) {
  Ref<Node> node(new OpNode<F>(name, std::move(backward)));
  for (const Tensor& x : inputs) node->add_input(x);
  detail::attach(y, std::move(node));
}

namespace detail {
/// Before a change in place: refuses a leaf that requires grad, and a view, while that would have to be recorded.
void check_inplace(const Tensor& x, const char* operation, const Tensor& source = {});
}  // namespace detail

/// After a change in place: what was saved of this data is stale now.
inline void bump_version(const Tensor& x) {
  auto& v = x.impl()->storage->version;
  v.store(v.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

/// After such a change has given x another place on the tape: views of x taken before still lead to the old one.
inline void bump_history(const Tensor& x) {
  auto& h = x.impl()->storage->history;
  h.store(static_cast<uint16_t>(h.load(std::memory_order_relaxed) + 1), std::memory_order_relaxed);
}

/// Where the gradient of a tensor on the tape goes to: its node, or a leaf's accumulator.
Edge gradient_edge(const Tensor& x);

/// Runs the graph back from `root`.
void run_backward(const Tensor& root, Tensor gradient, const BackwardOptions& options);

}  // namespace tenon
