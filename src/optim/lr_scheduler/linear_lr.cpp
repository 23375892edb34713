#include <tenon/optim/lr_scheduler/linear_lr.h>

namespace tenon::optim {

double LinearLR::next_lr(double lr, double) const {
  const auto& [start, end, total, first_epoch] = options_;
  if (last_epoch() == 0) return lr * start;
  if (starting() || last_epoch() > total) return lr;
  const auto steps = static_cast<double>(total), before = static_cast<double>(last_epoch() - 1);
  return lr * (1 + (end - start) / (steps * start + before * (end - start)));
}

}  // namespace tenon::optim
