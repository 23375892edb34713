#pragma once
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

// Elements of any type, moved between channels and places of an image. What lies with its channels last stays so.
namespace tenon::nn::functional {

/// Channels become places: (*, C·r², H, W) → (*, C, H·r, W·r). Source: torch.nn.functional.pixel_shuffle (Shi et al.
/// 2016, "Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural
/// network").
Tensor pixel_shuffle(const Tensor& x, int64_t upscale_factor);
/// The inverse: (*, C, H·r, W·r) → (*, C·r², H, W). Source: torch.nn.functional.pixel_unshuffle.
Tensor pixel_unshuffle(const Tensor& x, int64_t downscale_factor);
/// The channels of each group spread over all: (N, C, *), taken as (N, groups, C / groups, *), becomes (N, C / groups,
/// groups, *). Source: torch.nn.functional.channel_shuffle (Zhang et al. 2018, "ShuffleNet").
Tensor channel_shuffle(const Tensor& x, int64_t groups);

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
