// layer_norm over the last dimensions.
#include <tenon/nn/functional.h>

#include "backend/normalization.h"
#include "ops/common.h"

namespace tenon::nn::functional {
namespace {

/// The gradients made of operations, so that they can be recorded: x, grad (rows, n), weight (n) or undefined.
void give_recorded(Grads& g, const Tensor& x, const Tensor& weight, double eps) {
  const Tensor centered = x - x.mean({1}, true), rstd = ((centered * centered).mean({1}, true) + eps).rsqrt(),
               normalized = centered * rstd;
  const Tensor grad = g.in(), scaled = weight.defined() ? grad * weight : grad;
  if (g.needs(0))
    g.give(0, rstd * (scaled - scaled.mean({1}, true) - normalized * (scaled * normalized).mean({1}, true)));
  if (g.needs(1)) g.give(1, (grad * normalized).sum({0}));
  if (g.needs(2)) g.give(2, grad.sum({0}));
}

/// x (rows, n) contiguous, of float or double; weight and bias (n) contiguous or undefined.
Tensor normalize_rows(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps) {
  const Tensor y = new_tensor(x.shape(), x.dtype(), x.device()),
               moments = new_tensor({x.shape()[0], 2}, float64, x.device());
  {
    const NoGrad guard;
    on<NormalizationKernels>(x.device()).layer_norm(y, moments, {x, weight, bias, eps});
  }
  if (needs_grad(x, weight, bias))
    record("layer_norm", y, {&x, &weight, &bias}, {&x, &weight, &moments}, [eps](Grads& g) {
      const Tensor input = g.saved(0), w = g.saved(1);
      if (is_grad_enabled()) return give_recorded(g, input, w, eps);
      const auto like = [&](bool wanted, const Shape& shape) {
        return wanted ? new_tensor(shape, input.dtype(), input.device()) : Tensor();
      };
      const Tensor dx = like(g.needs(0), input.shape()), dweight = like(g.needs(1), {input.shape()[1]}),
                   dbias = like(g.needs(2), {input.shape()[1]});
      on<NormalizationKernels>(input.device())
          .layer_norm_backward(dx, dweight, dbias, g.in().contiguous(), g.saved(2), {input, w, {}, eps});
      if (g.needs(0)) g.give(0, dx);
      if (g.needs(1)) g.give(1, dweight);
      if (g.needs(2)) g.give(2, dbias);
    });
  return y;
}

void check_parameter(const Tensor& p, const Tensor& x, const Shape& normalized_shape, const char* what) {
  if (!p.defined()) return;
  check_same_device(x, p, "layer_norm");
  if (p.shape() != normalized_shape)
    fail("layer_norm", "expected a {} of shape {}, got {}", what, normalized_shape.to_string(), p.shape().to_string());
  if (p.dtype() != x.dtype())
    fail("layer_norm", "expected a {} of type {}, as the input has, got {}", what, x.dtype(), p.dtype());
}

}  // namespace

Tensor layer_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight, const Tensor& bias,
                  double eps) {
  if (!is_floating_point(x.dtype())) fail("layer_norm", "expected a floating-point tensor, got {}", x.dtype());
  if (normalized_shape.empty()) fail("layer_norm", "expected a normalized_shape of one dimension or more");
  const std::size_t dims = normalized_shape.size(), ahead = x.shape().size() - std::min(x.shape().size(), dims);
  if (x.shape().size() < dims ||
      !std::equal(normalized_shape.begin(), normalized_shape.end(), x.shape().begin() + ahead))
    fail("layer_norm", "expected an input whose last sizes are {}, got {}", normalized_shape.to_string(),
         x.shape().to_string());
  check_parameter(weight, x, normalized_shape, "weight");
  check_parameter(bias, x, normalized_shape, "bias");
  if (x.dtype() == float16 || x.dtype() == bfloat16) {  // in float, rounded once
    const auto wide = [](const Tensor& p) { return p.defined() ? p.to(float32) : p; };
    return layer_norm(wide(x), normalized_shape, wide(weight), wide(bias), eps).to(x.dtype());
  }
  const int64_t n = normalized_shape.numel(), rows = n == 0 ? 0 : x.numel() / n;
  const auto flat = [n](const Tensor& p) { return p.defined() ? p.reshape({n}).contiguous() : p; };
  return normalize_rows(x.reshape({rows, n}).contiguous(), flat(weight), flat(bias), eps).reshape(x.shape());
}

}  // namespace tenon::nn::functional
