#pragma once
#include <functional>

#include <tenon/optim/lr_scheduler/lr_scheduler.h>
#include <tenon/optim/lr_scheduler/per_group.h>

#pragma GCC visibility push(default)

namespace tenon::optim {

/// By the number of the epoch, from 0 on.
using LRLambda = std::function<double(int64_t epoch)>;

struct LambdaOptions {
  int64_t last_epoch = -1;  ///< see LRScheduler
};

/// What LambdaLR and MultiplicativeLR share: functions, which no state dict holds. A scheduler that loads one keeps its
/// own.
class ByLambda : public LRScheduler {
 public:
  Dict state_dict() const override;

 protected:
  ByLambda(std::string_view name, Optimizer& optimizer, const PerGroup<LRLambda>& lr_lambda, int64_t last_epoch);
  /// What each group's function says for last_epoch().
  std::vector<double> factors() const;

 private:
  void load(const Dict& state_dict) override;

  std::vector<LRLambda> lr_lambdas_;
};

/// A group's rate times what a function says for the epoch. Source: torch.optim.lr_scheduler.LambdaLR.
class LambdaLR final : public ByLambda {
 public:
  LambdaLR(Optimizer& optimizer, const PerGroup<LRLambda>& lr_lambda, const LambdaOptions& options = {})
      : ByLambda("LambdaLR", optimizer, lr_lambda, options.last_epoch) {
    start();
  }

 private:
  std::vector<double> get_lr() const override;
};

/// The rate of the epoch before times what a function says for the epoch, from 1 on. Source:
/// torch.optim.lr_scheduler.MultiplicativeLR.
class MultiplicativeLR final : public ByLambda {
 public:
  MultiplicativeLR(Optimizer& optimizer, const PerGroup<LRLambda>& lr_lambda, const LambdaOptions& options = {})
      : ByLambda("MultiplicativeLR", optimizer, lr_lambda, options.last_epoch) {
    start();
  }

 private:
  std::vector<double> get_lr() const override;
};

}  // namespace tenon::optim

#pragma GCC visibility pop
