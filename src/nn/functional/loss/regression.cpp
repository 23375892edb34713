#include <tenon/nn/functional/loss/regression.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "nn/functional/loss/elementwise.h"

namespace tenon::nn::functional {
namespace {

constexpr ElementwiseLoss mse{Loss::mse, "mse_loss", [](const Tensor& x, const Tensor& t, double) {
                                const Tensor difference = x - t;
                                return difference * difference;
                              }};
constexpr ElementwiseLoss l1{Loss::l1, "l1_loss",
                             [](const Tensor& x, const Tensor& t, double) { return (x - t).abs(); }};
constexpr ElementwiseLoss smooth_l1{
    Loss::smooth_l1, "smooth_l1_loss", [](const Tensor& x, const Tensor& t, double beta) {
      const Tensor difference = x - t, size = difference.abs();
      return where(size < beta, difference * difference * (0.5 / beta), size - 0.5 * beta);
    }};
constexpr ElementwiseLoss huber{Loss::huber, "huber_loss", [](const Tensor& x, const Tensor& t, double delta) {
                                  const Tensor difference = x - t, size = difference.abs();
                                  return where(size <= delta, difference * difference * 0.5,
                                               (size - 0.5 * delta) * delta);
                                }};

/// Losses with a weight of x's shape.
Tensor weighted(const ElementwiseLoss& loss, DType type, const Tensor& x, const Tensor& target, double parameter,
                const Tensor& weight) {
  if (weight.shape() != x.shape())
    fail(loss.name, "expected a weight of the input's shape {}, got {}", x.shape().to_string(),
         weight.shape().to_string());
  return weighted_losses(loss, type, x, target, parameter, weight);
}

/// With a weight, by whose sum the mean is divided.
Tensor averaged_by_weight(const ElementwiseLoss& loss, const Tensor& x, const Tensor& target,
                          const WeightedLossOptions& o) {
  const DType type = loss_type(loss.name, x, target);
  if (!o.weight.defined()) return elementwise_loss(loss, type, x, target, 0, o.reduction);
  const Tensor losses = weighted(loss, type, x, target, 0, o.weight);
  if (o.reduction == Reduction::none) return as_type(losses, type);
  const Tensor sum = losses.sum();
  return as_type(o.reduction == Reduction::sum ? sum : sum / as_type(o.weight, losses.dtype()).sum(), type);
}

/// var as it broadcasts to x.
Tensor variance_for(const Tensor& x, const Tensor& var) {
  const Shape &all = x.shape(), &given = var.shape();
  if (given == all) return var;
  if (all.size() == given.size() + 1 && std::equal(given.begin(), given.end(), all.begin())) return var.unsqueeze(-1);
  int64_t differ = 0;
  for (std::size_t d = 0; all.size() == given.size() && d < all.size(); ++d)
    differ += all[d] != given[d] ? given[d] : 0;
  if (differ != 1)
    fail("gaussian_nll_loss",
         "expected a var of the input's shape {}, without its last dimension, or of size 1 in one of them; got {}",
         all.to_string(), given.to_string());
  return var;
}

}  // namespace

Tensor mse_loss(const Tensor& x, const Tensor& target, const WeightedLossOptions& options) {
  if (autocasts()) [[unlikely]]
    return loss_in_float(mse_loss, options, x, target);
  return averaged_by_weight(mse, x, target, options);
}

Tensor l1_loss(const Tensor& x, const Tensor& target, const WeightedLossOptions& options) {
  if (autocasts()) [[unlikely]]
    return loss_in_float(l1_loss, options, x, target);
  return averaged_by_weight(l1, x, target, options);
}

Tensor smooth_l1_loss(const Tensor& x, const Tensor& target, const SmoothL1LossOptions& o) {
  if (autocasts()) [[unlikely]]
    return loss_in_float(smooth_l1_loss, o, x, target);
  if (!(o.beta >= 0)) fail("smooth_l1_loss", "expected a beta of 0 or more, got {}", o.beta);
  if (o.beta == 0) return l1_loss(x, target, {.reduction = o.reduction});
  return elementwise_loss(smooth_l1, loss_type("smooth_l1_loss", x, target), x, target, o.beta, o.reduction);
}

Tensor huber_loss(const Tensor& x, const Tensor& target, const HuberLossOptions& o) {
  if (autocasts()) [[unlikely]]
    return loss_in_float(huber_loss, o, x, target);
  if (!(o.delta > 0)) fail("huber_loss", "expected a delta above 0, got {}", o.delta);
  const DType type = loss_type("huber_loss", x, target);
  if (!o.weight.defined()) return elementwise_loss(huber, type, x, target, o.delta, o.reduction);
  return as_type(reduced(weighted(huber, type, x, target, o.delta, o.weight), o.reduction), type);
}

Tensor poisson_nll_loss(const Tensor& x, const Tensor& target, const PoissonNLLLossOptions& o) {
  if (autocasts()) [[unlikely]]
    return loss_in_float(poisson_nll_loss, o, x, target);
  const DType type = loss_type("poisson_nll_loss", x, target);
  return composed_loss(type, o.reduction, std::array{x, target}, [&](const auto& in) {
    const auto& [rate, t] = in;
    const Tensor losses = o.log_input ? rate.exp() - t * rate : rate - t * (rate + o.eps).log();
    if (!o.full) return losses;
    const Tensor counted = t.masked_fill(t <= 1, 1);  // what does not count must have finite derivatives
    const Tensor stirling = counted * counted.log() - counted + (counted * (2 * std::numbers::pi)).log() * 0.5;
    return losses + stirling.masked_fill(t <= 1, 0);
  });
}

Tensor gaussian_nll_loss(const Tensor& x, const Tensor& target, const Tensor& var, const GaussianNLLLossOptions& o) {
  const DType type = loss_type("gaussian_nll_loss", x, target);
  check_same_device(x, var, "gaussian_nll_loss");
  const Tensor variance = variance_for(x, var);
  if (!var.is_meta() && (var.detach() < 0).any().item<bool>())
    fail("gaussian_nll_loss", "expected a var of 0 or more, got a negative one");
  return composed_loss(type, o.reduction, std::array{x, target, variance}, [&](const auto& in) {
    const Tensor v = in[2].clone();
    {
      const NoGrad guard;  // the gradient passes where it is clamped
      v.clamp_(o.eps, {});
    }
    const Tensor difference = in[0] - in[1];
    const Tensor losses = (v.log() + difference * difference / v) * 0.5;
    return o.full ? losses + 0.5 * std::log(2 * std::numbers::pi) : losses;
  });
}

Tensor gaussian_nll_loss(const Tensor& x, const Tensor& target, double var, const GaussianNLLLossOptions& options) {
  if (!(var >= 0)) fail("gaussian_nll_loss", "expected a var of 0 or more, got {}", var);
  return gaussian_nll_loss(x, target, full_like(x, var), options);
}

Tensor kl_div(const Tensor& x, const Tensor& target, const KLDivLossOptions& o) {
  if (autocasts()) [[unlikely]]
    return loss_in_float(kl_div, o, x, target);
  const DType type = loss_type("kl_div", x, target);
  if (!is_floating_point(x.dtype()) || !is_floating_point(target.dtype()))
    fail("kl_div", "expected floating-point tensors, got {} and {}", x.dtype(), target.dtype());
  const bool batchmean = o.reduction == KLDivReduction::batchmean && x.dim() > 0;
  const Reduction reduction = o.reduction == KLDivReduction::none   ? Reduction::none
                              : o.reduction == KLDivReduction::mean ? Reduction::mean
                                                                    : Reduction::sum;
  return composed_loss(type, reduction, std::array{x, target}, [&](const auto& in) {
    const auto& [logs, t] = in;
    const Tensor losses = o.log_target ? t.exp() * (t - logs) : xlogy(t, t) - t * logs;
    return batchmean ? losses / static_cast<double>(x.size(0)) : losses;
  });
}

}  // namespace tenon::nn::functional
