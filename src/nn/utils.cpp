#include <tenon/nn/utils.h>

#include <cmath>

#include <tenon/autograd.h>
#include <tenon/creation.h>

namespace tenon::nn {

Tensor clip_grad_norm_(const TensorList& parameters, double max_norm, const ClipGradNormOptions& options) {
  const NoGrad guard;
  const double p = options.norm_type;
  if (!(p > 0)) fail("clip_grad_norm_", "expected norm_type > 0, got {}", p);
  std::vector<Tensor> grads;
  std::vector<double> norms;
  for (const Tensor& parameter : parameters) {
    if (Tensor grad = parameter.grad(); grad.defined()) {
      norms.push_back(grad.norm(p).item<double>());
      grads.push_back(std::move(grad));
    }
  }
  const Tensor total = full({}, norms.empty() ? 0.0 : tensor(norms, {float64}).norm(p).item<double>(),
                            {.dtype = grads.empty() ? float32 : grads[0].dtype()});
  const auto norm = total.item<double>();  // as rounded to the gradients' type
  if (options.error_if_nonfinite && !std::isfinite(norm))
    fail("clip_grad_norm_", "the gradients' norm of order {} is {}: they cannot be clipped (error_if_nonfinite is set)",
         p, norm);
  const double factor = max_norm / (norm + 1e-6);
  if (factor >= 1) return total;  // not `!(factor < 1)`: a NaN must reach the gradients
  for (const Tensor& grad : grads) grad.mul_(factor);
  return total;
}

}  // namespace tenon::nn
