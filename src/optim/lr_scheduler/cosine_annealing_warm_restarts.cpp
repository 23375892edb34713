#include <tenon/optim/lr_scheduler/cosine_annealing_warm_restarts.h>

#include <cmath>
#include <numbers>

namespace tenon::optim {

CosineAnnealingWarmRestarts::CosineAnnealingWarmRestarts(Optimizer& optimizer, int64_t T_0,
                                                         const WarmRestartsOptions& options)
    : LRScheduler("CosineAnnealingWarmRestarts", optimizer, options.last_epoch),
      t_0_(T_0),
      t_i_(T_0),
      t_mult_(options.T_mult),
      eta_min_(options.eta_min),
      t_cur_(static_cast<double>(options.last_epoch)) {
  start();
}

double CosineAnnealingWarmRestarts::next_lr(double, double base_lr) const {
  return eta_min_ + (base_lr - eta_min_) * (1 + std::cos(std::numbers::pi * t_cur_ / static_cast<double>(t_i_))) / 2;
}

void CosineAnnealingWarmRestarts::step() {
  if (last_epoch() < 0) return step(0);
  ++last_epoch_;
  if (++t_cur_ >= static_cast<double>(t_i_)) {
    t_cur_ = std::fmod(t_cur_, static_cast<double>(t_i_));
    t_i_ *= t_mult_;
  }
  set_lr(get_lr());
}

void CosineAnnealingWarmRestarts::step(double epoch) {
  if (!(epoch >= 0)) fail(name(), "expected an epoch ≥ 0, got {}", epoch);
  const auto first = static_cast<double>(t_0_), factor = static_cast<double>(t_mult_);
  if (epoch < first) {
    t_i_ = t_0_;
    t_cur_ = epoch;
  } else if (t_mult_ == 1) {
    t_cur_ = std::fmod(epoch, first);
  } else {
    const double periods = std::trunc(std::log(epoch / first * (factor - 1) + 1) / std::log(factor));
    t_cur_ = epoch - first * (std::pow(factor, periods) - 1) / (factor - 1);
    t_i_ = t_0_ * static_cast<int64_t>(std::pow(factor, periods));
  }
  last_epoch_ = static_cast<int64_t>(epoch);
  set_lr(get_lr());
}

}  // namespace tenon::optim
