#pragma once
#include <array>
#include <string_view>

#include <tenon/nn/functional/resizing.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

struct UpsampleOptions {
  Shape size = {};                             ///< as functional::interpolate's
  functional::ScaleFactors scale_factor = {};  ///< as functional::interpolate's
  functional::InterpolationMode mode = functional::InterpolationMode::nearest;
  std::optional<bool> align_corners = {};
  bool recompute_scale_factor = false;
};

/// An image, (N, C, W), (N, C, H, W) or (N, C, D, H, W), in another size. Source: torch.nn.Upsample.
class Upsample : public Module<Upsample> {
 public:
  Shape size;
  functional::ScaleFactors scale_factor;
  functional::InterpolationMode mode;
  std::optional<bool> align_corners;
  bool recompute_scale_factor;

  explicit Upsample(const UpsampleOptions& options = {});
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(Upsample, size, scale_factor, mode, align_corners, recompute_scale_factor)
};

struct Upsampling2dOptions {
  Shape size = {};                             ///< as functional::interpolate's
  functional::ScaleFactors scale_factor = {};  ///< as functional::interpolate's
};

/// (N, C, H, W) in another size: by the nearest elements, or between four, the corners' being the corners'. Source:
/// torch.nn.UpsamplingNearest2d, UpsamplingBilinear2d.
template <functional::InterpolationMode mode>
class Upsampling2d : public Module<Upsampling2d<mode>> {
 public:
  static constexpr std::string_view class_name =
      mode == functional::InterpolationMode::nearest ? "UpsamplingNearest2d" : "UpsamplingBilinear2d";

  Shape size;
  functional::ScaleFactors scale_factor;

  explicit Upsampling2d(const Upsampling2dOptions& options);
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(Upsampling2d, size, scale_factor)
};
extern template class Upsampling2d<functional::InterpolationMode::nearest>;
extern template class Upsampling2d<functional::InterpolationMode::bilinear>;
using UpsamplingNearest2d = Upsampling2d<functional::InterpolationMode::nearest>;
using UpsamplingBilinear2d = Upsampling2d<functional::InterpolationMode::bilinear>;

}  // namespace tenon::nn

#pragma GCC visibility pop
