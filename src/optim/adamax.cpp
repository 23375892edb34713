#include <tenon/optim/adamax.h>

#include <cmath>

#include "optim/update.h"

namespace tenon::optim {

void Adamax::update(const AdamaxOptions& o, std::span<const Step> steps) {
  const Descent descent = descent_of(o);
  update_together(steps, [&](const Step& s) -> OptimizerUpdate {
    const double step = o.lr / (1 - std::pow(o.betas[0], s.count));
    return {&s.p, &s.grad, {&s["exp_avg"], &s["exp_inf"]}, AdamaxRule{descent, o.betas[0], o.betas[1], o.eps, step}};
  });
}

}  // namespace tenon::optim
