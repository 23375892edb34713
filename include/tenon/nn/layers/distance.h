#pragma once
#include <cstdint>

#include <tenon/nn/functional/distance.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// The cosine of the angle between x1 and x2 along a dimension, which the result lacks; both broadcast. Lengths below
/// eps count as eps. Source: torch.nn.CosineSimilarity.
class CosineSimilarity : public Module<CosineSimilarity> {
 public:
  int64_t dim;
  double eps;

  explicit CosineSimilarity(int64_t dim_ = 1, double eps_ = 1e-8) : dim(dim_), eps(eps_) {}

 protected:
  Tensor forward(const Tensor& x1, const Tensor& x2) const;

  TENON_MODULE(CosineSimilarity, dim, eps)
};

/// The p-norm of x1 − x2 along the last dimension, (*, D) → (*); both broadcast. Source: torch.nn.PairwiseDistance.
class PairwiseDistance : public Module<PairwiseDistance> {
 public:
  double norm;  ///< p
  double eps;
  bool keepdim;

  explicit PairwiseDistance(const functional::PairwiseDistanceOptions& options = {})
      : norm(options.p), eps(options.eps), keepdim(options.keepdim) {}

 protected:
  Tensor forward(const Tensor& x1, const Tensor& x2) const;

  TENON_MODULE(PairwiseDistance, norm, eps, keepdim)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
