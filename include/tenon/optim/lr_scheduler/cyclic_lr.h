#pragma once
#include <functional>

#include <tenon/optim/lr_scheduler/lr_scheduler.h>
#include <tenon/optim/lr_scheduler/per_group.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

struct CyclicOptions {
  int64_t step_size_up = 2000;                 ///< steps from the lowest rate to the highest
  std::optional<int64_t> step_size_down = {};  ///< and back; as many where empty
  /// How high cycle n goes: "triangular" is all the way, "triangular2" 1 / 2^(n - 1) of it, "exp_range" gamma^step.
  std::string mode = "triangular";
  double gamma = 1;
  std::function<double(double)> scale_fn = {};  ///< instead of mode; of the cycle or of the step, as scale_mode says
  std::string scale_mode = "cycle";             ///< "cycle", from 1 on, or "iterations", from 0 on
  bool cycle_momentum = true;                   ///< momentum goes down as the rate goes up
  PerGroup<double> base_momentum = 0.8, max_momentum = 0.9;
  int64_t last_epoch = -1;  ///< see LRScheduler
};

/// Up and down between two rates, step by step; called after each batch. A state dict cannot hold scale_fn. Source:
/// torch.optim.lr_scheduler.CyclicLR.
class CyclicLR final : public LRScheduler {
 public:
  CyclicLR(Optimizer& optimizer, const PerGroup<double>& base_lr, const PerGroup<double>& max_lr,
           const CyclicOptions& options = {});
  Dict state_dict() const override;

 private:
  std::vector<double> get_lr() const override;
  Fields fields() override;
  void load(const Dict& state_dict) override;
  double scale(double cycle) const;

  std::vector<double> max_lrs_;
  double total_size_, step_ratio_;
  std::string mode_;
  double gamma_;
  std::function<double(double)> scale_fn_;
  std::string scale_mode_;
  bool cycle_momentum_, use_beta1_ = false;
  std::vector<double> base_momentums_, max_momentums_;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
