// The backward pass through a graph, on the calling thread, newest node first.
#include <algorithm>
#include <atomic>
#include <bit>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <tenon/autograd.h>
#include <tenon/ops.h>

#include "backend/new_tensor.h"
#include "ops/autocast.h"
#include "tape/leaf.h"
#include "tape/node.h"
#include "tape/owned.h"

namespace tenon {
namespace {

struct Root {
  Edge edge;
  Tensor gradient;
};

void add_to(Tensor& sum, Tensor gradient) {
  if (!sum.defined()) sum = std::move(gradient);
  else if (!is_grad_enabled() && owned_alone(sum) && sum.is_contiguous()) sum.add_(gradient);
  else sum = tenon::add(sum, gradient);
}

/// The nodes that wait for their turn, each with the gradients that have come for it so far. A node's number is higher
/// than its inputs' numbers, so the highest waiting one has had all of its gradients.
class Waiting {
 public:
  struct Entry {
    Ref<Node> node;
    SmallVector<Tensor, 1> grads;
  };

  void add(const Edge& edge, Tensor gradient) { add_to(entry_of(edge.node).grads[edge.slot], std::move(gradient)); }
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
  std::size_t home(uint64_t sequence) const {
    return (sequence * 0x9E3779B97F4A7C15U) >> (64 - std::countr_zero(table_.size()));
  }
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

/// Which nodes lead to the tensors that were asked for, where not every leaf was: the others do not run.
class Way {
 public:
  struct Stop {
    uint32_t slot;      ///< of the node's outputs, the gradient that is asked for
    std::size_t place;  ///< among the results
  };

  Way(const std::vector<Edge>& roots, const std::vector<Edge>& targets) {
    uint64_t lowest = ~uint64_t{0};
    for (std::size_t i = 0; i < targets.size(); ++i) {
      stops_[targets[i].node.get()].push_back({targets[i].slot, i});
      lowest = std::min(lowest, targets[i].node->sequence());
    }
    std::vector<Node*> found;
    const auto find = [&](const Edge& e) {  // an older node than any target leads to none
      if (e.node && e.node->sequence() >= lowest && leads_.emplace(e.node.get(), false).second)
        found.push_back(e.node.get());
    };
    for (const Edge& e : roots) find(e);
    for (std::size_t i = 0; i < found.size(); ++i)
      for (const Edge& e : found[i]->edges()) find(e);
    std::sort(found.begin(), found.end(), [](const Node* a, const Node* b) { return a->sequence() < b->sequence(); });
    for (Node* n : found) leads_[n] = stops_.contains(n) || goes_on(*n);  // inputs first
  }

  bool leads(const Node& n) const {
    const auto at = leads_.find(&n);
    return at != leads_.end() && at->second;
  }
  /// Whether there is something to reach behind this node.
  bool goes_on(const Node& n) const {
    return std::any_of(n.edges().begin(), n.edges().end(), [&](const Edge& e) { return e.node && leads(*e.node); });
  }
  std::span<const Stop> stops_at(const Node& n) const {
    const auto at = stops_.find(&n);
    return at == stops_.end() ? std::span<const Stop>() : std::span<const Stop>(at->second);
  }

 private:
  std::unordered_map<const Node*, bool> leads_;
  std::unordered_map<const Node*, std::vector<Stop>> stops_;
};

/// Leaves with hooks on what they accumulate, which run as soon as the last part of the gradient has come: gradients
/// are sent, or used up, while the pass goes on. All other leaves come last, since their numbers are the lowest, and
/// nothing has to be counted for them.
class HookedLeaves {
 public:
  struct Leaf {
    Ref<Node> node;
    int64_t missing = 0;  ///< parts of its gradient
    Tensor gradient;
  };

  explicit HookedLeaves(const std::vector<Root>& roots) {
    std::vector<Node*> found;
    std::unordered_set<const Node*> seen;
    const auto find = [&](const Edge& e) {
      if (!e.node) return;
      if (e.node->leaf()) {
        if (static_cast<LeafGrad&>(*e.node).after) expect(e.node);
      } else if (seen.insert(e.node.get()).second) {
        found.push_back(e.node.get());
      }
    };
    for (const Root& r : roots) find(r.edge);
    for (std::size_t i = 0; i < found.size(); ++i)
      for (const Edge& e : found[i]->edges()) find(e);
  }

