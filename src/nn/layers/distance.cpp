#include <tenon/nn/layers/distance.h>

namespace tenon::nn {

Tensor CosineSimilarity::forward(const Tensor& x1, const Tensor& x2) const {
  return functional::cosine_similarity(x1, x2, dim, eps);
}

Tensor PairwiseDistance::forward(const Tensor& x1, const Tensor& x2) const {
  return functional::pairwise_distance(x1, x2, {.p = norm, .eps = eps, .keepdim = keepdim});
}

}  // namespace tenon::nn
