// Optimizer::step, for all optimizers alike: gradients are checked and made fit for kernels, slots made and moved.
#include <tenon/autograd.h>
#include <tenon/creation.h>
#include <tenon/ops.h>
#include <tenon/optim/optimizer.h>

#include "optim/follow.h"
#include "optim/hooks.h"
#include "tensor/carried.h"

namespace tenon::optim {

Step::Step(const Optimizer& optimizer, ParameterState& state, Tensor gradient)
    : grad(std::move(gradient)), optimizer_(&optimizer), state_(&state) {
  const Tensor& parameter = state.parameter;
  if (grad.shape() != parameter.shape() || grad.device() != parameter.device())
    fail(optimizer.name(), "expected a gradient like its parameter, of shape {} on {}; got shape {} on {}",
         parameter.shape().to_string(), parameter.device(), grad.shape().to_string(), grad.device());
  if (!parameter.is_floating_point())
    fail(optimizer.name(), "expected a parameter of a floating-point type, got {}", parameter.dtype());
  refuse_carried(parameter.dtype());
  if (grad.dtype() != parameter.dtype()) grad = grad.to(parameter.dtype());
  if (!grad.is_contiguous()) grad = grad.contiguous();
  p = parameter.is_contiguous() ? parameter : parameter.contiguous();
}

/// Makes the change visible: in the parameter's own memory, and to whoever saved it for a backward pass.
void Step::finish() const {
  const Tensor& parameter = state_->parameter;
  if (!parameter.is_contiguous()) parameter.copy_(p);
  else parameter.impl()->storage->version.fetch_add(1, std::memory_order_relaxed);
}

Tensor& Step::operator[](std::string_view name) const {
  const auto& slots = optimizer_->slots_;
  for (std::size_t i = 0; i < slots.size(); ++i)
    if (slots[i].name == name) return state_->slots[i];
  fail(optimizer_->name(), "there is no slot '{}': the class lists them in its public member `slots`", name);
}

Tensor Step::direction(bool maximize, double weight_decay) const {
  const Tensor down = maximize ? grad.neg() : grad;
  return weight_decay == 0 ? down : down.add(p, weight_decay);
}

/// Makes the slots that these options need, and brings those that are there to where the parameter is.
void Optimizer::prepare_slots(const ParamGroup& group, ParameterState& state, const Tensor& p) const {
  auto& kept = state.slots;
  if (kept.empty()) kept.resize(slots_.size());
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Tensor& slot = kept[i];
    const bool is_number = slots_[i].kind != SlotKind::tensor;
    if (!slot.defined()) {
      if (!slots_[i].always && !needs(group, i, p)) continue;
      slot = initial(group, i, p);
      if (is_number) slot = number(slot);
      else if (!slot.defined()) slot = zeros(p.shape(), {.dtype = p.dtype(), .device = p.device()});
    }
    if (!is_number) follow(slot, p);
  }
}

double Optimizer::count_step(ParameterState& state) const {
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].kind == SlotKind::step_count) return ++*state.slots[i].data<float>();
  return 0;
}

Tensor Optimizer::step(const Closure& closure) {
  if (hooks_) Hooks::run(hooks_->before, *this);
  Tensor loss = take_step(closure);
  if (hooks_) Hooks::run(hooks_->after, *this);
  return loss;
}

Tensor Optimizer::take_step(const Closure& closure) {
  Tensor loss;
  if (closure) {
    const EnableGrad recording;
    loss = closure();
  }
  const NoGrad guard;
  std::size_t parameters = 0;
  for (const auto& group : groups_) parameters += group->states().size();
  std::vector<Step> ready;  // all of them: what is wrong with one is found before another changes
  ready.reserve(parameters);
  std::vector<std::size_t> ends;
  for (const auto& group : groups_) {
    for (ParameterState& state : group->states())
      if (Tensor grad = state.parameter.grad(); grad.defined()) ready.push_back(Step(*this, state, std::move(grad)));
    ends.push_back(ready.size());
  }
  for (std::size_t g = 0, begin = 0; g < groups_.size(); begin = ends[g++]) {
    const std::span<Step> steps(ready.data() + begin, ends[g] - begin);
    if (steps.empty()) continue;
    for (Step& step : steps) {
      prepare_slots(*groups_[g], *step.state_, step.p);
      step.count = count_step(*step.state_);
    }
    update_group(*groups_[g], steps);
    for (const Step& step : steps) step.finish();
  }
  return loss;
}

}  // namespace tenon::optim
