#pragma once
// Elements by number and by mask. Indices are int64 and have been checked; elements of any type are moved as they are.
#include <optional>
#include <utility>

#include "backend/kernels.h"
#include "backend/kinds.h"

namespace tenon {

struct IndexKernels {
  /// The least and the greatest of a contiguous index; none where all are in 0 … size − 1.
  Kernel<"range_outside", std::optional<std::pair<int64_t, int64_t>>(const Tensor& index, int64_t size)> range_outside;
  /// out(i, j, :) = in(i, index(j), :) for contiguous (outer, rows, inner).
  Kernel<"gather_rows", void(const Tensor& out, const Tensor& in, const Tensor& index, int64_t outer, int64_t inner)>
      gather_rows;
  /// Element i of out is what lies index(i)·step elements after element i of `in`; all of one shape, any strides.
  Kernel<"gather", void(const Tensor& out, const Tensor& in, const Tensor& index, int64_t step)> gather;
  /// What lies index(i)·step elements after element i of out is combined with element i of `in`, in order along `dim`,
  /// where out has stride 0; all of one shape, any strides. Half types only where they replace.
  Kernel<"scatter", void(Combine, const Tensor& out, const Tensor& in, const Tensor& index, int64_t dim, int64_t step)>
      scatter;
  /// Places in a row-major order of `sizes`, as places in memory with these strides; both contiguous.
  Kernel<"place_offsets", void(const Tensor& out, const Tensor& places, const Shape& sizes, const Shape& strides)>
      place_offsets;
  /// out = in where the mask is true, untouched elsewhere; mask and `in` broadcast to out's shape.
  Kernel<"masked_copy", void(const Tensor& out, const Tensor& mask, const Tensor& in)> masked_copy;
  /// Of a contiguous mask.
  Kernel<"count_true", int64_t(const Tensor& mask)> count_true;
  /// The coordinates (n, mask.dim()) of what is true, row by row; n from count_true.
  Kernel<"true_places", void(const Tensor& out, const Tensor& mask)> true_places;
  /// Zeros above diagonal k (or below) of each matrix of a contiguous tensor.
  Kernel<"clear_triangle", void(const Tensor& x, int64_t k, bool above)> clear_triangle;

  static const IndexKernels cpu, cuda, meta;
};

}  // namespace tenon
