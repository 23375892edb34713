#include <tenon/optim/rprop.h>

#include "optim/update.h"

namespace tenon::optim {

void check(const RpropOptions& o, std::string_view optimizer) {
  const auto [shrink, grow] = o.etas;
  if (!(0 < shrink && shrink < 1 && 1 < grow))
    fail(optimizer, "expected etas with 0 < etas[0] < 1 < etas[1], got {} and {}", shrink, grow);
}

void Rprop::update(const RpropOptions& o, std::span<const Step> steps) {
  const RpropRule rule{{.maximize = o.maximize}, o.etas[0], o.etas[1], o.step_sizes[0], o.step_sizes[1]};
  update_together(steps, [&](const Step& s) -> OptimizerUpdate {
    return {&s.p, &s.grad, {&s["prev"], &s["step_size"]}, rule};
  });
}

}  // namespace tenon::optim
