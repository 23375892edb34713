#include "autograd/node.h"

#include <atomic>
#include <utility>

#include <tenon/ops.h>

#include "autograd/leaf.h"
#include "autograd/owned.h"
#include "autograd/view.h"
#include "tensor/new_tensor.h"

namespace tenon {
namespace {

std::atomic<uint64_t> next_sequence{1};

class Lock {  // a leaf's accumulator is looked up for nanoseconds
 public:
  explicit Lock(std::atomic_flag& flag) : flag_(flag) {
    while (flag_.test_and_set(std::memory_order_acquire)) {}
  }
  ~Lock() { flag_.clear(std::memory_order_release); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  std::atomic_flag& flag_;
};

bool is_leaf_with_grad(const TensorImpl& t) { return t.requires_grad && !t.grad_fn_set(); }

Ref<Node> accumulator_of(const Tensor& leaf) {
  LeafGrad& l = *leaf.impl()->leaf;
  const Lock lock(l.lock);
  if (l.accumulator && l.accumulator->try_retain()) return Ref<Node>::adopt(l.accumulator);
  auto* fresh = new AccumulateGrad(leaf);
  l.accumulator = fresh;
  return Ref<Node>(fresh);
}

}  // namespace

LeafGrad& leaf_of(const Tensor& x) {
  auto& leaf = x.impl()->leaf;
  if (!leaf) leaf = std::make_shared<LeafGrad>();
  return *leaf;
}

Edge gradient_edge(const Tensor& x) {
  if (const Ref<Node>& node = x.grad_fn()) return {node, x.impl()->output_nr};
  return {accumulator_of(x), 0};
}

void Node::take_number() { sequence_ = next_sequence.fetch_add(1, std::memory_order_relaxed); }

void Node::add_input(const Tensor& x) {
  if (!on_tape(x)) {
    edges_.emplace_back();
    return;
  }
  if (x.impl()->inference) detail::refuse_inference(name_);
  edges_.push_back(gradient_edge(x));
}

void Node::save(const Tensor& x) {
  if (!x.defined()) {
    saved_.emplace_back();
    return;
  }
  const TensorImpl& t = *x.impl();
  if (t.inference) detail::refuse_inference(name_);
  if (is_leaf_with_grad(t) || (t.base && is_leaf_with_grad(*t.base))) {
    saved_.push_back({x, x.version()});
    return;
  }
  // Not x itself, nor its base: a change in place may move them to a place on the tape that leads here, so that all would hold itself.
  // What is saved is stale then anyway.
  const Tensor alone = new_alias(x);
  detail::attach(alone, x.grad_fn(), t.output_nr);
  saved_.push_back({alone, x.version()});
}

void Node::save_output(const Tensor& y, uint32_t output_nr) { saved_.push_back({new_alias(y), y.version(), true, output_nr}); }

Tensor Node::saved(std::size_t i) {
  if (released_)
    fail("backward",
         "trying to go back through the graph a second time, or to use saved tensors after they were freed: pass "
         "{{.retain_graph = true}} to the first backward() ({})",
         name_);
  const Saved& s = saved_[i];
  if (!s.tensor.defined()) return {};
  if (s.tensor.version() != s.version)
    fail("backward",
         "a tensor needed for the gradient of {} was changed in place: {} {}, now at version {}, saved at version {}; use the "
         "operation that is not in place, or clone() first",
         name_, s.tensor.dtype(), s.tensor.shape().to_string(), s.tensor.version(), s.version);
  if (!s.is_output || !is_grad_enabled()) return s.tensor;
  Tensor y = new_alias(s.tensor);  // back on the tape, for a backward that is recorded
  detail::attach(y, Ref<Node>(this), s.output_nr);
  return y;
}

void Node::release_saved() {
  if (saved_.empty()) return;  // a leaf's accumulator above all, which other threads may be using
  released_ = true;
  saved_.clear();
}

void Node::destroy(Node* n) {
  // Destroying a node drops its inputs' nodes: they line up here instead of nesting. The line needs no memory of its own, so that
  // tensors of static duration can still go when the thread's other data has gone.
  static thread_local Node* line = nullptr;
  static thread_local bool working = false;
  n->next_ = std::exchange(line, n);
  if (working) return;
  working = true;
  while (line) {
    Node* first = std::exchange(line, line->next_);
    delete first;
  }
  working = false;
}

AccumulateGrad::AccumulateGrad(const Tensor& leaf) : Node("AccumulateGrad"), leaf_(leaf) {
  weakly_reachable_ = true;
  hooked_ = true;  // the leaf may get hooks at any time
  take_number();
}

AccumulateGrad::~AccumulateGrad() {
  LeafGrad& l = *leaf_.impl()->leaf;
  const Lock lock(l.lock);
  if (l.accumulator == this) l.accumulator = nullptr;
}

void AccumulateGrad::run_hooks(Tensor* grads) {
  if (const auto hooks = leaf_.impl()->leaf->hooks) run_tensor_hooks(*hooks, grads[0]);
}

void AccumulateGrad::apply(Grads& g) {
  Tensor fresh = g.take_in();
  if (!fresh.defined()) return;
  LeafGrad& l = *leaf_.impl()->leaf;
  const std::lock_guard lock(l.accumulating);
  Tensor& grad = l.grad;
  const bool record_it = is_grad_enabled();
  if (!grad.defined()) {
    // A gradient that nobody else holds, laid out as the leaf, is taken over as it is. One that others hold is copied even if it is
    // recorded: the next gradient may be added to it in place.
    if (owned_alone(fresh) && fresh.strides() == leaf_.strides()) {
      if (!record_it) {  // a view of what nobody sees any more is none
        fresh.impl()->base.reset();
        fresh.impl()->kind = ViewKind::plain;
      }
      grad = std::move(fresh);
    } else {
      grad = record_it ? fresh.clone() : new_like(leaf_, leaf_.dtype()).copy_(fresh);
    }
  } else if (record_it) {
    grad = add(grad, fresh);
  } else {
    grad.add_(fresh);
  }
  if (!l.after) return;
  const auto running = l.after->snapshot();
  for (const auto& entry : *running) entry.hook(leaf_);
}

void detail::attach(const Tensor& y, Ref<Node> node, uint32_t output_nr) {
  TensorImpl& t = *y.impl();
  t.grad_fn = std::move(node);
  t.output_nr = output_nr;
}

void detail::refuse_inference(const char* operation) {
  fail(operation,
       "a tensor made in inference mode cannot be recorded: clone() it outside inference mode first, or use NoGrad instead of "
       "InferenceMode");
}

void detail::check_inplace(const Tensor& x, const char* operation, bool recorded) {
  const TensorImpl& t = *x.impl();
  if (t.inference && !is_inference_mode_enabled())
    fail(operation, "a tensor made in inference mode cannot be changed in place outside it: clone() it first");
  if (!t.contiguous)
    for (std::size_t d = 0; d < t.sizes.size(); ++d)
      if (t.strides[d] == 0 && t.sizes[d] > 1)
        fail(operation, "an expanded tensor is changed in place, where several elements are one in memory: clone() it first");
  if (!is_grad_enabled() || !(recorded || t.on_tape() || (t.base && t.base->on_tape()))) return;
  if (is_leaf_with_grad(t))
    fail(operation, "a leaf that requires grad is changed in place: do it under tenon::NoGrad, or use the operation that is not in place");
  if (!t.base) return;
  check_view_kind(t, operation, false);
  if (is_leaf_with_grad(*t.base))
    fail(operation, "a view of a leaf that requires grad is changed in place: do it under tenon::NoGrad, or use the operation that is not in place");
}

}  // namespace tenon
