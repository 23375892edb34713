#include <tenon/optim/adadelta.h>

#include "optim/update.h"

namespace tenon::optim {

void Adadelta::update(const AdadeltaOptions& o, std::span<const Step> steps) {
  const Descent descent = descent_of(o);
  update_together(steps, [&](const Step& s) -> OptimizerUpdate {
    return {&s.p, &s.grad, {&s["square_avg"], &s["acc_delta"]}, AdadeltaRule{descent, o.lr, o.rho, o.eps}};
  });
}

}  // namespace tenon::optim
