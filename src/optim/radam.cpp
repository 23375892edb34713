#include <tenon/optim/radam.h>

#include <cmath>

#include "optim/update.h"

namespace tenon::optim {

void RAdam::update(const RAdamOptions& o, std::span<const Step> steps) {
  const Descent descent = descent_of(o);
  const double most_certain = 2 / (1 - o.betas[1]) - 1;
  update_together(steps, [&](const Step& s) -> OptimizerUpdate {
    const double correction1 = 1 - std::pow(o.betas[0], s.count), decayed = std::pow(o.betas[1], s.count);
    const double certain = most_certain - 2 * s.count * decayed / (1 - decayed);
    RAdamRule rule{descent, o.betas[0], o.betas[1], o.eps, o.lr / correction1, certain > 5};
    if (rule.rectified)
      rule.step *= std::sqrt((1 - decayed) * (certain - 4) * (certain - 2) * most_certain /
                             ((most_certain - 4) * (most_certain - 2) * certain));
    return {&s.p, &s.grad, {&s["exp_avg"], &s["exp_avg_sq"]}, rule};
  });
}

}  // namespace tenon::optim
