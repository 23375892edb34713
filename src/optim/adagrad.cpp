#include <tenon/optim/adagrad.h>

#include "optim/update.h"

namespace tenon::optim {

void Adagrad::update(const AdagradOptions& o, std::span<const Step> steps) {
  const Descent descent = descent_of(o);
  update_together(steps, [&](const Step& s) -> OptimizerUpdate {
    return {&s.p, &s.grad, {&s["sum"]}, AdagradRule{descent, o.eps, o.lr / (1 + (s.count - 1) * o.lr_decay)}};
  });
}

}  // namespace tenon::optim
