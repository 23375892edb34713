#include <tenon/nn/utils.h>

#include <cmath>
#include <limits>

#include <tenon/autograd.h>
#include <tenon/creation.h>

namespace tenon::nn {
namespace {

/// The p-norm of one tensor's elements.
double norm_of(const Tensor& x, double p) {
  if (p == 2) return x.contiguous().norm().item<double>();
  double total = 0;
  for (const double v : x.to_vector<double>()) {
    const double a = std::abs(v);
    if (std::isinf(p)) total = a > total || std::isnan(a) ? a : total;
    else total += p == 1 ? a : std::pow(a, p);
    if (std::isnan(total)) break;
  }
  return std::isinf(p) || p == 1 ? total : std::pow(total, 1 / p);
}

/// The p-norm of a vector that is made of parts with these norms.
double norm_of_norms(const std::vector<double>& norms, double p) {
  double total = 0;
  for (const double n : norms) {
    if (std::isnan(n)) return n;
    if (std::isinf(p)) total = std::max(total, n);
    else total += std::pow(n, p);
  }
  return std::isinf(p) ? total : std::pow(total, 1 / p);
}

}  // namespace

Tensor clip_grad_norm_(const optim::Parameters& parameters, double max_norm, const ClipGradNormOptions& options) {
  const NoGrad guard;
  const double p = options.norm_type;
  if (!(p > 0)) fail("clip_grad_norm_", "expected norm_type > 0, got {}", p);
  std::vector<Tensor> grads;
  std::vector<double> norms;
  for (const Tensor& parameter : parameters.tensors()) {
    if (Tensor grad = parameter.grad(); grad.defined()) {
      norms.push_back(norm_of(grad, p));
      grads.push_back(std::move(grad));
    }
  }
  const Tensor total = full({}, norm_of_norms(norms, p), {.dtype = grads.empty() ? float32 : grads[0].dtype()});
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
