#pragma once
// Order along the last dimension of a contiguous (rows, n), n > 0. Places are int64; NaN is the largest, equals keep
// their order.
#include "backend/kernels.h"
#include "backend/kinds.h"

namespace tenon {

struct SortKernels {
  /// The first k in order, for `values` and `places` of (rows, k).
  Kernel<"sort", void(const Tensor& values, const Tensor& places, const Tensor& in, bool descending)> sort;
  /// One of each row: the k-th smallest, from 1 on, or the lower of the middle, NaN where there is one, or without
  /// regard to NaNs.
  Kernel<"select_ranked", void(Rank, const Tensor& values, const Tensor& places, const Tensor& in, int64_t k)>
      select_ranked;
  /// The smallest of the most frequent, where it stands last. A NaN is different from others.
  Kernel<"mode", void(const Tensor& values, const Tensor& places, const Tensor& in)> mode;
  /// The places of whole rows in lexicographic order.
  Kernel<"order_rows", void(const Tensor& places, const Tensor& in)> order_rows;
  /// Where values would stand in sorted rows, or one row for all: int64, contiguous, inputs of int64, float32 or
  /// float64.
  Kernel<"searchsorted", void(const Tensor& out, const Tensor& sorted, const Tensor& values, bool right)> searchsorted;
  /// How many of float32 or float64 numbers, contiguous, lie in each of out's (int64) equal parts of min … max.
  Kernel<"histogram", void(const Tensor& out, const Tensor& in, double min, double max)> histogram;

  static const SortKernels cpu, cuda, meta;
};

}  // namespace tenon
