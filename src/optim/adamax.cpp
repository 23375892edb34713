#include <tenon/optim/adamax.h>

#include <cmath>

#include <tenon/ops.h>

namespace tenon::optim {

void Adamax::update(const AdamaxOptions& o, std::span<const Step> steps) {
  const auto [beta1, beta2] = o.betas;
  for (const Step& s : steps) {
    const Tensor grad = s.direction(o.maximize, o.weight_decay);
    const Tensor &exp_avg = s["exp_avg"].lerp_(grad, 1 - beta1), &exp_inf = s["exp_inf"];
    exp_inf.copy_(exp_inf.mul_(beta2).maximum(grad.abs().add_(o.eps)));
    s.p.addcdiv_(exp_avg, exp_inf, -o.lr / (1 - std::pow(beta1, s.count)));
  }
}

}  // namespace tenon::optim
