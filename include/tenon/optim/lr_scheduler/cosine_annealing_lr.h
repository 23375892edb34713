#pragma once
#include <tenon/optim/lr_scheduler/lr_scheduler.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

struct CosineAnnealingOptions {
  double eta_min = 0;       ///< the lowest rate
  int64_t last_epoch = -1;  ///< see LRScheduler
};

/// From a group's rate down to eta_min in T_max steps along half a cosine, and up again. Source:
/// torch.optim.lr_scheduler.CosineAnnealingLR.
class CosineAnnealingLR final : public LRScheduler {
 public:
  CosineAnnealingLR(Optimizer& optimizer, int64_t T_max, const CosineAnnealingOptions& options = {});

 private:
  double next_lr(double lr, double base_lr) const override;
  std::optional<double> closed_form_lr(double base_lr) const override;
  Fields fields() override { return {{"T_max", t_max_, at_least(1)}, {"eta_min", eta_min_}}; }

  int64_t t_max_;
  double eta_min_;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
