#include <tenon/nn/norm.h>

#include <tenon/nn/functional.h>
#include <tenon/nn/init.h>

#include "nn/repr.h"

namespace tenon::nn {

LayerNorm::LayerNorm(const Shape& shape, const LayerNormOptions& options)
    : normalized_shape(shape), eps(options.eps), elementwise_affine(options.elementwise_affine) {
  if (shape.empty()) fail("LayerNorm", "expected a normalized_shape of one dimension or more");
  if (!elementwise_affine) return;
  const TensorOptions tensor_options{.dtype = options.dtype.value_or(float32), .device = options.device};
  weight = Parameter(empty(shape, tensor_options));
  if (options.bias) bias = Parameter(empty(shape, tensor_options));
  reset_parameters();
}

void LayerNorm::reset_parameters() {
  if (weight.defined()) init::ones_(weight);
  if (bias.defined()) init::zeros_(bias);
}

std::string LayerNorm::extra_repr() const {
  return fmt::format("{}, eps={}, elementwise_affine={}, bias={}", normalized_shape.to_string(), repr(eps),
                     repr(elementwise_affine), repr(bias.defined()));
}

Tensor LayerNorm::forward(const Tensor& x) const {
  return functional::layer_norm(x, normalized_shape, weight, bias, eps);
}

}  // namespace tenon::nn
