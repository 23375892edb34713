#pragma once
// Learning rates that change over the epochs. Source: torch.optim.lr_scheduler.
#include <cstdint>
#include <vector>

#include <tenon/optim/optimizer.h>
#include <tenon/value.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

/// Sets the learning rate of every group of an optimizer, which must outlive it. Call step() after the optimizer's,
/// mostly once an epoch. A class of one's own defines get_lr() and calls start() at the end of its constructor.
class LRScheduler {
 public:
  virtual ~LRScheduler() = default;
  LRScheduler(const LRScheduler&) = delete;
  LRScheduler& operator=(const LRScheduler&) = delete;

  void step();
  /// The rates in use, one a group.
  const std::vector<double>& get_last_lr() const { return last_lr_; }
  int64_t last_epoch() const { return last_epoch_; }

  /// What PyTorch's scheduler of that name writes, under the same keys.
  Dict state_dict() const;
  /// Takes such a dict; it is checked before anything changes. The optimizer's rates are the optimizer's own state:
  /// load that as well.
  void load_state_dict(const Dict& state_dict);
  void load_state_dict(const Value& state_dict) { load_state_dict(state_dict.as<Dict>()); }

 protected:
  /// last_epoch = -1 begins a schedule; another value continues one, on an optimizer whose state dict was loaded
  /// before.
  LRScheduler(std::string_view name, Optimizer& optimizer, int64_t last_epoch);
  void start();

  /// The rates for last_epoch(), computed from those of the epoch before (chainable, as PyTorch's).
  virtual std::vector<double> get_lr() const = 0;
  /// What the class adds to the state dict, before the common keys; load() throws before it changes anything.
  virtual void save(Dict& state_dict) const = 0;
  virtual void load(const Dict& state_dict) = 0;

  Optimizer& optimizer() const { return optimizer_; }
  const std::vector<double>& base_lrs() const { return base_lrs_; }
  /// The rates that the groups have now.
  std::vector<double> current_lr() const;
  bool starting() const { return starting_; }
  int64_t step_count() const { return step_count_; }

 private:
  void check_kind(const Dict& state_dict) const;

  std::string name_;
  Optimizer& optimizer_;
  std::vector<double> base_lrs_, last_lr_;
  int64_t last_epoch_, step_count_ = 0;
  bool starting_ = false;
};

struct CosineAnnealingOptions {
  double eta_min = 0;       ///< the lowest rate
  int64_t last_epoch = -1;  ///< see LRScheduler
};

/// From a group's rate down to eta_min in T_max steps along half a cosine, and up again. Source:
/// torch.optim.lr_scheduler.CosineAnnealingLR.
class CosineAnnealingLR final : public LRScheduler {
 public:
  CosineAnnealingLR(Optimizer& optimizer, int64_t T_max, const CosineAnnealingOptions& options = {});

 protected:
  std::vector<double> get_lr() const override;
  void save(Dict& state_dict) const override;
  void load(const Dict& state_dict) override;

 private:
  int64_t t_max_;
  double eta_min_;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
