// matrix_exp: Taylor's series where it is short, near 0, and from there by squaring: exp(a) = exp(a/2ⁿ)^(2ⁿ).
#include <cmath>

#include "ops/linalg/common.h"

namespace tenon::linalg {
namespace {

/// How often the largest of the matrices is halved until its norm is 1/2 at most.
int halvings(const Tensor& a) {
  if (a.is_meta()) return 0;
  const NoGrad guard;
  const auto norm = matrix_norm(a, 1).amax().item<double>();
  return norm > 0.5 && std::isfinite(norm) ? static_cast<int>(std::ceil(std::log2(norm))) + 1 : 0;
}

}  // namespace

Tensor matrix_exp(const Tensor& a) {
  if (a.dim() < 2 || a.size(-1) != a.size(-2))
    fail("linalg.matrix_exp", "expected square matrices, got shape {}", a.shape().to_string());
  if (!is_floating_point(a.dtype())) fail("linalg.matrix_exp", "expected a floating-point type, got {}", a.dtype());
  if (a.numel() == 0) return a.clone();
  if (a.dtype() == float16 || a.dtype() == bfloat16) return linalg::matrix_exp(a.to(float32)).to(a.dtype());
  const int n = halvings(a);
  const Tensor x = a * std::ldexp(1.0, -n), one = identity(a.size(-1), a);
  const int terms = a.dtype() == float64 ? 14 : 8;  // the next one is below half a unit in the last place
  Tensor y = one + x / terms;
  for (int k = terms - 1; k > 0; --k) y = one + matmul(x, y) / k;
  for (int i = 0; i < n; ++i) y = matmul(y, y);
  return y;
}

}  // namespace tenon::linalg
