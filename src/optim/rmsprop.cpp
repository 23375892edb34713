#include <tenon/optim/rmsprop.h>

#include "optim/update.h"

namespace tenon::optim {

void RMSprop::update(const RMSpropOptions& o, std::span<const Step> steps) {
  const Descent descent = descent_of(o);
  update_together(steps, [&](const Step& s) -> OptimizerUpdate {
    return {&s.p,
            &s.grad,
            {&s["square_avg"], o.momentum > 0 ? &s["momentum_buffer"] : nullptr, o.centered ? &s["grad_avg"] : nullptr},
            RMSpropRule{descent, o.lr, o.alpha, o.eps, o.momentum}};
  });
}

}  // namespace tenon::optim
