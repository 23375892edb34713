#pragma once
#include <tenon/optim/lr_scheduler/lr_scheduler.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

struct PolynomialOptions {
  int64_t total_iters = 5;
  double power = 1;
  int64_t last_epoch = -1;  ///< see LRScheduler
};

/// From a group's rate down to 0 in total_iters epochs, along a polynomial of that power. Source:
/// torch.optim.lr_scheduler.PolynomialLR.
class PolynomialLR final : public LRScheduler {
 public:
  explicit PolynomialLR(Optimizer& optimizer, const PolynomialOptions& options = {})
      : LRScheduler("PolynomialLR", optimizer, options.last_epoch), options_(options) {
    start();
  }

 private:
  double next_lr(double lr, double base_lr) const override;
  std::optional<double> closed_form_lr(double base_lr) const override;
  Fields fields() override { return {{"total_iters", options_.total_iters}, {"power", options_.power}}; }

  PolynomialOptions options_;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
