#include <tenon/optim/radam.h>

#include <cmath>

#include <tenon/ops.h>

namespace tenon::optim {

void RAdam::update(const RAdamOptions& o, std::span<const Step> steps) {
  const auto [beta1, beta2] = o.betas;
  const double most_certain = 2 / (1 - beta2) - 1;
  for (const Step& s : steps) {
    if (o.decoupled_weight_decay) s.p.mul_(1 - o.lr * o.weight_decay);
    const Tensor grad = s.direction(o.maximize, o.decoupled_weight_decay ? 0 : o.weight_decay);
    const Tensor &exp_avg = s["exp_avg"].lerp_(grad, 1 - beta1), &exp_avg_sq = s["exp_avg_sq"];
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, 1 - beta2);
    const double correction1 = 1 - std::pow(beta1, s.count), correction2 = 1 - std::pow(beta2, s.count);
    const double certain = most_certain - 2 * s.count * std::pow(beta2, s.count) / correction2;
    if (certain > 5) {
      const double rectified =
          std::sqrt((certain - 4) * (certain - 2) * most_certain / ((most_certain - 4) * (most_certain - 2) * certain));
      s.p.addcdiv_(exp_avg, exp_avg_sq.sqrt().add_(o.eps), -o.lr / correction1 * std::sqrt(correction2) * rectified);
    } else {
      s.p.add_(exp_avg, -o.lr / correction1);
    }
  }
}

}  // namespace tenon::optim
