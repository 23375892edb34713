#pragma once
// Which of several inputs should be nearer, or higher.
#include <functional>

#include <tenon/nn/functional/loss/reduction.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

struct MarginRankingLossOptions {
  double margin = 0;
  Reduction reduction = Reduction::mean;
};
/// max(0, margin − target·(x1 − x2)): x1 should be the higher where the target is 1, x2 where it is −1. All have one
/// number of dimensions and broadcast. Source: torch.nn.functional.margin_ranking_loss.
Tensor margin_ranking_loss(const Tensor& x1, const Tensor& x2, const Tensor& target,
                           const MarginRankingLossOptions& options = {});

struct HingeEmbeddingLossOptions {
  double margin = 1;
  Reduction reduction = Reduction::mean;
};
/// x where the target is 1, max(0, margin − x) where it is −1; both broadcast. Source:
/// torch.nn.functional.hinge_embedding_loss.
Tensor hinge_embedding_loss(const Tensor& x, const Tensor& target, const HingeEmbeddingLossOptions& options = {});

struct CosineEmbeddingLossOptions {
  double margin = 0;
  Reduction reduction = Reduction::mean;
};
/// 1 − cos(x1, x2) where the target is 1, max(0, cos(x1, x2) − margin) where it is −1: (N, D) and (N), or (D) and ().
/// Source: torch.nn.functional.cosine_embedding_loss.
Tensor cosine_embedding_loss(const Tensor& x1, const Tensor& x2, const Tensor& target,
                             const CosineEmbeddingLossOptions& options = {});

struct TripletMarginLossOptions {
  double margin = 1;  ///< above 0
  double p = 2;       ///< of the distances' norm
  double eps = 1e-6;  ///< added to each difference
  bool swap = false;  ///< the positive's distance from the negative counts where it is the smaller
  Reduction reduction = Reduction::mean;
};
/// max(0, margin + d(anchor, positive) − d(anchor, negative)), d being pairwise_distance: (N, D) or (D), of one number
/// of dimensions. Source: torch.nn.functional.triplet_margin_loss (Balntas et al. 2016, "Learning local feature
/// descriptors with triplets and shallow convolutional neural networks").
Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const TripletMarginLossOptions& options = {});

using DistanceFunction = std::function<Tensor(const Tensor&, const Tensor&)>;
struct TripletMarginWithDistanceLossOptions {
  DistanceFunction distance_function = {};  ///< default: pairwise_distance
  double margin = 1;                        ///< above 0
  bool swap = false;                        ///< as triplet_margin_loss's
  Reduction reduction = Reduction::mean;
};
/// triplet_margin_loss with a distance of one's own. Source: torch.nn.functional.triplet_margin_with_distance_loss.
Tensor triplet_margin_with_distance_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                                         const TripletMarginWithDistanceLossOptions& options = {});

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
