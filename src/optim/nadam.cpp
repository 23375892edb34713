#include <tenon/optim/nadam.h>

#include <cmath>

#include <tenon/ops.h>

#include "optim/update.h"

namespace tenon::optim {

void NAdam::update(const NAdamOptions& o, std::span<const Step> steps) {
  const Descent descent = descent_of(o);
  const auto momentum = [&](double step) { return o.betas[0] * (1 - 0.5 * std::pow(0.96, step * o.momentum_decay)); };
  update_together(steps, [&](const Step& s) -> OptimizerUpdate {
    const double mu = momentum(s.count), mu_next = momentum(s.count + 1);
    const double product = s["mu_product"].mul_(mu).item<double>();
    return {&s.p,
            &s.grad,
            {&s["exp_avg"], &s["exp_avg_sq"]},
            NAdamRule{.descent = descent,
                      .beta1 = o.betas[0],
                      .beta2 = o.betas[1],
                      .eps = o.eps,
                      .correction2 = 1 - std::pow(o.betas[1], s.count),
                      .grad_step = o.lr * (1 - mu) / (1 - product),
                      .avg_step = o.lr * mu_next / (1 - product * mu_next)}};
  });
}

}  // namespace tenon::optim
