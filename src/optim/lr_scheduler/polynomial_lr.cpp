#include <tenon/optim/lr_scheduler/polynomial_lr.h>

#include <algorithm>
#include <cmath>

namespace tenon::optim {

double PolynomialLR::next_lr(double lr, double) const {
  if (starting() || last_epoch() > options_.total_iters) return lr;
  const auto epoch = static_cast<double>(last_epoch()), total = static_cast<double>(options_.total_iters);
  return lr * std::pow((1 - epoch / total) / (1 - (epoch - 1) / total), options_.power);
}

std::optional<double> PolynomialLR::closed_form_lr(double base_lr) const {
  if (options_.total_iters == 0) fail(name(), "total_iters is 0: it cannot begin at a milestone");
  const auto gone = static_cast<double>(std::min(options_.total_iters, last_epoch()));
  return base_lr * std::pow(1 - gone / static_cast<double>(options_.total_iters), options_.power);
}

}  // namespace tenon::optim
