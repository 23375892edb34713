#pragma once
#include <map>

#include <tenon/optim/lr_scheduler/lr_scheduler.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

struct MultiStepOptions {
  double gamma = 0.1;       ///< what a rate is multiplied by
  int64_t last_epoch = -1;  ///< see LRScheduler
};

/// gamma times the rate at each of these epochs; twice where one is given twice. Source:
/// torch.optim.lr_scheduler.MultiStepLR.
class MultiStepLR final : public LRScheduler {
 public:
  MultiStepLR(Optimizer& optimizer, const std::vector<int64_t>& milestones, const MultiStepOptions& options = {});

 private:
  double next_lr(double lr, double base_lr) const override;
  std::optional<double> closed_form_lr(double base_lr) const override;
  void save(Dict& state_dict) const override;
  void load(const Dict& state_dict) override;

  std::map<int64_t, int64_t> milestones_;  ///< how often each was given
  double gamma_;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