  /// The one that the edge leads to, of which it brings a part; null: another node.
  Leaf* at(const Edge& edge) {
    if (!edge.node->leaf()) return nullptr;
    const auto at = places_.find(edge.node.get());
    return at == places_.end() ? nullptr : &leaves_[at->second];
  }
  /// Those of which some nodes, which have not run, have kept a part back.
  std::vector<Leaf>& all() { return leaves_; }

 private:
  void expect(const Ref<Node>& node) {
    const auto [at, is_new] = places_.try_emplace(node.get(), leaves_.size());
    if (is_new) leaves_.push_back({node, 0, {}});
    ++leaves_[at->second].missing;
  }

  std::vector<Leaf> leaves_;
  std::unordered_map<const Node*, std::size_t> places_;
};

void refuse_nan(const Node& node, std::size_t i, const Tensor& g) {
  const NoGrad guard;
  if ((g != g).sum().item<int64_t>() > 0)
    fail("backward", "the backward of {} has made a NaN: the gradient of its input {}, {} {}", node.name(), i,
         g.dtype(), g.shape().to_string());
}

thread_local Pass* pass = nullptr;

/// Makes itself the thread's pass; passes nest.
class PassScope {
 public:
  PassScope() : before_(std::exchange(pass, &own_)) {}
  ~PassScope() { pass = before_; }
  PassScope(const PassScope&) = delete;
  PassScope& operator=(const PassScope&) = delete;

  void end() {
    for (std::size_t i = 0; i < own_.at_end.size(); ++i) own_.at_end[i]();
  }

