// Normalisation over the last dimensions.
#include <limits>

#include <tenon/nn/functional/normalization.h>

#include "backend/normalization.h"
#include "ops/fused.h"

namespace tenon::nn::functional {
namespace {

/// x (rows, n) contiguous, of float or double; weight and bias (n) contiguous or undefined. Not centered: by the root
/// of the mean square alone.
Tensor normalize_rows(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps, bool centered,
                      const char* name) {
  const auto forward = [&] {
    FusedResult r{new_tensor(x.shape(), x.dtype(), x.device()), new_tensor({x.shape()[0], 2}, float64, x.device())};
    on<NormalizationKernels>(x.device()).layer_norm(r.y, r.kept, {x, weight, bias, eps, centered});
    return r;
  };
  const auto backward = [eps, centered](Grads& g) {
    const Tensor input = g.saved(0), w = g.saved(1);
    const auto like = [&](bool wanted, const Shape& shape) {
      return wanted ? new_tensor(shape, input.dtype(), input.device()) : Tensor();
    };
    const Tensor dx = like(g.needs(0), input.shape()), dweight = like(g.needs(1), {input.shape()[1]}),
                 dbias = like(g.needs(2), {input.shape()[1]});
    on<NormalizationKernels>(input.device())
        .layer_norm_backward(dx, dweight, dbias, g.in().contiguous(), g.saved(3), {input, w, {}, eps, centered});
    g.give(0, dx);
    g.give(1, dweight);
    g.give(2, dbias);
  };
  const auto composed = [eps, centered](const std::array<Tensor, 3>& in) {
    const Tensor rows = centered ? in[0] - in[0].mean({1}, true) : in[0];
    Tensor y = rows * ((rows * rows).mean({1}, true) + eps).rsqrt();
    if (in[1].defined()) y = y * in[1];
    return in[2].defined() ? y + in[2] : y;
  };
  return fused(name, std::array{x, weight, bias}, forward, backward, composed);
}

void check_parameter(const Tensor& p, const Tensor& x, const Shape& normalized_shape, const char* what,
                     const char* name) {
  if (!p.defined()) return;
  check_same_device(x, p, name);
  if (p.shape() != normalized_shape)
    fail(name, "expected a {} of shape {}, got {}", what, normalized_shape.to_string(), p.shape().to_string());
  const bool half = is_half(x.dtype());
  if (p.dtype() != x.dtype() && !(half && p.dtype() == float32))
    fail(name, "expected a {} of type {}, as the input has{}, got {}", what, x.dtype(), half ? ", or float32" : "",
         p.dtype());
}

Tensor normalize(const Tensor& x, const Shape& normalized_shape, const Tensor& weight, const Tensor& bias, double eps,
                 bool centered, const char* name) {
  check_floating_point(name, x);
  if (normalized_shape.empty()) fail(name, "expected a normalized_shape of one dimension or more");
  const std::size_t dims = normalized_shape.size(), ahead = x.shape().size() - std::min(x.shape().size(), dims);
  if (x.shape().size() < dims ||
      !std::equal(normalized_shape.begin(), normalized_shape.end(), x.shape().begin() + ahead))
    fail(name, "expected an input whose last sizes are {}, got {}", normalized_shape.to_string(),
         x.shape().to_string());
  check_parameter(weight, x, normalized_shape, "weight", name);
  check_parameter(bias, x, normalized_shape, "bias", name);
  if (is_half(x.dtype())) {  // in float, rounded once
    const auto wide = [](const Tensor& p) { return p.defined() ? p.to(float32) : p; };
    return normalize(wide(x), normalized_shape, wide(weight), wide(bias), eps, centered, name).to(x.dtype());
  }
  const int64_t n = normalized_shape.numel(), rows = n == 0 ? 0 : x.numel() / n;
  const auto flat = [n](const Tensor& p) { return p.defined() ? p.reshape({n}).contiguous() : p; };
  return normalize_rows(x.reshape({rows, n}).contiguous(), flat(weight), flat(bias), eps, centered, name)
      .reshape(x.shape());
}

}  // namespace

Tensor layer_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight, const Tensor& bias,
                  double eps) {
  return normalize(x, normalized_shape, weight, bias, eps, true, "layer_norm");
}

Tensor rms_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight, std::optional<double> eps) {
  const double least = x.dtype() == float64 ? std::numeric_limits<double>::epsilon()
                                            : static_cast<double>(std::numeric_limits<float>::epsilon());
  return normalize(x, normalized_shape, weight, {}, eps.value_or(least), false, "rms_norm");
}

}  // namespace tenon::nn::functional
