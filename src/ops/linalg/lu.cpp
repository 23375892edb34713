// lu, lu_factor, lu_solve. Gradient: L⁻¹·Pᵀ·dA·U⁻¹ = L⁻¹·dL + dU·U⁻¹ is a strictly lower and an upper triangle, and so
// tells one from the other; of a wide or a tall matrix this holds for its square part, and the rest follows from A =
// P·L·U.
#include "backend/linalg.h"
#include "ops/autocast.h"
#include "ops/linalg/common.h"

namespace tenon::linalg {
namespace {

/// Where each row of p·x comes from, (*, m) int64: LAPACK's exchanges, one after the other.
Tensor row_order(const Tensor& pivots, int64_t m) {
  const Shape batch{pivots.shape().begin(), pivots.shape().end() - 1};
  if (pivots.is_meta()) return empty(joined(batch, {m}), {int64, kMeta});
  const Tensor here = pivots.cpu(), order = arange(m, {int64, kCPU}).expand(joined(batch, {m})).contiguous();
  const int64_t k = pivots.size(-1);
  const auto exchanges = here.span<int32_t>();
  for (int64_t i = 0; i < batch.numel(); ++i) {
    int64_t* const rows = order.data<int64_t>() + i * m;
    for (int64_t j = 0; j < k; ++j) std::swap(rows[j], rows[exchanges[static_cast<std::size_t>(i * k + j)] - 1]);
  }
  return order.to(pivots.device());
}

constexpr TriangularOptions lower_t{.upper = true}, upper_t_right{.upper = false, .left = false};

/// x·u⁻ᵀ
Tensor by_upper(const Tensor& x, const Tensor& u) { return solve_triangular(matrix_transpose(u), x, upper_t_right); }

/// The gradient of p·l·u from those of l and u.
Tensor by_factors(const Tensor& p, const Tensor& l, const Tensor& u, const Tensor& gl, const Tensor& gu) {
  const int64_t m = l.size(-2), n = u.size(-1), k = l.size(-1);
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
  return matmul(p, outer);
}

void give_gradient(Grads& g) {
  const Tensor l = g.saved(1), u = g.saved(2);
  g.give(0, by_factors(g.saved(0), l, u, g.in(0).defined() ? g.in(0) : zeros_like(l),
                       g.in(1).defined() ? g.in(1) : zeros_like(u)));
}

}  // namespace

LU lu(const Tensor& a) {
  if (autocasts()) [[unlikely]]
    return in_float_type(lu, a);
  check_matrices(a, "linalg.lu");
  const int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n);
  LU y;
  {
    const NoGrad guard;
    const Shape batch = batch_of(a);
    const Tensor factors = by_columns(a), pivots = new_tensor(joined(batch, {k}), int32, a.device());
    if (k > 0) on<LinalgKernels>(a.device()).lu_factor(factors, pivots, new_info(batch, a));
    const Tensor order = row_order(pivots, m);
    y.p = zeros(joined(batch, {m, m}), {a.dtype(), a.device()}).scatter_(-2, order.unsqueeze(-2), 1);
    y.l = factors.narrow(-1, 0, k).tril(-1);
    y.l.diagonal(0, -2, -1).fill_(1);
    y.u = factors.narrow(-2, 0, k).triu();
  }
  if (needs_grad(a)) record_outputs("linalg.lu", {&y.l, &y.u}, {&a}, {&y.p, &y.l, &y.u}, give_gradient);
  return y;
}

LUFactor lu_factor(const Tensor& a) {
  if (autocasts()) [[unlikely]]
    return in_float_type(lu_factor, a);
  check_matrices(a, "linalg.lu_factor");
  const int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n);
  LUFactor y;
  {
    const NoGrad guard;
    const Tensor info = new_info(batch_of(a), a);
    y = {by_columns(a), new_tensor(joined(batch_of(a), {k}), int32, a.device())};
    if (k > 0) on<LinalgKernels>(a.device()).lu_factor(y.lu, y.pivots, info);
    check_info(info, "linalg.lu_factor", [](int at) {
      return fmt::format("the matrix is singular: u[{0}, {0}] is zero, counted from 1; lu() factors it", at);
    });
  }
  if (needs_grad(a)) {
    record("linalg.lu_factor", y.lu, {&a}, {&y.lu, &y.pivots}, [](Grads& g) {
      // Both triangles stand in one matrix, and so do their gradients.
      const Tensor both = g.saved(0), gradient = g.in();
      const int64_t rows = both.size(-2), columns = both.size(-1), square = std::min(rows, columns);
      const Tensor order = row_order(g.saved(1), rows);
      const Tensor p = zeros(joined(batch_of(both), {rows, rows}), {both.dtype(), both.device()})
                           .scatter_(-2, order.unsqueeze(-2), 1);
      const Tensor unit = eye(rows, square, {both.dtype(), both.device()});
      g.give(0, by_factors(p, both.narrow(-1, 0, square).tril(-1) + unit, both.narrow(-2, 0, square).triu(),
                           gradient.narrow(-1, 0, square).tril(-1), gradient.narrow(-2, 0, square).triu()));
    });
  }
  return y;
}

Tensor lu_solve(const Tensor& lu, const Tensor& pivots, const Tensor& b, const LUSolveOptions& o) {
  if (autocasts()) [[unlikely]]
    return in_float_type([&](const auto&... in) { return lu_solve(in..., o); }, lu, pivots, b);
  check_square(lu, "linalg.lu_solve");
  check_matrices(b, "linalg.lu_solve");
  check_same_device(lu, b, "linalg.lu_solve");
  check_same_device(lu, pivots, "linalg.lu_solve");
  if (lu.dtype() != b.dtype())
    fail("linalg.lu_solve", "expected one data type, got {} and {}: convert one", lu.dtype(), b.dtype());
  const int64_t n = lu.size(-1);
  if (pivots.dtype() != int32 || pivots.shape() != joined(batch_of(lu), {n}))
    fail("linalg.lu_solve", "expected pivots {} of int32 as lu_factor() gives them, got {} {}",
         joined(batch_of(lu), {n}).to_string(), pivots.shape().to_string(), pivots.dtype());
  if (b.size(o.left ? -2 : -1) != n)
    fail("linalg.lu_solve", "expected (*, n, n) and {}, got {} and {}", o.left ? "(*, n, k)" : "(*, k, n)",
         lu.shape().to_string(), b.shape().to_string());
  if (!o.left) return matrix_transpose(lu_solve(lu, pivots, matrix_transpose(b), {.adjoint = !o.adjoint}));
  // a = p·l·u: row i of pᵀ·b is row order[i] of b.
  const Tensor order = row_order(pivots, n);
  const Shape batch = broadcast_shapes(batch_of(lu), batch_of(b), "linalg.lu_solve");
  const Tensor wide = b.expand(joined(batch, {n, b.size(-1)}));
  const auto by_rows = [&](const Tensor& x, const Tensor& rows) {
    return x.gather(-2, rows.unsqueeze(-1).expand(joined(batch, {n, b.size(-1)})));
  };
  if (!o.adjoint)
    return solve_triangular(lu, solve_triangular(lu, by_rows(wide, order), {.upper = false, .unitriangular = true}),
                            {.upper = true});
  const Tensor transposed = matrix_transpose(lu);
  const Tensor y = solve_triangular(transposed, solve_triangular(transposed, wide, {.upper = false}),
                                    {.upper = true, .unitriangular = true});
  return by_rows(y, order.argsort());
}

}  // namespace tenon::linalg
