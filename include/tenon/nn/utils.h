#pragma once
// What is done to many parameters, or to their gradients, at once. Source: torch.nn.utils.
#include <tenon/tensor_list.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

struct ClipGradNormOptions {
  double norm_type = 2;  ///< p of the p-norm; ±infinity: the largest or the smallest element, 0: how many are not 0
  bool error_if_nonfinite = false;  ///< an error instead of gradients that become NaN or 0
};

/// Scales all gradients down together so that their norm, as of one vector, is at most max_norm. Returns the norm that
/// they had: 0-dim, of the type that all gradients' types promote to. Parameters without a gradient are left out.
/// Source: torch.nn.utils.clip_grad_norm_.
Tensor clip_grad_norm_(const TensorList& parameters, double max_norm, const ClipGradNormOptions& options = {});

/// The norm of all tensors as of one vector, 0-dim, of the type that theirs promote to; 0 of none. With
/// clip_grads_with_norm_, clip_grad_norm_ in two steps. Source: torch.nn.utils.get_total_norm.
Tensor get_total_norm(const TensorList& tensors, const ClipGradNormOptions& options = {});
/// Scales all gradients down by max_norm / total_norm where that is below 1. Source:
/// torch.nn.utils.clip_grads_with_norm_.
void clip_grads_with_norm_(const TensorList& parameters, double max_norm, const Tensor& total_norm);

/// Each element of the gradients becomes one between −clip_value and clip_value. Source:
/// torch.nn.utils.clip_grad_value_.
void clip_grad_value_(const TensorList& parameters, double clip_value);

/// All elements as one vector, parameter after parameter. An error for none, and for parameters on several devices.
/// Source: torch.nn.utils.parameters_to_vector.
Tensor parameters_to_vector(const TensorList& parameters);
/// The same back, copied into the parameters' own memory and type. (PyTorch lets them share the vector's.) An error for
/// a vector of another length, before anything changes. Source: torch.nn.utils.vector_to_parameters.
void vector_to_parameters(const Tensor& vector, const TensorList& parameters);

namespace utils {
using nn::clip_grad_norm_;
using nn::clip_grad_value_;
using nn::clip_grads_with_norm_;
using nn::get_total_norm;
using nn::parameters_to_vector;
using nn::vector_to_parameters;
}  // namespace utils

}  // namespace tenon::nn

#pragma GCC visibility pop
