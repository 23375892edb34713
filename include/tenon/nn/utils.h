#pragma once
// What is done to the gradients of many parameters at once. Source: torch.nn.utils.
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

}  // namespace tenon::nn

#pragma GCC visibility pop
