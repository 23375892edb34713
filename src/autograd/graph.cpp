// What users see of the graph: its nodes, what passes through their hands when it is saved, hooks on several tensors.
#include <tenon/graph.h>

#include <utility>

#include "tape/leaf.h"
#include "tensor/header.h"

namespace tenon {
namespace {

thread_local std::shared_ptr<const SavingHooks> innermost;
/// What was the innermost before each of the guards that live.
thread_local std::vector<std::shared_ptr<const SavingHooks>> enclosing;

}  // namespace

autograd::GraphNode Tensor::grad_fn() const { return autograd::GraphNode(checked()->current_grad_fn()); }

const std::shared_ptr<const SavingHooks>& saving_hooks() { return innermost; }

bool Node::pack(const Tensor& x, bool is_output, uint32_t output_nr) {
  if (!saving_hooks()) return false;
  const auto hooks = saving_hooks();
  if (!packed_) packed_ = std::make_unique<std::vector<Packed>>();
  Packed packed{{}, hooks, {}, x.shape(), x.dtype(), x.device()};
  if (!is_output && on_tape(x)) packed.place = gradient_edge(x);
  {
    const NoGrad guard;
    // What the hook itself saves is not packed again.
    const auto meanwhile = std::exchange(innermost, nullptr);
    struct PutBack {
      const std::shared_ptr<const SavingHooks>& hooks;
      ~PutBack() { innermost = hooks; }
    } put_back{meanwhile};
    packed.value = hooks->pack(new_alias(x));
  }
  saved_.push_back({{}, static_cast<uint32_t>(packed_->size()), is_output, true, output_nr});
  packed_->push_back(std::move(packed));
  return true;
}

Tensor Node::unpacked(const Saved& s) {
  const Packed& packed = (*packed_)[s.version];
  Tensor x;
  {
    const NoGrad guard;
    x = packed.hooks->unpack(packed.value);
  }
  if (!x.defined() || x.shape() != packed.sizes || x.dtype() != packed.dtype || x.device() != packed.device)
    fail("SavedTensorsHooks", "unpack must give a tensor like the one that was packed, {} {} on {}, got {} ({})",
         packed.dtype, packed.sizes.to_string(), packed.device,
         x.defined() ? fmt::format("{} {} on {}", x.dtype(), x.shape().to_string(), x.device()) : "none", name_);
  Tensor y = new_alias(x);
  if (s.is_output && is_grad_enabled()) detail::attach(y, Ref<Node>(this), s.output_nr);
  else if (packed.place.node) detail::attach(y, packed.place.node, packed.place.slot);
  return y;
}

namespace autograd {

GraphNode::GraphNode() = default;
GraphNode::GraphNode(Ref<Node> node) : node_(std::move(node)) {}
GraphNode::GraphNode(const GraphNode&) = default;
GraphNode::GraphNode(GraphNode&&) noexcept = default;
GraphNode& GraphNode::operator=(const GraphNode&) = default;
GraphNode& GraphNode::operator=(GraphNode&&) noexcept = default;
GraphNode::~GraphNode() = default;

GraphNode::operator bool() const { return static_cast<bool>(node_); }
bool GraphNode::operator==(const GraphNode& o) const { return node_ == o.node_; }

std::string GraphNode::name() const {
  if (!node_) fail("GraphNode", "a null node has no name: it is a leaf's");
  return node_->backward_name();
}

std::vector<std::pair<GraphNode, uint32_t>> GraphNode::next_functions() const {
  if (!node_) fail("GraphNode", "a null node leads nowhere: it is a leaf's");
  std::vector<std::pair<GraphNode, uint32_t>> next;
  for (const Edge& e : node_->edges()) next.emplace_back(GraphNode(e.node), e.slot);
  return next;
}

Tensor GraphNode::variable() const {
  if (!node_ || !node_->leaf()) return {};
  return Tensor(Ref<TensorImpl>(node_->leaf()));
}

SavedTensorsHooks::SavedTensorsHooks(Pack pack, Unpack unpack) {
  if (!pack || !unpack) fail("SavedTensorsHooks", "expected two functions");
  enclosing.push_back(innermost);
  innermost = std::make_shared<const SavingHooks>(SavingHooks{std::move(pack), std::move(unpack)});
}
SavedTensorsHooks::~SavedTensorsHooks() {
  innermost = std::move(enclosing.back());
  enclosing.pop_back();
}

namespace {

/// What the hooks on the several tensors share. They hold it; the handle only knows it.
class MultiGradHook final : public tenon::detail::HookOwner, public std::enable_shared_from_this<MultiGradHook> {
 public:
  MultiGradHook(std::size_t n, std::function<void(const std::vector<Tensor>&)> hook, MultiGradMode mode)
      : hook_(std::move(hook)), mode_(mode), grads_(n) {}

  void listen(const std::vector<Tensor>& tensors) {
    for (std::size_t i = 0; i < tensors.size(); ++i)
      handles_.push_back(tensors[i].register_hook([self = shared_from_this(), i](const Tensor& g) {
        self->receive(i, g);
        return Tensor();
      }));
  }
  void remove_hook(uint64_t) override {
    for (HookHandle& h : handles_) h.remove();
  }

 private:
  void receive(std::size_t i, const Tensor& g) {
    Pass* const now = current_pass();
    const bool is_first = now->number != pass_;
    if (is_first) {
      pass_ = now->number;
      grads_.assign(grads_.size(), Tensor());
    }
    grads_[i] = g;
    if (!is_first) return;
    if (mode_ == MultiGradMode::any) return call();
    now->at_end.emplace_back([self = shared_from_this()] { self->call(); });
  }
  void call() {
    const auto grads = std::exchange(grads_, std::vector<Tensor>(grads_.size()));
    hook_(grads);
  }

  const std::function<void(const std::vector<Tensor>&)> hook_;
  const MultiGradMode mode_;
  uint64_t pass_ = 0;
  std::vector<Tensor> grads_;
  std::vector<HookHandle> handles_;
};

}  // namespace

HookHandle register_multi_grad_hook(const std::vector<Tensor>& tensors,
                                    std::function<void(const std::vector<Tensor>&)> hook, MultiGradMode mode) {
  for (const Tensor& x : tensors)
    if (!x.requires_grad())
      fail("register_multi_grad_hook", "a tensor of shape {} does not require grad, and so has no gradient to hook",
           x.shape().to_string());
  const auto owner = std::make_shared<MultiGradHook>(tensors.size(), std::move(hook), mode);
  owner->listen(tensors);
  return {owner, 0};
}

}  // namespace autograd
}  // namespace tenon
