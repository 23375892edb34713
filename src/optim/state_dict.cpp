// Optimizer::state_dict and load_state_dict, for all optimizers alike.
#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include <tenon/autograd.h>
#include <tenon/creation.h>
#include <tenon/optim/optimizer.h>

#include "optim/saved.h"

namespace tenon::optim {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

Value option_value(const detail::NamedOption& option) {
  return std::visit(Overloaded{[](const detail::Foreign& f) { return f.is_none ? Value() : Value(false); },
                               [](const auto* member) { return Value(*member); }},
                    option.value);
}

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
  for (const detail::NamedOption& option : group.options_by_name()) {
    others.erase(Key(option.name));
    if (std::find(of_all.begin(), of_all.end(), option.name) != of_all.end()) continue;
    own.push_back(option.name);
    if (!saved.contains(Key(option.name))) missing.push_back(option.name);
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
  for (const detail::NamedOption& option : group.options_by_name()) {
    extra.erase(option.name);
    if (!saved.contains(option.name)) continue;
    Value* const value = &saved[option.name];
    *value = with_numbers(*value);
    std::visit(Overloaded{[&](const detail::Foreign&) {},  // how PyTorch computed it, not what
                          [&](std::array<double, 2>* pair) {
                            const auto both = value->as<std::vector<double>>();
                            if (both.size() != 2)
                              fail(optimizer, "expected two numbers for '{}', found {}", option.name, both.size());
                            *pair = {both[0], both[1]};
                          },
                          [&]<class T>(T* member) { *member = value->as<T>(); }},
               option.value);
  }
  group.extra() = std::move(extra);
}

/// A copy of a saved tensor that steps can work on: contiguous, with the parameter's type and place.
Tensor taken(const Value& value, const StateSlot& slot, const Tensor& parameter, int64_t id,
             std::string_view optimizer) {
  if (slot.kind == StateSlot::step_count) {
    // files from before PyTorch 1.12 hold a number
    if (!value.is<Tensor>()) return tenon::tensor(value.as<float>(), {.device = kCPU});
    if (value.as<Tensor>().numel() != 1)
      fail(optimizer, "expected one number for '{}' of parameter {}, found shape {}", slot.name, id,
           value.as<Tensor>().shape().to_string());
    return tenon::tensor(value.as<Tensor>().item<float>(), {.device = kCPU});
  }
  const Tensor& t = value.as<Tensor>();
  if (t.shape() != parameter.shape())
    fail(optimizer, "'{}' of parameter {} has shape {}, the parameter has {}", slot.name, id, t.shape().to_string(),
         parameter.shape().to_string());
  const Tensor copy = empty(parameter.shape(), {.dtype = parameter.dtype(), .device = parameter.device()});
  return copy.copy_(t);
}

SmallVector<Tensor, 4> read_state(const Dict& saved, const std::vector<StateSlot>& slots, const Tensor& parameter,
                                  int64_t id, std::string_view optimizer) {
  SmallVector<Tensor, 4> state(slots.size());
  std::size_t known = 0;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Value* value = saved.find(slots[i].name);
    known += value != nullptr;
    if (value && !value->is_none()) {
      state[i] = taken(*value, slots[i], parameter, id, optimizer);
    } else if (slots[i].kind != StateSlot::maybe_like_parameter) {
      fail(optimizer,
           "the state of parameter {} has no '{}': it was saved by another kind of optimizer, or is not whole", id,
           slots[i].name);
    }
  }
  if (known == saved.size()) return state;
  for (const auto& [key, value] : saved) {
    bool ours = false;
    for (const StateSlot& slot : slots) ours = ours || key == slot.name;
    if (!ours)
      fail(optimizer,
           "the state of parameter {} has {}, which this optimizer does not keep: it was saved by another kind, or "
           "with other options",
           id, key.quoted());
  }
  return state;
}

}  // namespace

Dict Optimizer::state_dict() const {
  Dict state;
  Value::List groups;
  int64_t id = 0;
  for (const auto& group : groups_) {
    Dict saved;
    for (const detail::NamedOption& option : group->options_by_name()) saved.set(option.name, option_value(option));
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
  std::unordered_map<int64_t, ParameterState*> by_id;
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
      if (!by_id.emplace(ids[i], &group.states()[i]).second)
        fail(name_, "the state dict lists parameter {} twice", ids[i]);
    }
  }
  for (const auto& [key, value] : saved_state) {
    const auto found = by_id.find(key.integer());
    if (found == by_id.end())
      fail(name_, "the state dict has state for parameter {}, which is in none of its groups", key);
    if (value.as<Dict>().empty()) continue;
    found->second->slots = read_state(value.as<Dict>(), slots_, found->second->parameter, found->first, name_);
  }
  for (std::size_t g = 0; g < groups_.size(); ++g) groups_[g]->take(std::move(*fresh[g]));
}

}  // namespace tenon::optim
