#include <tenon/nn/functional/loss/ranking.h>

#include <tenon/nn/functional/distance.h>

#include "nn/functional/loss/common.h"

namespace tenon::nn::functional {
namespace {

void check_dims(const char* name, const Tensor& a, const Tensor& b, const Tensor& c) {
  if (a.dim() != b.dim() || a.dim() != c.dim())
    fail(name, "expected tensors of one number of dimensions, got shapes {}, {} and {}", a.shape().to_string(),
         b.shape().to_string(), c.shape().to_string());
}

/// The type of a loss of two inputs and a third tensor.
DType type_of_three(const char* name, const Tensor& a, const Tensor& b, const Tensor& c) {
  const DType type = loss_type(name, a, b);
  check_same_device(a, c, name);
  broadcast_shapes(broadcast_shapes(a.shape(), b.shape(), name), c.shape(), name);
  return is_floating_point(c.dtype()) ? promote_types(type, c.dtype()) : type;
}

/// What is above 0; at 0 the derivative is 1, as in PyTorch.
Tensor above_0(const Tensor& x) { return x.clamp_min(0); }

/// Of an anchor, what should be near, and what should be far.
Tensor triplet(const char* name, const std::array<Tensor, 3>& inputs, const DistanceFunction& distance, double margin,
               bool swap, Reduction reduction) {
  if (!(margin > 0)) fail(name, "expected a margin above 0, got {}", margin);
  check_dims(name, inputs[0], inputs[1], inputs[2]);
  return composed_loss(type_of_three(name, inputs[0], inputs[1], inputs[2]), reduction, inputs, [&](const auto& in) {
    const auto& [anchor, positive, negative] = in;
    const Tensor near = distance(anchor, positive), far = distance(anchor, negative);
    return above_0(margin + near - (swap ? minimum(far, distance(positive, negative)) : far));
  });
}

}  // namespace

Tensor margin_ranking_loss(const Tensor& x1, const Tensor& x2, const Tensor& target,
                           const MarginRankingLossOptions& o) {
  if (autocasts()) [[unlikely]]
    return loss_in_float(margin_ranking_loss, o, x1, x2, target);
  check_dims("margin_ranking_loss", x1, x2, target);
  const DType type = type_of_three("margin_ranking_loss", x1, x2, target);
  return composed_loss(type, o.reduction, std::array{x1, x2, target},
                       [&](const auto& in) { return above_0(-in[2] * (in[0] - in[1]) + o.margin); });
}

Tensor hinge_embedding_loss(const Tensor& x, const Tensor& target, const HingeEmbeddingLossOptions& o) {
  if (autocasts()) [[unlikely]]
    return loss_in_float(hinge_embedding_loss, o, x, target);
  const DType type = loss_type("hinge_embedding_loss", x, target);
  return composed_loss(type, o.reduction, std::array{x, target}, [&](const auto& in) {
    const auto& [values, t] = in;
    return where(t != 1, above_0(o.margin - values), 0) + where(t != -1, values, 0);
  });
}

Tensor cosine_embedding_loss(const Tensor& x1, const Tensor& x2, const Tensor& target,
                             const CosineEmbeddingLossOptions& o) {
  if (autocasts()) [[unlikely]]
    return loss_in_float(cosine_embedding_loss, o, x1, x2, target);
  const char* name = "cosine_embedding_loss";
  if (target.dim() > 1 || x1.dim() != target.dim() + 1 || x2.dim() != target.dim() + 1)
    fail(name, "expected inputs (N, D) and a target (N), or (D) and (), got {}, {} and {}", x1.shape().to_string(),
         x2.shape().to_string(), target.shape().to_string());
  const DType type = loss_type(name, x1, x2);
  check_same_device(x1, target, name);
  Shape rows = broadcast_shapes(x1.shape(), x2.shape(), name);
  rows.pop_back();
  broadcast_shapes(rows, target.shape(), name);
  return composed_loss(type, o.reduction, std::array{x1, x2, target}, [&](const auto& in) {
    const auto& [a, b, t] = in;
    constexpr double eps = 1e-12;  // PyTorch's
    const Tensor squares_a = (a * a).sum({-1}) + eps, squares_b = (b * b).sum({-1}) + eps;
    const Tensor cosine = (a * b).sum({-1}) / (squares_a * squares_b).sqrt();
    return where(t == 1, 1 - cosine, 0) + where(t == -1, above_0(cosine - o.margin), 0);
  });
}

Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const TripletMarginLossOptions& o) {
  if (autocasts()) [[unlikely]]
    return loss_in_float(triplet_margin_loss, o, anchor, positive, negative);
  const auto distance = [&](const Tensor& a, const Tensor& b) {
    return pairwise_distance(a, b, {.p = o.p, .eps = o.eps});
  };
  return triplet("triplet_margin_loss", {anchor, positive, negative}, distance, o.margin, o.swap, o.reduction);
}

Tensor triplet_margin_with_distance_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                                         const TripletMarginWithDistanceLossOptions& o) {
  const auto otherwise = [](const Tensor& a, const Tensor& b) { return pairwise_distance(a, b); };
  return triplet("triplet_margin_with_distance_loss", {anchor, positive, negative},
                 o.distance_function ? o.distance_function : otherwise, o.margin, o.swap, o.reduction);
}

}  // namespace tenon::nn::functional
