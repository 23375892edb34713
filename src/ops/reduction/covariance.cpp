// cov and corrcoef.
#include "ops/common.h"

namespace tenon {
namespace {

/// How much each of n observations weighs; undefined where all do alike.
Tensor observation_weights(const Tensor& fweights, const Tensor& aweights, int64_t n) {
  for (const auto& [w, name] : {std::pair(fweights, "fweights"), std::pair(aweights, "aweights")}) {
    if (!w.defined()) continue;
    if (w.dim() > 1 || w.numel() != n)
      fail("cov", "expected {} of shape ({},), one for each observation, got {}", name, n, w.shape().to_string());
    if (!w.is_meta() && (w < 0).any().item<bool>()) fail("cov", "{} must not be negative", name);
  }
  if (fweights.defined() && !is_integral(fweights.dtype()))
    fail("cov", "expected fweights of an integer type, got {}", fweights.dtype());
  if (aweights.defined() && !is_floating_point(aweights.dtype()))
    fail("cov", "expected aweights of a floating-point type, got {}", aweights.dtype());
  return !fweights.defined() ? aweights : !aweights.defined() ? fweights : fweights * aweights;
}

}  // namespace

Tensor cov(const Tensor& x, int64_t correction, const Tensor& fweights, const Tensor& aweights) {
  if (x.dim() > 2) fail("cov", "expected (variables, observations) or a vector, got shape {}", x.shape().to_string());
  if (x.dtype() == boolean) fail("cov", "bool tensors have no covariance: convert to another type first");
  Tensor in = x.dim() < 2 ? x.reshape({1, x.numel()}) : x;
  const int64_t n = in.size(1);
  const Tensor weights = observation_weights(fweights, aweights, n);
  const auto weighted = [&](const Tensor& t) { return weights.defined() ? t * weights : t; };

  const DType real = real_type(in.dtype());
  const Tensor total = weights.defined() ? weights.sum() : full({}, n, {.dtype = int64, .device = x.device()});
  if (weights.defined() && !x.is_meta() && total.item<double>() == 0) fail("cov", "the weights sum to zero");
  Tensor degrees = total - correction;
  if (aweights.defined() && correction != 0) degrees = total - (weights * aweights).sum() / total * correction;

  in = as_type(in, real);
  in = in - (weighted(in).sum({1}) / total).unsqueeze(1);
  const Tensor products = matmul(in, as_type(weighted(in), real).t());
  return (products / degrees.clamp(0)).squeeze();
}

Tensor corrcoef(const Tensor& x) {
  const Tensor c = cov(x);
  if (c.dim() == 0) return c / c;
  const Tensor deviations = c.diagonal().sqrt();
  return (c / deviations.unsqueeze(1) / deviations).clamp(-1, 1);  // rounding must not lead beyond
}

Tensor Tensor::cov(int64_t correction, const Tensor& fweights, const Tensor& aweights) const {
  return tenon::cov(*this, correction, fweights, aweights);
}
Tensor Tensor::corrcoef() const { return tenon::corrcoef(*this); }

}  // namespace tenon
