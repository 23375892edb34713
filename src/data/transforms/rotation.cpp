#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include <tenon/creation.h>
#include <tenon/data/transforms/geometry.h>
#include <tenon/nn/functional/sampling.h>
#include <tenon/ops.h>

#include "data/transforms/common.h"

namespace tenon::data::transforms {
namespace {

namespace F = nn::functional;

constexpr std::string_view name = "RandomRotation";

/// Where in the image a place of the result comes from, both counted from their middles: x' = m[0] x + m[1] y + m[2],
/// y' = m[3] x + m[4] y + m[5]. Source: torchvision's _get_inverse_affine_matrix.
std::array<double, 6> map_of(double degrees, double center_x, double center_y) {
  const double angle = -degrees * (std::numbers::pi / 180), c = std::cos(angle), s = std::sin(angle);
  std::array<double, 6> m{c, s, 0, -s, c, 0};
  m[2] = center_x - m[0] * center_x - m[1] * center_y;
  m[5] = center_y - m[3] * center_x - m[4] * center_y;
  return m;
}

struct Size {
  int64_t height, width;
};

/// What holds the whole turned image, in float and with PyTorch's tolerance. Source: torchvision's
/// _compute_affine_output_size.
Size expanded(const std::array<double, 6>& m, int64_t height, int64_t width) {
  const float half_width = static_cast<float>(width) / 2, half_height = static_cast<float>(height) / 2;
  const auto size = [&](std::size_t row, float half) {
    constexpr float tolerance = 1e-4F;
    const auto a = static_cast<float>(m[row]), b = static_cast<float>(m[row + 1]), c = static_cast<float>(m[row + 2]);
    float low = std::numeric_limits<float>::infinity(), high = -low;
    for (const float x : {-half_width, half_width})
      for (const float y : {-half_height, half_height}) {
        const float at = a * x + b * y + c;
        low = std::min(low, at);
        high = std::max(high, at);
      }
    const float end = std::ceil(std::trunc((high + half) * (1 / tolerance)) * tolerance),
                begin = std::floor(std::trunc((low + half) * (1 / tolerance)) * tolerance);
    return static_cast<int64_t>(end - begin);
  };
  const int64_t across = size(0, half_width);
  return {size(3, half_height), across};
}

/// grid_sample's grid (1, H, W, 2) of the map, for an image of `of`. Source: torchvision's _affine_grid.
Tensor grid_of(const std::array<double, 6>& m, const Size& of, const Size& result, DType dtype) {
  const auto places = [&](int64_t n) {
    const double last = static_cast<double>(n - 1) / 2;
    return linspace(-last, last, n, {.dtype = float32, .device = kCPU}).to(dtype);
  };
  const Tensor x = places(result.width).expand({result.height, result.width}),
               y = places(result.height).unsqueeze(-1).expand({result.height, result.width}), one = ones_like(x);
  const Tensor theta = tensor(std::vector<double>(m.begin(), m.end()), {.device = kCPU}).to(dtype).reshape({2, 3}).t();
  const Tensor halves = tensor({0.5 * static_cast<double>(of.width), 0.5 * static_cast<double>(of.height)},
                               {.dtype = dtype, .device = kCPU});
  return stack({x, y, one}, -1)
      .reshape({result.height * result.width, 3})
      .matmul(theta / halves)
      .reshape({1, result.height, result.width, 2});
}

/// The image's elements at the grid's places, and beyond the image the fill. Source: torchvision's
/// _apply_grid_transform.
Tensor sampled(const Tensor& image, const Tensor& grid, InterpolationMode mode, const Fill& fill) {
  const Tensor batch = as_batch(image).to(grid.dtype());
  const int64_t n = batch.size(0), channels = batch.size(1);
  const Tensor inside = ones({n, 1, batch.size(2), batch.size(3)}, {grid.dtype(), batch.device()});
  const bool nearest = mode == InterpolationMode::nearest;
  const Tensor y = F::grid_sample(cat({batch, inside}, 1), grid.to(batch.device()).expand({n, -1, -1, -1}),
                                  {.mode = nearest ? F::SamplingMode::nearest : F::SamplingMode::bilinear});
  const Tensor values = y.narrow(1, 0, channels), mask = y.narrow(1, channels, 1), beyond = fill_like(fill, values);
  const Tensor filled = nearest ? where(mask < 0.5, beyond, values) : (values - beyond) * mask + beyond;
  return as_before(image.is_floating_point() ? filled : filled.round().to(image.dtype()), image);
}

Range angles(const Spread& degrees) {
  if (!degrees.is_given()) fail(name, "expected degrees");
  if (degrees.distance() && !(*degrees.distance() >= 0))
    fail(name, "expected degrees of 0 or more, or a range, got {}", *degrees.distance());
  const Range range = degrees.around(0);
  check_range(name, "degrees", range, -std::numeric_limits<float>::max(), std::numeric_limits<float>::max(),
              "of finite numbers");
  return range;
}

}  // namespace

RandomRotation::RandomRotation(Spread degrees, const RandomRotationOptions& options)
    : degrees_(angles(degrees)), options_(options) {
  if (options.interpolation != InterpolationMode::nearest && options.interpolation != InterpolationMode::bilinear)
    fail(name, "expected nearest or bilinear as interpolation");
}

Tensor RandomRotation::operator()(const Tensor& image) const {
  const ImageSizes sizes = sizes_of(name, image);
  check_fill(name, "fill", options_.fill, sizes.channels);
  double angle = std::fmod(draw_uniform(degrees_), 360.0);
  if (angle < 0) angle += 360;
  if (!options_.center) {  // a quarter turn needs no sampling
    const bool any_shape = options_.expand || sizes.height == sizes.width;
    if (angle == 0) return image.clone();
    if (angle == 180 || ((angle == 90 || angle == 270) && any_shape))
      return image.rot90(static_cast<int64_t>(angle) / 90, {-2, -1});
  }
  const Size size{sizes.height, sizes.width};
  double center_x = 0, center_y = 0;
  if (options_.center) {
    center_x = options_.center->x - 0.5 * static_cast<double>(size.width);
    center_y = options_.center->y - 0.5 * static_cast<double>(size.height);
  }
  const std::array<double, 6> map = map_of(angle, center_x, center_y);
  const Size result = options_.expand ? expanded(map, size.height, size.width) : size;
  if (size.height < 1 || size.width < 1)
    fail(name, "expected an image of sizes of 1 or more, got {}", image.shape().to_string());
  if (image.numel() == 0)
    return as_before(
        empty({as_batch(image).size(0), sizes.channels, result.height, result.width}, {image.dtype(), image.device()}),
        image);
  const DType dtype = image.is_floating_point() ? image.dtype() : float32;
  return sampled(image, grid_of(map, size, result, dtype), options_.interpolation, options_.fill);
}

}  // namespace tenon::data::transforms
