#include <tenon/optim/lr_scheduler/step_lr.h>

#include <cmath>

namespace tenon::optim {

double StepLR::next_lr(double lr, double) const {
  return last_epoch() == 0 || last_epoch() % step_size_ != 0 ? lr : lr * gamma_;
}

std::optional<double> StepLR::closed_form_lr(double base_lr) const {
  return base_lr * std::pow(gamma_, last_epoch() / step_size_);
}

}  // namespace tenon::optim
