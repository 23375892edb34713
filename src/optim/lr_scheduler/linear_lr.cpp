#include <tenon/optim/lr_scheduler/linear_lr.h>

#include <algorithm>

namespace tenon::optim {

double LinearLR::next_lr(double lr, double) const {
  const auto& [start, end, total, first_epoch] = options_;
  if (last_epoch() == 0) return lr * start;
  if (starting() || last_epoch() > total) return lr;
  const auto steps = static_cast<double>(total), before = static_cast<double>(last_epoch() - 1);
  return lr * (1 + (end - start) / (steps * start + before * (end - start)));
}

std::optional<double> LinearLR::closed_form_lr(double base_lr) const {
  const auto& [start, end, total, first_epoch] = options_;
  if (total == 0) fail(name(), "total_iters is 0: it cannot begin at a milestone");
  const auto gone = static_cast<double>(std::min(total, last_epoch()));
  return base_lr * (start + (end - start) * gone / static_cast<double>(total));
}

}  // namespace tenon::optim
