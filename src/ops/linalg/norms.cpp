// vector_norm, matrix_norm, and norm, which chooses between them.
#include <cmath>

#include "ops/linalg/common.h"

namespace tenon::linalg {
namespace {

void check_norm(const Tensor& a, std::string_view operation, int64_t dims) {
  if (a.dim() < dims) fail(operation, "expected a matrix or a batch of matrices, got shape {}", a.shape().to_string());
  if (!is_floating_point(a.dtype()))
    fail(operation, "expected a floating-point tensor, got {}: convert with to(float32)", a.dtype());
}

/// Norms of matrices that are made of singular values, (*, k) → (*), in their shape with keepdim.
Tensor kept(const Tensor& norms, bool keepdim) { return keepdim ? norms.unsqueeze(-1).unsqueeze(-1) : norms; }

}  // namespace

Tensor vector_norm(const Tensor& x, double ord, const Shape& dims, bool keepdim) {
  check_norm(x, "linalg.vector_norm", 0);
  return x.norm(ord, dims, keepdim);
}

Tensor matrix_norm(const Tensor& a, std::string_view ord, bool keepdim) {
  check_norm(a, "linalg.matrix_norm", 2);
  if (ord == "fro") return a.norm(2, {-2, -1}, keepdim);
  if (ord == "nuc") return kept(svdvals(a).sum({-1}), keepdim);
  fail("linalg.matrix_norm", "expected ord \"fro\", \"nuc\" or a number, got \"{}\"", ord);
}

Tensor matrix_norm(const Tensor& a, double ord, bool keepdim) {
  check_norm(a, "linalg.matrix_norm", 2);
  const double size = std::abs(ord);
  if (size != 1 && size != 2 && !std::isinf(size))
    fail("linalg.matrix_norm", "expected ord 1, -1, 2, -2, infinity or -infinity, got {}", ord);
  const bool largest = ord > 0;
  if (size != 2) {
    // The largest (or least) sum of a column, for infinity of a row.
    const int64_t summed = size == 1 ? -2 : -1, compared = size == 1 ? -1 : -2;
    const Tensor sums = a.abs().sum({summed}, true);
    const Tensor norms = largest ? sums.amax({compared}, true) : sums.amin({compared}, true);
    return keepdim ? norms : norms.squeeze(-1).squeeze(-1);
  }
  const Tensor values = svdvals(a);
  if (values.size(-1) == 0 && largest) return kept(values.sum({-1}), keepdim);  // 0, of nothing
  return kept(largest ? values.amax({-1}) : values.amin({-1}), keepdim);
}

namespace {

/// f of the matrices in two dimensions; with keepdim these stay, of size 1.
template <class F>
Tensor norm_of_matrices(const Tensor& x, const Shape& given, bool keepdim, F f) {
  const Shape dims = given.empty() ? Shape{-2, -1} : given;
  if (dims.size() != 2 || x.dim() < 2 || (given.empty() && x.dim() > 2))
    fail("linalg.norm", "a norm of matrices needs two dimensions, got {} of shape {}", given.to_string(),
         x.shape().to_string());
  const int64_t rows = wrap_dim(dims[0], x.dim(), "linalg.norm"), columns = wrap_dim(dims[1], x.dim(), "linalg.norm");
  if (rows == columns) fail("linalg.norm", "dimension {} is named twice", rows);
  const Tensor y = f(x.movedim({rows, columns}, {-2, -1}));
  if (!keepdim) return y;
  return y.unsqueeze(std::min(rows, columns)).unsqueeze(std::max(rows, columns));
}

}  // namespace

Tensor norm(const Tensor& x, std::optional<double> ord, const Shape& dims, bool keepdim) {
  if (!ord) return vector_norm(x, 2, dims, keepdim);
  if (dims.size() == 1 || (dims.empty() && x.dim() == 1)) return vector_norm(x, *ord, dims, keepdim);
  return norm_of_matrices(x, dims, keepdim, [ord](const Tensor& m) { return matrix_norm(m, *ord); });
}

}  // namespace tenon::linalg

namespace tenon {

Tensor detail::norm_by_name(const Tensor& x, std::string_view ord, const Shape& dims, bool keepdim) {
  return linalg::norm_of_matrices(x, dims, keepdim, [ord](const Tensor& m) { return linalg::matrix_norm(m, ord); });
}

}  // namespace tenon
