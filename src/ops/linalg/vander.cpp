// vander: powers of a vector.
#include "ops/common.h"

namespace tenon {

Tensor vander(const Tensor& x, std::optional<int64_t> columns, bool increasing) {
  if (x.dim() != 1) fail("vander", "expected a vector, got shape {}", x.shape().to_string());
  const int64_t n = columns.value_or(x.numel());
  if (n < 0) fail("vander", "the number of columns cannot be negative: {}", n);
  const Tensor in = is_floating_point(x.dtype()) ? x : as_type(x, int64);
  const Tensor one = ones({x.numel(), std::min<int64_t>(n, 1)}, {in.dtype(), in.device()});
  const Tensor powers = n < 2 ? one : cat({one, in.unsqueeze(1).expand({x.numel(), n - 1})}, 1).cumprod(1);
  return increasing ? powers : powers.flip({1});
}

}  // namespace tenon
