#include <tenon/optim/lr_scheduler/exponential_lr.h>

#include <cmath>

namespace tenon::optim {

double ExponentialLR::next_lr(double lr, double) const { return starting() ? lr : lr * gamma_; }

std::optional<double> ExponentialLR::closed_form_lr(double base_lr) const {
  return base_lr * std::pow(gamma_, last_epoch());
}

}  // namespace tenon::optim
