// eigh and eigvalsh. Gradient: Giles 2008 (see solve.cpp), 3.1; it does not exist where eigenvalues meet, except for
// the eigenvalues alone.
#include "backend/linalg.h"
#include "ops/autocast.h"
#include "ops/linalg/common.h"

namespace tenon::linalg {
namespace {

Eigen decompose(const Tensor& a, bool vectors, std::string_view operation) {
  check_square(a, operation);
  const NoGrad guard;
  const Shape batch = batch_of(a);
  Eigen y{new_tensor(joined(batch, {a.size(-1)}), a.dtype(), a.device()), by_columns(a)};
  const Tensor info = new_info(batch, a);
  if (a.numel() > 0) on<LinalgKernels>(a.device()).eigh(y.eigenvectors, y.eigenvalues, vectors, info);
  check_info(info, operation, [&](int) {
    return isfinite(a).all().item<bool>() ? "the algorithm did not converge"
                                          : "the matrix has elements that are not finite";
  });
  return y;
}

}  // namespace

Eigen eigh(const Tensor& a) {
  if (autocasts()) [[unlikely]]
    return in_float_type(eigh, a);
  const Eigen y = decompose(a, true, "linalg.eigh");
  if (needs_grad(a))
    record_outputs(
        "linalg.eigh", {&y.eigenvalues, &y.eigenvectors}, {&a}, {&y.eigenvalues, &y.eigenvectors}, [](Grads& g) {
          const Tensor values = g.saved(0), v = g.saved(1), vt = matrix_transpose(v);
          if (!g.in(1).defined()) return g.give(0, matmul(v * g.in(0).unsqueeze(-2), vt));
          const Tensor one = identity(v.size(-1), v);
          const Tensor gaps = values.unsqueeze(-2) - values.unsqueeze(-1) + one;  // λⱼ − λᵢ, not 0 on the diagonal
          const Tensor turned = matmul(vt, g.in(1));
          Tensor inner = (turned - matrix_transpose(turned)) / (2 * gaps);  // symmetric, as a is
          if (g.in(0).defined()) inner = inner + one * g.in(0).unsqueeze(-1);
          g.give(0, matmul(v, matmul(inner, vt)));
        });
  return y;
}

Tensor eigvalsh(const Tensor& a) {
  if (autocasts()) [[unlikely]]
    return in_float_type(eigvalsh, a);
  return needs_grad(a) ? eigh(a).eigenvalues : decompose(a, false, "linalg.eigvalsh").eigenvalues;
}

}  // namespace tenon::linalg
