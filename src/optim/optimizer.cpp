#include <tenon/optim/optimizer.h>

#include <map>
#include <unordered_set>

#include <fmt/format.h>

#include <tenon/autograd.h>

#include "optim/hooks.h"

namespace tenon::optim {

std::vector<Tensor> ParamGroup::parameters() const {
  std::vector<Tensor> all;
  all.reserve(states_.size());
  for (const ParameterState& s : states_) all.push_back(s.parameter);
  return all;
}

const Field& ParamGroup::field(const Fields& all, std::string_view name) {
  std::vector<std::string_view> names;
  for (const Field& field : all) {
    if (field.name() == name && !field.is_carried()) return field;
    if (!field.is_carried()) names.push_back(field.name());
  }
  fail("ParamGroup", "there is no option '{}'; there are '{}'", name, fmt::join(names, "', '"));
}

Value ParamGroup::option(std::string_view name) const {
  return field(const_cast<ParamGroup*>(this)->fields(), name).get();  // which is only read
}

void ParamGroup::set_option(std::string_view name, const Value& value) {
  const Dict named{{Key(name), value}};  // for errors
  field(fields(), name).set(named[name], "ParamGroup");
}

void Optimizer::take_group(const Parameters& parameters, std::unique_ptr<ParamGroup> group) {
  if (parameters.empty()) fail(name_, "expected parameters to optimize, got an empty list");
  group->check_options(name_);
  std::unordered_set<const TensorImpl*> taken;
  for (const auto& other : groups_)
    for (const ParameterState& s : other->states()) taken.insert(s.parameter.impl());
  for (const Tensor& p : parameters) {
    if (!p.defined())
      fail(name_, "a parameter is undefined; leave an empty slot (a layer without bias) out of the list");
    if (!p.is_leaf())
      fail(name_,
           "can't optimize a tensor of shape {} that an operation made; give the leaf that it was made from, or its "
           "detach()",
           p.shape().to_string());
    if (!taken.insert(p.impl()).second)
      fail(name_, "a parameter of shape {} appears twice, in one group or in two; it would be changed twice a step",
           p.shape().to_string());
    refuse_unfit(p);
    group->states().push_back({p});
  }
  if (has_state_from_the_start())
    for (ParameterState& s : group->states()) prepare_slots(*group, s, s.parameter);
  groups_.push_back(std::move(group));
}

const ParamGroup& Optimizer::group(std::size_t i) const {
  if (i >= groups_.size()) fail(name_, "there is no group {}: there are {}", i, groups_.size());
  return *groups_[i];
}

HookHandle Optimizer::register_step_pre_hook(OptimizerHook hook) {
  if (!hooks_) hooks_ = std::make_shared<Hooks>();
  return add_hook(hooks_->before, std::move(hook));
}
HookHandle Optimizer::register_step_post_hook(OptimizerHook hook) {
  if (!hooks_) hooks_ = std::make_shared<Hooks>();
  return add_hook(hooks_->after, std::move(hook));
}

std::string Optimizer::to_string() const {
  std::string text = name_ + " (";
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    std::map<std::string, std::string> lines;
    for (const Field& option : groups_[g]->fields()) lines.emplace(option.name(), option.to_string());
    for (const auto& [key, value] : groups_[g]->extra())
      lines.emplace(key.to_string(), value.is<std::string>() ? value.as<std::string>() : value.to_string());
    text += fmt::format("\nParameter Group {}\n", g);
    for (const auto& [name, value] : lines) text += fmt::format("    {}: {}\n", name, value);
  }
  return text + ")";
}

std::ostream& operator<<(std::ostream& out, const Optimizer& optimizer) {
  return tenon::detail::put(out, optimizer.to_string());
}

void Optimizer::zero_grad(bool set_to_none) {
  const NoGrad guard;
  for (const auto& group : groups_)
    for (const ParameterState& s : group->states()) {
      if (set_to_none) {
        s.parameter.set_grad({});
      } else if (const Tensor grad = s.parameter.grad(); grad.defined()) {
        const Tensor plain = grad.detach();  // outside the graph that create_graph may have recorded
        plain.zero_();
        s.parameter.set_grad(plain);
      }
    }
}

}  // namespace tenon::optim
