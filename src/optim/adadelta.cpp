#include <tenon/optim/adadelta.h>

#include <tenon/ops.h>

namespace tenon::optim {

void Adadelta::update(const AdadeltaOptions& o, std::span<const Step> steps) {
  for (const Step& s : steps) {
    const Tensor grad = s.direction(o.maximize, o.weight_decay), &square_avg = s["square_avg"],
                 &acc_delta = s["acc_delta"];
    square_avg.mul_(o.rho).addcmul_(grad, grad, 1 - o.rho);
    const Tensor delta = acc_delta.add(o.eps).sqrt_().div_(square_avg.add(o.eps).sqrt_()).mul_(grad);
    acc_delta.mul_(o.rho).addcmul_(delta, delta, 1 - o.rho);
    s.p.add_(delta, -o.lr);
  }
}

}  // namespace tenon::optim
