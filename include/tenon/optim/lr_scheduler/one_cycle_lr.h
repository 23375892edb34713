#pragma once
#include <tenon/optim/lr_scheduler/lr_scheduler.h>
#include <tenon/optim/lr_scheduler/per_group.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

struct OneCycleOptions {
  std::optional<int64_t> total_steps = {};  ///< or both of these, whose product it is
  std::optional<int64_t> epochs = {}, steps_per_epoch = {};
  double pct_start = 0.3;               ///< how much of the steps the rate goes up
  std::string anneal_strategy = "cos";  ///< or "linear"
  bool cycle_momentum = true;           ///< momentum goes down as the rate goes up
  PerGroup<double> base_momentum = 0.85, max_momentum = 0.95;
  double div_factor = 25;         ///< the first rate is max_lr / div_factor
  double final_div_factor = 1e4;  ///< the last is the first / final_div_factor
  bool three_phase = false;  ///< down to the first rate in as many steps as up, then to the last; or all the way down
  int64_t last_epoch = -1;   ///< see LRScheduler
};

/// Up to max_lr and down to much less in one cycle over the whole training; called after each batch, total_steps times
/// at the most. Source: torch.optim.lr_scheduler.OneCycleLR.
class OneCycleLR final : public LRScheduler {
 public:
  OneCycleLR(Optimizer& optimizer, const PerGroup<double>& max_lr, const OneCycleOptions& options = {});

 private:
  /// Until end_step from one of a group's entries to another.
  struct Phase {
    double end_step;
    std::string start_lr, end_lr, start_momentum, end_momentum;
  };

  std::vector<double> get_lr() const override;
  void save(Dict& state_dict) const override;
  void load(const Dict& state_dict) override;
  double annealed(const ParamGroup& group, const std::string& start, const std::string& end, double part) const;
  static int64_t total_steps_of(const OneCycleOptions& options, std::string_view whose);

  int64_t total_steps_;
  std::vector<Phase> phases_;
  std::string anneal_strategy_;
  bool cycle_momentum_, use_beta1_ = false;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
