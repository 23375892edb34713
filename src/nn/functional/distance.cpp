#include <tenon/nn/functional/distance.h>

#include "ops/common.h"
#include "tensor/layout.h"

namespace tenon::nn::functional {
namespace {

/// The type of a function of both; of half types it is computed in float and rounded once.
DType type_of(const char* name, const Tensor& x1, const Tensor& x2) {
  check_same_device(x1, x2, name);
  const DType type = result_type(x1, x2);
  if (!is_floating_point(type))
    fail(name, "expected floating-point tensors, got {} and {}: convert one with to(float32)", x1.dtype(), x2.dtype());
  refuse_carried(type);
  broadcast_shapes(x1.shape(), x2.shape(), name);
  return type;
}
Tensor computed(const Tensor& x, DType type) { return as_type(x, computed_type(type)); }

/// x with a length of 1 along a dimension.
Tensor directed(const Tensor& x, int64_t dim, double eps) {
  const Tensor length = x.norm(2, {dim}, true).clone();
  {
    const NoGrad guard;  // the gradient passes where it is clamped, as in PyTorch
    length.clamp_(eps, {});
  }
  return x / length;
}

}  // namespace

Tensor cosine_similarity(const Tensor& x1, const Tensor& x2, int64_t dim, double eps) {
  const DType type = type_of("cosine_similarity", x1, x2);
  const Shape shape = broadcast_shapes(x1.shape(), x2.shape());
  const int64_t along = wrap_dim(dim, static_cast<int64_t>(shape.size()), "cosine_similarity");
  const auto unit = [&](const Tensor& x) {
    const Tensor wide = computed(x, type);
    return directed(x.shape() == shape ? wide : wide.expand(shape), along, eps);
  };
  return as_type((unit(x1) * unit(x2)).sum({along}), type);
}

Tensor pairwise_distance(const Tensor& x1, const Tensor& x2, const PairwiseDistanceOptions& o) {
  const DType type = type_of("pairwise_distance", x1, x2);
  const Tensor difference = computed(x1, type) - computed(x2, type) + o.eps;
  const Tensor y = difference.dim() == 0 ? difference.norm(o.p) : difference.norm(o.p, {-1}, o.keepdim);
  return as_type(y, type);
}

}  // namespace tenon::nn::functional
