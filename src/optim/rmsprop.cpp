#include <tenon/ops.h>
#include <tenon/optim/rmsprop.h>

namespace tenon::optim {

void RMSprop::update(const RMSpropOptions& o, std::span<const Step> steps) {
  for (const Step& s : steps) {
    const Tensor grad = s.direction(o.maximize, o.weight_decay), &square_avg = s["square_avg"];
    square_avg.mul_(o.alpha).addcmul_(grad, grad, 1 - o.alpha);
    Tensor size = square_avg;
    if (o.centered) {
      const Tensor& grad_avg = s["grad_avg"].lerp_(grad, 1 - o.alpha);
      size = square_avg.addcmul(grad_avg, grad_avg, -1);
    }
    size = size.sqrt().add_(o.eps);
    if (o.momentum > 0) s.p.add_(s["momentum_buffer"].mul_(o.momentum).addcdiv_(grad, size), -o.lr);
    else s.p.addcdiv_(grad, size, -o.lr);
  }
}

}  // namespace tenon::optim
