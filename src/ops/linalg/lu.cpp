// lu. Gradient: L⁻¹·Pᵀ·dA·U⁻¹ = L⁻¹·dL + dU·U⁻¹ is a strictly lower and an upper triangle, and so tells one from the
// other; of a wide or a tall matrix this holds for its square part, and the rest follows from A = P·L·U.
#include "ops/linalg/common.h"

namespace tenon::linalg {
namespace {

/// Where each row of p·x comes from, (*, m) int64: LAPACK's exchanges, one after the other.
Tensor row_order(const Tensor& pivots, int64_t m) {
  const Shape batch{pivots.shape().begin(), pivots.shape().end() - 1};
  Tensor order = arange(m, {int64, pivots.device()}).expand(joined(batch, {m})).contiguous();
  if (order.is_meta()) return order;
  const int64_t k = pivots.size(-1);
  const auto exchanges = pivots.span<int32_t>();
  for (int64_t i = 0; i < batch.numel(); ++i) {
    int64_t* const rows = order.data<int64_t>() + i * m;
    for (int64_t j = 0; j < k; ++j) std::swap(rows[j], rows[exchanges[static_cast<std::size_t>(i * k + j)] - 1]);
  }
  return order;
}

constexpr TriangularOptions lower_t{.upper = true}, upper_t_right{.upper = false, .left = false};

/// x·u⁻ᵀ
Tensor by_upper(const Tensor& x, const Tensor& u) { return solve_triangular(matrix_transpose(u), x, upper_t_right); }

void give_gradient(Grads& g) {
  const Tensor p = g.saved(0), l = g.saved(1), u = g.saved(2);
  const int64_t m = l.size(-2), n = u.size(-1), k = l.size(-1);
  const Tensor gl = g.in(0).defined() ? g.in(0) : zeros_like(l), gu = g.in(1).defined() ? g.in(1) : zeros_like(u);
  const Tensor l1 = l.narrow(-2, 0, k), u1 = u.narrow(-1, 0, k);
  const Tensor gl1 = gl.narrow(-2, 0, k), gu1 = gu.narrow(-1, 0, k);
  const auto rest = [&](const Tensor& x, int64_t dim) { return x.narrow(dim, k, x.size(dim) - k); };

  Tensor lower = matmul(matrix_transpose(l1), gl1), upper = matmul(gu1, matrix_transpose(u1));
  if (n > k) lower = lower - matmul(rest(gu, -1), matrix_transpose(rest(u, -1)));
  if (m > k) upper = upper - matmul(matrix_transpose(rest(l, -2)), rest(gl, -2));
  Tensor inner = by_upper(lower.tril(-1) + upper.triu(), u1);
  if (n > k) inner = cat({inner, rest(gu, -1)}, -1);
  Tensor outer = solve_triangular(matrix_transpose(l1), inner, lower_t);
  if (m > k) outer = cat({outer, by_upper(rest(gl, -2), u1)}, -2);
  g.give(0, matmul(p, outer));
}

}  // namespace

LU lu(const Tensor& a) {
  check_matrices(a, "linalg.lu");
  const int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n);
  LU y;
  {
    const NoGrad guard;
    const Shape batch = batch_of(a);
    const Tensor factors = by_columns(a), pivots = new_tensor(joined(batch, {k}), int32, a.device());
    if (k > 0) backend_for(a.device()).lu_factor(factors, pivots, new_info(batch, a));
    const Tensor order = row_order(pivots, m);
    y.p = zeros(joined(batch, {m, m}), {a.dtype(), a.device()}).scatter_(-2, order.unsqueeze(-2), 1);
    y.l = factors.narrow(-1, 0, k).tril(-1);
    y.l.diagonal(0, -2, -1).fill_(1);
    y.u = factors.narrow(-2, 0, k).triu();
  }
  if (needs_grad(a)) record_outputs("linalg.lu", {&y.l, &y.u}, {&a}, {&y.p, &y.l, &y.u}, give_gradient);
  return y;
}

}  // namespace tenon::linalg
