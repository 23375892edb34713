#pragma once
// Learning rates that change over the epochs. Source: torch.optim.lr_scheduler.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenon/optim/optimizer.h>
#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

/// Sets the learning rate of every group of an optimizer, which must outlive it. Call step() after the optimizer's,
/// mostly once an epoch. A class of one's own defines next_lr(), names what it must save in fields(), and calls start()
/// at the end of its constructor.
class LRScheduler {
 public:
  virtual ~LRScheduler() = default;
  LRScheduler(const LRScheduler&) = delete;
  LRScheduler& operator=(const LRScheduler&) = delete;

  virtual void step();
  /// The rates in use, one a group.
  const std::vector<double>& get_last_lr() const { return last_lr_; }
  int64_t last_epoch() const { return last_epoch_; }

  /// What PyTorch's scheduler of that name writes, under the same keys.
  virtual Dict state_dict() const;
  /// Takes such a dict; it is checked before anything changes. The optimizer's rates are the optimizer's own state:
  /// load that as well.
  virtual void load_state_dict(const Dict& state_dict);
  void load_state_dict(const Value& state_dict) { load_state_dict(state_dict.as<Dict>()); }

 protected:
  /// last_epoch = -1 begins a schedule; another value continues one, on an optimizer whose state dict was loaded
  /// before.
  LRScheduler(std::string_view name, Optimizer& optimizer, int64_t last_epoch = -1);
  /// Begins the schedule: the rates that the groups have now, or had when an earlier scheduler began, are those that it
  /// is computed from.
  void start();

  /// A group's rate for last_epoch(), computed from that of the epoch before (chainable, as PyTorch's) or from the one
  /// that the schedule began with.
  virtual double next_lr(double lr, double base_lr) const;
  /// The rates of all groups, where they are not each by itself: next_lr() of each.
  virtual std::vector<double> get_lr() const;
  /// A group's rate for last_epoch() by the one that the schedule began with alone, if there is a formula for that: how
  /// a schedule begins where SequentialLR comes to it, otherwise by get_lr().
  virtual std::optional<double> closed_form_lr(double base_lr) const;
  /// What the class adds to the state dict, before the common keys, and what it must be; start() and load_state_dict()
  /// check it: `return {{"step_size", step_size_, at_least(1)}, {"gamma", gamma_}};`.
  virtual Fields fields() { return {}; }
  /// The same by hand, for what fields() cannot say; load() throws before it changes anything.
  virtual void save(Dict& state_dict) const;
  virtual void load(const Dict& state_dict);
  /// An error for fields that are out of range.
  void check_fields();
  /// An error for the state dict of another kind of scheduler.
  void check_kind(const Dict& state_dict) const;
  /// An error where a state dict has not a number for each group there.
  void check_size(const Dict& state_dict, std::string_view key) const;

  Optimizer& optimizer() const { return optimizer_; }
  const std::string& name() const { return name_; }
  const std::vector<double>& base_lrs() const { return base_lrs_; }
  /// The rates that the groups have now.
  std::vector<double> current_lr() const;
  /// Sets the groups' rates.
  void set_lr(std::vector<double> rates);
  bool starting() const { return starting_; }
  int64_t step_count() const { return step_count_; }
  void set_base_lrs(std::vector<double> base_lrs) { base_lrs_ = std::move(base_lrs); }

  int64_t last_epoch_;
  std::vector<double> last_lr_;

 private:
  friend class CompositeLR;
  friend class SequentialLR;
  std::vector<double> initial_lrs() const;
  void first_step();
  /// Takes back the epoch of the first step, which SequentialLR makes again.
  virtual void undo_first_step() { --last_epoch_; }
  /// Begins the schedule now, which another has brought here.
  virtual void begin_here();

  std::string name_;
  Optimizer& optimizer_;
  std::vector<double> base_lrs_;
  int64_t step_count_ = 0;
  bool starting_ = false;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
