#include <tenon/optim/optimizer.h>

#include <unordered_set>

#include <fmt/format.h>

#include <tenon/autograd.h>

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
    group->states().push_back({p});
  }
  groups_.push_back(std::move(group));
}

const ParamGroup& Optimizer::group(std::size_t i) const {
  if (i >= groups_.size()) fail(name_, "there is no group {}: there are {}", i, groups_.size());
  return *groups_[i];
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
