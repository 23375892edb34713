#pragma once
// Along the middle of a contiguous (outer, n, inner), from its begin, or from its end where `reverse`.
#include "backend/kernels.h"
#include "backend/kinds.h"

namespace tenon {

struct ScanKernels {
  /// Each result is that of all elements up to it. Of real types, or int64 for sum and prod.
  Kernel<"scan",
         void(ScanOp, const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner, bool reverse)>
      scan;
  /// out(k) = b(k) + a(k)·out(k − 1), of real types; the first is b's.
  Kernel<"linear_scan", void(const Tensor& out, const Tensor& a, const Tensor& b, int64_t outer, int64_t n,
                             int64_t inner, bool reverse)>
      linear_scan;
  /// The largest (smallest) up to each element, and where the last of them stands (int64); a NaN is both.
  Kernel<"scan_extremum", void(const Tensor& values, const Tensor& places, const Tensor& in, int64_t outer, int64_t n,
                               int64_t inner, bool largest)>
      scan_extremum;

  static const ScanKernels cpu, cuda, meta;
};

}  // namespace tenon
