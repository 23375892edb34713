#pragma once
// Resizing along one dimension: each place of the result is a weighted sum of neighbouring elements.
#include <vector>

#include "backend/kernels.h"

namespace tenon {

/// What each place of the result takes: the elements first[i], first[i] + 1, …, times weights[begin[i]] up to, not
/// included, weights[begin[i + 1]].
struct ResizeTable {
  std::vector<int64_t> first, begin;
  std::vector<double> weights;
  int64_t results() const { return static_cast<int64_t>(first.size()); }
};

struct ResizeKernels {
  /// Along the middle of a contiguous (outer, n, inner); float32 or float64.
  Kernel<"resize",
         void(const Tensor& out, const Tensor& in, int64_t outer, int64_t n, int64_t inner, const ResizeTable&)>
      resize;

  static const ResizeKernels cpu, cuda, meta;
};

}  // namespace tenon
