#include <tenon/optim/adagrad.h>

#include <tenon/ops.h>

namespace tenon::optim {

void Adagrad::update(const AdagradOptions& o, std::span<const Step> steps) {
  for (const Step& s : steps) {
    const Tensor grad = s.direction(o.maximize, o.weight_decay), &sum = s["sum"].addcmul_(grad, grad);
    s.p.addcdiv_(grad, sum.sqrt().add_(o.eps), -o.lr / (1 + (s.count - 1) * o.lr_decay));
  }
}

}  // namespace tenon::optim
