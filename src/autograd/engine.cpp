// Going back through a graph, on the calling thread, newest node first.
#include <algorithm>
#include <bit>
#include <vector>

#include <tenon/ops.h>

#include "autograd/node.h"
#include "tensor/new_tensor.h"

namespace tenon {
namespace {

/// The nodes that wait for their turn, each with the gradients that have come for it so far. A node's number is higher than its
/// inputs' numbers, so the highest waiting one has had all of its gradients.
class Waiting {
 public:
  struct Entry {
    Ref<Node> node;
    SmallVector<Tensor, 1> grads;
  };

  void add(const Edge& edge, Tensor gradient) {
    Entry& e = entry_of(edge.node);
    Tensor& sum = e.grads[edge.slot];
    if (!sum.defined()) sum = std::move(gradient);
    else if (!is_grad_enabled() && sum.impl()->use_count() == 1 && sum.impl()->storage->use_count() == 1 && sum.is_contiguous())
      sum.add_(gradient);
    else sum = tenon::add(sum, gradient);
  }
  bool empty() const { return heap_.empty(); }
  Entry pop() {
    std::pop_heap(heap_.begin(), heap_.end());
    const auto [sequence, slot] = heap_.back();
    heap_.pop_back();
    forget(sequence);
    free_.push_back(slot);
    return std::move(entries_[slot]);
  }

 private:
  struct Key {
    uint64_t sequence = 0;  // 0: an empty place
    uint32_t slot = 0;
    bool operator<(const Key& o) const { return sequence < o.sequence; }
  };

  Entry& entry_of(const Ref<Node>& node) {
    const uint64_t sequence = node->sequence();
    std::size_t at = place(sequence);
    if (table_[at].sequence == sequence) return entries_[table_[at].slot];
    if (2 * (heap_.size() + 1) > table_.size()) {
      rehash();
      at = place(sequence);
    }
    uint32_t slot = 0;
    if (free_.empty()) {
      slot = static_cast<uint32_t>(entries_.size());
      entries_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    Entry& e = entries_[slot];
    e.node = node;
    e.grads.clear();
    e.grads.resize(node->outputs());
    table_[at] = {sequence, slot};
    heap_.push_back({sequence, slot});
    std::push_heap(heap_.begin(), heap_.end());
    return e;
  }
  std::size_t home(uint64_t sequence) const { return (sequence * 0x9E3779B97F4A7C15U) >> (64 - std::countr_zero(table_.size())); }
  std::size_t place(uint64_t sequence) const {  // where it stands, or where it would
    std::size_t at = home(sequence);
    while (table_[at].sequence != 0 && table_[at].sequence != sequence) at = (at + 1) & (table_.size() - 1);
    return at;
  }
  void forget(uint64_t sequence) {  // open addressing: those behind move up, so that no search ends early
    const std::size_t mask = table_.size() - 1;
    std::size_t hole = place(sequence);
    for (std::size_t at = (hole + 1) & mask; table_[at].sequence != 0; at = (at + 1) & mask)
      if (((at - home(table_[at].sequence)) & mask) >= ((at - hole) & mask)) {
        table_[hole] = table_[at];
        hole = at;
      }
    table_[hole] = {};
  }
  void rehash() {
    table_.assign(table_.size() * 2, {});
    for (const Key& k : heap_) table_[place(k.sequence)] = k;
  }

  std::vector<Entry> entries_;
  std::vector<uint32_t> free_;
  std::vector<Key> heap_;
  std::vector<Key> table_ = std::vector<Key>(16);
};

}  // namespace

void run_backward(const Tensor& root, Tensor gradient, const BackwardOptions& options) {
  const bool keep = options.retain_graph || options.create_graph;
  const detail::ModeGuard mode(options.create_graph, is_inference_mode_enabled());
  Waiting waiting;
  waiting.add(gradient_edge(root), std::move(gradient));
  while (!waiting.empty()) {
    Waiting::Entry e = waiting.pop();
    e.node->prepare(e.grads.data());
    Grads grads(*e.node, e.grads.data());
    e.node->apply(grads);
    const auto& edges = e.node->edges();
    for (std::size_t i = 0; i < edges.size(); ++i) {
      if (!edges[i].node) continue;
      if (Tensor g = grads.take(i); g.defined()) waiting.add(edges[i], std::move(g));
    }
    if (!keep) e.node->release_saved();
  }
}

void Tensor::backward(const Tensor& gradient) const { backward(gradient, {}); }

void Tensor::backward(const Tensor& gradient, const BackwardOptions& options) const {
  if (!requires_grad())
    fail("backward", "this tensor does not require grad and was not computed from one that does: nothing was recorded");
  Tensor g = gradient;
  if (!g.defined()) {
    if (numel() != 1) fail("backward", "a gradient can only be made up for a tensor of one element, this has shape {}: pass one", shape().to_string());
    g = full(shape(), 1.0, {dtype(), device()});
  } else if (g.shape() != shape()) {
    fail("backward", "expected a gradient of shape {}, got {}", shape().to_string(), g.shape().to_string());
  }
  if (g.dtype() != dtype()) g = g.to(dtype());
  run_backward(*this, std::move(g), options);
}

}  // namespace tenon
