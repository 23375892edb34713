#pragma once
#include <string>

#include <tenon/optim/lr_scheduler/lr_scheduler.h>
#include <tenon/optim/lr_scheduler/per_group.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

struct SWALROptions {
  int64_t anneal_epochs = 10;           ///< steps until the rate is swa_lr; ≥ 0
  std::string anneal_strategy = "cos";  ///< or "linear"
  int64_t last_epoch = -1;              ///< see LRScheduler
};

/// From the rates that the groups have when it begins to step, to swa_lr, at which they stay: for the end of a training
/// whose weights are averaged (AveragedModel). Source: torch.optim.swa_utils.SWALR.
class SWALR final : public LRScheduler {
 public:
  SWALR(Optimizer& optimizer, const PerGroup<double>& swa_lr, const SWALROptions& options = {});

 private:
  std::vector<double> get_lr() const override;
  void save(Dict& state_dict) const override;
  void load(const Dict& state_dict) override;
  /// How much of the way is gone after so many steps.
  double annealed(int64_t steps) const;

  std::string anneal_strategy_;
  int64_t anneal_epochs_;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
