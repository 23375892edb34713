// Optimizer::state_dict and load_state_dict, for all optimizers alike.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include <tenon/autograd.h>
#include <tenon/creation.h>
#include <tenon/optim/optimizer.h>

#include "optim/follow.h"
#include "optim/saved.h"

namespace tenon::optim {
namespace {

/// An error for a group of another kind of optimizer, whose own options are not these. Not all must be there: PyTorch
/// has added some over the years.
void check_kind(ParamGroup& group, const Dict& saved, std::size_t number, std::string_view optimizer) {
  constexpr std::array<std::string_view, 8> of_all{"lr",      "weight_decay",   "eps",        "maximize",
                                                   "foreach", "differentiable", "capturable", "fused"};
  std::vector<std::string_view> own, missing;
  Dict others = saved;
  others.erase("params");
  others.erase("initial_lr");
  for (const std::string_view name : of_all) others.erase(Key(name));
  for (const Field& option : group.fields()) {
    others.erase(Key(option.name()));
    if (std::find(of_all.begin(), of_all.end(), option.name()) != of_all.end()) continue;
    own.push_back(option.name());
    if (!saved.contains(Key(option.name()))) missing.push_back(option.name());
  }
  if (2 * missing.size() <= own.size()) return;
  std::vector<std::string> found;
  for (const auto& [key, value] : others) found.push_back(key.quoted());
  if (found.empty()) return;  // only what all have
  fail(optimizer,
       "group {} was saved by another kind of optimizer: it has no '{}', but {}; make that kind, or load the model "
       "alone and begin anew",
       number, fmt::join(missing, "', '"), fmt::join(found, ", "));
}

/// Sets the options that the saved group holds, and keeps what it holds besides.
void read_options(ParamGroup& group, Dict saved, std::string_view optimizer) {
  Dict extra = saved;
  extra.erase("params");
  for (const Field& option : group.fields()) {
    extra.erase(option.name());
    Value* const value = saved.find(option.name());
    if (!value) continue;
    *value = with_numbers(*value);
    option.set(*value, optimizer);
  }
  group.extra() = std::move(extra);
}

}  // namespace

/// A copy of a saved tensor that steps can work on: contiguous, with the parameter's type and place.
Tensor Optimizer::loaded(const Value& value, const ParamGroup& group, std::size_t slot, const Tensor& p,
                         int64_t id) const {
  const auto& [name, kind, always] = slots_[slot];
  if (kind != SlotKind::tensor) {
    // files from before PyTorch 1.12 hold a number
    if (!value.is<Tensor>()) return tenon::tensor(value.as<float>(), {.device = kCPU});
    if (value.as<Tensor>().numel() != 1)
      fail(name_, "expected one number for '{}' of parameter {}, found shape {}", name, id,
           value.as<Tensor>().shape().to_string());
    return number(value.as<Tensor>());
  }
  const Tensor& t = value.as<Tensor>();
  Tensor copy = initial(group, slot, p);
  const Shape& wanted = copy.defined() ? copy.shape() : p.shape();
  if (t.shape() != wanted)
    fail(name_, "'{}' of parameter {} has shape {}, the parameter has {}{}", name, id, t.shape().to_string(),
         p.shape().to_string(), wanted == p.shape() ? "" : fmt::format(" and needs {}", wanted.to_string()));
  if (copy.defined()) follow(copy, p);
  else copy = empty(p.shape(), {.dtype = p.dtype(), .device = p.device()});
  return copy.copy_(t);
}

SmallVector<Tensor, 4> Optimizer::read_state(const Dict& saved, const ParamGroup& group, const Tensor& p,
                                             int64_t id) const {
  SmallVector<Tensor, 4> state(slots_.size());
  std::size_t known = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Value* value = saved.find(slots_[i].name);
    known += value != nullptr;
    if (value && !value->is_none()) {
      state[i] = loaded(*value, group, i, p, id);
    } else if (slots_[i].always) {
      fail(name_, "the state of parameter {} has no '{}': it was saved by another kind of optimizer, or is not whole",
           id, slots_[i].name);
    }
  }
  if (known == saved.size()) return state;
  for (const auto& [key, value] : saved) {
    bool ours = false;
    for (const StateSlot& slot : slots_) ours = ours || key == slot.name;
    if (!ours)
      fail(name_,
           "the state of parameter {} has {}, which this optimizer does not keep: it was saved by another kind, or "
           "with other options",
           id, key.quoted());
  }
  return state;
}

Dict Optimizer::state_dict() const {
  Dict state;
  Value::List groups;
  int64_t id = 0;
  for (const auto& group : groups_) {
    Dict saved;
    for (const Field& option : group->fields()) saved.set(option.name(), option.get());
    for (const auto& [key, value] : group->extra()) saved.set(key, value);
    std::vector<int64_t> ids;
    for (const ParameterState& s : group->states()) {
      Dict tensors;
      for (std::size_t i = 0; i < s.slots.size(); ++i)
        if (s.slots[i].defined()) tensors.set(slots_[i].name, s.slots[i]);
      if (!tensors.empty()) state.set(id, std::move(tensors));
      ids.push_back(id++);
    }
    saved.set("params", ids);
    groups.push_back(std::move(saved));
  }
  return Dict{{"state", std::move(state)}, {"param_groups", std::move(groups)}};
}

void Optimizer::load_state_dict(const Dict& state_dict) {
  const NoGrad guard;
  if (const auto other = what_else(state_dict, "param_groups"); !other.empty())
    fail(name_, "expected an optimizer's state dict, which has 'param_groups'; {}", other);
  const auto& saved_groups = state_dict["param_groups"].as<Value::List>();
  const auto& saved_state = state_dict["state"].as<Dict>();
  if (saved_groups.size() != groups_.size())
    fail(name_, "the state dict has {} parameter groups, the optimizer has {}", saved_groups.size(), groups_.size());

  // Everything is read into copies of the groups, which then take the groups' place.
  std::vector<std::unique_ptr<ParamGroup>> fresh;
  std::map<int64_t, std::pair<const ParamGroup*, ParameterState*>> by_id;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const auto& saved = saved_groups[g].as<Dict>();
    const auto ids = saved["params"].as<std::vector<int64_t>>();
    ParamGroup& group = *fresh.emplace_back(groups_[g]->clone());
    if (ids.size() != group.states().size())
      fail(name_, "group {} of the state dict has {} parameters, the optimizer's has {}", g, ids.size(),
           group.states().size());
    check_kind(group, saved, g, name_);
    read_options(group, saved, name_);
    group.check_options(name_);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      group.states()[i].slots = {};
      if (!by_id.emplace(ids[i], std::pair(&group, &group.states()[i])).second)
        fail(name_, "the state dict lists parameter {} twice", ids[i]);
    }
  }
  for (const auto& [key, value] : saved_state) {
    const auto found = by_id.find(key.integer());
    if (found == by_id.end())
      fail(name_, "the state dict has state for parameter {}, which is in none of its groups", key);
    if (value.as<Dict>().empty()) continue;
    const auto& [group, state] = found->second;
    state->slots = read_state(value.as<Dict>(), *group, state->parameter, found->first);
  }
  for (std::size_t g = 0; g < groups_.size(); ++g) groups_[g]->take(std::move(*fresh[g]));
}

}  // namespace tenon::optim
