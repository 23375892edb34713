#pragma once
#include <tenon/optim/lr_scheduler/lr_scheduler.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

struct StepOptions {
  double gamma = 0.1;       ///< what a rate is multiplied by
  int64_t last_epoch = -1;  ///< see LRScheduler
};

/// gamma times the rate every step_size epochs. Source: torch.optim.lr_scheduler.StepLR.
class StepLR final : public LRScheduler {
 public:
  StepLR(Optimizer& optimizer, int64_t step_size, const StepOptions& options = {})
      : LRScheduler("StepLR", optimizer, options.last_epoch), step_size_(step_size), gamma_(options.gamma) {
    start();
  }

 private:
  double next_lr(double lr, double base_lr) const override;
  std::optional<double> closed_form_lr(double base_lr) const override;
  Fields fields() override { return {{"step_size", step_size_, at_least(1)}, {"gamma", gamma_}}; }

  int64_t step_size_;
  double gamma_;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
