// Channels and places exchanged: made of reshapes and a transpose.
#include <tenon/nn/functional/shape.h>

#include "ops/common.h"
#include "tensor/memory_format.h"

namespace tenon::nn::functional {
namespace {

Tensor laid_out_as(const Tensor& x, const Tensor& y) {
  const MemoryFormat format = suggested_format(x);
  return format == contiguous_format || x.dim() != y.dim() ? y : y.contiguous(format);
}

void check_factor(const char* name, const Tensor& x, int64_t factor) {
  if (factor < 1) fail(name, "expected a factor of 1 or more, got {}", factor);
  if (x.dim() < 3) fail(name, "expected an input of shape (*, C, H, W), got {}", x.shape().to_string());
}

Shape with_last(const Shape& shape, std::initializer_list<int64_t> last) {
  Shape all(shape.begin(), shape.end() - 3);
  for (const int64_t n : last) all.push_back(n);
  return all;
}

/// The last dimensions of x, as many as there are numbers, in this order.
Tensor last_permuted(const Tensor& x, const Shape& order) {
  const int64_t ahead = x.dim() - static_cast<int64_t>(order.size());
  Shape all;
  for (int64_t d = 0; d < ahead; ++d) all.push_back(d);
  for (const int64_t d : order) all.push_back(ahead + d);
  return x.permute(all);
}

}  // namespace

Tensor pixel_shuffle(const Tensor& x, int64_t r) {
  check_factor("pixel_shuffle", x, r);
  const int64_t channels = x.size(-3), height = x.size(-2), width = x.size(-1);
  if (channels % r != 0 || channels / r % r != 0)
    fail("pixel_shuffle", "expected a number of channels that {}² divides, got {}", r, channels);
  const Tensor parts = x.reshape(with_last(x.shape(), {channels / r / r, r, r, height, width}));
  return laid_out_as(
      x,
      last_permuted(parts, {0, 3, 1, 4, 2}).reshape(with_last(x.shape(), {channels / r / r, height * r, width * r})));
}

Tensor pixel_unshuffle(const Tensor& x, int64_t r) {
  check_factor("pixel_unshuffle", x, r);
  const int64_t channels = x.size(-3), height = x.size(-2), width = x.size(-1);
  if (height % r != 0 || width % r != 0)
    fail("pixel_unshuffle", "expected a height and a width that {} divides, got {} and {}", r, height, width);
  const Tensor parts = x.reshape(with_last(x.shape(), {channels, height / r, r, width / r, r}));
  return laid_out_as(
      x,
      last_permuted(parts, {0, 2, 4, 1, 3}).reshape(with_last(x.shape(), {channels * r * r, height / r, width / r})));
}

Tensor channel_shuffle(const Tensor& x, int64_t groups) {
  if (x.dim() < 3) fail("channel_shuffle", "expected an input of shape (N, C, *), got {}", x.shape().to_string());
  if (groups < 1) fail("channel_shuffle", "expected 1 group or more, got {}", groups);
  const int64_t channels = x.size(1);
  if (channels % groups != 0)
    fail("channel_shuffle", "expected a number of channels that {} groups divide, got {}", groups, channels);
  Shape parts = x.shape();
  parts[1] = channels / groups;
  parts.insert(1, groups);
  return laid_out_as(x, x.reshape(parts).transpose(1, 2).reshape(x.shape()));
}

}  // namespace tenon::nn::functional
