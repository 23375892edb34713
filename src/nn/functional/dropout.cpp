// Dropout, with the mask that PyTorch's CPU generator draws.
#include <tenon/nn/functional/dropout.h>
#include <tenon/random.h>

#include "ops/common.h"
#include "random/draw.h"

namespace tenon::nn::functional {
namespace {

/// `mask`, float32 and uninitialised, says what is dropped together.
Tensor dropped(const Tensor& x, double p, bool training, const char* name, Tensor (*mask)(const Tensor& x)) {
  if (!(p >= 0 && p <= 1)) fail(name, "the probability must lie between 0 and 1, got {}", p);
  if (!training || p == 0 || x.numel() == 0) return x;
  if (p == 1) return x * 0;
  if (!is_floating_point(x.dtype())) fail(name, "expected a floating-point tensor, got {}", x.dtype());
  const bool wide = x.dtype() == float64;  // whose mask needs more digits than a float's
  Tensor kept = mask(x);
  random::draw(name, kept, nullptr, &RandomKernels::keep_mask, 1 - p, wide ? 1.0F : 1.0F / static_cast<float>(1 - p));
  kept = kept.to(x.dtype());
  return x * (wide ? kept / (1 - p) : kept);
}

Tensor of_each_channel(const Tensor& x) {  // (N, C, 1, …)
  Shape sizes(x.shape().size(), int64_t{1});
  sizes[0] = x.shape()[0];
  sizes[1] = x.shape()[1];
  return new_tensor(sizes, float32, x.device());
}

Tensor channels_dropped(const Tensor& x, double p, bool training, const char* name) {
  if (x.dim() < 2) fail(name, "expected an input of shape (N, C, …), got {}", x.shape().to_string());
  return dropped(x, p, training, name, of_each_channel);
}

}  // namespace

Tensor dropout(const Tensor& x, double p, bool training) {
  // x's own memory order, which is the order of the draws.
  return dropped(x, p, training, "dropout", [](const Tensor& like) { return new_like(like, float32); });
}

Tensor dropout1d(const Tensor& x, double p, bool training) {
  if (x.dim() != 2 && x.dim() != 3)
    fail("dropout1d", "expected an input of shape (N, C, L) or (C, L), got {}", x.shape().to_string());
  if (x.dim() == 2) return dropout1d(x.unsqueeze(0), p, training).squeeze(0);
  return channels_dropped(x, p, training, "dropout1d");
}

Tensor dropout2d(const Tensor& x, double p, bool training) { return channels_dropped(x, p, training, "dropout2d"); }

Tensor dropout3d(const Tensor& x, double p, bool training) {
  if (x.dim() == 4) return dropout3d(x.unsqueeze(0), p, training).squeeze(0);
  return channels_dropped(x, p, training, "dropout3d");
}

}  // namespace tenon::nn::functional
