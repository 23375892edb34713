#include <tenon/nn/layers/loss/regression.h>

namespace tenon::nn {

MSELoss::MSELoss(const functional::LossOptions& options) : reduction(options.reduction) {}

Tensor MSELoss::forward(const Tensor& x, const Tensor& target) const {
  return functional::mse_loss(x, target, {.reduction = reduction});
}

L1Loss::L1Loss(const functional::LossOptions& options) : reduction(options.reduction) {}

Tensor L1Loss::forward(const Tensor& x, const Tensor& target) const {
  return functional::l1_loss(x, target, {.reduction = reduction});
}

SmoothL1Loss::SmoothL1Loss(const functional::SmoothL1LossOptions& options)
    : reduction(options.reduction), beta(options.beta) {}

Tensor SmoothL1Loss::forward(const Tensor& x, const Tensor& target) const {
  return functional::smooth_l1_loss(x, target, {.reduction = reduction, .beta = beta});
}

HuberLoss::HuberLoss(const functional::HuberLossOptions& options)
    : reduction(options.reduction), delta(options.delta) {}

Tensor HuberLoss::forward(const Tensor& x, const Tensor& target) const {
  return functional::huber_loss(x, target, {.reduction = reduction, .delta = delta});
}

PoissonNLLLoss::PoissonNLLLoss(const functional::PoissonNLLLossOptions& options)
    : log_input(options.log_input), full(options.full), eps(options.eps), reduction(options.reduction) {}

Tensor PoissonNLLLoss::forward(const Tensor& x, const Tensor& target) const {
  return functional::poisson_nll_loss(x, target,
                                      {.log_input = log_input, .full = full, .eps = eps, .reduction = reduction});
}

GaussianNLLLoss::GaussianNLLLoss(const functional::GaussianNLLLossOptions& options)
    : full(options.full), eps(options.eps), reduction(options.reduction) {}

Tensor GaussianNLLLoss::forward(const Tensor& x, const Tensor& target, const Tensor& var) const {
  return functional::gaussian_nll_loss(x, target, var, {.full = full, .eps = eps, .reduction = reduction});
}

KLDivLoss::KLDivLoss(const functional::KLDivLossOptions& options)
    : reduction(options.reduction), log_target(options.log_target) {}

Tensor KLDivLoss::forward(const Tensor& x, const Tensor& target) const {
  return functional::kl_div(x, target, {.reduction = reduction, .log_target = log_target});
}

}  // namespace tenon::nn
