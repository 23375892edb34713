#include <tenon/data/transforms/color.h>

#include <algorithm>
#include <array>
#include <limits>

#include <tenon/creation.h>
#include <tenon/ops/elementwise.h>
#include <tenon/ops/shape.h>
#include <tenon/random.h>

#include "data/transforms/common.h"

namespace tenon::data::transforms {
namespace {

constexpr std::string_view jitter = "ColorJitter";

/// Of (…, 3, H, W), not rounded to integers.
Tensor luminance(const Tensor& image) {
  const std::vector<Tensor> c = image.unbind(-3);
  return c[0].mul(0.2989).add(c[1], 0.587).add(c[2], 0.114).unsqueeze(-3);
}

/// Within the type's range, and of the type.
Tensor within(const Tensor& x, const Tensor& image) {
  return x.clamp(0, largest_value(image.dtype())).to(image.dtype());
}
Tensor blend(const Tensor& image, const Tensor& other, double ratio) {
  return within(image.mul(ratio).add(other, 1.0 - ratio), image);
}

/// Luminance as the blends take it: of integers whole numbers.
Tensor gray_to_blend(const Tensor& image) {
  if (image.size(-3) == 1) return image.is_floating_point() ? image : image.to(float32);
  return image.is_floating_point() ? luminance(image) : luminance(image).floor();
}

Tensor with_contrast(const Tensor& image, double factor) {
  return blend(image, gray_to_blend(image).mean({-3, -2, -1}, true), factor);
}
Tensor with_saturation(const Tensor& image, double factor) {
  return image.size(-3) == 1 ? image : blend(image, gray_to_blend(image), factor);
}

/// Red, green and blue as hue, saturation and value, all from 0 to 1. Grey has hue 0.
std::array<Tensor, 3> hsv_of_rgb(const Tensor& image) {
  const std::vector<Tensor> color = image.unbind(-3);
  const Tensor largest = image.amax(-3), smallest = image.amin(-3), range = largest - smallest,
               is_gray = largest == smallest;
  const Tensor saturation = range / where(is_gray, 1.0, largest), divisor = where(is_gray, 1.0, range);
  const auto distance = [&](const Tensor& c) { return (largest - c) / divisor; };
  const Tensor r = distance(color[0]), g = distance(color[1]), b = distance(color[2]);
  const Tensor is_red = largest == color[0], is_green = (largest == color[1]) & ~is_red, is_blue = ~(is_red | is_green);
  const Tensor sixths = (b - g) * is_red + (r + 2.0 - b) * is_green + (g + 4.0 - r) * is_blue;
  return {(sixths * (1.0 / 6.0) + 1.0).fmod(1.0), saturation, largest};
}

Tensor rgb_of_hsv(const std::array<Tensor, 3>& hsv) {
  const Tensor &hue = hsv[0], &saturation = hsv[1], &value = hsv[2];
  const Tensor sixths = hue * 6, whole = sixths.floor(), part = sixths - whole;
  const auto scaled = [&](const Tensor& x) { return (x * value).clamp(0.0, 1.0); };
  const Tensor p = scaled(1.0 - saturation), q = scaled(1.0 - saturation * part),
               t = scaled(saturation * part + (1.0 - saturation));
  const Tensor sector = whole.to(int64).remainder(6);
  // Which of value, p, q and t each colour is in each sixth of the circle.
  const Tensor choices = stack({value, p, q, t}, -3);
  const Tensor table =
      tensor({{0, 2, 1, 1, 3, 0}, {3, 0, 0, 2, 1, 1}, {1, 1, 3, 0, 0, 2}}, {.dtype = int64, .device = kCPU})
          .to(hue.device());
  std::vector<Tensor> chosen;
  for (int64_t color = 0; color < 3; ++color) chosen.push_back(table[color].take(sector));
  return choices.gather(-3, stack(chosen, -3));
}

Tensor with_hue(const Tensor& image, double factor) {
  if (image.size(-3) == 1 || image.numel() == 0) return image;
  std::array<Tensor, 3> hsv = hsv_of_rgb(to_dtype(jitter, image, float32, true));
  hsv[0] = (hsv[0] + factor).remainder(1.0);
  return to_dtype(jitter, rgb_of_hsv(hsv), image.dtype(), true);
}

void check_channels(std::string_view transform, const Tensor& image) {
  const int64_t channels = sizes_of(transform, image).channels;
  if (channels != 1 && channels != 3)
    fail(transform, "expected an image of 1 or 3 channels, (…, C, H, W), got {}", image.shape().to_string());
}

/// A range of factors around 1; none where they would all be 1.
std::optional<Range> factors(std::string_view name, const Spread& spread) {
  if (!spread.is_given()) return {};
  if (spread.distance() && !(*spread.distance() >= 0))
    fail(jitter, "expected {} of 0 or more, got {}", name, *spread.distance());
  Range range = spread.around(1);
  if (spread.distance()) range.low = std::max(range.low, 0.0);
  check_range(jitter, name, range, 0, std::numeric_limits<double>::infinity(), "of 0 or more");
  if (range.low == 1 && range.high == 1) return {};
  return range;
}

}  // namespace

Tensor grayscale(std::string_view transform, const Tensor& image, int64_t channels) {
  check_channels(transform, image);
  const bool is_gray = image.size(-3) == 1;
  if (is_gray && channels == 1) return image.clone();
  const Tensor gray = is_gray ? image : luminance(image).to(image.dtype());
  if (channels == 1) return gray;
  Shape shape = image.shape();
  shape[shape.size() - 3] = 3;
  return gray.expand(shape).contiguous();
}

Grayscale::Grayscale(int64_t num_output_channels) : channels_(num_output_channels) {
  if (channels_ != 1 && channels_ != 3) fail("Grayscale", "expected num_output_channels of 1 or 3, got {}", channels_);
}
Tensor Grayscale::operator()(const Tensor& image) const { return grayscale("Grayscale", image, channels_); }

RandomGrayscale::RandomGrayscale(double p) : p_(p) { check_probability("RandomGrayscale", p); }
Tensor RandomGrayscale::operator()(const Tensor& image) const {
  check_channels("RandomGrayscale", image);
  return happens(p_) ? grayscale("RandomGrayscale", image, image.size(-3)) : image;
}

ColorJitter::ColorJitter(const ColorJitterOptions& o)
    : brightness_(factors("brightness", o.brightness)),
      contrast_(factors("contrast", o.contrast)),
      saturation_(factors("saturation", o.saturation)) {
  if (!o.hue.is_given()) return;
  const Range hue = o.hue.around(0);
  check_range(jitter, "hue", hue, -0.5, 0.5, "within -0.5 and 0.5");
  if (hue.low != 0 || hue.high != 0) hue_ = hue;
}

Tensor ColorJitter::operator()(const Tensor& image) const {
  check_channels(jitter, image);
  const auto draw = [](const std::optional<Range>& range) {
    return range ? std::optional(draw_uniform(*range)) : std::nullopt;
  };
  const std::vector<int64_t> order = randperm(4).to_vector<int64_t>();
  const auto brightness = draw(brightness_), contrast = draw(contrast_), saturation = draw(saturation_),
             hue = draw(hue_);
  Tensor x = image;
  for (const int64_t what : order) {
    if (what == 0 && brightness) x = within(x.mul(*brightness), image);
    if (what == 1 && contrast) x = with_contrast(x, *contrast);
    if (what == 2 && saturation) x = with_saturation(x, *saturation);
    if (what == 3 && hue) x = with_hue(x, *hue);
  }
  return x;
}

}  // namespace tenon::data::transforms
