#pragma once
// Products of matrices, and small linear algebra by LAPACK (float32 and float64, batches in the leading dimensions).
#include <concepts>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include <tenon/tensor_list.h>

#pragma GCC visibility push(default)

namespace tenon {

// ---- products
/// (n)·(n), (m, k)·(k), (k)·(k, n), (m, k)·(k, n), and batches of matrices whose leading dimensions broadcast. Source:
/// torch.matmul.
Tensor matmul(const Tensor& a, const Tensor& b);
inline Tensor mm(const Tensor& a, const Tensor& b) { return a.mm(b); }
inline Tensor bmm(const Tensor& a, const Tensor& b) { return a.bmm(b); }
inline Tensor mv(const Tensor& matrix, const Tensor& vector) { return matrix.mv(vector); }
inline Tensor dot(const Tensor& a, const Tensor& b) { return a.dot(b); }
inline Tensor outer(const Tensor& a, const Tensor& b) { return a.outer(b); }
/// beta·x + alpha·(a·b).
Tensor addmm(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta = 1, const Scalar& alpha = 1);
Tensor addmv(const Tensor& x, const Tensor& matrix, const Tensor& vector, const Scalar& beta = 1,
             const Scalar& alpha = 1);
Tensor baddbmm(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta = 1, const Scalar& alpha = 1);
/// beta·x + alpha·Σ a(i)·b(i), over the matrices of a batch.
Tensor addbmm(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta = 1, const Scalar& alpha = 1);
/// beta·x + alpha·(a bᵀ) of two vectors.
Tensor addr(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta = 1, const Scalar& alpha = 1);
/// Products of rows, (…, n)·(…, n); with a 0-dim tensor, a plain product.
Tensor inner(const Tensor& a, const Tensor& b);
/// Sums of products by Einstein's convention: einsum("bij,bjk->bik", {a, b}), with "..." and repeated subscripts.
Tensor einsum(std::string_view equation, const TensorList& operands);
/// The sum over pairs of dimensions.
Tensor tensordot(const Tensor& a, const Tensor& b, const Shape& dims_a, const Shape& dims_b);
Tensor tensordot(const Tensor& a, const Tensor& b, int64_t dims = 2);
Tensor kron(const Tensor& a, const Tensor& b);  ///< each element of a times b, in its place
/// The cross product along a dimension of size 3.
Tensor cross(const Tensor& a, const Tensor& b, int64_t dim = -1);
inline Tensor trace(const Tensor& x) { return x.trace(); }
/// p-norms of the differences between rows: (*, n, d), (*, m, d) → (*, n, m).
Tensor cdist(const Tensor& a, const Tensor& b, double p = 2);
/// p-norms of the differences between the rows of a matrix (n, d), each pair once: n·(n − 1) / 2, in the order (0, 1),
/// (0, 2), … (1, 2), …
Tensor pdist(const Tensor& x, double p = 2);
/// Powers of a vector's elements as rows, (n) → (n, columns), from the highest, or with `increasing` from 0 on; without
/// `columns` as many as there are elements.
Tensor vander(const Tensor& x, std::optional<int64_t> columns = {}, bool increasing = false);

/// log det(a): NaN where that is negative.
Tensor logdet(const Tensor& a);
/// x with a·x = b, where the triangle is a's Cholesky factor: b (*, n, k).
Tensor cholesky_solve(const Tensor& b, const Tensor& triangle, bool upper = false);
/// The inverse of the matrix whose Cholesky factor is `triangle` (*, n, n).
Tensor cholesky_inverse(const Tensor& triangle, bool upper = false);
inline Tensor det(const Tensor& a) { return a.det(); }
inline Tensor matrix_exp(const Tensor& a) { return a.matrix_exp(); }
inline Tensor matrix_power(const Tensor& a, int64_t n) { return a.matrix_power(n); }

namespace detail {
Tensor norm_by_name(const Tensor& x, std::string_view ord, const Shape& dims, bool keepdim);
}  // namespace detail

namespace linalg {

/// x with a·x = b: a (*, n, n), b (*, n, k) or (*, n). An error for a singular matrix.
Tensor solve(const Tensor& a, const Tensor& b);
/// An error for a singular matrix; a (*, n, n).
Tensor inv(const Tensor& a);
struct InverseAndInfo {
  Tensor inverse, info;
};
/// inv() that does not stop at a singular matrix: `info` (*, int32) is 0, or which pivot was zero, counted from 1.
InverseAndInfo inv_ex(const Tensor& a, bool check_errors = false);
/// Moore and Penrose's inverse, (*, m, n) → (*, n, m).
Tensor pinv(const Tensor& a);
Tensor det(const Tensor& a);  ///< (*, n, n) → (*)
struct SignAndLogDet {
  Tensor sign, logabsdet;
};
/// The determinant's sign (0 of a singular matrix) and the logarithm of its size.
SignAndLogDet slogdet(const Tensor& a);

struct LU {
  Tensor p, l, u;
};
/// a = p·l·u: a permutation, a unit lower and an upper triangle; a (*, m, n).
LU lu(const Tensor& a);
struct LUFactor {
  Tensor lu, pivots;
};
/// The same as LAPACK keeps it: both triangles in one (*, m, n), and which row each row was exchanged with, counted
/// from 1 (*, min(m, n), int32). An error for a singular matrix.
LUFactor lu_factor(const Tensor& a);
struct LUSolveOptions {
  bool left = true;      ///< a·x = b; false: x·a = b
  bool adjoint = false;  ///< aᵀ in place of a
};
/// x with a·x = b, where a's factors are lu_factor(a): b (*, n, k).
Tensor lu_solve(const Tensor& lu, const Tensor& pivots, const Tensor& b, const LUSolveOptions& options = {});

enum class QRMode : uint8_t { reduced, complete, r };
struct QR {
  Tensor q, r;
};
/// a = q·r with orthonormal columns of q.
QR qr(const Tensor& a, QRMode mode = QRMode::reduced);

struct SVD {
  Tensor u, s, vh;
};
/// a = u·diag(s)·vh, singular values in descending order.
SVD svd(const Tensor& a, bool full_matrices = true);
Tensor svdvals(const Tensor& a);  ///< the singular values alone, (*, min(m, n))

/// The triangle L with L·Lᵀ = a (or with `upper` Lᵀ), a symmetric and positive definite; an error where it is not.
Tensor cholesky(const Tensor& a, bool upper = false);
struct CholeskyAndInfo {
  Tensor l, info;
};
/// cholesky() that does not stop where a matrix is not positive definite: `info` (*, int32) is 0, or the order of the
/// leading minor that is not, and that matrix's triangle is not to be used.
CholeskyAndInfo cholesky_ex(const Tensor& a, bool upper = false, bool check_errors = false);
struct Eigen {
  Tensor eigenvalues, eigenvectors;
};
/// Of a symmetric matrix, of which the lower triangle is read; ascending.
Eigen eigh(const Tensor& a);
Tensor eigvalsh(const Tensor& a);
/// Eigenvalues of other matrices are complex numbers, with which this library does not compute yet.
template <class T>
void eig(const T&) {
  static_assert(!std::is_same_v<T, T>,
                "[linalg::eig] has complex results, with which Tenon does not compute yet; for "
                "symmetric matrices there are linalg::eigh and linalg::eigvalsh");
}
template <class T>
void eigvals(const T&) {
  static_assert(!std::is_same_v<T, T>,
                "[linalg::eigvals] has complex results, with which Tenon does not compute yet; "
                "for symmetric matrices there are linalg::eigh and linalg::eigvalsh");
}
struct TriangularOptions {
  bool upper = false;  ///< which triangle of a is read
  bool left = true;    ///< a·x = b; false: x·a = b
  bool unitriangular = false;
};
/// x with a·x = b, of a only one triangle being read: a (*, n, n), b (*, n, k).
Tensor solve_triangular(const Tensor& a, const Tensor& b, const TriangularOptions& options = {});
/// The least-squares solution of a·x = b: a (*, m, n), b (*, m, k) or (*, m).
Tensor lstsq(const Tensor& a, const Tensor& b);
Tensor matrix_power(const Tensor& a, int64_t n);  ///< (*, n, n); a negative power is the inverse's
Tensor matrix_rank(const Tensor& a);              ///< how many singular values are not 0: (*), int64
/// ord: "fro", "nuc", or 1, −1, 2, −2, ±infinity as a number.
Tensor matrix_norm(const Tensor& a, std::string_view ord = "fro", bool keepdim = false);
Tensor matrix_norm(const Tensor& a, double ord, bool keepdim = false);
/// (Σ |x|^ord)^(1/ord); ord may be 0 and ±infinity.
Tensor vector_norm(const Tensor& x, double ord = 2, const Shape& dims = {}, bool keepdim = false);
/// vector_norm over all or one of the dimensions, matrix_norm over two.
Tensor norm(const Tensor& x, std::optional<double> ord = {}, const Shape& dims = {}, bool keepdim = false);
/// The same for "fro" and "nuc". (A template: {} and 0 are not texts.)
Tensor norm(const Tensor& x, std::convertible_to<std::string_view> auto ord, const Shape& dims = {},
            bool keepdim = false) {
  return detail::norm_by_name(x, ord, dims, keepdim);
}
/// ‖a‖·‖a⁻¹‖ of square matrices; ord as for matrix_norm. With 2 (the default) or −2 the ratio of singular values, of
/// any matrices.
Tensor cond(const Tensor& a, double ord = 2);
Tensor cond(const Tensor& a, std::string_view ord);
Tensor matrix_exp(const Tensor& a);                                 ///< Σ aⁿ / n!, (*, n, n)
Tensor vecdot(const Tensor& a, const Tensor& b, int64_t dim = -1);  ///< Σ a·b along a dimension; both broadcast
/// The product of two matrices or more, in the cheapest order; the first and the last may be vectors.
Tensor multi_dot(const TensorList& matrices);

}  // namespace linalg
}  // namespace tenon

#pragma GCC visibility pop