 private:
  static uint64_t next() {
    static std::atomic<uint64_t> last{0};
    return ++last;
  }
  Pass own_{next(), {}};
  Pass* before_;
};

void apply(Node& node, Grads& grads) {
  try {
    node.apply(grads);
  } catch (Error& error) {
    error.leaves_backward(node.name());
    throw;
  }
}

void accumulate(HookedLeaves::Leaf& leaf) {
  if (!leaf.gradient.defined()) return;
  leaf.node->prepare(&leaf.gradient);
  Grads grads(*leaf.node, &leaf.gradient);
  apply(*leaf.node, grads);
  leaf.gradient = {};
}

/// The backward pass from `roots`. With a `way`, only along it: the gradients at its stops go into `results`, or,
/// without those, leaves that are stops accumulate theirs.
void run(std::vector<Root> roots, bool keep, bool create_graph, const Way* way = nullptr,
         std::vector<Tensor>* results = nullptr) {
  const bool check = autograd::is_anomaly_enabled();
  const detail::ModeGuard mode(create_graph, is_inference_mode_enabled());
  const AutocastOff off;  // it computes in the types of the forward pass
  PassScope scope;
  Waiting waiting;
  SmallVector<bool, 3> on_the_way;
  std::optional<HookedLeaves> hooked;
  if (!way && are_leaves_hooked()) hooked.emplace(roots);
  const auto arrive = [&](const Edge& edge, Tensor gradient) {
    HookedLeaves::Leaf* const leaf = hooked ? hooked->at(edge) : nullptr;
    if (leaf) {
      if (gradient.defined()) add_to(leaf->gradient, std::move(gradient));
      if (--leaf->missing == 0) accumulate(*leaf);
    } else if (gradient.defined()) {
      waiting.add(edge, std::move(gradient));
    }
  };
  for (Root& r : roots)
    if (!way || way->leads(*r.edge.node)) arrive(r.edge, std::move(r.gradient));
  roots.clear();
  while (!waiting.empty()) {
    Waiting::Entry e = waiting.pop();
    e.node->prepare(e.grads.data());
    const auto& edges = e.node->edges();
    if (way) {
      if (results)
        for (const Way::Stop& s : way->stops_at(*e.node)) (*results)[s.place] = e.grads[s.slot];
      if (!way->goes_on(*e.node) && (results || !edges.empty())) continue;  // what remains are leaves that accumulate
      on_the_way.clear();
      for (const Edge& edge : edges) on_the_way.push_back(edge.node && way->leads(*edge.node));
    }
    Grads grads(*e.node, e.grads.data(), way ? on_the_way.data() : nullptr);
    apply(*e.node, grads);
    e.grads.clear();
    if (!keep) e.node->release_saved();
    for (std::size_t i = 0; i < edges.size(); ++i) {
      if (!grads.needs(i)) continue;
      Tensor g = grads.take(i);
      if (check && g.defined()) refuse_nan(*e.node, i, g);
      arrive(edges[i], std::move(g));
    }
  }
  if (hooked)
    for (HookedLeaves::Leaf& leaf : hooked->all()) accumulate(leaf);
  scope.end();
}

/// Where to start from, with the gradients given or made up.
std::vector<Root> roots_of(const std::vector<Tensor>& tensors, const std::vector<Tensor>& grads,
                           const char* operation) {
  if (!grads.empty() && grads.size() != tensors.size())
    fail(operation, "expected a gradient for each of {} tensors, got {}", tensors.size(), grads.size());
  std::vector<Root> roots;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& y = tensors[i];
    if (!y.requires_grad())
      fail(operation,
           "this tensor does not require grad and was not computed from one that does: nothing was recorded");
    Tensor g = i < grads.size() ? grads[i] : Tensor();
    if (!g.defined()) {
      if (y.numel() != 1)
        fail(operation, "a gradient can only be made up for a tensor of one element, this has shape {}: pass one",
             y.shape().to_string());
      g = full(y.shape(), 1.0, {y.dtype(), y.device()});
    } else if (g.shape() != y.shape()) {
      fail(operation, "expected a gradient of shape {}, got {}", y.shape().to_string(), g.shape().to_string());
    }
    if (g.dtype() != y.dtype()) g = g.to(y.dtype());
    roots.push_back({gradient_edge(y), std::move(g)});
  }
  return roots;
}

Way way_to(const std::vector<Tensor>& inputs, const std::vector<Root>& roots, const char* operation) {
  std::vector<Edge> from, to;
  for (const Root& r : roots) from.push_back(r.edge);
  for (const Tensor& x : inputs) {
    if (!x.requires_grad()) fail(operation, "an input of shape {} does not require grad", x.shape().to_string());
    to.push_back(gradient_edge(x));
  }
  return {from, to};
}

}  // namespace

Pass* current_pass() { return pass; }

void autograd::backward(const TensorList& tensors, const TensorList& grads, const BackwardOptions& options) {
  std::vector<Root> roots = roots_of(tensors, grads, "backward");
  const bool keep = options.retain_graph || options.create_graph;
  if (options.inputs.empty()) return run(std::move(roots), keep, options.create_graph);
  for (const Tensor& x : options.inputs)
    if (x.requires_grad()) x.retain_grad();
  const Way way = way_to(options.inputs, roots, "backward");
  run(std::move(roots), keep, options.create_graph, &way);
}

std::vector<Tensor> autograd::grad(const TensorList& outputs, const TensorList& inputs, const GradOptions& options) {
  if (inputs.empty()) fail("grad", "expected one input or more");
  if (options.materialize_grads && !options.allow_unused.value_or(true))
    fail("grad", "materialize_grads gives zeros for unused inputs, so allow_unused cannot be false");
  std::vector<Root> roots = roots_of(outputs, options.grad_outputs, "grad");
  const Way way = way_to(inputs, roots, "grad");
  std::vector<Tensor> results(inputs.size());
  run(std::move(roots), options.retain_graph.value_or(options.create_graph), options.create_graph, &way, &results);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (results[i].defined()) continue;
    if (options.materialize_grads) results[i] = zeros_like(inputs[i]);
    else if (!options.allow_unused.value_or(false))
      fail("grad", "no output depends on input {}, of shape {}: set allow_unused, or leave it out", i,
           inputs[i].shape().to_string());
  }
  return results;
}

void Tensor::backward(const Tensor& gradient) const { autograd::backward({*this}, {gradient}); }
void Tensor::backward(const Tensor& gradient, const BackwardOptions& options) const {
  autograd::backward({*this}, {gradient}, options);
}

}  // namespace tenon
