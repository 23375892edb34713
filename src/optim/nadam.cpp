#include <tenon/optim/nadam.h>

#include <cmath>

#include <tenon/ops.h>

namespace tenon::optim {

void NAdam::update(const NAdamOptions& o, std::span<const Step> steps) {
  const auto [beta1, beta2] = o.betas;
  for (const Step& s : steps) {
    if (o.decoupled_weight_decay) s.p.mul_(1 - o.lr * o.weight_decay);
    const Tensor grad = s.direction(o.maximize, o.decoupled_weight_decay ? 0 : o.weight_decay);
    const auto momentum = [&](double step) { return o.betas[0] * (1 - 0.5 * std::pow(0.96, step * o.momentum_decay)); };
    const double mu = momentum(s.count), mu_next = momentum(s.count + 1);
    const double product = s["mu_product"].mul_(mu).item<double>();
    const Tensor &exp_avg = s["exp_avg"].lerp_(grad, 1 - beta1), &exp_avg_sq = s["exp_avg_sq"];
    exp_avg_sq.mul_(beta2).addcmul_(grad, grad, 1 - beta2);
    const Tensor size = exp_avg_sq.div(1 - std::pow(beta2, s.count)).sqrt_().add_(o.eps);
    s.p.addcdiv_(grad, size, -o.lr * (1 - mu) / (1 - product));
    s.p.addcdiv_(exp_avg, size, -o.lr * mu_next / (1 - product * mu_next));
  }
}

}  // namespace tenon::optim
