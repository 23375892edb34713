#pragma once
// What all optimizers share: groups of parameters with options, state for each parameter, step(), state_dict(). Source:
// torch.optim.Optimizer.
#include <concepts>
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include <tenon/format.h>
#include <tenon/hook.h>
#include <tenon/optim/options.h>
#include <tenon/optim/step.h>
#include <tenon/tensor_list.h>
#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

/// What an optimizer is given: model.parameters(), any other range of tensors, or tensors in braces.
using Parameters = TensorList;

// ---------------------------------------------------------------- groups
/// Parameters that are stepped with the same options. The options' own type is Group<Options>'s.
class ParamGroup {
 public:
  virtual ~ParamGroup() = default;

  std::vector<Tensor> parameters() const;
  virtual double lr() const = 0;
  /// For schedulers; nothing is checked.
  virtual void set_lr(double lr) = 0;
  /// Any option by its name, as PyTorch's group["momentum"]; an error where there is none of that name. Of a value
  /// that is set, nothing but the type is checked.
  Value option(std::string_view name) const;
  void set_option(std::string_view name, const Value& value);
  /// What else the state dict holds for this group: a scheduler's initial_lr, or what PyTorch's user put there.
  Dict& extra() { return extra_; }
  const Dict& extra() const { return extra_; }

  // ---- for the optimizers
  std::vector<ParameterState>& states() { return states_; }
  const std::vector<ParameterState>& states() const { return states_; }
  virtual Fields fields() = 0;
  virtual void check_options(std::string_view optimizer) = 0;
  virtual std::unique_ptr<ParamGroup> clone() const = 0;
  /// Becomes what `other`, a clone, has become: references to this group stay good.
  virtual void take(ParamGroup&& other) = 0;

 private:
  static const Field& field(const Fields& all, std::string_view name);

  std::vector<ParameterState> states_;
  Dict extra_;
};

template <class Options>
class Group final : public ParamGroup {
 public:
  explicit Group(Options given) : options(std::move(given)) {}
  double lr() const override { return options.lr; }
  void set_lr(double lr) override { options.lr = lr; }
  Fields fields() override { return options.fields(); }
  void check_options(std::string_view optimizer) override {
    for (const Field& field : fields()) field.check(optimizer);
    if constexpr (requires { check(options, optimizer); }) check(options, optimizer);
  }
  std::unique_ptr<ParamGroup> clone() const override { return std::make_unique<Group>(*this); }
  void take(ParamGroup&& other) override { *this = std::move(static_cast<Group&>(other)); }

  Options options;  ///< may be changed between steps
};

// ---------------------------------------------------------------- optimizers
/// What step() may be given: it drops the gradients, computes the loss, goes back from it, and returns it.
using Closure = std::function<Tensor()>;
using OptimizerHook = std::function<void(Optimizer&)>;

class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;  // schedulers point to it
  Optimizer& operator=(const Optimizer&) = delete;

  /// Changes every parameter that has a gradient; the others stay as they are, and so does their state. A closure is
  /// called first, and recorded; what it returns is returned, and nothing without one.
  Tensor step(const Closure& closure = {});

  /// Called when a step begins, before its closure, or when it has ended, in the order in which they were registered.
  HookHandle register_step_pre_hook(OptimizerHook hook);
  HookHandle register_step_post_hook(OptimizerHook hook);

  /// Drops all gradients; set_to_none = false fills them with zeros instead.
  void zero_grad(bool set_to_none = true);

  std::size_t group_count() const { return groups_.size(); }
  ParamGroup& group(std::size_t i) { return const_cast<ParamGroup&>(std::as_const(*this).group(i)); }
  const ParamGroup& group(std::size_t i) const;

  /// PyTorch's layout: {"state": {0: {"step": …, "exp_avg": …}, …}, "param_groups": [{"lr": …, …, "params": [0, 1]},
  /// …]}. The tensors are the optimizer's own: save or clone them before the next step.
  virtual Dict state_dict() const;
  /// Takes a copy of what such a dict holds, from here or from PyTorch. Everything is checked before anything changes:
  /// groups and parameters must match in number, state in names and shapes. An option that an older file lacks stays as
  /// it is.
  virtual void load_state_dict(const Dict& state_dict);
  void load_state_dict(const Value& state_dict) { load_state_dict(state_dict.as<Dict>()); }

  /// The class's name: "Adam".
  const std::string& name() const { return name_; }
  /// As PyTorch prints it: the groups' options, sorted by name.
  std::string to_string() const;

 protected:
  Optimizer(std::string name, std::vector<StateSlot> slots) : name_(std::move(name)), slots_(std::move(slots)) {}

  /// Checks the parameters and the options, and takes the group; an error leaves the optimizer as it was.
  void take_group(const Parameters& parameters, std::unique_ptr<ParamGroup> group);
  /// A step without its hooks.
  virtual Tensor take_step(const Closure& closure);

 private:
  friend class Step;
  struct Hooks;

  /// Changes parameters of one group, all that have a gradient.
  virtual void update_group(const ParamGroup& group, std::span<const Step> steps) = 0;
  virtual bool needs(const ParamGroup& group, std::size_t slot, const Tensor& p) const = 0;
  /// What the class says that a slot begins as; undefined where it says nothing.
  virtual Tensor initial(const ParamGroup& group, std::size_t slot, const Tensor& p) const = 0;
  /// An error for a parameter that the class has no use for.
  virtual void refuse_unfit(const Tensor& p) const = 0;
  virtual bool has_state_from_the_start() const = 0;

  void prepare_slots(const ParamGroup& group, ParameterState& state, const Tensor& p) const;
  double count_step(ParameterState& state) const;
  Tensor loaded(const Value& value, const ParamGroup& group, std::size_t slot, const Tensor& p, int64_t id) const;
  SmallVector<Tensor, 4> read_state(const Dict& saved, const ParamGroup& group, const Tensor& p, int64_t id) const;

  std::string name_;
  std::vector<StateSlot> slots_;
  std::vector<std::unique_ptr<ParamGroup>> groups_;
  std::shared_ptr<Hooks> hooks_;  ///< null before the first
};

