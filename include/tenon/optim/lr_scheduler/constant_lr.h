#pragma once
#include <tenon/optim/lr_scheduler/lr_scheduler.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

struct ConstantOptions {
  double factor = 1.0 / 3;  ///< in [0, 1]
  int64_t total_iters = 5;
  int64_t last_epoch = -1;  ///< see LRScheduler
};

/// factor times a group's rate for total_iters epochs, then the rate itself. Source:
/// torch.optim.lr_scheduler.ConstantLR.
class ConstantLR final : public LRScheduler {
 public:
  explicit ConstantLR(Optimizer& optimizer, const ConstantOptions& options = {})
      : LRScheduler("ConstantLR", optimizer, options.last_epoch), options_(options) {
    start();
  }

 private:
  double next_lr(double lr, double base_lr) const override;
  std::optional<double> closed_form_lr(double base_lr) const override;
  Fields fields() override { return {{"factor", options_.factor, Range{0, 1}}, {"total_iters", options_.total_iters}}; }

  ConstantOptions options_;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
