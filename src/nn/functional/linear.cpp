// x·weightᵀ + bias.
#include <tenon/nn/functional/linear.h>

#include "ops/autocast.h"
#include "ops/matmul.h"

namespace tenon::nn::functional {

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  if (autocasts()) [[unlikely]]
    return in_lower_type(linear, x, weight, bias);
  if (weight.dim() != 2)
    fail("linear", "expected a weight of shape (out_features, in_features), got {}", weight.shape().to_string());
  const int64_t in = weight.shape()[1], out = weight.shape()[0];
  if (x.dim() == 0 || x.shape().back() != in)
    fail("linear", "expected input of shape (*, {}), got {}{}", in, x.shape().to_string(),
         x.dim() > 1 && x.numel() % in == 0 && in > 0 && x.numel() / x.shape()[0] == in ? "; flatten it first" : "");
  if (bias.defined() && (bias.dim() != 1 || bias.shape()[0] != out))
    fail("linear", "expected a bias of shape ({},), got {}", out, bias.shape().to_string());
  if (x.dim() == 2) return product_with_rows(x, weight, bias);
  Shape shape = x.shape();
  shape.back() = out;
  Shape rows = x.shape();
  rows.pop_back();
  return product_with_rows(x.reshape({rows.numel(), in}), weight, bias).reshape(shape);
}

}  // namespace tenon::nn::functional
