#include "autograd/node.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include <tenon/ops.h>

#include "autograd/leaf.h"
#include "autograd/owned.h"
#include "autograd/view.h"
#include "tensor/new_tensor.h"

namespace tenon {
namespace {

bool is_leaf_with_grad(const TensorImpl& t) { return t.requires_grad && !t.grad_fn_set(); }

}  // namespace

LeafGrad& leaf_of(const Tensor& x) {
  auto& leaf = x.impl()->leaf;
  if (!leaf) leaf = std::make_shared<LeafGrad>(*x.impl());
  return *leaf;
}

Edge gradient_edge(const Tensor& x) {
  if (const Ref<Node>& node = x.impl()->current_grad_fn()) return {node, x.impl()->output_nr};
  return {Ref<Node>(x.impl()->leaf.get()), 0};
}

void Node::take_number() {
  // A thread takes its numbers from a block of its own, so that threads need not meet at each one, and a new block
  // where an input's number, from another thread, is beyond the next.
  static std::atomic<uint64_t> next_block{1};
  static thread_local uint64_t next = 0, end = 0;
  constexpr uint64_t block = 1 << 12;
  uint64_t newest = 0;
  for (const Edge& e : edges_)
    if (e.node) newest = std::max(newest, e.node->sequence_);
  if (next == end || next <= newest) {
    next = next_block.fetch_add(block, std::memory_order_relaxed);
    end = next + block;
  }
  sequence_ = next++;
}

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
  if (pack(x, false, 0)) return;
  if (is_leaf_with_grad(t) || (t.base && is_leaf_with_grad(*t.base))) {
    saved_.push_back({x, x.version()});
    return;
  }
  // Not x itself, nor its base: a change in place may move them to a place on the tape that leads here, so that all
  // would hold itself. What is saved is stale then anyway.
  const Tensor alone = new_alias(x);
  detail::attach(alone, x.impl()->current_grad_fn(), t.output_nr);
  saved_.push_back({alone, x.version()});
}

void Node::save_output(const Tensor& y, uint32_t output_nr) {
  if (pack(y, true, output_nr)) return;
  saved_.push_back({new_alias(y), y.version(), true, false, output_nr});
}

Tensor Node::saved(std::size_t i) {
  if (released_)
    fail("backward",
         "trying to go back through the graph a second time, or to use saved tensors after they were freed: pass "
         "{{.retain_graph = true}} to the first backward() ({})",
         name_);
  const Saved& s = saved_[i];
  if (s.is_packed) [[unlikely]]
    return unpacked(s);
  if (!s.tensor.defined()) return {};
  if (s.tensor.version() != s.version)
    fail("backward",
         "a tensor needed for the gradient of {} was changed in place: {} {}, now at version {}, saved at version {}; "
         "use the "
         "operation that is not in place, or clone() first",
         name_, s.tensor.dtype(), s.tensor.shape().to_string(), s.tensor.version(), s.version);
  if (!s.is_output || !is_grad_enabled()) return s.tensor;
  Tensor y = new_alias(s.tensor);  // back on the tape, for a backward that is recorded
  detail::attach(y, Ref<Node>(this), s.output_nr);
  return y;
}

void Node::release_saved() {
  if (saved_.empty()) return;  // a leaf's above all, which other threads may be using
  released_ = true;
  saved_.clear();
  packed_.reset();
}

void Node::destroy(Node* n) {
  // Destroying a node drops its inputs' nodes: they line up here instead of nesting. The line needs no memory of its
  // own, so that tensors of static duration can still go when the thread's other data has gone.
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

LeafGrad::LeafGrad(TensorImpl& leaf) : Node("AccumulateGrad", leaf) { take_number(); }

void LeafGrad::run_hooks(Tensor* grads) {
  if (const auto running = hooks) run_tensor_hooks(*running, grads[0]);
}

void LeafGrad::apply(Grads& g) {
  Tensor fresh = g.take_in();
  if (!fresh.defined()) return;
  const std::lock_guard lock(accumulating);
  const bool record_it = is_grad_enabled();
  if (!grad.defined()) {
    // A gradient that nobody else holds, laid out as the leaf, is taken over as it is. One that others hold is copied
    // even if it is recorded: the next gradient may be added to it in place.
    if (owned_alone(fresh) && fresh.strides() == leaf_->strides) {
      if (!record_it) {  // a view of what nobody sees any more is none
        fresh.impl()->show_nothing();
        fresh.impl()->kind = ViewKind::plain;
      }
      grad = std::move(fresh);
    } else {
      const bool dense = leaf_->contiguous || is_dense(leaf_->sizes, leaf_->strides);
      const Tensor own = dense ? new_strided(leaf_->sizes, leaf_->strides, leaf_->dtype, leaf_->device)
                               : new_tensor(leaf_->sizes, leaf_->dtype, leaf_->device);
      grad = record_it ? fresh.clone() : own.copy_(fresh);
    }
  } else if (record_it) {
    grad = add(grad, fresh);
  } else {
    grad.add_(fresh);
  }
  if (!after) return;
  const Tensor leaf{Ref<TensorImpl>(leaf_)};
  const auto running = after->snapshot();
  for (const auto& entry : *running) entry.hook(leaf);
}

void detail::attach(const Tensor& y, Ref<Node> node, uint32_t output_nr) {
  TensorImpl& t = *y.impl();
  t.grad_fn = std::move(node);
  t.output_nr = output_nr;
}

void detail::refuse_inference(const char* operation) {
  fail(operation,
       "a tensor made in inference mode cannot be recorded: clone() it outside inference mode first, or use NoGrad "
       "instead of "
       "InferenceMode");
}

void detail::check_inplace(const Tensor& x, const char* operation, bool recorded) {
  const TensorImpl& t = *x.impl();
  if (t.inference && !is_inference_mode_enabled())
    fail(operation, "a tensor made in inference mode cannot be changed in place outside it: clone() it first");
  if (!t.contiguous)
    for (std::size_t d = 0; d < t.sizes.size(); ++d)
      if (t.strides[d] == 0 && t.sizes[d] > 1)
        fail(operation,
             "an expanded tensor is changed in place, where several elements are one in memory: clone() it first");
  check_recorded_inplace(x, operation, recorded);
}

void detail::check_recorded_inplace(const Tensor& x, const char* operation, bool recorded) {
  const TensorImpl& t = *x.impl();
  if (!is_grad_enabled() || !(recorded || t.on_tape() || (t.base && t.base->on_tape()))) return;
  if (is_leaf_with_grad(t))
    fail(operation,
         "a leaf that requires grad is changed in place: do it under tenon::NoGrad, or use the operation that is not "
         "in place");
  if (!t.base) return;
  check_view_kind(t, operation, false);
  if (is_leaf_with_grad(*t.base))
    fail(operation,
         "a view of a leaf that requires grad is changed in place: do it under tenon::NoGrad, or use the operation "
         "that is not in place");
}

}  // namespace tenon
