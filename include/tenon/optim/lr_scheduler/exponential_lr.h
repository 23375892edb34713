#pragma once
#include <tenon/optim/lr_scheduler/lr_scheduler.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

struct ExponentialOptions {
  int64_t last_epoch = -1;  ///< see LRScheduler
};

/// gamma times the rate every epoch. Source: torch.optim.lr_scheduler.ExponentialLR.
class ExponentialLR final : public LRScheduler {
 public:
  ExponentialLR(Optimizer& optimizer, double gamma, const ExponentialOptions& options = {})
      : LRScheduler("ExponentialLR", optimizer, options.last_epoch), gamma_(gamma) {
    start();
  }

 private:
  double next_lr(double lr, double base_lr) const override;
  std::optional<double> closed_form_lr(double base_lr) const override;
  Fields fields() override { return {{"gamma", gamma_}}; }

  double gamma_;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
