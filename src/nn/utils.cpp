#include <tenon/nn/utils.h>

#include <tenon/autograd.h>
#include <tenon/ops.h>

namespace tenon::nn {
namespace {

std::vector<Tensor> gradients_of(const TensorList& parameters) {
  std::vector<Tensor> grads;
  for (const Tensor& parameter : parameters) {
    Tensor grad = parameter.grad();
    if (grad.defined()) grads.push_back(std::move(grad));
  }
  return grads;
}

Tensor norm_of(const TensorList& tensors, const ClipGradNormOptions& options, const char* operation) {
  const NoGrad guard;
  if (tensors.empty()) return zeros({});
  DType dtype = tensors[0].dtype();
  for (const Tensor& x : tensors) dtype = promote_types(dtype, x.dtype());
  std::vector<Tensor> norms;
  for (const Tensor& x : tensors) norms.push_back(x.norm(options.norm_type).to(dtype).to(tensors[0].device()));
  const Tensor total = stack(norms).norm(options.norm_type);
  if (options.error_if_nonfinite && !total.isfinite().item<bool>())
    fail(operation, "the gradients' norm of order {} is {}: they cannot be clipped (error_if_nonfinite is set)",
         options.norm_type, total.item<double>());
  return total;
}

void scale_down(const std::vector<Tensor>& grads, double max_norm, const Tensor& total) {
  const NoGrad guard;
  const Tensor factor = (max_norm / (total + 1e-6)).clamp({}, 1);
  if (!factor.is_meta() && factor.item<double>() == 1) return;  // a NaN must reach the gradients
  for (const Tensor& grad : grads) grad.mul_(factor.to(grad.device()));
}

/// On one device; gives the number of elements.
int64_t check_parameters(const TensorList& parameters, const char* operation) {
  int64_t n = 0;
  for (const Tensor& parameter : parameters) {
    if (parameter.device() != parameters[0].device())
      fail(operation, "expected parameters on one device, got {} and {}", parameters[0].device(), parameter.device());
    n += parameter.numel();
  }
  return n;
}

}  // namespace

Tensor clip_grad_norm_(const TensorList& parameters, double max_norm, const ClipGradNormOptions& options) {
  const std::vector<Tensor> grads = gradients_of(parameters);
  const Tensor total = norm_of(grads, options, "clip_grad_norm_");
  scale_down(grads, max_norm, total);
  return total;
}

Tensor get_total_norm(const TensorList& tensors, const ClipGradNormOptions& options) {
  return norm_of(tensors, options, "get_total_norm");
}

void clip_grads_with_norm_(const TensorList& parameters, double max_norm, const Tensor& total_norm) {
  scale_down(gradients_of(parameters), max_norm, total_norm);
}

void clip_grad_value_(const TensorList& parameters, double clip_value) {
  const NoGrad guard;
  for (const Tensor& grad : gradients_of(parameters)) grad.clamp_(-clip_value, clip_value);
}

Tensor parameters_to_vector(const TensorList& parameters) {
  check_parameters(parameters, "parameters_to_vector");
  if (parameters.empty()) fail("parameters_to_vector", "expected one parameter or more, got none");
  std::vector<Tensor> flat;
  for (const Tensor& parameter : parameters) flat.push_back(parameter.reshape({parameter.numel()}));
  return cat(flat);
}

void vector_to_parameters(const Tensor& vector, const TensorList& parameters) {
  const int64_t n = check_parameters(parameters, "vector_to_parameters");
  if (vector.shape() != Shape{n})
    fail("vector_to_parameters", "expected a vector of the parameters' {} elements, got shape {}", n,
         vector.shape().to_string());
  const NoGrad guard;
  int64_t at = 0;
  for (const Tensor& parameter : parameters) {
    parameter.copy_(vector.narrow(0, at, parameter.numel()).view(parameter.shape()));
    at += parameter.numel();
  }
}

}  // namespace tenon::nn
