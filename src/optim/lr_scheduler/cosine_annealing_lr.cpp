#include <tenon/optim/lr_scheduler/cosine_annealing_lr.h>

#include <cmath>
#include <numbers>

namespace tenon::optim {

CosineAnnealingLR::CosineAnnealingLR(Optimizer& optimizer, int64_t T_max, const CosineAnnealingOptions& options)
    : LRScheduler("CosineAnnealingLR", optimizer, options.last_epoch), t_max_(T_max), eta_min_(options.eta_min) {
  start();
}

// The order of operations is PyTorch's: the recursion carries rounding errors along, and a schedule should not differ
// in the last digits.
double CosineAnnealingLR::next_lr(double lr, double base_lr) const {
  const double pi = std::numbers::pi;
  const auto epoch = static_cast<double>(last_epoch()), t_max = static_cast<double>(t_max_);
  const double range = base_lr - eta_min_;
  if (starting()) return lr;
  if (step_count() == 1 && last_epoch() > 0) return eta_min_ + range * (1 + std::cos(epoch * pi / t_max)) / 2;
  if ((last_epoch() - 1 - t_max_) % (2 * t_max_) == 0)  // the rate is eta_min: the quotient below would be 0 / 0
    return lr + range * (1 - std::cos(pi / t_max)) / 2;
  return (1 + std::cos(pi * epoch / t_max)) / (1 + std::cos(pi * (epoch - 1) / t_max)) * (lr - eta_min_) + eta_min_;
}

std::optional<double> CosineAnnealingLR::closed_form_lr(double base_lr) const {
  const auto epoch = static_cast<double>(last_epoch()), t_max = static_cast<double>(t_max_);
  return eta_min_ + (base_lr - eta_min_) * (1 + std::cos(std::numbers::pi * epoch / t_max)) / 2;
}

}  // namespace tenon::optim
