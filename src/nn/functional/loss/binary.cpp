// Losses of a yes or no, or of several.
#include <tenon/nn/functional/loss/classification.h>

#include "nn/functional/loss/elementwise.h"

namespace tenon::nn::functional {
namespace {

/// f(x, target), with derivatives of its own: by_x(x, target) and by_target(x, target).
template <class F, class ByX, class ByTarget>
Tensor with_slopes(const Tensor& x, const Tensor& target, F f, ByX by_x, ByTarget by_target) {
  Tensor y;
  {
    const NoGrad guard;
    y = f(x, target);
  }
  if (needs_grad(x, target))
    record("binary_cross_entropy", y, {&x, &target}, {&x, &target}, [by_x, by_target](Grads& g) {
      const Tensor &p = g.saved(0), &t = g.saved(1);
      if (g.needs(0)) g.give(0, g.in() * by_x(p, t));
      if (g.needs(1)) g.give(1, g.in() * by_target(p, t));
    });
  return y;
}

/// log(x), −100 at least.
Tensor bounded_log(const Tensor& x) { return x.log().clamp(-100, {}); }

/// The derivative of bce by x. It and its own one are PyTorch's: finite at probabilities of 0 and 1.
Tensor bce_slope(const Tensor& x, const Tensor& target) {
  const auto spread = [](const Tensor& p) { return ((1 - p) * p).clamp(1e-12, {}); };
  return with_slopes(
      x, target, [&](const Tensor& p, const Tensor& t) { return (p - t) / spread(p); },
      [](const Tensor& p, const Tensor& t) {
        return (p * p - 2 * p * t + t) / ((p + 1e-12).square() * (1 - p + 1e-12).square());
      },
      [=](const Tensor& p, const Tensor&) { return -spread(p).reciprocal(); });
}

Tensor bce_target_slope(const Tensor& x, const Tensor&) { return (1 - x).log() - x.log(); }

constexpr ElementwiseLoss bce{
    Loss::bce, "binary_cross_entropy",
    [](const Tensor& x, const Tensor& target, double) {
      return with_slopes(
          x, target, [](const Tensor& p, const Tensor& t) { return (t - 1) * bounded_log(1 - p) - t * bounded_log(p); },
          bce_slope, bce_target_slope);
    },
    bce_target_slope};

/// log(1 + exp(x)), without overflow.
Tensor softened(const Tensor& x) { return logaddexp(x, zeros({}, {x.dtype(), x.device()})); }

constexpr ElementwiseLoss with_logits{
    Loss::bce_with_logits, "binary_cross_entropy_with_logits",
    [](const Tensor& x, const Tensor& t, double) { return (1 - t) * x + softened(-x); },
    [](const Tensor& x, const Tensor&) { return -x; }};

void check_same_shape(const char* name, const Tensor& x, const Tensor& target) {
  if (target.shape() != x.shape())
    fail(name, "expected a target of the input's shape {}, got {}", x.shape().to_string(), target.shape().to_string());
}

void check_probabilities(const char* what, const Tensor& x) {
  if (x.is_meta() || x.numel() == 0) return;
  const auto [least, greatest] = aminmax(x.detach());
  const double low = least.item<double>(), high = greatest.item<double>();
  if (!(low >= 0 && high <= 1))
    fail("binary_cross_entropy", "expected {} between 0 and 1, got {}; of scores, use binary_cross_entropy_with_logits",
         what, low >= 0 ? high : low);
}

}  // namespace

Tensor binary_cross_entropy(const Tensor& x, const Tensor& target, const WeightedLossOptions& o) {
  if (autocasts()) [[unlikely]]
    return loss_in_float(binary_cross_entropy, o, x, target);
  const char* name = bce.name;
  check_same_shape(name, x, target);
  const DType type = loss_type(name, x, target);
  if (x.dtype() != target.dtype())
    fail(name, "expected a target of type {}, as the input has, got {}: convert it", x.dtype(), target.dtype());
  refuse_gradient(name, "weight", o.weight);
  if (o.weight.defined()) broadcast_shapes(x.shape(), o.weight.shape(), name);
  check_probabilities("an input", x);
  check_probabilities("a target", target);
  if (!o.weight.defined()) return elementwise_loss(bce, type, x, target, 0, o.reduction);
  return as_type(reduced(weighted_losses(bce, type, x, target, 0, o.weight), o.reduction), type);
}

Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& target, const BCEWithLogitsOptions& o) {
  if (autocasts()) [[unlikely]]
    return loss_in_float(binary_cross_entropy_with_logits, o, x, target);
  const char* name = with_logits.name;
  check_same_shape(name, x, target);
  const DType type = loss_type(name, x, target);
  refuse_gradient(name, "weight", o.weight);
  refuse_gradient(name, "pos_weight", o.pos_weight);
  for (const Tensor* w : {&o.weight, &o.pos_weight})
    if (w->defined()) {
      check_same_device(x, *w, name);
      broadcast_shapes(x.shape(), w->shape(), name);
    }
  if (o.pos_weight.defined())
    return composed_loss(type, o.reduction, std::array{x, target, o.pos_weight, o.weight}, [](const auto& in) {
      const auto& [logits, t, positive, weight] = in;
      const Tensor losses = (1 - t) * logits + ((positive - 1) * t + 1) * softened(-logits);
      return weight.defined() ? losses * weight : losses;
    });
  if (!o.weight.defined()) return elementwise_loss(with_logits, type, x, target, 0, o.reduction);
  return as_type(reduced(weighted_losses(with_logits, type, x, target, 0, o.weight), o.reduction), type);
}

Tensor multilabel_soft_margin_loss(const Tensor& x, const Tensor& target, const WeightedLossOptions& o) {
  const char* name = "multilabel_soft_margin_loss";
  if (x.dim() == 0) fail(name, "expected an input of shape (*, C), got a 0-dim one");
  const DType type = loss_type(name, x, target), wide = computed_type(type);
  const Tensor losses = o.weight.defined() ? weighted_losses(with_logits, type, x, target, 0, o.weight)
                                           : elementwise_loss(with_logits, wide, x, target, 0, Reduction::none);
  return as_type(reduced(losses.sum({x.dim() - 1}) / static_cast<double>(x.size(-1)), o.reduction), type);
}

Tensor soft_margin_loss(const Tensor& x, const Tensor& target, const LossOptions& o) {
  if (autocasts()) [[unlikely]]
    return loss_in_float(soft_margin_loss, o, x, target);
  const DType type = loss_type("soft_margin_loss", x, target);
  return composed_loss(type, o.reduction, std::array{x, target},
                       [](const auto& in) { return softened(-in[0] * in[1]); });
}

}  // namespace tenon::nn::functional
