// pinv and lstsq. Gradient: G. Golub, V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares
// problems whose variables separate" (1973), equation 4.12; it holds while the rank stays the same.
#include "backend/linalg.h"
#include "ops/autocast.h"
#include "ops/linalg/common.h"

namespace tenon::linalg {
namespace {

/// p = a⁺ (*, n, m) and its gradient g give that of a (*, m, n).
Tensor pinv_gradient(const Tensor& a, const Tensor& p, const Tensor& g) {
  const Tensor pt = matrix_transpose(p), gt = matrix_transpose(g);
  const Tensor within = matmul(matmul(pt, g), pt);
  const Tensor below = matmul(matmul(gt - matmul(a, matmul(p, gt)), p), pt);   // (1 − a·p)·gᵀ·p·pᵀ
  const Tensor beside = matmul(pt, matmul(p, gt - matmul(matmul(gt, p), a)));  // pᵀ·p·gᵀ·(1 − p·a)
  return below + beside - within;
}

}  // namespace

Tensor pinv(const Tensor& a) {
  if (autocasts()) [[unlikely]]
    return in_float_type(pinv, a);
  check_matrices(a, "linalg.pinv");
  Tensor y;
  {
    const NoGrad guard;
    if (a.numel() == 0) {
      y = zeros(joined(batch_of(a), {a.size(-1), a.size(-2)}), {a.dtype(), a.device()});
    } else {
      const SVD d = svd(a, false);
      const Tensor regular = (d.s > d.s.narrow(-1, 0, 1) * tolerance(a)).to(a.dtype());
      const Tensor inverse = regular / (d.s + (1 - regular));  // 1/s where s is not all but 0
      y = matmul(matrix_transpose(d.vh) * inverse.unsqueeze(-2), matrix_transpose(d.u));
    }
  }
  if (needs_grad(a))
    record("linalg.pinv", y, {&a}, {&a, &y},
           [](Grads& g) { g.give(0, pinv_gradient(g.saved(0), g.saved(1), g.in())); });
  return y;
}

Tensor lstsq(const Tensor& a, const Tensor& b) {
  if (autocasts()) [[unlikely]]
    return in_float_type(lstsq, a, b);
  check_matrices(a, "linalg.lstsq");
  check_same_device(a, b, "linalg.lstsq");
  if (a.dtype() != b.dtype())
    fail("linalg.lstsq", "expected one data type, got {} and {}: convert one", a.dtype(), b.dtype());
  const bool vector = is_vector(a, b);
  if (b.dim() == 0 || b.size(vector ? -1 : -2) != a.size(-2))
    fail("linalg.lstsq", "expected (*, m, n) and (*, m, k) or (*, m), got {} and {}", a.shape().to_string(),
         b.shape().to_string());
  if (vector) return lstsq(a, b.unsqueeze(-1)).squeeze(-1);
  const int64_t m = a.size(-2), n = a.size(-1), k = b.size(-1);
  Tensor y;
  {
    const NoGrad guard;
    const Shape batch = broadcast_shapes(batch_of(a), batch_of(b), "linalg.lstsq");
    // The solution is written over b, where there must be room for it.
    Tensor room = new_by_columns(joined(batch, {std::max(m, n), k}), a);
    room.fill_(0);
    if (m > 0 && n > 0 && k > 0 && batch.numel() > 0) {
      room.narrow(-2, 0, m).copy_(b);
      const Tensor info = new_info(batch, a);
      on<LinalgKernels>(a.device()).least_squares(by_columns(a, batch), room, tolerance(a), info);
      check_info(info, "linalg.lstsq", [](int) { return "the algorithm failed"; });
    }
    y = new_alias(room, joined(batch, {n, k}), room.strides(), 0);
  }
  if (needs_grad(a, b))
    record("linalg.lstsq", y, {&a, &b}, {&a, &b}, [la = Like(a), lb = Like(b)](Grads& g) {
      const Tensor matrix = g.saved(0), p = pinv(matrix);  // the solution is p·b
      if (g.needs(0)) g.give(0, reduce_to(pinv_gradient(matrix, p, matmul(g.in(), matrix_transpose(g.saved(1)))), la));
      if (g.needs(1)) g.give(1, reduce_to(matmul(matrix_transpose(p), g.in()), lb));
    });
  return y;
}

}  // namespace tenon::linalg
