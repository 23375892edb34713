#include <tenon/nn/layers/loss/ranking.h>

#include <tenon/nn/layers/distance.h>

namespace tenon::nn {

MarginRankingLoss::MarginRankingLoss(const functional::MarginRankingLossOptions& options)
    : margin(options.margin), reduction(options.reduction) {}

Tensor MarginRankingLoss::forward(const Tensor& x1, const Tensor& x2, const Tensor& target) const {
  return functional::margin_ranking_loss(x1, x2, target, {.margin = margin, .reduction = reduction});
}

HingeEmbeddingLoss::HingeEmbeddingLoss(const functional::HingeEmbeddingLossOptions& options)
    : margin(options.margin), reduction(options.reduction) {}

Tensor HingeEmbeddingLoss::forward(const Tensor& x, const Tensor& target) const {
  return functional::hinge_embedding_loss(x, target, {.margin = margin, .reduction = reduction});
}

CosineEmbeddingLoss::CosineEmbeddingLoss(const functional::CosineEmbeddingLossOptions& options)
    : margin(options.margin), reduction(options.reduction) {}

Tensor CosineEmbeddingLoss::forward(const Tensor& x1, const Tensor& x2, const Tensor& target) const {
  return functional::cosine_embedding_loss(x1, x2, target, {.margin = margin, .reduction = reduction});
}

TripletMarginLoss::TripletMarginLoss(const functional::TripletMarginLossOptions& options)
    : margin(options.margin), p(options.p), eps(options.eps), swap(options.swap), reduction(options.reduction) {
  if (!(margin > 0)) fail("TripletMarginLoss", "expected a margin above 0, got {}", margin);
}

Tensor TripletMarginLoss::forward(const Tensor& anchor, const Tensor& positive, const Tensor& negative) const {
  return functional::triplet_margin_loss(anchor, positive, negative,
                                         {.margin = margin, .p = p, .eps = eps, .swap = swap, .reduction = reduction});
}

TripletMarginWithDistanceLoss::TripletMarginWithDistanceLoss(
    const functional::TripletMarginWithDistanceLossOptions& options)
    : own_distance(options.distance_function),
      margin(options.margin),
      swap(options.swap),
      reduction(options.reduction) {
  if (!(margin > 0)) fail("TripletMarginWithDistanceLoss", "expected a margin above 0, got {}", margin);
  if (!own_distance) register_module("distance_function", PairwiseDistance());
}

Tensor TripletMarginWithDistanceLoss::forward(const Tensor& anchor, const Tensor& positive, const Tensor& negative) {
  functional::DistanceFunction distance = own_distance;
  if (!distance)
    distance = [&own = get_submodule<PairwiseDistance>("distance_function")](const Tensor& a, const Tensor& b) {
      return own(a, b);
    };
  return functional::triplet_margin_with_distance_loss(
      anchor, positive, negative,
      {.distance_function = distance, .margin = margin, .swap = swap, .reduction = reduction});
}

}  // namespace tenon::nn
