#include <tenon/function.h>

#include <cxxabi.h>

#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "base/fork.h"
#include "ops/common.h"
#include "ops/shape/view.h"
#include "tape/view.h"

namespace tenon::autograd {
namespace {

std::mutex naming;
[[maybe_unused]] const bool is_held = hold_across_forks(ProcessLock::function_names, naming);

/// A name that lives as long as the program, as nodes want it.
const char* name_of(const std::type_info& type) {
  const std::lock_guard lock(naming);
  static auto& names = *new std::map<const std::type_info*, std::string>;  // never destroyed: nodes may outlive it
  const auto [at, fresh] = names.try_emplace(&type);
  if (fresh) {
    int status = 0;
    char* text = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
    at->second = text ? text : type.name();
    std::free(text);
    at->second.erase(0, at->second.rfind(':') + 1);
  }
  return at->second.c_str();
}

/// An input that is returned unchanged and without a gradient: another handle of it, which is not on the tape.
Tensor passed_on(const Tensor& input) {
  if (input.requires_grad()) return new_alias(input);
  const NoGrad guard;
  return view_of(input, input.shape(), input.strides(), input.storage_offset());
}

bool among(const Tensor& x, const std::vector<Tensor>& all) {
  return std::any_of(all.begin(), all.end(), [&](const Tensor& t) { return t.is_same(x); });
}

}  // namespace

class detail::FunctionNode final : public Node {
 public:
  FunctionNode(const char* name, std::unique_ptr<Context> context, Backward backward, bool once)
      : Node(name), context_(std::move(context)), backward_(std::move(backward)), once_(once) {
    context_->node_ = this;
  }

  void describe(const std::vector<Tensor>& inputs, const std::vector<Tensor*>& outputs) {
    for (const Tensor& x : inputs) inputs_.push_back(x.defined() ? std::optional<Like>(x) : std::nullopt);
    for (const Tensor* y : outputs) outputs_.push_back(y->defined() ? std::optional<Like>(*y) : std::nullopt);
  }

  void apply(Grads& g) override {
    std::vector<Tensor> in;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      in.push_back(g.take_in(i));
      if (const auto& like = outputs_[i]; !in[i].defined() && like && context_->materialize_)
        in[i] = zeros(like->shape, {like->dtype, like->device});
    }
    std::vector<Tensor> out;
    {
      const SetGradEnabled mode(is_grad_enabled() && !once_);
      out = backward_(*context_, in);
    }
    if (out.size() != inputs_.size())
      fail(name(), "backward must return a gradient for each of {} tensors that forward takes, got {}", inputs_.size(),
           out.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (!out[i].defined() || !g.needs(i)) continue;
      Tensor fitting = fitted(out[i], *inputs_[i], i);
      if (once_ && is_grad_enabled()) fitting = never_again(fitting);
      g.give(i, std::move(fitting));
    }
  }

 private:
  /// A gradient must broadcast from its input's shape, as that of a result of broadcasting does.
  Tensor fitted(const Tensor& g, const Like& like, std::size_t i) const {
    if (g.shape() != like.shape && broadcast_shapes(g.shape(), like.shape, name()) != g.shape())
      fail(name(), "backward must return a gradient of shape {} for input {}, got {}", like.shape.to_string(), i,
           g.shape().to_string());
    if (g.device() != like.device)
      fail(name(), "backward must return a gradient on {} for input {}, got one on {}", like.device, i, g.device());
    return reduce_to(g, like);
  }
  Tensor never_again(const Tensor& g) const {
    const Tensor y = new_alias(g);
    Ref<Node> node = new_node(name(), [name = name()](Grads&) {
      fail(name, "a second derivative was asked for, but this function is once_differentiable");
    });
    node->take_number();
    tenon::detail::attach(y, std::move(node));
    return y;
  }

  std::unique_ptr<Context> context_;
  Backward backward_;
  bool once_;
  std::vector<std::optional<Like>> inputs_, outputs_;
};

void detail::record_function(const std::type_info& function, std::unique_ptr<Context> context,
                             const std::vector<Tensor>& inputs, const std::vector<Tensor*>& outputs, Backward backward,
                             bool once_differentiable) {
  Context& c = *context;
  const bool recorded = is_grad_enabled() && std::any_of(inputs.begin(), inputs.end(), on_tape);
  const char* name = name_of(function);
  for (const Tensor& x : c.dirty_) {
    tenon::detail::check_inplace(x, name, recorded);
    if (std::none_of(outputs.begin(), outputs.end(), [&](const Tensor* y) { return y->is_same(x); }))
      fail(name, "an input that was changed in place (mark_dirty) must be returned as well");
  }
  if (!recorded) {
    for (Tensor* y : outputs)
      if (y->defined() && among(*y, inputs) && (y->requires_grad() || !among(*y, c.dirty_))) *y = passed_on(*y);
    return;
  }
  auto* made = new FunctionNode(name, std::move(context), std::move(backward), once_differentiable);
  const Ref<Node> node = Ref<Node>::adopt(made);
  made->describe(inputs, outputs);
  made->set_outputs(static_cast<uint32_t>(outputs.size()));
  for (const Tensor& x : inputs) made->add_input(x);
  for (const Tensor& x : c.to_save_) tenon::detail::save(*made, &x, outputs);
  c.saved_ = std::exchange(c.to_save_, {}).size();
  made->take_number();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    Tensor& y = *outputs[i];
    if (!y.defined()) continue;
    if (!y.is_floating_point() || among(y, c.non_differentiable_)) {
      if (among(y, inputs) && !among(y, c.dirty_)) y = passed_on(y);
      continue;
    }
    if (among(y, c.dirty_)) {
      const Tensor value = new_alias(y);
      tenon::detail::attach(value, node, static_cast<uint32_t>(i));
      tenon::detail::rebase(y, value);
      continue;
    }
    if (among(y, inputs)) y = new_alias(y);
    tenon::detail::attach(y, node, static_cast<uint32_t>(i));
  }
  c.dirty_.clear();
  c.non_differentiable_.clear();
}

void Context::save_for_backward(TensorList tensors) {
  if (node_) fail("save_for_backward", "called in backward: it belongs into forward");
  to_save_ = std::move(tensors);
}

std::vector<Tensor> Context::saved_tensors() const {
  if (!node_) return to_save_;  // still in forward
  std::vector<Tensor> all;
  for (std::size_t i = 0; i < saved_; ++i) all.push_back(node_->saved(i));
  return all;
}

void Context::mark_non_differentiable(TensorList outputs) { non_differentiable_ = std::move(outputs); }
void Context::mark_dirty(TensorList inputs) { dirty_ = std::move(inputs); }
bool Context::needs_input_grad(std::size_t i) const {
  if (i >= needs_.size()) fail("needs_input_grad", "there is no input {}: forward takes {} tensors", i, needs_.size());
  return needs_[i];
}

}  // namespace tenon::autograd
