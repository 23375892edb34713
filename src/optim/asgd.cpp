#include <tenon/optim/asgd.h>

#include <algorithm>
#include <cmath>

#include <tenon/ops.h>

#include "optim/update.h"

namespace tenon::optim {

void ASGD::update(const ASGDOptions& o, std::span<const Step> steps) {
  update_together(steps, [&](const Step& s) -> OptimizerUpdate {
    const auto eta = s["eta"].item<double>(), mu = s["mu"].item<double>();
    s["eta"].fill_(o.lr / std::pow(1 + o.lambd * o.lr * s.count, o.alpha));
    s["mu"].fill_(1 / std::max(1.0, s.count - o.t0));
    Descent descent = descent_of(o);
    descent.shrink = 1 - o.lambd * eta;
    return {&s.p, &s.grad, {&s["ax"]}, AsgdRule{descent, eta, mu}};
  });
}

}  // namespace tenon::optim
