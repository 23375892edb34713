// cdist and pdist: distances between all rows of two matrices, and of one.
#include <cmath>
#include <limits>

#include "ops/autocast.h"
#include "ops/common.h"

namespace tenon {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

/// Euclidean distances by |a|² − 2a·b + |b|², as torch.cdist computes them for many rows: a product of matrices instead
/// of a tensor of all differences.
Tensor euclidean(const Tensor& a, const Tensor& b) {
  Tensor y;
  {
    const NoGrad guard;
    const Tensor ones_a = ones_like(a.narrow(-1, 0, 1)), ones_b = ones_like(b.narrow(-1, 0, 1));
    const Tensor left = cat({a * -2, (a * a).sum({-1}, true), ones_a}, -1),
                 right = cat({b, ones_b, (b * b).sum({-1}, true)}, -1);
    y = matmul(left, right.transpose(-2, -1)).relu().sqrt();
  }
  if (needs_grad(a, b))
    record("cdist", y, {&a, &b}, {&a, &b, &y}, [la = Like(a), lb = Like(b)](Grads& g) {
      const Tensor x1 = g.saved(0), x2 = g.saved(1), distance = g.saved(2);
      const Tensor zero = (distance == 0).to(distance.dtype());  // the subgradient at 0 is 0
      const Tensor ratio = g.in() * (1 - zero) / (distance + zero);
      if (g.needs(0)) g.give(0, reduce_to(x1 * ratio.sum({-1}, true) - matmul(ratio, x2), la));
      if (g.needs(1)) {
        const Tensor other = ratio.transpose(-2, -1);
        g.give(1, reduce_to(x2 * other.sum({-1}, true) - matmul(other, x1), lb));
      }
    });
  return y;
}

/// The largest of the differences' sizes; each that is it gets the whole gradient, as in PyTorch. A NaN is it, or,
/// where `skip_nan`, none.
Tensor largest(const Tensor& differences, bool skip_nan) {
  Tensor y;
  {
    const NoGrad guard;
    const Tensor sizes = differences.abs();
    y = (skip_nan ? sizes.nan_to_num(0, infinity) : sizes).amax({-1});
  }
  if (needs_grad(differences))
    record("cdist", y, {&differences}, {&differences, &y}, [](Grads& g) {
      const Tensor x = g.saved(0), whole = g.saved(1).unsqueeze(-1);
      const Tensor share = where(x.abs() == whole, x.sign(), 0);
      g.give(0, g.in().unsqueeze(-1) * where(logical_or(x.isnan(), whole.isnan()), nan, share));
    });
  return y;
}

/// The p-norm of the differences along their last dimension.
Tensor lengths(const Tensor& differences, double p, bool skip_nan) {
  if (differences.size(-1) == 0) return differences.sum({-1});
  if (std::isinf(p)) return largest(differences, skip_nan);
  const Tensor y = differences.norm(p, {-1});
  return p == 0 ? where(differences.isnan().any({-1}), nan, y) : y;
}

}  // namespace

Tensor cdist(const Tensor& a, const Tensor& b, double p) {
  if (autocasts()) [[unlikely]]
    return in_float_type([p](const auto&... in) { return cdist(in..., p); }, a, b);
  check_same_device(a, b, "cdist");
  if (a.dtype() != b.dtype()) fail("cdist", "expected one data type, got {} and {}: convert one", a.dtype(), b.dtype());
  if (!is_floating_point(a.dtype()))
    fail("cdist", "expected floating-point tensors, got {}: convert with to(float32)", a.dtype());
  if (a.dim() < 2 || b.dim() < 2 || a.size(-1) != b.size(-1))
    fail("cdist", "expected (*, n, d) and (*, m, d), got {} and {}", a.shape().to_string(), b.shape().to_string());
  if (!(p >= 0)) fail("cdist", "expected p of 0 or more, got {}", p);
  constexpr int64_t few = 25;
  if (p == 2 && a.size(-1) > 0 && (a.size(-2) > few || b.size(-2) > few)) return euclidean(a, b);
  const Tensor differences = a.unsqueeze(-2) - b.unsqueeze(-3);  // (*, n, m, d)
  return lengths(differences, p, true);
}

Tensor pdist(const Tensor& x, double p) {
  if (x.dim() != 2) fail("pdist", "expected a matrix (n, d), got shape {}", x.shape().to_string());
  check_floating_point("pdist", x);
  if (!(p >= 0)) fail("pdist", "expected p of 0 or more, got {}", p);
  const Tensor pairs = triu_indices(x.size(0), x.size(0), 1).to(x.device());
  const Tensor differences = x.index_select(0, pairs[0]) - x.index_select(0, pairs[1]);
  return lengths(differences, p, false);
}

}  // namespace tenon
