#include <tenon/data/transforms/values.h>

#include <array>
#include <cmath>

#include <tenon/creation.h>
#include <tenon/nn/functional/convolution.h>
#include <tenon/nn/functional/padding.h>
#include <tenon/ops.h>

#include "data/transforms/common.h"

namespace tenon::data::transforms {
namespace {

/// How many bits an integer's value has, without its sign. An error for another type.
int64_t value_bits(std::string_view transform, DType dtype) {
  switch (dtype) {
    case DType::uint8: return 8;
    case DType::int8: return 7;
    case DType::int16: return 15;
    case DType::uint16: return 16;
    case DType::int32: return 31;
    case DType::int64: return 63;
    default: fail(transform, "{} has no scale: expected integers or floating-point numbers", dtype);
  }
}

/// Weights of so many neighbours in a line: a row of numbers of that type. Source: torchvision's
/// _get_gaussian_kernel1d.
Tensor gaussian(int64_t size, double sigma, DType dtype) {
  const double outermost = static_cast<double>(size - 1) / (2 * std::sqrt(2.0));
  return linspace(-outermost, outermost, size, {.dtype = dtype, .device = kCPU}).div(sigma).pow(2).neg().softmax(0);
}

}  // namespace

double largest_value(DType dtype) {
  if (is_floating_point(dtype)) return 1;
  return std::ldexp(1.0, static_cast<int>(value_bits("image", dtype))) - 1;
}

Tensor to_dtype(std::string_view transform, const Tensor& image, DType dtype, bool scale) {
  const DType from = image.dtype();
  if (from == dtype) return image;
  if (!scale || (is_floating_point(from) && is_floating_point(dtype))) return image.to(dtype);
  if (is_floating_point(dtype)) {
    value_bits(transform, from);
    return image.to(dtype).mul_(1.0 / largest_value(from));
  }
  const int64_t bits = value_bits(transform, dtype);
  if (is_floating_point(from)) {
    if ((from == float32 && bits > 16) || (from == float64 && bits > 32))
      fail(transform, "{} has too few digits to be scaled to {}", from, dtype);
    // Only 1 would become the largest integer; with nearly 1 more, all have their part of the range.
    return image.mul(largest_value(dtype) + 1.0 - 1e-3).to(dtype);
  }
  const int64_t more = bits - value_bits(transform, from);
  const Tensor x = image.to(int64);
  return (more < 0 ? x.bitwise_right_shift(-more) : x.bitwise_left_shift(more)).to(dtype);
}

Tensor ToDtype::operator()(const Tensor& image) const {
  sizes_of("ToDtype", image);
  return to_dtype("ToDtype", image, dtype_, scale_);
}

Normalize::Normalize(std::vector<double> mean, std::vector<double> std, const NormalizeOptions& options)
    : mean_(std::move(mean)), std_(std::move(std)), inplace_(options.inplace) {
  if (mean_.empty() || std_.empty()) fail("Normalize", "expected a mean and a std for each channel, got none");
  for (const double s : std_)
    if (s == 0) fail("Normalize", "expected a std other than 0");
}

Tensor Normalize::operator()(const Tensor& image) const {
  constexpr std::string_view name = "Normalize";
  const ImageSizes sizes = sizes_of(name, image);
  if (!image.is_floating_point())
    fail(name, "expected floating-point numbers, got {}; ToDtype(float32, {{.scale = true}}) makes them",
         image.dtype());
  for (const std::vector<double>* each : {&mean_, &std_})
    if (each->size() != 1 && static_cast<int64_t>(each->size()) != sizes.channels)
      fail(name, "expected one number or one for each of {} channels, got {}", sizes.channels, each->size());
  const auto beside = [&](const std::vector<double>& each) {
    return tensor(each, {.device = kCPU})
        .to(image.dtype())
        .to(image.device())
        .reshape({static_cast<int64_t>(each.size()), 1, 1});
  };
  const Tensor mean = beside(mean_), std = beside(std_);
  if (inplace_) return image.sub_(mean).div_(std);
  return image.sub(mean).div_(std);
}

GaussianBlur::GaussianBlur(IntList<2> kernel_size, Range sigma) : kernel_size_(kernel_size), sigma_(sigma) {
  for (const int64_t k : kernel_size_)
    if (k < 1 || k % 2 == 0) fail("GaussianBlur", "expected an odd kernel_size, got {}", kernel_size_);
  if (!(0 < sigma.low && sigma.low <= sigma.high && std::isfinite(sigma.high)))
    fail("GaussianBlur", "expected sigma as a range above 0, got {} to {}", sigma.low, sigma.high);
}

Tensor GaussianBlur::operator()(const Tensor& image) const {
  namespace F = nn::functional;
  const auto [across, down] = std::array<int64_t, 2>(kernel_size_);
  const ImageSizes sizes = sizes_of("GaussianBlur", image);
  if (across / 2 >= sizes.width || down / 2 >= sizes.height)
    fail("GaussianBlur", "expected an image larger than half of the kernel, {}, got {}", kernel_size_,
         image.shape().to_string());
  const double sigma = draw_uniform(sigma_);
  if (image.numel() == 0) return image;
  const DType dtype = image.is_floating_point() ? image.dtype() : float32;
  const Tensor kernel = gaussian(down, sigma, dtype).unsqueeze(-1) * gaussian(across, sigma, dtype);
  Tensor x = as_batch(image).to(dtype);
  x = F::pad(x, {across / 2, across / 2, down / 2, down / 2}, F::PaddingMode::reflect);
  const int64_t channels = sizes.channels;
  x = F::conv2d(x, kernel.to(image.device()).expand({channels, 1, down, across}), {}, {.groups = channels});
  if (!image.is_floating_point()) x = x.round().to(image.dtype());
  return as_before(x, image);
}

}  // namespace tenon::data::transforms
