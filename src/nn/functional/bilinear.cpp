#include <tenon/nn/functional/bilinear.h>

#include "ops/common.h"

namespace tenon::nn::functional {
namespace {

constexpr const char* name = "bilinear";

void check(const Tensor& x1, const Tensor& x2, const Tensor& weight, const Tensor& bias) {
  if (weight.dim() != 3) fail(name, "expected a weight of shape (out, in1, in2), got {}", weight.shape().to_string());
  const auto all_but_last = [](const Shape& shape) { return Shape(shape.begin(), shape.end() - 1); };
  if (x1.dim() == 0 || x1.dim() != x2.dim() || all_but_last(x1.shape()) != all_but_last(x2.shape()))
    fail(name, "expected inputs (*, in1) and (*, in2), alike but for the last size, got {} and {}",
         x1.shape().to_string(), x2.shape().to_string());
  if (x1.size(-1) != weight.size(1) || x2.size(-1) != weight.size(2))
    fail(name, "expected inputs of shapes (*, {}) and (*, {}) for a weight of shape {}, got {} and {}", weight.size(1),
         weight.size(2), weight.shape().to_string(), x1.shape().to_string(), x2.shape().to_string());
  if (bias.defined() && bias.shape() != Shape{weight.size(0)})
    fail(name, "expected a bias of shape ({},), got {}", weight.size(0), bias.shape().to_string());
  if (!is_floating_point(x1.dtype())) fail(name, "expected floating-point tensors, got {}", x1.dtype());
  for (const Tensor* x : {&x2, &weight, &bias}) {
    if (!x->defined()) continue;
    check_same_device(x1, *x, name);
    if (x->dtype() != x1.dtype()) fail(name, "expected one data type, got {} and {}", x1.dtype(), x->dtype());
  }
}

}  // namespace

Tensor bilinear(const Tensor& x1, const Tensor& x2, const Tensor& weight, const Tensor& bias) {
  check(x1, x2, weight, bias);
  if (is_half(x1.dtype())) {  // in float, rounded once
    const auto wide = [](const Tensor& x) { return x.defined() ? x.to(float32) : x; };
    return bilinear(wide(x1), wide(x2), wide(weight), wide(bias)).to(x1.dtype());
  }
  Shape shape(x1.shape().begin(), x1.shape().end() - 1);
  const int64_t rows = shape.numel();
  shape.push_back(weight.size(0));
  const Tensor left = matmul(x1.reshape({rows, weight.size(1)}), weight);             // (out, rows, in2)
  Tensor y = (left * x2.reshape({rows, weight.size(2)})).sum({-1}).t().contiguous();  // (rows, out)
  if (bias.defined()) y = y + bias;
  return y.reshape(shape);
}

}  // namespace tenon::nn::functional
