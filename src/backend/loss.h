#pragma once
// Losses: those of single elements together with their sum, one kernel forward and one backward, a case each; and CTC.
#include <cstdint>

#include "backend/kernels.h"

namespace tenon {

/// Of an element x and its target.
enum class Loss : uint8_t { mse, l1, smooth_l1, huber, bce, bce_with_logits };

struct LossArgs {
  Loss kind;
  Tensor x, target;  ///< of one shape and one real type
  double parameter;  ///< smooth_l1's beta, huber's delta
  double scale;      ///< a factor of what is computed
};

struct CtcArgs {
  Tensor log_probs;                              ///< (T, N, C) contiguous, float32 or float64
  Tensor targets;                                ///< (labels) int64, contiguous, each in 0 … C − 1
  Tensor starts, input_lengths, target_lengths;  ///< (N) int64, contiguous: where an item's targets begin, and how many
  int64_t blank;
};

struct LossKernels {
  /// Each element's. Any strides.
  Kernel<"loss", void(const Tensor& out, const LossArgs&)> loss;
  /// Their sum, for x and target of the same dense strides; out is 0-dim.
  Kernel<"loss_sum", void(const Tensor& out, const LossArgs&)> loss_sum;
  /// The gradient by x; grad broadcasts. Any strides.
  Kernel<"loss_backward", void(const Tensor& out, const Tensor& grad, const LossArgs&)> loss_backward;
  /// losses (N) float64: −log of the probability of an item's target, over all its alignments. alpha (N, T, w) float64
  /// with w of 2·target_length + 3 or more is for the backward pass.
  Kernel<"ctc", void(const Tensor& losses, const Tensor& alpha, const CtcArgs&)> ctc;
  /// out as log_probs: the gradient by what log_probs is the log_softmax of, as PyTorch has it; 0 beyond an item's
  /// input, and of an item whose grad (N) float64 is 0.
  Kernel<"ctc_backward",
         void(const Tensor& out, const Tensor& grad, const Tensor& losses, const Tensor& alpha, const CtcArgs&)>
      ctc_backward;

  static const LossKernels cpu, cuda, meta;
};

}  // namespace tenon
