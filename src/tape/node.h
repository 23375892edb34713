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
// A backward is made of operations, so that it can itself be recorded (create_graph). An operation with several outputs
// records them together, and g.in(i) is the gradient of output i, undefined where none came:
//
//   record_outputs("sort", {&values, &indices}, {&x}, {&indices}, [](Grads& g) { … });
#include <any>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tenon/grad_mode.h>
#include <tenon/tensor.h>

#include "base/internal_api.h"
#include "tape/hook_table.h"
#include "tensor/allocator.h"

namespace tenon {

class Grads;
struct LeafGrad;
using TensorHooks = HookTable<std::function<Tensor(const Tensor&)>>;
using TensorPointers = std::initializer_list<const Tensor*>;

struct Edge {
  Ref<Node> node;     ///< null: that input needs no gradient
  uint32_t slot = 0;  ///< which output of the node the gradient belongs to
};

struct Saved {
  Tensor tensor;
  uint32_t version = 0;    ///< where it is packed: its place among those
  bool is_output = false;  ///< of this very node: kept without its grad_fn, or the node would hold itself
  bool is_packed = false;  ///< by the user's hooks (graph.h), which kept something else in its place
  uint32_t output_nr = 0;
};

/// How the user makes something else of what is saved, and a tensor of that again.
struct SavingHooks {
  std::function<std::any(const Tensor&)> pack;
  std::function<Tensor(const std::any&)> unpack;
};
/// This thread's innermost; null: none.
const std::shared_ptr<const SavingHooks>& saving_hooks();

struct Packed {
  std::any value;
  std::shared_ptr<const SavingHooks> hooks;
  Edge place;  ///< on the tape
  Shape sizes;
  DType dtype;
  Device device;
};

/// A pass back that is under way on this thread.
struct Pass {
  uint64_t number;
  std::vector<std::function<void()>> at_end;
};
Pass* current_pass();

/// What users have hooked to a node's outputs.
struct NodeHooks {
  struct OnOutput {
    uint32_t output_nr;
    std::shared_ptr<TensorHooks> hooks;
  };
  std::vector<OnOutput> tables;
  /// These take the output's gradient, after every hook.
  std::vector<std::pair<uint32_t, std::weak_ptr<LeafGrad>>> retaining;
};

/// Runs the hooks on a gradient, and checks that what they return fits.
void run_tensor_hooks(const TensorHooks& hooks, Tensor& grad);

class Node : public RefCounted {
 public:
  explicit Node(const char* name) : name_(name) {}
  virtual ~Node() = default;
  /// Takes g.in(i), the gradient of each output, and gives that of each input.
  virtual void apply(Grads& g) = 0;

  void add_input(const Tensor& x);
  void save(const Tensor& x);
  void save_output(const Tensor& y, uint32_t output_nr);
  void release_saved();
  void take_number();  ///< after its inputs have theirs
  Tensor saved(std::size_t i);
  /// The leaf whose node this is; null for an operation's.
  TensorImpl* leaf() const { return leaf_; }

  const char* name() const { return name_; }
  /// As PyTorch writes it: "index_select" is IndexSelectBackward0; a user's Function is called by its own name.
  std::string backward_name() const;
  uint64_t sequence() const { return sequence_; }
  const SmallVector<Edge, 3>& edges() const { return edges_; }
  uint32_t outputs() const { return outputs_; }
  void set_outputs(uint32_t n) { outputs_ = n; }

  /// Before apply: the hooks on each output's gradient.
  void prepare(Tensor* grads) {
    if (hooked_) [[unlikely]]
      run_hooks(grads);
  }
  HookHandle add_hook(uint32_t output_nr, std::function<Tensor(const Tensor&)> hook);
  void retain_grad(uint32_t output_nr, const std::shared_ptr<LeafGrad>& to);
  void stop_retaining(const LeafGrad& to);

  static void destroy(Node* n);  ///< never recursive, however long the graph
  static void* operator new(std::size_t n) { return host::allocate(n); }
  static void operator delete(void* p, std::size_t n) { host::deallocate(p, n); }

 protected:
  /// A leaf's node, which is a part of the leaf: who refers to the one refers to the other.
  Node(const char* name, TensorImpl& leaf) : hooked_(true), leaf_(&leaf), name_(name) {}
  virtual void run_hooks(Tensor* grads);
  bool hooked_ = false;
  TensorImpl* const leaf_ = nullptr;

 private:
  template <class>
  friend class Ref;
  bool pack(const Tensor& x, bool is_output, uint32_t output_nr);
  Tensor unpacked(const Saved& s);
  void retain() const {
    if (leaf_) static_cast<void>(Ref<TensorImpl>(leaf_).release());
    else RefCounted::retain();
  }
  bool release() const {
    if (!leaf_) return RefCounted::release();
    static_cast<void>(Ref<TensorImpl>::adopt(leaf_));  // which may take this node with it
    return false;
  }

