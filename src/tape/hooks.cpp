// Hooks on tensors, and computed tensors that retain their gradient.
#include <algorithm>
#include <atomic>
#include <utility>

#include "tape/leaf.h"

namespace tenon {
namespace {
std::atomic<bool> leaves_are_hooked{false};
}

bool are_leaves_hooked() { return leaves_are_hooked.load(std::memory_order_relaxed); }

void run_tensor_hooks(const TensorHooks& hooks, Tensor& grad) {
  const auto running = hooks.snapshot();
  for (const auto& entry : *running) {
    Tensor other = entry.hook(grad);
    if (!other.defined()) continue;
    if (other.shape() != grad.shape() || other.dtype() != grad.dtype() || other.device() != grad.device())
      fail("register_hook", "a hook must return a gradient like the one it is given: {} {} on {}, got {} {} on {}",
           grad.dtype(), grad.shape().to_string(), grad.device(), other.dtype(), other.shape().to_string(),
           other.device());
    grad = std::move(other);
  }
}

HookHandle Node::add_hook(uint32_t output_nr, std::function<Tensor(const Tensor&)> hook) {
  if (!hooks_) hooks_ = std::make_unique<NodeHooks>();
  hooked_ = true;
  auto& tables = hooks_->tables;
  auto at = std::find_if(tables.begin(), tables.end(), [&](const auto& on) { return on.output_nr == output_nr; });
  if (at == tables.end()) at = tables.insert(at, {output_nr, nullptr});
  return tenon::add_hook(at->hooks, std::move(hook));
}

void Node::retain_grad(uint32_t output_nr, const std::shared_ptr<LeafGrad>& to) {
  if (!hooks_) hooks_ = std::make_unique<NodeHooks>();
  hooked_ = true;
  hooks_->retaining.emplace_back(output_nr, to);
}

void Node::stop_retaining(const LeafGrad& to) {
  if (hooks_) std::erase_if(hooks_->retaining, [&](const auto& r) { return r.second.lock().get() == &to; });
}

HookHandle Tensor::add_hook(std::function<Tensor(const Tensor&)> hook) const {
  if (!requires_grad()) fail("register_hook", "a tensor that does not require grad has no gradient to hook");
  if (const Ref<Node>& node = impl_->current_grad_fn()) return node->add_hook(impl_->output_nr, std::move(hook));
  return tenon::add_hook(leaf_of(*this).hooks, std::move(hook));
}

HookHandle Tensor::register_post_accumulate_grad_hook(std::function<void(const Tensor&)> hook) const {
  if (!requires_grad())
    fail("register_post_accumulate_grad_hook", "a tensor that does not require grad accumulates none");
  if (!is_leaf())
    fail("register_post_accumulate_grad_hook",
         "a computed tensor accumulates no gradient: hook a leaf, or use register_hook()");
  leaves_are_hooked.store(true, std::memory_order_relaxed);
  return tenon::add_hook(leaf_of(*this).after, std::move(hook));
}

void Tensor::retain_grad() const {
  if (!requires_grad()) fail("retain_grad", "a tensor that does not require grad has no gradient to retain");
  if (is_leaf() || retains_grad()) return;
  leaf_of(*this).retains = true;
  impl_->current_grad_fn()->retain_grad(impl_->output_nr, impl_->leaf);
}

bool Tensor::retains_grad() const { return checked()->leaf && impl_->leaf->retains; }

}  // namespace tenon