/// Prints it as {} does.
std::ostream& operator<<(std::ostream& out, const Optimizer& optimizer);

/// What an optimizer derives from. `F` lists its options (SGDFields is an example). The class says, publicly,
///
///     static constexpr std::string_view class_name = "RMSprop";
///     static constexpr Slot slots[] = {{.name = "step", .kind = SlotKind::step_count}, {"square_avg"}};
///     using OptimizerOf::OptimizerOf;
///
/// where `slots` may be left out, and defines update(). What options must be together is said by a function
/// `check(options, name)` beside them, if there is one: it throws, and names the optimizer by `name`. So does a static
/// member `check_parameter(p, name)` for parameters. `static constexpr bool state_from_the_start = true;` makes the
/// slots with the group and not at the first step.
template <class Derived, template <template <class> class> class F>
class OptimizerOf : public Optimizer {
 public:
  using Options = F<Plain>;
  using Overrides = F<Override>;
  using Slot = SlotOf<Options>;
  /// What a group is made from: `{model.encoder.parameters(), {.lr = 1e-5}}`.
  struct GroupOf {
    Parameters parameters;
    Overrides options = {};
  };

  explicit OptimizerOf(const Parameters& parameters, const Options& options = {})
      : OptimizerOf(std::vector<GroupOf>{{parameters}}, options) {}
  /// Groups in braces, with options of their own.
  explicit OptimizerOf(const std::vector<GroupOf>& groups, const Options& options = {})
      : OptimizerOf(std::string(Derived::class_name), groups, options) {}

  /// Adds parameters, with the optimizer's options where the group sets none.
  void add_param_group(const GroupOf& group) {
    take_group(group.parameters, std::make_unique<Group<Options>>(detail::merge(defaults_, group.options)));
  }
  Group<Options>& group(std::size_t i) { return static_cast<Group<Options>&>(Optimizer::group(i)); }
  const Group<Options>& group(std::size_t i) const { return static_cast<const Group<Options>&>(Optimizer::group(i)); }
  /// What a group is given that sets nothing itself.
  const Options& defaults() const { return defaults_; }

 protected:
  OptimizerOf(std::string name, const std::vector<GroupOf>& groups, const Options& defaults)
      : Optimizer(std::move(name), declared_slots()), defaults_(defaults) {
    if (groups.empty()) fail(this->name(), "expected at least one group of parameters, got none");
    for (const GroupOf& group : groups) add_param_group(group);
  }

  /// Changes parameters of one group, all that have a gradient, in place: by operations, one after the other, or by a
  /// kernel that takes them all. Nothing is recorded meanwhile.
  virtual void update(const Options& options, std::span<const Step> steps) = 0;

 private:
  static std::vector<StateSlot> declared_slots() {
    std::vector<StateSlot> all;
    if constexpr (requires { Derived::slots; })
      for (const Slot& slot : Derived::slots) all.push_back({slot.name, slot.kind, slot.when == nullptr});
    return all;
  }
  static const Options& options_of(const ParamGroup& group) {
    return static_cast<const Group<Options>&>(group).options;
  }
  void update_group(const ParamGroup& group, std::span<const Step> steps) final { update(options_of(group), steps); }
  bool needs(const ParamGroup& group, std::size_t slot, const Tensor& p) const final {
    if constexpr (requires { Derived::slots; })
      return !Derived::slots[slot].when || Derived::slots[slot].when(options_of(group), p);
    else return false;
  }
  Tensor initial(const ParamGroup& group, std::size_t slot, const Tensor& p) const final {
    if constexpr (requires { Derived::slots; })
      if (Derived::slots[slot].initial) return Derived::slots[slot].initial(options_of(group), p);
    return {};
  }
  void refuse_unfit(const Tensor& p) const final {
    if constexpr (requires { Derived::check_parameter(p, name()); }) Derived::check_parameter(p, name());
  }
  bool has_state_from_the_start() const final {
    return requires { Derived::state_from_the_start; };
  }

  Options defaults_;
};

}  // namespace tenon::optim

template <std::derived_from<tenon::optim::Optimizer> T>
struct fmt::formatter<T> : tenon::detail::TextFormatter {
  auto format(const tenon::optim::Optimizer& o, fmt::format_context& c) const { return write(o.to_string(), c); }
};

#pragma GCC visibility pop
