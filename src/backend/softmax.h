#pragma once
// Softmax, and the losses that are made of it.
#include "backend/kernels.h"

namespace tenon {

struct CrossEntropyArgs {
  Tensor logits, target, weight;  ///< (N, C) contiguous; (N) int64 contiguous; (C) contiguous or undefined
  int64_t ignore_index;
  double label_smoothing;
};

struct SoftmaxKernels {
  /// Along the middle of a contiguous (outer, n, inner) that is not empty.
  Kernel<"softmax", void(const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner, bool log)>
      softmax;
  // The others go along the last dimension of a contiguous (rows, n).
  /// out(i) = log Σ exp(in(i, :)) for n > 0.
  Kernel<"log_sum_exp", void(const Tensor& out, const Tensor& in)> log_sum_exp;
  /// losses(i): the loss of row i; exp_sums(i, :): a shift near the row's largest, and Σ exp(logits(i, :) − shift).
  /// Both float64 where the logits are, else float32.
  Kernel<"cross_entropy", void(const Tensor& losses, const Tensor& exp_sums, const CrossEntropyArgs&)> cross_entropy;
  /// out = ∂(Σ_i scales(i)·losses(i)) / ∂logits.
  Kernel<"cross_entropy_backward",
         void(const Tensor& out, const Tensor& exp_sums, const Tensor& scales, const CrossEntropyArgs&)>
      cross_entropy_backward;

  static const SoftmaxKernels cpu, cuda, meta;
};

}  // namespace tenon
