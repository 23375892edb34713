#include <tenon/nn/layers/resizing.h>

#include "nn/extra_repr.h"

namespace tenon::nn {
namespace {

using functional::InterpolationMode, functional::ScaleFactors;

constexpr std::array names{"nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "lanczos", "area"};

std::string resizing_repr(const Shape& size, const ScaleFactors& factors, InterpolationMode mode) {
  const std::string name = fmt::format("'{}'", names[static_cast<std::size_t>(mode)]);
  std::string first = "size=None";
  if (!factors.empty())
    first = extra_repr_of(
        {ReprPart("scale_factor",
                  factors.is_one() ? Value(factors[0]) : Value(Tuple{Value::List(factors.begin(), factors.end())}))});
  else if (!size.empty()) first = extra_repr_of({ReprPart("size", size.size() == 1 ? Value(size[0]) : Value(size))});
  return first + ", mode=" + name;
}

}  // namespace

Upsample::Upsample(const UpsampleOptions& options)
    : size(options.size),
      scale_factor(options.scale_factor),
      mode(options.mode),
      align_corners(options.align_corners),
      recompute_scale_factor(options.recompute_scale_factor) {}

std::string Upsample::extra_repr() const { return resizing_repr(size, scale_factor, mode); }

Tensor Upsample::forward(const Tensor& x) const {
  return functional::interpolate(x, {size, scale_factor, mode, align_corners, recompute_scale_factor});
}

template <InterpolationMode mode>
Upsampling2d<mode>::Upsampling2d(const Upsampling2dOptions& options)
    : size(options.size), scale_factor(options.scale_factor) {}

template <InterpolationMode mode>
std::string Upsampling2d<mode>::extra_repr() const {
  return resizing_repr(size, scale_factor, mode);
}

template <InterpolationMode mode>
Tensor Upsampling2d<mode>::forward(const Tensor& x) const {
  functional::InterpolateOptions options{.size = size, .scale_factor = scale_factor, .mode = mode};
  if (mode == InterpolationMode::bilinear) options.align_corners = true;
  return functional::interpolate(x, options);
}

template class Upsampling2d<InterpolationMode::nearest>;
template class Upsampling2d<InterpolationMode::bilinear>;

}  // namespace tenon::nn
