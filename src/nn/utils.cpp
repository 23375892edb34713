#include <tenon/nn/utils.h>

#include <tenon/autograd.h>
#include <tenon/ops.h>

namespace tenon::nn {

Tensor clip_grad_norm_(const TensorList& parameters, double max_norm, const ClipGradNormOptions& options) {
  const NoGrad guard;
  std::vector<Tensor> grads, norms;
  DType dtype = float32;
  for (const Tensor& parameter : parameters) {
    Tensor grad = parameter.grad();
    if (!grad.defined()) continue;
    dtype = grads.empty() ? grad.dtype() : promote_types(dtype, grad.dtype());
    norms.push_back(grad.norm(options.norm_type));
    grads.push_back(std::move(grad));
  }
  if (grads.empty()) return zeros({});
  for (Tensor& norm : norms) norm = norm.to(dtype).to(grads[0].device());
  const Tensor total = stack(norms).norm(options.norm_type);
  if (options.error_if_nonfinite && !total.isfinite().item<bool>())
    fail("clip_grad_norm_", "the gradients' norm of order {} is {}: they cannot be clipped (error_if_nonfinite is set)",
         options.norm_type, total.item<double>());
  const Tensor factor = (max_norm / (total + 1e-6)).clamp({}, 1);
  if (!factor.is_meta() && factor.item<double>() == 1) return total;  // a NaN must reach the gradients
  for (const Tensor& grad : grads) grad.mul_(factor.to(grad.device()));
  return total;
}

}  // namespace tenon::nn
