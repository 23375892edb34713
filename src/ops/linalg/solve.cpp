// What a matrix's factors L·U give: solve, inv, det, slogdet, logdet, cond. Gradients: M. Giles, "Collected matrix
// derivative results for forward and reverse mode algorithmic differentiation" (2008), 2.2.3 and 2.3.
#include <cmath>
#include <limits>

#include "backend/linalg.h"
#include "ops/autocast.h"
#include "ops/linalg/common.h"

namespace tenon::linalg {
namespace {

struct Factors {
  Tensor lu, pivots, info;
};

Factors factor(const Tensor& a) {
  const NoGrad guard;
  Factors f{by_columns(a), new_tensor(joined(batch_of(a), {a.size(-1)}), int32, a.device()), new_info(batch_of(a), a)};
  on<LinalgKernels>(a.device()).lu_factor(f.lu, f.pivots, f.info);
  return f;
}

Factors factor_regular(const Tensor& a, std::string_view operation) {
  Factors f = factor(a);
  check_info(f.info, operation, [](int at) { return fmt::format("the matrix is singular: pivot {} is zero", at); });
  return f;
}

/// x with a·x = b, or aᵀ·x = b; leading dimensions broadcast; not recorded.
Tensor solve_with(const Tensor& lu, const Tensor& pivots, const Tensor& b, bool transposed = false) {
  const NoGrad guard;
  const Shape batch = broadcast_shapes(batch_of(lu), batch_of(b), "linalg.solve");
  const Tensor x = by_columns(b, batch);
  const bool same = batch == batch_of(lu);
  on<LinalgKernels>(b.device())
      .lu_solve(x, same ? lu : by_columns(lu, batch),
                same ? pivots : pivots.expand(joined(batch, {pivots.size(-1)})).contiguous(), transposed);
  return x;
}

/// −1 to the power of the rows that changed places, as a tensor of that many factors 1 and −1.
Tensor exchange_signs(const Tensor& lu, const Tensor& pivots) {
  const Tensor stayed = arange(1, pivots.size(-1) + 1, 1, {int32, pivots.device()});
  return (pivots != stayed).to(lu.dtype()) * -2 + 1;
}

Tensor solve_matrices(const Tensor& a, const Tensor& b) {  // (*, n, n), (*, n, k)
  const Factors f = factor_regular(a, "linalg.solve");
  const Tensor x = solve_with(f.lu, f.pivots, b);
  if (needs_grad(a, b))
    record("linalg.solve", x, {&a, &b}, {&a, &x, &f.lu, &f.pivots}, [la = Like(a), lb = Like(b)](Grads& g) {
      const Tensor gb = is_grad_enabled() ? solve_matrices(matrix_transpose(g.saved(0)), g.in())
                                          : solve_with(g.saved(2), g.saved(3), g.in(), true);
      if (g.needs(0)) g.give(0, reduce_to(-matmul(gb, matrix_transpose(g.saved(1))), la));
      if (g.needs(1)) g.give(1, reduce_to(gb, lb));
    });
  return x;
}

/// The product of the norms of a and its inverse; infinite where there is none.
template <class F>
Tensor cond_by(const Tensor& a, F norm) {
  check_square(a, "linalg.cond");
  const Tensor singular = factor(a).info != 0,
               regular = where(singular.unsqueeze(-1).unsqueeze(-1), identity(a.size(-1), a), a);
  return where(singular, std::numeric_limits<double>::infinity(), norm(regular) * norm(inv(regular)));
}

}  // namespace

Tensor solve(const Tensor& a, const Tensor& b) {
  if (autocasts()) [[unlikely]]
    return in_float_type(solve, a, b);
  check_square(a, "linalg.solve");
  check_same_device(a, b, "linalg.solve");
  if (a.dtype() != b.dtype())
    fail("linalg.solve", "expected one data type, got {} and {}: convert one", a.dtype(), b.dtype());
  const bool vector = is_vector(a, b);
  if (b.dim() == 0 || b.size(vector ? -1 : -2) != a.size(-1))
    fail("linalg.solve", "expected (*, n, n) and (*, n, k) or (*, n), got {} and {}", a.shape().to_string(),
         b.shape().to_string());
  if (vector) {  // a batch of vectors lies by columns, as if it were a matrix
    const Tensor x = solve_matrices(a, b.unsqueeze(-1)).squeeze(-1);
    return x.dim() < 2 ? x : matrix_transpose(matrix_transpose(x).contiguous());
  }
  broadcast_shapes(batch_of(a), batch_of(b), "linalg.solve");
  return solve_matrices(a, b);
}

namespace {
Tensor inverse_by(const Factors& f, const Tensor& a) {
  const Tensor y = solve_with(f.lu, f.pivots, identity(a.size(-1), a));
  if (needs_grad(a))
    record("linalg.inv", y, {&a}, {&y}, [](Grads& g) {
      const Tensor t = matrix_transpose(g.saved(0));
      g.give(0, -matmul(t, matmul(g.in(), t)));
    });
  return y;
}
}  // namespace

Tensor inv(const Tensor& a) {
  if (autocasts()) [[unlikely]]
    return in_float_type(inv, a);
  check_square(a, "linalg.inv");
  return inverse_by(factor_regular(a, "linalg.inv"), a);
}

InverseAndInfo inv_ex(const Tensor& a, bool check_errors) {
  if (autocasts()) [[unlikely]]
    return in_float_type([=](const Tensor& in) { return inv_ex(in, check_errors); }, a);
  check_square(a, "linalg.inv_ex");
  const Factors f = check_errors ? factor_regular(a, "linalg.inv_ex") : factor(a);
  return {inverse_by(f, a), f.info};
}

Tensor det(const Tensor& a) {
  check_square(a, "linalg.det");
  const Factors f = factor(a);
  Tensor y;
  {
    const NoGrad guard;
    y = (f.lu.diagonal(0, -2, -1) * exchange_signs(f.lu, f.pivots)).prod(-1);
  }
  if (needs_grad(a))
    record("linalg.det", y, {&a}, {&a, &y, &f.lu, &f.pivots}, [](Grads& g) {
      const Tensor matrix = g.saved(0);
      const auto scaled = [&](const Tensor& by) {
        return identity(matrix.size(-1), matrix) * (g.in() * by).unsqueeze(-1).unsqueeze(-1);
      };
      if (is_grad_enabled()) return g.give(0, solve(matrix_transpose(matrix), scaled(g.saved(1))));
      // det·a⁻ᵀ, the cofactors, exist for a singular matrix too: they are those of one beside it.
      const Tensor lu = g.saved(2), pivots = g.saved(3), diagonal = lu.diagonal(0, -2, -1);
      const double eps = tolerance(lu);
      const Tensor lifted = diagonal + (diagonal == 0).to(lu.dtype()) * eps;
      const Tensor regular = by_columns(lu);
      regular.diagonal(0, -2, -1).copy_(lifted);
      g.give(0, solve_with(regular, pivots, scaled((lifted * exchange_signs(lu, pivots)).prod(-1)), true));
    });
  return y;
}

SignAndLogDet slogdet(const Tensor& a) {
  check_square(a, "linalg.slogdet");
  const Factors f = factor(a);
  SignAndLogDet y;
  {
    const NoGrad guard;
    const Tensor diagonal = f.lu.diagonal(0, -2, -1);
    y.sign = (diagonal.sign() * exchange_signs(f.lu, f.pivots)).prod(-1);
    y.logabsdet = diagonal.abs().log().sum({-1});
  }
  if (needs_grad(a))
    record("linalg.slogdet", y.logabsdet, {&a}, {&a, &f.lu, &f.pivots}, [](Grads& g) {
      const Tensor matrix = g.saved(0), scaled = identity(matrix.size(-1), matrix) * g.in().unsqueeze(-1).unsqueeze(-1);
      g.give(0, is_grad_enabled() ? solve(matrix_transpose(matrix), scaled)
                                  : solve_with(g.saved(1), g.saved(2), scaled, true));
    });
  return y;
}

Tensor cond(const Tensor& a, double ord) {
  if (autocasts()) [[unlikely]]
    return in_float_type([ord](const Tensor& in) { return cond(in, ord); }, a);
  if (std::abs(ord) == 2) {
    check_matrices(a, "linalg.cond");
    const Tensor values = svdvals(a);
    if (values.size(-1) == 0)
      fail("linalg.cond", "expected matrices with elements, got shape {}", a.shape().to_string());
    const Tensor largest = values.select(-1, 0), least = values.select(-1, -1);
    return ord > 0 ? largest / least : least / largest;
  }
  return cond_by(a, [ord](const Tensor& m) { return matrix_norm(m, ord); });
}

Tensor cond(const Tensor& a, std::string_view ord) {
  if (autocasts()) [[unlikely]]
    return in_float_type([ord](const Tensor& in) { return cond(in, ord); }, a);
  return cond_by(a, [ord](const Tensor& m) { return matrix_norm(m, ord); });
}

}  // namespace tenon::linalg

namespace tenon {

Tensor logdet(const Tensor& a) {
  const auto [sign, logabsdet] = linalg::slogdet(a);
  return where(sign < 0, std::numeric_limits<double>::quiet_NaN(), logabsdet);
}

Tensor Tensor::inverse() const { return linalg::inv(*this); }
Tensor Tensor::pinverse() const { return linalg::pinv(*this); }
Tensor Tensor::det() const { return linalg::det(*this); }
Tensor Tensor::logdet() const { return tenon::logdet(*this); }
linalg::SignAndLogDet Tensor::slogdet() const { return linalg::slogdet(*this); }
Tensor Tensor::matrix_exp() const { return linalg::matrix_exp(*this); }
Tensor Tensor::matrix_power(int64_t n) const { return linalg::matrix_power(*this, n); }

}  // namespace tenon
