#include <tenon/optim/sgd.h>

#include <tenon/creation.h>

#include "backend/optimizer.h"

namespace tenon::optim {

void check(const SGDOptions& o, std::string_view optimizer) {
  if (o.nesterov && (o.momentum == 0 || o.dampening != 0))
    fail(optimizer, "nesterov needs momentum > 0 and dampening = 0, got momentum = {} and dampening = {}", o.momentum,
         o.dampening);
}

void SGD::update(const SGDOptions& o, std::span<const Step> steps) {
  SgdArgs args{.lr = o.lr,
               .momentum = o.momentum,
               .dampening = o.dampening,
               .weight_decay = o.weight_decay,
               .nesterov = o.nesterov,
               .maximize = o.maximize,
               .first_step = false};
  for (const Step& s : steps) {
    Tensor buffer;
    if (o.momentum != 0) {
      args.first_step = !s[0].defined();  // which takes the gradient itself as the buffer
      if (args.first_step) s[0] = empty(s.p.shape(), {.dtype = s.p.dtype(), .device = s.p.device()});
      buffer = s[0];
    }
    on<OptimizerKernels>(s.p.device()).sgd(s.p, s.grad, buffer, args);
  }
}

}  // namespace tenon::optim
