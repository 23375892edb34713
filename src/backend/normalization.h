#pragma once
// Normalisation.
#include "backend/kernels.h"

namespace tenon {

struct LayerNormArgs {
  Tensor x;             ///< (rows, n) contiguous, float32 or float64
  Tensor weight, bias;  ///< (n) contiguous or undefined
  double eps;
  bool centered;  ///< false: the mean counts as 0
};

/// Channels, in `groups` of neighbours: the elements of a group, in each batch, are normalised together.
struct ChannelNormArgs {
  Tensor x;             ///< (batch, outer, channels, inner) contiguous, float32 or float64
  Tensor weight, bias;  ///< (channels) contiguous, of x's type, or undefined
  int64_t groups;
  double eps;
};

struct NormalizationKernels {
  /// out = (x − mean)·rstd·weight + bias, row by row; moments (rows, 2) float64 takes each row's mean and rstd.
  Kernel<"layer_norm", void(const Tensor& out, const Tensor& moments, const LayerNormArgs&)> layer_norm;
  /// The gradients, where defined; grad as x.
  Kernel<"layer_norm_backward", void(const Tensor& dx, const Tensor& dweight, const Tensor& dbias, const Tensor& grad,
                                     const Tensor& moments, const LayerNormArgs&)>
      layer_norm_backward;

  // moments (2, batch, groups) float64: means, and variances that are divided by the number of elements; 0 for none.
  Kernel<"channel_moments", void(const Tensor& moments, const ChannelNormArgs&)> channel_moments;
  /// out = (x − mean) / √(variance + eps)·weight + bias.
  Kernel<"channel_norm", void(const Tensor& out, const Tensor& moments, const ChannelNormArgs&)> channel_norm;
  /// The gradients, where defined; grad as x. `constant`: the moments are not x's own.
  Kernel<"channel_norm_backward", void(const Tensor& dx, const Tensor& dweight, const Tensor& dbias, const Tensor& grad,
                                       const Tensor& moments, const ChannelNormArgs&, bool constant)>
      channel_norm_backward;

  static const NormalizationKernels cpu, cuda, meta;
};

}  // namespace tenon
