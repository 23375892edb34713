#pragma once
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

enum class SamplingMode : uint8_t { bilinear, nearest, bicubic };
/// What lies outside of an image: zeros, its outermost elements again, or the image mirrored at its edges.
enum class SamplingPadding : uint8_t { zeros, border, reflection };

struct GridSampleOptions {
  SamplingMode mode = SamplingMode::bilinear;  ///< of three dimensions trilinear; bicubic is of two alone
  SamplingPadding padding_mode = SamplingPadding::zeros;
  bool align_corners = false;  ///< whether −1 and 1 are the outermost elements' places, not the image's edges
};
/// The elements of an image at places: x (N, C, H, W) and grid (N, H', W', 2) of places (across, down), from −1 to 1,
/// give (N, C, H', W'); x (N, C, D, H, W) and grid (N, D', H', W', 3) give (N, C, D', H', W'). Of one floating-point
/// type; half types are computed in float. Made of operations. Source: torch.nn.functional.grid_sample (Jaderberg et
/// al. 2015, "Spatial transformer networks").
Tensor grid_sample(const Tensor& x, const Tensor& grid, const GridSampleOptions& options = {});

/// The grid of an affine map for grid_sample: theta (N, 2, 3) and a size (N, C, H, W) give (N, H, W, 2), theta (N, 3,
/// 4) and (N, C, D, H, W) give (N, D, H, W, 3). Source: torch.nn.functional.affine_grid.
Tensor affine_grid(const Tensor& theta, const Shape& size, bool align_corners = false);

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
