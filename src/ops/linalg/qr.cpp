// qr. Gradient: M. Walter, S. Lehmann, "Algorithmic differentiation of linear algebra functions" (2010); for wide
// matrices by the square part, as the other columns of r are qᵀ·a.
#include "backend/linalg.h"
#include "ops/autocast.h"
#include "ops/linalg/common.h"

namespace tenon::linalg {
namespace {

/// The gradient of a square or tall a = q·r; gq or gr may be undefined.
Tensor tall_gradient(const Tensor& q, const Tensor& r, const Tensor& gq, const Tensor& gr) {
  Tensor m = zeros_like(r);
  if (gr.defined()) m = m + matmul(gr, matrix_transpose(r));
  if (gq.defined()) m = m - matmul(matrix_transpose(q), gq);
  const Tensor upper = m.triu(), strict = m.triu(1);
  Tensor left = matmul(q, upper + matrix_transpose(strict));  // symmetric
  if (gq.defined()) left = left + gq;
  return solve_triangular(matrix_transpose(r), left, {.upper = false, .left = false});
}

void give_gradient(Grads& g, int64_t m, int64_t n) {
  const Tensor q = g.saved(0), r = g.saved(1);
  Tensor gq = g.in(0), gr = g.in(1);
  if (m >= n) return g.give(0, tall_gradient(q, r, gq, gr));
  // a = [a1, a2], r = [r1, r2]: a1 = q·r1 is square, r2 = qᵀ·a2, and a2 is q·r2.
  const Tensor r1 = r.narrow(-1, 0, m), r2 = r.narrow(-1, m, n - m);
  Tensor g1, g2 = zeros_like(r2);
  if (gr.defined()) {
    g1 = gr.narrow(-1, 0, m);
    const Tensor outer = gr.narrow(-1, m, n - m);
    g2 = matmul(q, outer);
    const Tensor through = matmul(matmul(q, r2), matrix_transpose(outer));
    gq = gq.defined() ? gq + through : through;
  }
  g.give(0, cat({tall_gradient(q, r1, gq, g1), g2}, -1));
}

}  // namespace

QR qr(const Tensor& a, QRMode mode) {
  if (autocasts()) [[unlikely]]
    return in_float_type([mode](const Tensor& in) { return qr(in, mode); }, a);
  check_matrices(a, "linalg.qr");
  const int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n);
  const bool complete = mode == QRMode::complete;
  const auto& kernels = on<LinalgKernels>(a.device());
  QR y;
  {
    const NoGrad guard;
    const Shape batch = batch_of(a);
    const Tensor factors = by_columns(a), reflectors = new_tensor(joined(batch, {k}), a.dtype(), a.device());
    kernels.qr(factors, reflectors);
    const int64_t rows = complete ? m : k;
    y.r = triangle_by_columns(factors.narrow(-2, 0, rows), true);
    if (mode == QRMode::r) {
      y.q = new_tensor({0}, a.dtype(), a.device());
    } else {
      y.q = new_by_columns(joined(batch, {m, rows}), a);
      if (k == 0) y.q.copy_(identity(m, a).narrow(-1, 0, rows));
      y.q.narrow(-1, 0, k).copy_(factors.narrow(-1, 0, k));
      if (k > 0) kernels.orthogonal(y.q, reflectors);
    }
  }
  if (needs_grad(a)) {
    const auto refuse = [=](std::string_view why) { fail("linalg.qr", "no gradient {}: use mode reduced", why); };
    record_outputs("linalg.qr", {&y.q, &y.r}, {&a}, {&y.q, &y.r}, [=](Grads& g) {
      if (mode == QRMode::r) refuse("in mode r, where q is not computed");
      if (complete && m > n) refuse("in mode complete for more rows than columns");
      give_gradient(g, m, n);
    });
  }
  return y;
}

}  // namespace tenon::linalg
