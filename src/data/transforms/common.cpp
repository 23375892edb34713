#include "data/transforms/common.h"

#include <cmath>

#include <tenon/creation.h>
#include <tenon/random.h>

namespace tenon::data::transforms {

ImageSizes sizes_of(std::string_view transform, const Tensor& image) {
  if (!image.defined()) fail(transform, "expected an image of shape (…, C, H, W), got an undefined tensor");
  if (image.dim() < 3) fail(transform, "expected an image of shape (…, C, H, W), got {}", image.shape().to_string());
  return {image.size(-3), image.size(-2), image.size(-1)};
}

Tensor as_batch(const Tensor& image) {
  int64_t n = 1;
  for (int64_t d = 0; d < image.dim() - 3; ++d) n *= image.size(d);
  return image.reshape({n, image.size(-3), image.size(-2), image.size(-1)});
}

Tensor as_before(const Tensor& batch, const Tensor& image) {
  Shape shape(image.shape().begin(), image.shape().end() - 3);
  for (int64_t d = 1; d < 4; ++d) shape.push_back(batch.size(d));
  return batch.reshape(shape);
}

void check_probability(std::string_view transform, double p) {
  if (!(p >= 0 && p <= 1)) fail(transform, "expected a probability p from 0 to 1, got {}", p);
}

void check_range(std::string_view transform, std::string_view name, const Range& range, double low, double high,
                 std::string_view allowed) {
  if (!(low <= range.low && range.low <= range.high && range.high <= high))
    fail(transform, "expected {} as a range {}, got {} to {}", name, allowed, range.low, range.high);
}

void check_fill(std::string_view transform, std::string_view name, const Fill& fill, int64_t channels) {
  if (fill.size() != 1 && static_cast<int64_t>(fill.size()) != channels)
    fail(transform, "expected one number as {} or one for each of {} channels, got {}", name, channels, fill.size());
}

Tensor fill_like(const Fill& fill, const Tensor& image) {
  const auto n = static_cast<int64_t>(fill.size());
  const Tensor values = tensor(std::vector<double>(fill.begin(), fill.end()), {.device = kCPU});
  return values.to(image.dtype()).to(image.device()).reshape({n, 1, 1});
}

// PyTorch compares and draws in float.
bool happens(double p) { return rand({1}, {.dtype = float32, .device = kCPU}).item<float>() < static_cast<float>(p); }

double draw_uniform(const Range& range) {
  const Tensor x = empty({1}, {.dtype = float32, .device = kCPU});
  uniform_(x, range.low, range.high, nullptr);
  return x.item<double>();
}

double draw_ratio(const Range& ratio) {
  const Tensor ends = tensor({ratio.low, ratio.high}, {.dtype = float32, .device = kCPU}).log();
  const Tensor x = empty({1}, {.dtype = float32, .device = kCPU});
  uniform_(x, ends[0].item<double>(), ends[1].item<double>(), nullptr);
  return x.exp().item<double>();
}

int64_t draw_place(int64_t most) { return randint(0, most + 1, {1}, {.device = kCPU}).item<int64_t>(); }

int64_t rounded(double x) { return static_cast<int64_t>(std::nearbyint(x)); }

}  // namespace tenon::data::transforms
