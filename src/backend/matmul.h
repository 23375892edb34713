#pragma once
// Products of matrices.
#include "backend/kernels.h"

namespace tenon {

/// Matrix products out = a·b (+ bias), each matrix by pointer and strides, so that a transpose costs nothing.
struct MatmulArgs {
  Tensor out;  ///< (*, m, n), contiguous
  /// (*, m, k), (*, k, n), of out's dtype and number of dimensions, any strides; leading sizes are out's or 1.
  Tensor a, b;
  Tensor bias;  ///< (n), contiguous, or undefined
};

struct MatmulKernels {
  Kernel<"matmul", void(const MatmulArgs&)> matmul;

  TENON_INTERNAL_API static const MatmulKernels cpu, cuda, meta;
};

}  // namespace tenon
