#include <tenon/nn/layers/normalization.h>

#include <tenon/nn/functional/normalization.h>
#include <tenon/nn/init.h>
#include <tenon/ops.h>

#include "nn/extra_repr.h"
#include "nn/functional/response_norm.h"
#include "nn/layers/factory.h"

namespace tenon::nn {

LayerNorm::LayerNorm(const Shape& shape, const LayerNormOptions& options)
    : normalized_shape(shape), eps(options.eps), elementwise_affine(options.elementwise_affine) {
  if (shape.empty()) fail("LayerNorm", "expected a normalized_shape of one dimension or more");
  if (!elementwise_affine) return;
  weight = Parameter(empty(shape, factory(options)));
  if (options.bias) bias = Parameter(empty(shape, factory(options)));
  reset_parameters();
}

void LayerNorm::reset_parameters() {
  if (weight.defined()) init::ones_(weight);
  if (bias.defined()) init::zeros_(bias);
}

std::string LayerNorm::extra_repr() const {
  return extra_repr_of(
      {{normalized_shape}, {"eps", eps}, {"elementwise_affine", elementwise_affine}, {"bias", bias.defined()}});
}

Tensor LayerNorm::forward(const Tensor& x) const {
  return functional::layer_norm(x, normalized_shape, weight, bias, eps);
}

RMSNorm::RMSNorm(const Shape& shape, const RMSNormOptions& options)
    : normalized_shape(shape), eps(options.eps), elementwise_affine(options.elementwise_affine) {
  if (shape.empty()) fail("RMSNorm", "expected a normalized_shape of one dimension or more");
  if (!elementwise_affine) return;
  weight = Parameter(empty(shape, factory(options)));
  reset_parameters();
}

void RMSNorm::reset_parameters() {
  if (weight.defined()) init::ones_(weight);
}

std::string RMSNorm::extra_repr() const {
  return extra_repr_of({{normalized_shape}, {"eps", eps}, {"elementwise_affine", elementwise_affine}});
}

Tensor RMSNorm::forward(const Tensor& x) const { return functional::rms_norm(x, normalized_shape, weight, eps); }

GroupNorm::GroupNorm(int64_t groups, int64_t channels, const GroupNormOptions& options)
    : num_groups(groups), num_channels(channels), eps(options.eps), affine(options.affine) {
  if (num_groups <= 0 || num_channels < 0 || num_channels % num_groups != 0)
    fail("GroupNorm", "expected a num_channels that num_groups divides, got num_groups={}, num_channels={}", num_groups,
         num_channels);
  if (!affine) return;
  weight = Parameter(empty({num_channels}, factory(options)));
  if (options.bias) bias = Parameter(empty({num_channels}, factory(options)));
  reset_parameters();
}

void GroupNorm::reset_parameters() {
  if (weight.defined()) init::ones_(weight);
  if (bias.defined()) init::zeros_(bias);
}

std::string GroupNorm::extra_repr() const {
  return extra_repr_of({{num_groups}, {num_channels}, {"eps", eps}, {"affine", affine}, {"bias", bias.defined()}});
}

Tensor GroupNorm::forward(const Tensor& x) const { return functional::group_norm(x, num_groups, weight, bias, eps); }

std::string LocalResponseNorm::extra_repr() const {
  return extra_repr_of({{size}, {"alpha", alpha}, {"beta", beta}, {"k", k}});
}

Tensor LocalResponseNorm::forward(const Tensor& x) const {
  return functional::local_response_norm(x, size, {alpha, beta, k});
}

CrossMapLRN2d::CrossMapLRN2d(int64_t size_, double alpha_, double beta_, const Scalar& k_)
    : size(size_), alpha(alpha_), beta(beta_), k(k_) {
  if (size <= 0) fail("CrossMapLRN2d", "expected a size above 0, got {}", size);
}

std::string CrossMapLRN2d::extra_repr() const {
  return extra_repr_of({{size}, {"alpha", alpha}, {"beta", beta}, {"k", value_of(k)}});
}

Tensor CrossMapLRN2d::forward(const Tensor& x) const {
  if (x.dim() != 4) fail("CrossMapLRN2d", "expected an input of shape (N, C, H, W), got {}", x.shape().to_string());
  if (x.numel() == 0) return x;
  const int64_t side = (size - 1) / 2, channels = x.size(1), far = std::min(side + 1, channels);
  const Tensor squares = x * x, first = squares.narrow(1, 0, 1);
  // PyTorch's running sum does not let go of the first channel.
  const Tensor kept = cat({first.repeat({1, far, 1, 1}) * 0, first.repeat({1, channels - far, 1, 1})}, 1);
  const Tensor sum = functional::neighbour_sums(squares, side, side) + kept;
  return x * (sum * (alpha / static_cast<double>(size)) + k.to_double()).pow(-beta);
}

}  // namespace tenon::nn
