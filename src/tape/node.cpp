#include "tape/node.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "tape/leaf.h"
#include "tape/view.h"
#include "tensor/header.h"

namespace tenon {
namespace {

bool is_leaf_with_grad(const TensorImpl& t) { return t.requires_grad && !t.grad_fn_set(); }

}  // namespace

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
         "trying to run backward through the graph a second time, or to use saved tensors after they were freed: pass "
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

std::string Node::backward_name() const {
  const std::string_view operation = name_;
  if (operation == "AccumulateGrad") return std::string(operation);
  if (operation == "copy_slices") return "CopySlices";
  const bool is_class = operation[0] >= 'A' && operation[0] <= 'Z';
  std::string s;
  bool capital = true;
  for (const char c : operation) {
    const bool part_ends = c == '_' || c == '.';
    if (!part_ends) s += capital && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    capital = part_ends;
  }
  return s + (is_class ? "Backward" : "Backward0");
}

void Node::release_saved() {
  // Of a leaf, which other threads may be using, above all. What keeps no tensor can run again.
  const auto holds = [](const Saved& s) { return s.is_packed || s.tensor.defined(); };
  if (std::none_of(saved_.begin(), saved_.end(), holds)) return;
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

TensorImpl::TensorImpl() = default;
TensorImpl::~TensorImpl() {
  if (!base) return;
  static_cast<void>(storage.release());
  if (base->release(special)) destroy(base);
}
void TensorImpl::destroy(TensorImpl* t) { delete t; }

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
