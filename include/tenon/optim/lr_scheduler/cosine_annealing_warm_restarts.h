#pragma once
#include <tenon/optim/lr_scheduler/lr_scheduler.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

struct WarmRestartsOptions {
  int64_t T_mult = 1;       ///< each period is so many times as long as the one before
  double eta_min = 0;       ///< the lowest rate
  int64_t last_epoch = -1;  ///< see LRScheduler
};

/// From a group's rate down to eta_min along half a cosine in T_0 epochs, then again from the top. Source:
/// torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.
class CosineAnnealingWarmRestarts final : public LRScheduler {
 public:
  CosineAnnealingWarmRestarts(Optimizer& optimizer, int64_t T_0, const WarmRestartsOptions& options = {});

  void step() override;
  /// To any epoch, or to a part of one: step(epoch + batch / batches) after each batch.
  void step(double epoch);

 private:
  double next_lr(double lr, double base_lr) const override;
  Fields fields() override {
    return {{"T_0", t_0_, at_least(1)},
            {"T_i", t_i_, at_least(1)},
            {"T_mult", t_mult_, at_least(1)},
            {"eta_min", eta_min_},
            {"T_cur", t_cur_}};
  }

  int64_t t_0_, t_i_, t_mult_;
  double eta_min_, t_cur_;  ///< t_cur_ epochs of the period's t_i_ have gone
};

}  // namespace tenon::optim

#pragma GCC visibility pop
