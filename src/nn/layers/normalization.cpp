#include <tenon/nn/layers/normalization.h>

#include <tenon/nn/functional/normalization.h>
#include <tenon/nn/init.h>

#include "nn/extra_repr.h"
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

}  // namespace tenon::nn
