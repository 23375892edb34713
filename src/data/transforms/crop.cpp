#include <tenon/data/transforms/geometry.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/transforms/common.h"

namespace tenon::data::transforms {
namespace {

void check_size(std::string_view transform, const IntList<2>& size) {
  if (size[0] < 1 || size[1] < 1) fail(transform, "expected sizes of 1 or more, got {}", size);
}

struct Part {
  int64_t top, left, height, width;
};

/// Where RandomResizedCrop cuts; after ten tries the largest part in the middle whose ratio is allowed. Source:
/// torchvision's RandomResizedCrop.make_params.
Part draw_part(const ImageSizes& sizes, const RandomResizedCropOptions& o) {
  const auto area = static_cast<double>(sizes.height * sizes.width);
  for (int i = 0; i < 10; ++i) {
    const double target = area * draw_uniform(o.scale), ratio = draw_ratio(o.ratio);
    const int64_t width = rounded(std::sqrt(target * ratio)), height = rounded(std::sqrt(target / ratio));
    if (width < 1 || width > sizes.width || height < 1 || height > sizes.height) continue;
    const int64_t top = draw_place(sizes.height - height), left = draw_place(sizes.width - width);
    return {top, left, height, width};
  }
  int64_t height = sizes.height, width = sizes.width;
  const double ratio = static_cast<double>(width) / static_cast<double>(height);
  if (ratio < o.ratio.low) height = rounded(static_cast<double>(width) / o.ratio.low);
  else if (ratio > o.ratio.high) width = rounded(static_cast<double>(height) * o.ratio.high);
  return {(sizes.height - height) / 2, (sizes.width - width) / 2, height, width};
}

}  // namespace

Tensor crop(const Tensor& image, int64_t top, int64_t left, int64_t height, int64_t width) {
  return image.narrow(-2, top, height).narrow(-1, left, width);
}

CenterCrop::CenterCrop(IntList<2> size) : size_(size) { check_size("CenterCrop", size_); }

Tensor CenterCrop::operator()(const Tensor& image) const {
  ImageSizes sizes = sizes_of("CenterCrop", image);
  const int64_t down = std::max<int64_t>(size_[0] - sizes.height, 0),
                across = std::max<int64_t>(size_[1] - sizes.width, 0);
  Tensor x = image;
  if (down > 0 || across > 0)
    x = pad("CenterCrop", x, {across / 2, down / 2, (across + 1) / 2, (down + 1) / 2}, 0, PaddingMode::constant);
  sizes = sizes_of("CenterCrop", x);
  return crop(x, rounded(static_cast<double>(sizes.height - size_[0]) / 2),
              rounded(static_cast<double>(sizes.width - size_[1]) / 2), size_[0], size_[1]);
}

RandomCrop::RandomCrop(IntList<2> size, const RandomCropOptions& options) : size_(size), options_(options) {
  check_size("RandomCrop", size_);
  sides_of("RandomCrop", options_.padding);
}

Tensor RandomCrop::operator()(const Tensor& image) const {
  constexpr std::string_view name = "RandomCrop";
  const ImageSizes sizes = sizes_of(name, image);
  Sides sides = sides_of(name, options_.padding);
  const auto height = [&] { return sizes.height + sides.top + sides.bottom; };
  const auto width = [&] { return sizes.width + sides.left + sides.right; };
  if (options_.pad_if_needed) {
    const int64_t down = std::max<int64_t>(size_[0] - height(), 0), across = std::max<int64_t>(size_[1] - width(), 0);
    sides = {sides.left + across, sides.top + down, sides.right + across, sides.bottom + down};
  }
  if (height() < size_[0] || width() < size_[1])
    fail(name, "expected an image of {} or larger, got ({}, {}) with its padding; pad_if_needed enlarges it", size_,
         height(), width());
  const int64_t top = height() > size_[0] ? draw_place(height() - size_[0]) : 0,
                left = width() > size_[1] ? draw_place(width() - size_[1]) : 0;
  const Tensor x = sides == Sides{} ? image : pad(name, image, sides, options_.fill, options_.padding_mode);
  return crop(x, top, left, size_[0], size_[1]);
}

RandomResizedCrop::RandomResizedCrop(IntList<2> size, const RandomResizedCropOptions& options)
    : size_(size), options_(options) {
  constexpr std::string_view name = "RandomResizedCrop";
  check_size(name, size_);
  check_range(name, "scale", options.scale, 0, std::numeric_limits<double>::max(), "of 0 or more");
  check_range(name, "ratio", options.ratio, std::numeric_limits<double>::min(), std::numeric_limits<double>::max(),
              "above 0");
  check_interpolation(name, options.interpolation, options.antialias);
}

Tensor RandomResizedCrop::operator()(const Tensor& image) const {
  constexpr std::string_view name = "RandomResizedCrop";
  const ImageSizes sizes = sizes_of(name, image);
  if (sizes.height < 1 || sizes.width < 1)
    fail(name, "expected an image of sizes of 1 or more, got {}", image.shape().to_string());
  const Part part = draw_part(sizes, options_);
  return resize(name, crop(image, part.top, part.left, part.height, part.width), size_[0], size_[1],
                options_.interpolation, options_.antialias);
}

}  // namespace tenon::data::transforms
