#pragma once
// Normalisation.
#include "backend/kernels.h"

namespace tenon {

struct LayerNormArgs {
  Tensor x;             ///< (rows, n) contiguous, float32 or float64
  Tensor weight, bias;  ///< (n) contiguous or undefined
  double eps;
};

struct NormalizationKernels {
  /// out = (x − mean)·rstd·weight + bias, row by row; moments (rows, 2) float64 takes each row's mean and rstd.
  Kernel<"layer_norm", void(const Tensor& out, const Tensor& moments, const LayerNormArgs&)> layer_norm;
  /// The gradients, where defined; grad as x.
  Kernel<"layer_norm_backward", void(const Tensor& dx, const Tensor& dweight, const Tensor& dbias, const Tensor& grad,
                                     const Tensor& moments, const LayerNormArgs&)>
      layer_norm_backward;

  static const NormalizationKernels cpu, cuda, meta;
};

}  // namespace tenon
