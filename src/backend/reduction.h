#pragma once
// Reductions over the middle of a contiguous (outer, n, inner) to a contiguous (outer, inner); n is not 0 where an
// element is chosen.
#include "backend/kernels.h"
#include "backend/kinds.h"

namespace tenon {

struct ReductionKernels {
  /// In the tensors' one type (a NaN is both largest and smallest), but that sums and products of integers and bool are
  /// int64, which wraps around.
  Kernel<"reduce", void(ReduceOp, const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner)> reduce;
  /// (Σ |x|^p)^(1/p) of real numbers for a finite p; 0 counts those that are not 0.
  Kernel<"norm", void(const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner, double p)> norm;
  /// Means, and sums of squared distances from them over n − correction, or the roots of these.
  Kernel<"variance", void(const Tensor& variance, const Tensor& mean, const Tensor& in, int64_t outer, int64_t n,
                          int64_t inner, double correction, bool root)>
      variance;
  /// The largest (smallest) elements, and where the first of them stand (int64). `values` may be undefined.
  Kernel<"extremum", void(const Tensor& values, const Tensor& places, const Tensor& in, int64_t outer, int64_t n,
                          int64_t inner, bool largest)>
      extremum;
  /// Whether two contiguous tensors of one type and shape hold the same numbers; a NaN is never the same.
  Kernel<"equal", bool(const Tensor& a, const Tensor& b)> equal;

  static const ReductionKernels cpu, cuda, meta;
};

}  // namespace tenon
