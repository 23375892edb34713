#include <cmath>
#include <limits>

#include <tenon/data/transforms/geometry.h>
#include <tenon/random.h>

#include "data/transforms/common.h"

namespace tenon::data::transforms {
namespace {

constexpr std::string_view name = "RandomErasing";

}  // namespace

RandomErasing::RandomErasing(const RandomErasingOptions& options) : options_(options) {
  check_probability(name, options.p);
  check_range(name, "scale", options.scale, 0, 1, "within 0 and 1");
  check_range(name, "ratio", options.ratio, std::numeric_limits<double>::min(), std::numeric_limits<double>::max(),
              "above 0");
}

// Draws in the order of torchvision's RandomErasing.make_params.
Tensor RandomErasing::operator()(const Tensor& image) const {
  const auto [channels, height, width] = sizes_of(name, image);
  if (!options_.random_value) check_fill(name, "value", options_.value, channels);
  if (!happens(options_.p)) return image;
  const auto area = static_cast<double>(height * width);
  for (int i = 0; i < 10; ++i) {
    const double erased = area * draw_uniform(options_.scale), ratio = draw_ratio(options_.ratio);
    const int64_t rows = rounded(std::sqrt(erased * ratio)), columns = rounded(std::sqrt(erased / ratio));
    if (rows >= height || columns >= width) continue;
    const Tensor value = options_.random_value ? randn({channels, rows, columns}, {.dtype = float32, .device = kCPU})
                                               : fill_like(options_.value, image);
    const int64_t top = draw_place(height - rows), left = draw_place(width - columns);
    const Tensor x = options_.inplace ? image : image.clone();
    crop(x, top, left, rows, columns).copy_(value);
    return x;
  }
  return image;
}

}  // namespace tenon::data::transforms
