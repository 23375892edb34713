// svd and svdvals. Gradient: J. Townsend, "Differentiating the singular value decomposition" (2016). It does not exist
// where singular values meet; that of the singular values alone always does.
#include "backend/linalg.h"
#include "ops/autocast.h"
#include "ops/linalg/common.h"

namespace tenon::linalg {
namespace {

Tensor skew(const Tensor& x) { return x - matrix_transpose(x); }

/// u (*, m, k), s (*, k), vh (*, k, n); gradients may be undefined.
Tensor svd_gradient(const Tensor& u, const Tensor& s, const Tensor& vh, const Tensor& gu, const Tensor& gs,
                    const Tensor& gvh) {
  const int64_t m = u.size(-2), k = s.size(-1), n = vh.size(-1);
  if (!gu.defined() && !gvh.defined())
    return m >= n ? matmul(u, gs.unsqueeze(-1) * vh) : matmul(u * gs.unsqueeze(-2), vh);
  const Tensor one = identity(k, s), square = s * s;
  const Tensor gaps = square.unsqueeze(-2) - square.unsqueeze(-1) + one;  // sⱼ² − sᵢ², not 0 on the diagonal
  const Tensor ut = matrix_transpose(u), v = matrix_transpose(vh);
  Tensor inner = zeros_like(gaps);
  if (gu.defined()) inner = inner + skew(matmul(ut, gu)) / gaps * s.unsqueeze(-2);
  if (gvh.defined()) inner = inner + s.unsqueeze(-1) * (skew(matmul(vh, matrix_transpose(gvh))) / gaps);
  if (gs.defined()) inner = inner + one * gs.unsqueeze(-1);
  Tensor left = matmul(u, inner);
  if (gu.defined() && m > k) {
    const Tensor outside = gu / s.unsqueeze(-2);
    left = left + outside - matmul(u, matmul(ut, outside));
  }
  Tensor gradient = matmul(left, vh);
  if (gvh.defined() && n > k) {
    const Tensor outside = gvh / s.unsqueeze(-1);
    gradient = gradient + matmul(u, outside - matmul(matmul(outside, v), vh));
  }
  return gradient;
}

std::string trouble(int info) {
  return info < 0 ? "the matrix has elements that are not finite" : "the algorithm did not converge";
}

/// Only the values: nothing else is computed, nothing recorded.
Tensor values_of(const Tensor& a) {
  const NoGrad guard;
  const int64_t k = std::min(a.size(-2), a.size(-1));
  const Tensor s = new_tensor(joined(batch_of(a), {k}), a.dtype(), a.device()), info = new_info(batch_of(a), a);
  if (a.numel() > 0) on<LinalgKernels>(a.device()).svd({}, s, {}, by_columns(a), info);
  check_info(info, "linalg.svdvals", trouble);
  return s;
}

}  // namespace

SVD svd(const Tensor& a, bool full_matrices) {
  if (autocasts()) [[unlikely]]
    return in_float_type([=](const Tensor& in) { return svd(in, full_matrices); }, a);
  check_matrices(a, "linalg.svd");
  const int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n);
  SVD y;
  {
    const NoGrad guard;
    const Shape batch = batch_of(a);
    y.u = new_by_columns(joined(batch, {m, full_matrices ? m : k}), a);
    y.s = new_tensor(joined(batch, {k}), a.dtype(), a.device());
    y.vh = new_by_columns(joined(batch, {full_matrices ? n : k, n}), a);
    if (a.numel() > 0) {
      const Tensor info = new_info(batch, a);
      on<LinalgKernels>(a.device()).svd(y.u, y.s, y.vh, by_columns(a), info);
      check_info(info, "linalg.svd", trouble);
    } else if (k == 0) {  // nothing to decompose: any orthogonal matrix will do
      y.u.copy_(identity(m, a).narrow(-1, 0, y.u.size(-1)));
      y.vh.copy_(identity(n, a).narrow(-2, 0, y.vh.size(-2)));
    }
  }
  if (needs_grad(a))
    record_outputs("linalg.svd", {&y.u, &y.s, &y.vh}, {&a}, {&y.u, &y.s, &y.vh}, [k](Grads& g) {
      // Of full matrices, what stands beyond the first k is any completion: it has no gradient.
      const auto columns = [k](const Tensor& x) { return x.defined() ? x.narrow(-1, 0, k) : x; };
      const auto rows = [k](const Tensor& x) { return x.defined() ? x.narrow(-2, 0, k) : x; };
      g.give(0,
             svd_gradient(columns(g.saved(0)), g.saved(1), rows(g.saved(2)), columns(g.in(0)), g.in(1), rows(g.in(2))));
    });
  return y;
}

Tensor svdvals(const Tensor& a) {
  if (autocasts()) [[unlikely]]
    return in_float_type(svdvals, a);
  check_matrices(a, "linalg.svdvals");
  return needs_grad(a) ? svd(a, false).s : values_of(a);
}

Tensor matrix_rank(const Tensor& a) {
  if (autocasts()) [[unlikely]]
    return in_float_type(matrix_rank, a);
  check_matrices(a, "linalg.matrix_rank");
  const Tensor s = values_of(a);
  if (s.size(-1) == 0) return zeros(batch_of(a), {int64, a.device()});
  return (s > s.narrow(-1, 0, 1) * tolerance(a)).sum({-1});
}

}  // namespace tenon::linalg
