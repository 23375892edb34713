// Dropout, with the mask that PyTorch's CPU generator draws.
#include <cmath>

#include <tenon/nn/functional/dropout.h>
#include <tenon/random.h>

#include "ops/common.h"
#include "random/draw.h"

namespace tenon::nn::functional {
namespace {

using Mask = Tensor (*)(const Tensor& x);  ///< of x: float32, uninitialised, an element for what is dropped together

/// What x becomes where nothing is drawn; undefined where something is.
Tensor without_draws(const Tensor& x, double p, bool training, const char* name) {
  if (!(p >= 0 && p <= 1)) fail(name, "the probability must lie between 0 and 1, got {}", p);
  if (!training || p == 0 || x.numel() == 0) return x;
  if (p == 1) return x * 0;
  check_floating_point(name, x);
  return {};
}

/// `scale` where something is kept, else 0, in x's type.
Tensor kept(const Tensor& x, double p, float scale, const char* name, Mask mask) {
  const Tensor drawn = mask(x);
  random::draw(name, drawn, nullptr, &RandomKernels::keep_mask, 1 - p, scale);
  return drawn.to(x.dtype());
}

Tensor dropped(const Tensor& x, double p, bool training, const char* name, Mask mask) {
  if (Tensor y = without_draws(x, p, training, name); y.defined()) return y;
  if (x.dtype() == float64) return x * (kept(x, p, 1, name, mask) / (1 - p));  // whose mask needs more than a float
  return x * kept(x, p, 1.0F / static_cast<float>(1 - p), name, mask);
}

Tensor alpha_dropped(const Tensor& x, double p, bool training, const char* name, Mask mask) {
  if (Tensor y = without_draws(x, p, training, name); y.defined()) return y;
  constexpr double least = 1.7580993408473766;  // selu's values lie above its negative
  const double scale = 1 / std::sqrt((least * least * p + 1) * (1 - p));
  const Tensor keep = kept(x, p, 1, name, mask);
  return x * (keep * scale) + ((keep - 1) * (least * scale) + least * scale * p);
}

Tensor of_each_element(const Tensor& x) {  // in x's own memory order, which is the order of the draws
  return new_like(x, float32);
}

Tensor of_each_channel(const Tensor& x) {  // (N, C, 1, …)
  Shape sizes(x.shape().size(), int64_t{1});
  sizes[0] = x.shape()[0];
  sizes[1] = x.shape()[1];
  return new_tensor(sizes, float32, x.device());
}

void check_channels(const Tensor& x, const char* name) {
  if (x.dim() < 2) fail(name, "expected an input of shape (N, C, …), got {}", x.shape().to_string());
}

Tensor channels_dropped(const Tensor& x, double p, bool training, const char* name) {
  check_channels(x, name);
  return dropped(x, p, training, name, of_each_channel);
}

}  // namespace

Tensor dropout(const Tensor& x, double p, bool training) { return dropped(x, p, training, "dropout", of_each_element); }

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

Tensor alpha_dropout(const Tensor& x, double p, bool training) {
  return alpha_dropped(x, p, training, "alpha_dropout", of_each_element);
}

Tensor feature_alpha_dropout(const Tensor& x, double p, bool training) {
  check_channels(x, "feature_alpha_dropout");
  return alpha_dropped(x, p, training, "feature_alpha_dropout", of_each_channel);
}

}  // namespace tenon::nn::functional
