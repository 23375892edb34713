#include <tenon/optim/lr_scheduler/constant_lr.h>

namespace tenon::optim {

double ConstantLR::next_lr(double lr, double) const {
  if (last_epoch() == 0) return lr * options_.factor;
  if (last_epoch() != options_.total_iters) return lr;
  if (options_.factor == 0) fail(name(), "a rate that was multiplied by the factor 0 cannot be had back from it");
  return lr * (1 / options_.factor);
}

std::optional<double> ConstantLR::closed_form_lr(double base_lr) const {
  return last_epoch() >= options_.total_iters ? base_lr * (options_.factor + (1 - options_.factor))
                                              : base_lr * options_.factor;
}

}  // namespace tenon::optim
