#pragma once
#include <tenon/optim/lr_scheduler/lr_scheduler.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

struct LinearOptions {
  double start_factor = 1.0 / 3;  ///< in (0, 1]
  double end_factor = 1;          ///< in [0, 1]
  int64_t total_iters = 5;
  int64_t last_epoch = -1;  ///< see LRScheduler
};

/// From start_factor to end_factor of a group's rate in total_iters equal steps. Source:
/// torch.optim.lr_scheduler.LinearLR.
class LinearLR final : public LRScheduler {
 public:
  explicit LinearLR(Optimizer& optimizer, const LinearOptions& options = {})
      : LRScheduler("LinearLR", optimizer, options.last_epoch), options_(options) {
    start();
  }

 private:
  double next_lr(double lr, double base_lr) const override;
  std::optional<double> closed_form_lr(double base_lr) const override;
  Fields fields() override {
    return {{"start_factor", options_.start_factor, Range{0, 1, "(]"}},
            {"end_factor", options_.end_factor, Range{0, 1}},
            {"total_iters", options_.total_iters}};
  }

  LinearOptions options_;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