  const char* name_;
  uint64_t sequence_ = 0;  ///< no other node of the process has it, and an input's node has a lower one
  uint32_t outputs_ = 1;
  bool released_ = false;
  Node* next_ = nullptr;  ///< among those that wait to be destroyed
  SmallVector<Edge, 3> edges_;
  SmallVector<Saved, 2> saved_;
  std::unique_ptr<std::vector<Packed>> packed_;
  std::unique_ptr<NodeHooks> hooks_;
};

/// One node's gradients in the backward pass.
class Grads {
 public:
  /// `wanted`: of the inputs, those whose gradient is asked for; null: each that can have one.
  Grads(Node& node, Tensor* in, const bool* wanted = nullptr)
      : node_(node), in_(in), wanted_(wanted), out_(node.edges().size()) {}
  /// The gradient of output i; undefined where none came.
  const Tensor& in(std::size_t i = 0) const { return in_[i]; }
  Tensor take_in(std::size_t i = 0) { return std::move(in_[i]); }
  bool needs(std::size_t i) const { return wanted_ ? wanted_[i] : node_.edges()[i].node != nullptr; }
  Tensor saved(std::size_t i) const { return node_.saved(i); }
  void give(std::size_t i, Tensor gradient) { out_[i] = std::move(gradient); }
  Tensor take(std::size_t i) { return std::move(out_[i]); }

 private:
  Node& node_;
  Tensor* in_;
  const bool* wanted_;
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

template <class F>
Ref<Node> new_node(const char* name, F backward) {
  return Ref<Node>::adopt(new OpNode<F>(name, std::move(backward)));
}

inline bool on_tape(const Tensor& x) { return x.defined() && x.impl()->on_tape(); }

/// Whether an operation on these has to be recorded.
template <class... T>
bool needs_grad(const T&... inputs) {
  return (on_tape(inputs) || ...) && is_grad_enabled();
}

namespace detail {
[[noreturn]] void refuse_inference(const char* operation);
/// Gives y its place on the tape.
TENON_INTERNAL_API void attach(const Tensor& y, Ref<Node> node, uint32_t output_nr = 0);

/// Saves `x`, which may be one of the outputs.
template <class Outputs>
void save(Node& node, const Tensor* x, const Outputs& outputs) {
  uint32_t nr = 0;
  if (x && x->defined())
    for (const Tensor* y : outputs) {
      if (y && x->is_same(*y)) return node.save_output(*y, nr);
      ++nr;
    }
  node.save(x ? *x : Tensor());
}

template <class Outputs, class F>
Ref<Node> recorded(const char* name, const Outputs& outputs, TensorPointers inputs, TensorPointers saved, F backward) {
  Ref<Node> node = new_node(name, std::move(backward));
  for (const Tensor* x : inputs) node->add_input(x ? *x : Tensor());
  for (const Tensor* x : saved) save(*node, x, outputs);
  node->take_number();
  return node;
}

template <class Outputs, class F>
void record_outputs(const char* name, const Outputs& outputs, TensorPointers inputs, TensorPointers saved, F backward) {
  const Ref<Node> node = recorded(name, outputs, inputs, saved, std::move(backward));
  node->set_outputs(static_cast<uint32_t>(outputs.size()));
  uint32_t nr = 0;
  for (const Tensor* y : outputs) {
    if (y && y->defined() && (y->is_floating_point() || y->is_complex()))
      attach(*y, node, nr);  // indices have no gradient
    ++nr;
  }
}
}  // namespace detail

/// Puts `outputs` on the tape together (null and integer ones stay off it). Gradients are given in the order of
/// `inputs`; a null pointer in any list is an absent tensor.
template <class F>
void record_outputs(const char* name, TensorPointers outputs, TensorPointers inputs, TensorPointers saved, F backward) {
  detail::record_outputs(name, outputs, inputs, saved, std::move(backward));
}
template <class F>
void record_outputs(const char* name, const std::vector<Tensor>& outputs, TensorPointers inputs, TensorPointers saved,
                    F backward) {
  std::vector<const Tensor*> pointers;
  pointers.reserve(outputs.size());
  for (const Tensor& y : outputs) pointers.push_back(&y);
  detail::record_outputs(name, pointers, inputs, saved, std::move(backward));
}

/// The same for one output.
template <class F>
void record(const char* name, const Tensor& y, TensorPointers inputs, TensorPointers saved, F backward) {
  detail::attach(y, detail::recorded(name, TensorPointers{&y}, inputs, saved, std::move(backward)));
}

/// The same for any number of inputs, with nothing saved.
template <class Inputs, class F>
void record_all(const char* name, const Tensor& y, const Inputs& inputs, F backward) {
  Ref<Node> node = new_node(name, std::move(backward));
  for (const Tensor& x : inputs) node->add_input(x);
  node->take_number();
  detail::attach(y, std::move(node));
}

namespace detail {
/// Before a change in place: refuses what PyTorch refuses. `recorded`: one of the operation's other tensors is on the
/// tape.
void check_inplace(const Tensor& x, const char* operation, bool recorded = false);
/// The part of it that is about the tape, for changes of a tensor's shape alone.
void check_recorded_inplace(const Tensor& x, const char* operation, bool recorded = false);
}  // namespace detail

/// After a change in place: what was saved of this data is stale now.
inline void bump_version(const Tensor& x) {
  auto& v = x.impl()->storage->version;
  v.store(v.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

/// Where the gradient of a tensor on the tape goes to: its node, or a leaf's accumulator.
Edge gradient_edge(const Tensor& x);

}  // namespace tenon
