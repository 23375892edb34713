#pragma once
// Bags of rows of a table.
#include <cstdint>

#include "backend/kernels.h"

namespace tenon {

struct BagArgs {
  Tensor weight;   ///< (rows, D) contiguous, of a real type
  Tensor index;    ///< (n) int64, contiguous, checked
  Tensor begins;   ///< (bags + 1) int64, contiguous: bag b has indices begins(b) … begins(b + 1) − 1
  Tensor factors;  ///< (n) contiguous, float64 where weight is, else float32: of each row, 0 of one that does not count
};

struct EmbeddingKernels {
  /// out(b, :) = Σ factors(i)·weight(index(i), :), contiguous.
  Kernel<"sum_bags", void(const Tensor& out, const BagArgs&)> sum_bags;
  /// The largest elements of the rows that count, the first of equal ones, and which rows they are of (int64); 0 and −1
  /// where none counts.
  Kernel<"largest_of_bags", void(const Tensor& out, const Tensor& rows, const BagArgs&)> largest_of_bags;

  static const EmbeddingKernels cpu, cuda, meta;
};

}  // namespace tenon
