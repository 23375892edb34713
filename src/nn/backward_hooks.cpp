#include "nn/backward_hooks.h"

#include <algorithm>

#include <tenon/creation.h>
#include <tenon/nn/module_base.h>

#include "backend/new_tensor.h"
#include "tape/node.h"
#include "tape/view.h"

namespace tenon::nn::detail {
namespace {

/// The same data as x, further on: as output `nr` of `node`. A view may not be changed in place.
Tensor behind(const Tensor& x, const Ref<Node>& node, std::size_t nr, bool is_view) {
  const Tensor y = new_alias(x);
  if (is_view) {
    track_view(y, x);
    track_views({y});
  }
  tenon::detail::attach(y, node, static_cast<uint32_t>(nr));
  return y;
}

}  // namespace

/// The last node of the module in a backward pass: its gradients are those of the module's inputs.
class BackwardHooks::InputsNode final : public Node {
 public:
  explicit InputsNode(Ref<BackwardHooks> call) : Node("full backward hook"), call_(std::move(call)) {}

  void apply(Grads& g) override {
    BackwardHooks& c = *call_;
    const std::vector<Place>& places = c.inputs_;
    // Without grad_output the gradients have not come through the module's outputs (a second derivative): no hook.
    if (Gradients grad_output = std::move(c.grad_output_); !grad_output.empty()) {
      Gradients grad_input(c.input_count_);
      for (std::size_t i = 0; i < places.size(); ++i) {
        const Place& p = places[i];
        grad_input[p.position] = g.in(i).defined() ? g.in(i) : zeros(p.shape, {p.dtype, p.device});
      }
      c.grad_output_.clear();
      c.run(HookKind::full_backward, grad_input, grad_output);
      for (std::size_t i = 0; i < places.size(); ++i)
        g.give(i, checked(grad_input[places[i].position], places[i], "full backward hook"));
    } else {
      for (std::size_t i = 0; i < places.size(); ++i) g.give(i, g.take_in(i));
    }
  }

 private:
  Ref<BackwardHooks> call_;
};

/// The first node of the module in a backward pass: its gradients are those of the module's outputs.
class BackwardHooks::OutputsNode final : public Node {
 public:
  explicit OutputsNode(Ref<BackwardHooks> call) : Node("full backward pre-hook"), call_(std::move(call)) {}

  void apply(Grads& g) override {
    BackwardHooks& c = *call_;
    const std::vector<Place>& places = c.outputs_;
    Gradients grad_output(c.output_count_);
    for (std::size_t i = 0; i < places.size(); ++i) grad_output[places[i].position] = g.take_in(i);
    Gradients none;
    c.run(HookKind::full_backward_pre, grad_output, none);
    for (std::size_t i = 0; i < places.size(); ++i) {
      Tensor& gradient = grad_output[places[i].position];
      gradient = checked(gradient, places[i], "full backward pre-hook");
      g.give(i, gradient);
    }
    if (!c.inputs_.empty()) {
      c.grad_output_ = std::move(grad_output);
      return;
    }
    Gradients grad_input(c.input_count_);
    c.run(HookKind::full_backward, grad_input, grad_output);
    if (std::any_of(grad_input.begin(), grad_input.end(), [](const Tensor& t) { return t.defined(); }))
      fail("full backward hook", "replaced the gradient of an input, but no input requires grad");
  }

 private:
  Ref<BackwardHooks> call_;
};

BackwardHooks::BackwardHooks(ModuleBase& module, const HookTable* of_all, const HookTable* of_module)
    : module_(module.tenon_state().hooks.made_for(module).shared()),
      tables_{Ref<const HookTable>(of_all), Ref<const HookTable>(of_module)} {}

void BackwardHooks::record_inputs(const TensorSlots& inputs) {
  const Tensors all = inputs.view();
  input_count_ = all.size();
  if (std::none_of(all.begin(), all.end(), on_tape)) return;
  const Ref<Node> node = Ref<Node>::adopt(new InputsNode(Ref<BackwardHooks>(this)));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Tensor& x = all[i];
    if (!x.defined()) continue;
    inputs_.push_back({i, x.shape(), x.dtype(), x.device()});
    node->add_input(x);
  }
  node->set_outputs(static_cast<uint32_t>(inputs_.size()));
  node->take_number();
  // A view: changed in place it would leave the caller's tensor with a history that is wrong, so that is refused.
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    Tensor& x = all[inputs_[i].position];
    if (on_tape(x)) x = behind(x, node, i, true);
  }
}

void BackwardHooks::record_outputs(const TensorSlots& outputs, const TensorSlots& inputs) {
  const Tensors all = outputs.view();
  output_count_ = all.size();
  if (std::none_of(all.begin(), all.end(), on_tape)) return;
  const Ref<Node> node = Ref<Node>::adopt(new OutputsNode(Ref<BackwardHooks>(this)));
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!on_tape(all[i])) continue;
    outputs_.push_back({i, all[i].shape(), all[i].dtype(), all[i].device()});
    node->add_input(all[i]);
  }
  node->set_outputs(static_cast<uint32_t>(outputs_.size()));
  node->take_number();
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    Tensor& y = all[outputs_[i].position];
    // The caller may change an output in place. Not where its data are somebody else's, too: an input's, a parameter's.
    const auto same_data = [&](const Tensor& x) { return x.defined() && x.shares_storage_with(y); };
    const Tensors in = inputs.view();
    const TensorImpl* base = y.impl()->base;  // a product that was reshaped has one of its own
    const bool is_seen = base && (base->use_count() > 1 || y.impl()->use_count() > 1);
    const bool is_view = is_seen || y.is_leaf() || std::any_of(in.begin(), in.end(), same_data);
    const Tensor made = std::exchange(y, behind(y, node, i, is_view));
    if (!is_view && made.impl()->use_count() > 1) track_view(made, y);  // who kept it sees such a change
  }
}

void BackwardHooks::run(HookKind kind, Gradients& first, Gradients& second) {
  ModuleBase* module = module_->module();
  if (!module) return;
  const auto pointers = [](Gradients& gradients) {
    std::vector<Tensor*> out;
    for (Tensor& g : gradients) out.push_back(&g);
    return out;
  };
  const std::vector<Tensor*> a = pointers(first), b = pointers(second);
  for (const Ref<const HookTable>& table : tables_) {
    if (!table) continue;
    for (const HookEntry& e : table->of(kind))
      if (!table->has_lost(e)) e.hook->call(*module, {a.data(), a.size()}, {b.data(), b.size()});
  }
}

Tensor BackwardHooks::checked(const Tensor& gradient, const Place& place, const char* hook) {
  if (!gradient.defined()) return {};
  if (gradient.shape() != place.shape)
    fail(hook, "expected a gradient of shape {}, got {}", place.shape.to_string(), gradient.shape().to_string());
  return gradient.dtype() == place.dtype ? gradient : gradient.to(place.dtype);
}

}  // namespace tenon::nn::detail
