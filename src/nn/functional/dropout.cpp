// Dropout, with the mask that PyTorch's CPU generator draws.
#include <tenon/nn/functional.h>
#include <tenon/random.h>
#include <cmath>

#include "ops/common.h"
#include "random/distributions.h"

namespace tenon::nn::functional {

Tensor dropout(const Tensor& x, double p, bool training) {
  if (!(p >= 0 && p <= 1)) fail("dropout", "the probability must lie between 0 and 1, got {}", p);
  if (!training || p == 0 || x.numel() == 0) return x;
  if (p == 1) return x * 0;
  if (!is_floating_point(x.dtype())) fail("dropout", "expected a floating-point tensor, got {}", x.dtype());
  const bool wide = x.dtype() == float64;  // whose mask needs more digits than a float's
  Tensor mask = new_like(x, float32);      // x's own memory order, which is the order of the draws
  if (!mask.is_meta())
    fill_keep_mask(reinterpret_cast<float*>(mask.impl()->data), mask.numel(), 1 - p,
                   wide ? 1 : 1.0F / static_cast<float>(1 - p), nullptr);
  mask = mask.to(x.dtype());
  return x * (wide ? mask / (1 - p) : mask);
}

}  // namespace tenon::nn::functional
