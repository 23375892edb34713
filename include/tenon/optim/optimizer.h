#pragma once
// What all optimizers share: groups of parameters with options, state for each parameter, state_dict. Source:
// torch.optim.Optimizer.
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenon/optim/options.h>
#include <tenon/tensor_list.h>
#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

/// What an optimizer is given: model.parameters(), any other range of tensors, or tensors in braces.
using Parameters = TensorList;

/// Tensors that an optimizer keeps for a parameter, in the order of its state slots; undefined before the first step.
struct ParameterState {
  Tensor parameter;
  SmallVector<Tensor, 4> slots = {};
};

/// One of them: its key in the state dict, and what it looks like.
struct StateSlot {
  std::string_view name;
  enum Kind {
    like_parameter,        ///< shaped as the parameter, and always there once there is a state
    maybe_like_parameter,  ///< the same, there only with some options
    step_count             ///< a 0-dim float32 tensor, as PyTorch keeps it
  } kind;
};

/// Parameters that are stepped with the same options. The options' own type is Group<Options>'s.
class ParamGroup {
 public:
  virtual ~ParamGroup() = default;

  std::vector<Tensor> parameters() const;
  virtual double lr() const = 0;
  /// For schedulers; nothing is checked.
  virtual void set_lr(double lr) = 0;
  /// What else the state dict holds for this group: a scheduler's initial_lr, or what PyTorch's user put there.
  Dict& extra() { return extra_; }
  const Dict& extra() const { return extra_; }

  // ---- for the optimizers
  std::vector<ParameterState>& states() { return states_; }
  const std::vector<ParameterState>& states() const { return states_; }
  virtual std::vector<detail::NamedOption> options_by_name() = 0;
  virtual void check_options(std::string_view optimizer) const = 0;
  virtual std::unique_ptr<ParamGroup> clone() const = 0;
  /// Becomes what `other`, a clone, has become: references to this group stay good.
  virtual void take(ParamGroup&& other) = 0;

 private:
  std::vector<ParameterState> states_;
  Dict extra_;
};

template <class Options>
class Group final : public ParamGroup {
 public:
  explicit Group(Options given) : options(std::move(given)) {}
  double lr() const override { return options.lr; }
  void set_lr(double lr) override { options.lr = lr; }
  std::vector<detail::NamedOption> options_by_name() override { return detail::named_options(options); }
  void check_options(std::string_view optimizer) const override { check(options, optimizer); }
  std::unique_ptr<ParamGroup> clone() const override { return std::make_unique<Group>(*this); }
  void take(ParamGroup&& other) override { *this = std::move(static_cast<Group&>(other)); }

  Options options;  ///< may be changed between steps
};

class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;  // schedulers point to it
  Optimizer& operator=(const Optimizer&) = delete;

  /// Changes every parameter that has a gradient; the others stay as they are, and so does their state.
  virtual void step() = 0;

  /// Drops all gradients; set_to_none = false fills them with zeros instead.
  void zero_grad(bool set_to_none = true);

  std::size_t group_count() const { return groups_.size(); }
  ParamGroup& group(std::size_t i) { return const_cast<ParamGroup&>(std::as_const(*this).group(i)); }
  const ParamGroup& group(std::size_t i) const;

  /// PyTorch's layout: {"state": {0: {"step": …, "exp_avg": …}, …}, "param_groups": [{"lr": …, …, "params": [0, 1]},
  /// …]}. The tensors are the optimizer's own: save or clone them before the next step.
  Dict state_dict() const;
  /// Takes a copy of what such a dict holds, from here or from PyTorch. Everything is checked before anything changes:
  /// groups and parameters must match in number, state in names and shapes. An option that an older file lacks stays as
  /// it is.
  void load_state_dict(const Dict& state_dict);
  void load_state_dict(const Value& state_dict) { load_state_dict(state_dict.as<Dict>()); }

  /// The class's name: "Adam".
  const std::string& name() const { return name_; }

 protected:
  Optimizer(std::string name, std::vector<StateSlot> slots) : name_(std::move(name)), slots_(std::move(slots)) {}

  /// Checks the parameters and the options, and takes the group; an error leaves the optimizer as it was.
  void take_group(const Parameters& parameters, std::unique_ptr<ParamGroup> group);
  std::vector<std::unique_ptr<ParamGroup>>& groups() { return groups_; }
  const std::vector<StateSlot>& slots() const { return slots_; }

 private:
  std::string name_;
  std::vector<StateSlot> slots_;
  std::vector<std::unique_ptr<ParamGroup>> groups_;
};

/// An optimizer with options of this type.
template <class OptionsT, class Overrides>
class OptimizerWith : public Optimizer {
 public:
  using Options = OptionsT;
  /// What a group is made from: `{model.encoder.parameters(), {.lr = 1e-5}}`.
  struct GroupOf {
    Parameters parameters;
    Overrides options = {};
  };

  /// Adds parameters, with the optimizer's options where the group sets none.
  void add_param_group(const GroupOf& group) {
    take_group(group.parameters, std::make_unique<Group<Options>>(detail::merge(defaults_, group.options)));
  }
  Group<Options>& group(std::size_t i) { return static_cast<Group<Options>&>(Optimizer::group(i)); }
  const Group<Options>& group(std::size_t i) const { return static_cast<const Group<Options>&>(Optimizer::group(i)); }
  /// What a group is given that sets nothing itself.
  const Options& defaults() const { return defaults_; }

 protected:
  OptimizerWith(std::string name, std::vector<StateSlot> slots, const std::vector<GroupOf>& groups,
                const Options& defaults)
      : Optimizer(std::move(name), std::move(slots)), defaults_(defaults) {
    if (groups.empty()) fail(this->name(), "expected at least one group of parameters, got none");
    for (const GroupOf& group : groups) add_param_group(group);
  }

 private:
  Options defaults_;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
