// Normalisation by neighbouring channels, and by a norm.
#include <tenon/nn/functional/normalization.h>

#include "nn/functional/response_norm.h"
#include "ops/common.h"

namespace tenon::nn::functional {

Tensor neighbour_sums(const Tensor& x, int64_t before, int64_t behind) {
  const int64_t channels = x.size(1);
  Tensor sum = x;
  for (int64_t apart = -before; apart <= behind; ++apart) {
    if (apart == 0 || std::abs(apart) >= channels) continue;
    const Tensor there = x.narrow(1, std::max<int64_t>(apart, 0), channels - std::abs(apart));
    Shape rest = x.shape();
    rest[1] = std::abs(apart);
    const Tensor none = zeros(rest, {.dtype = x.dtype(), .device = x.device()});
    sum = sum + (apart < 0 ? cat({none, there}, 1) : cat({there, none}, 1));
  }
  return sum;
}

Tensor local_response_norm(const Tensor& x, int64_t size, const ResponseNormOptions& o) {
  constexpr const char* name = "local_response_norm";
  if (x.dim() < 3) fail(name, "expected an input of 3 dimensions or more, got {}", x.shape().to_string());
  if (size <= 0) fail(name, "expected a size above 0, got {}", size);
  if (x.numel() == 0) return x;
  const Tensor sum = neighbour_sums(x * x, size / 2, (size - 1) / 2);
  return x / (sum * (o.alpha / static_cast<double>(size)) + o.k).pow(o.beta);
}

Tensor normalize(const Tensor& x, const NormalizeOptions& o) {
  check_floating_point("normalize", x);
  return x / x.norm(o.p, o.dim, true).clamp_min(o.eps);
}

}  // namespace tenon::nn::functional
