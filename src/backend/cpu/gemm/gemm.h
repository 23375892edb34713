#pragma once
// Products of matrices of floating-point numbers, the library's own: any layout of both operands, read where they lie
// or packed into small panels, never copied as a whole. docs/architecture.md says how it works.
#include <utility>

#include <tenon/dtype.h>
#include <tenon/shape.h>

#include "base/internal_api.h"

namespace tenon::backend::cpu {

/// A matrix by its first element and the steps from one row, and one column, to the next, in elements.
struct MatrixView {
  void* data;
  int64_t row, column;
};

/// out (m, n) = a (m, k)·b (k, n) (+ bias), all of one floating-point type. Half types are added up in float and
/// rounded once.
struct Gemm {
  DType type;
  int64_t m, n, k;
  MatrixView a, b, out;
  MatrixView bias{nullptr, 0, 0};  ///< one for each row or for each column: the other step is 0; or null
  bool add = false;                ///< out += a·b instead; of float or double, without a bias
};

/// The leading dimensions of a batch of products: sizes, and how far a, b and out step, in elements (0: the same matrix
/// for all).
struct GemmBatch {
  Shape sizes, a, b;
  int64_t out;
  /// Where the matrices of one product begin.
  std::pair<int64_t, int64_t> offsets(int64_t index) const {
    int64_t at_a = 0, at_b = 0;
    for (std::size_t d = sizes.size(); d-- > 0; index /= sizes[d]) {
      at_a += index % sizes[d] * a[d];
      at_b += index % sizes[d] * b[d];
    }
    return {at_a, at_b};
  }
};

/// Every product of a batch, on up to num_threads() threads. The same bits for any number of them. No size is 0.
TENON_INTERNAL_API void gemm(const Gemm& g, const GemmBatch& batch);

}  // namespace tenon::backend::cpu
