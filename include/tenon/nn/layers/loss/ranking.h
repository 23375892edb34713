#pragma once
// Losses of distances and of orders.
#include <tenon/nn/functional/loss/ranking.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// max(0, margin − target·(x1 − x2)), targets being 1 and −1. Source: torch.nn.MarginRankingLoss.
class MarginRankingLoss : public Module<MarginRankingLoss> {
 public:
  double margin;
  functional::Reduction reduction;

  explicit MarginRankingLoss(const functional::MarginRankingLossOptions& options = {});

 protected:
  Tensor forward(const Tensor& x1, const Tensor& x2, const Tensor& target) const;

  TENON_MODULE(MarginRankingLoss, margin, reduction)
};

/// x where the target is 1, max(0, margin − x) where it is −1. Source: torch.nn.HingeEmbeddingLoss.
class HingeEmbeddingLoss : public Module<HingeEmbeddingLoss> {
 public:
  double margin;
  functional::Reduction reduction;

  explicit HingeEmbeddingLoss(const functional::HingeEmbeddingLossOptions& options = {});

 protected:
  Tensor forward(const Tensor& x, const Tensor& target) const;

  TENON_MODULE(HingeEmbeddingLoss, margin, reduction)
};

/// 1 − cos(x1, x2) where the target is 1, max(0, cos(x1, x2) − margin) where it is −1: (N, D) and (N), or (D) and ().
/// Source: torch.nn.CosineEmbeddingLoss.
class CosineEmbeddingLoss : public Module<CosineEmbeddingLoss> {
 public:
  double margin;
  functional::Reduction reduction;

  explicit CosineEmbeddingLoss(const functional::CosineEmbeddingLossOptions& options = {});

 protected:
  Tensor forward(const Tensor& x1, const Tensor& x2, const Tensor& target) const;

  TENON_MODULE(CosineEmbeddingLoss, margin, reduction)
};

/// max(0, margin + d(anchor, positive) − d(anchor, negative)), d being a p-norm: (N, D) or (D). An error for a margin
/// that is not above 0. Source: torch.nn.TripletMarginLoss.
class TripletMarginLoss : public Module<TripletMarginLoss> {
 public:
  double margin;
  double p;
  double eps;
  bool swap;
  functional::Reduction reduction;

  explicit TripletMarginLoss(const functional::TripletMarginLossOptions& options = {});

 protected:
  Tensor forward(const Tensor& anchor, const Tensor& positive, const Tensor& negative) const;

  TENON_MODULE(TripletMarginLoss, margin, p, eps, swap, reduction)
};

/// TripletMarginLoss with a distance of one's own. By default it is a PairwiseDistance, which is registered with this
/// module as "distance_function", as in PyTorch. Source: torch.nn.TripletMarginWithDistanceLoss.
class TripletMarginWithDistanceLoss : public Module<TripletMarginWithDistanceLoss> {
 public:
  functional::DistanceFunction own_distance;  ///< what was given; empty: the module "distance_function"
  double margin;
  bool swap;
  functional::Reduction reduction;

  explicit TripletMarginWithDistanceLoss(const functional::TripletMarginWithDistanceLossOptions& options = {});

 protected:
  Tensor forward(const Tensor& anchor, const Tensor& positive, const Tensor& negative);

  TENON_MODULE(TripletMarginWithDistanceLoss, own_distance, margin, swap, reduction)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
