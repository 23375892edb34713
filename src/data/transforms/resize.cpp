#include <tenon/data/transforms/geometry.h>

#include <algorithm>

#include <tenon/creation.h>

#include "data/transforms/common.h"

namespace tenon::data::transforms {
namespace {

namespace F = nn::functional;
using Mode = InterpolationMode;

bool takes_antialias(Mode mode) { return mode == Mode::bilinear || mode == Mode::bicubic || mode == Mode::lanczos; }

/// a · b / c, cut as Python's int() cuts it.
int64_t scaled(int64_t a, int64_t b, int64_t c) {
  return static_cast<int64_t>(static_cast<double>(a) * static_cast<double>(b) / static_cast<double>(c));
}

struct Edges {
  int64_t shorter, longer;
};

}  // namespace

void check_interpolation(std::string_view transform, Mode mode, bool antialias) {
  if (!takes_antialias(mode) && mode != Mode::nearest && mode != Mode::nearest_exact)
    fail(transform, "expected nearest, nearest_exact, bilinear, bicubic or lanczos as interpolation");
  if (mode == Mode::lanczos && !antialias) fail(transform, "lanczos takes antialias");
}

Tensor resize(std::string_view transform, const Tensor& image, int64_t height, int64_t width, Mode mode,
              bool antialias) {
  const ImageSizes sizes = sizes_of(transform, image);
  if (sizes.height == height && sizes.width == width) return image;
  if (height < 1 || width < 1 || sizes.height < 1 || sizes.width < 1)
    fail(transform, "expected sizes of 1 or more, got ({}, {}) for an image of shape {}", height, width,
         image.shape().to_string());
  const Tensor x = as_batch(image);
  if (x.numel() == 0) {
    return as_before(empty({x.size(0), sizes.channels, height, width}, {image.dtype(), image.device()}), image);
  }
  F::InterpolateOptions options{.size = {height, width}, .mode = mode};
  if (takes_antialias(mode)) {
    options.align_corners = false;
    options.antialias = antialias;
  }
  if (image.is_floating_point() || image.dtype() == uint8) return as_before(F::interpolate(x, options), image);
  return as_before(F::interpolate(x.to(float32), options).round().to(image.dtype()), image);
}

Resize::Resize(Shape size, const ResizeOptions& options) : size_(std::move(size)), options_(options) {
  constexpr std::string_view name = "Resize";
  if (size_.size() > 2) fail(name, "expected one or two numbers as size, got {}", size_.to_string());
  for (const int64_t n : size_)
    if (n < 1) fail(name, "expected sizes of 1 or more, got {}", size_.to_string());
  if (size_.empty() && !options.max_size) fail(name, "expected a size or a max_size, got neither");
  if (options.max_size && size_.size() == 2)
    fail(name, "max_size goes with the length of the shorter edge, got both edges' {}", size_.to_string());
  if (options.max_size && *options.max_size <= (size_.empty() ? 0 : size_[0]))
    fail(name, "expected max_size above {}, the shorter edge's, got {}", size_.empty() ? 0 : size_[0],
         *options.max_size);
  check_interpolation(name, options.interpolation, options.antialias);
}

Tensor Resize::operator()(const Tensor& image) const {
  const ImageSizes sizes = sizes_of("Resize", image);
  int64_t height = 0, width = 0;
  if (size_.size() == 2) {
    height = size_[0];
    width = size_[1];
  } else {
    const Edges old{std::min(sizes.height, sizes.width), std::max(sizes.height, sizes.width)};
    if (old.shorter < 1) fail("Resize", "expected an image of sizes of 1 or more, got {}", image.shape().to_string());
    Edges edges{};
    if (size_.empty()) edges = {scaled(*options_.max_size, old.shorter, old.longer), *options_.max_size};
    else edges = {size_[0], scaled(size_[0], old.longer, old.shorter)};
    if (options_.max_size && edges.longer > *options_.max_size)
      edges = {scaled(*options_.max_size, edges.shorter, edges.longer), *options_.max_size};
    const bool upright = sizes.width <= sizes.height;
    height = upright ? edges.longer : edges.shorter;
    width = upright ? edges.shorter : edges.longer;
  }
  return resize("Resize", image, height, width, options_.interpolation, options_.antialias);
}

}  // namespace tenon::data::transforms
