#include <tenon/optim/sgd.h>

#include <tenon/creation.h>

#include "optim/update.h"

namespace tenon::optim {

void check(const SGDOptions& o, std::string_view optimizer) {
  if (o.nesterov && (o.momentum == 0 || o.dampening != 0))
    fail(optimizer, "nesterov needs momentum > 0 and dampening = 0, got momentum = {} and dampening = {}", o.momentum,
         o.dampening);
}

void SGD::update(const SGDOptions& o, std::span<const Step> steps) {
  update_together(steps, [&](const Step& s) -> OptimizerUpdate {
    SgdRule rule{.descent = descent_of(o),
                 .lr = o.lr,
                 .momentum = o.momentum,
                 .dampening = o.dampening,
                 .nesterov = o.nesterov,
                 .first_step = false};
    if (o.momentum == 0) return {&s.p, &s.grad, {}, rule};
    rule.first_step = !s[0].defined();
    if (rule.first_step) s[0] = empty(s.p.shape(), {.dtype = s.p.dtype(), .device = s.p.device()});
    return {&s.p, &s.grad, {&s[0]}, rule};
  });
}

}  // namespace tenon::optim
