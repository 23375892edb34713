#pragma once
// Linear algebra of float32 and float64: batches of matrices, each by columns (mT() is contiguous), changed in place;
// vectors contiguous; pivots and info (*), one a matrix, int32. An info that is not 0 is LAPACK's complaint.
#include "backend/kernels.h"

namespace tenon {

struct TriangularArgs {
  bool upper, left, unitriangular;
};

struct LinalgKernels {
  Kernel<"lu_factor", void(const Tensor& a, const Tensor& pivots, const Tensor& info)> lu_factor;
  /// b becomes the solution.
  Kernel<"lu_solve", void(const Tensor& b, const Tensor& lu, const Tensor& pivots, bool transposed)> lu_solve;
  /// b becomes the solution.
  Kernel<"triangular_solve", void(const Tensor& b, const Tensor& triangle, const TriangularArgs&)> triangular_solve;
  /// a becomes the triangle.
  Kernel<"cholesky", void(const Tensor& a, bool upper, const Tensor& info)> cholesky;
  /// r above the diagonal of a (m, n), and below it what with `reflectors` (min(m, n)) makes q.
  Kernel<"qr", void(const Tensor& a, const Tensor& reflectors)> qr;
  /// What qr left becomes q.
  Kernel<"orthogonal", void(const Tensor& q, const Tensor& reflectors)> orthogonal;
  /// u and vh have the sizes that are wanted, or are undefined; a is not empty, and lost.
  Kernel<"svd", void(const Tensor& u, const Tensor& s, const Tensor& vh, const Tensor& a, const Tensor& info)> svd;
  /// a becomes the vectors.
  Kernel<"eigh", void(const Tensor& a, const Tensor& eigenvalues, bool vectors, const Tensor& info)> eigh;
  /// Of a (m, n), not empty, and b (max(m, n), k), whose first n rows become the solution; singular values below rcond
  /// times the largest count as 0.
  Kernel<"least_squares", void(const Tensor& a, const Tensor& b, double rcond, const Tensor& info)> least_squares;

  TENON_INTERNAL_API static const LinalgKernels cpu, cuda, meta;
};

}  // namespace tenon
