#pragma once
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

/// x1·x2 / (‖x1‖·‖x2‖) along a dimension, which the result lacks; lengths below eps count as eps. Both broadcast.
/// Source: torch.nn.functional.cosine_similarity.
Tensor cosine_similarity(const Tensor& x1, const Tensor& x2, int64_t dim = 1, double eps = 1e-8);

struct PairwiseDistanceOptions {
  double p = 2;
  double eps = 1e-6;     ///< added to each difference, that no derivative is infinite
  bool keepdim = false;  ///< the last dimension stays, with size 1
};
/// The p-norm of x1 − x2 along the last dimension, (*, D) → (*); both broadcast. Source:
/// torch.nn.functional.pairwise_distance.
Tensor pairwise_distance(const Tensor& x1, const Tensor& x2, const PairwiseDistanceOptions& options = {});

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
