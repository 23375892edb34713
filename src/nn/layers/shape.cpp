#include <tenon/nn/layers/shape.h>

#include "nn/extra_repr.h"

namespace tenon::nn {

std::string Flatten::extra_repr() const { return extra_repr_of({{"start_dim", start_dim}, {"end_dim", end_dim}}); }

Tensor Flatten::forward(const Tensor& x) const { return x.flatten(start_dim, end_dim); }

Unflatten::Unflatten(int64_t dim_, const Shape& sizes) : dim(dim_), unflattened_size(sizes), printed_as_list(false) {}

std::string Unflatten::extra_repr() const {
  return extra_repr_of({{"dim", dim},
                        {"unflattened_size",
                         printed_as_list ? Value(std::vector<int64_t>(unflattened_size.begin(), unflattened_size.end()))
                                         : Value(unflattened_size)}});
}

Tensor Unflatten::forward(const Tensor& x) const { return x.unflatten(dim, unflattened_size); }

std::string PixelShuffle::extra_repr() const { return extra_repr_of({ReprPart("upscale_factor", upscale_factor)}); }

Tensor PixelShuffle::forward(const Tensor& x) const { return functional::pixel_shuffle(x, upscale_factor); }

std::string PixelUnshuffle::extra_repr() const {
  return extra_repr_of({ReprPart("downscale_factor", downscale_factor)});
}

Tensor PixelUnshuffle::forward(const Tensor& x) const { return functional::pixel_unshuffle(x, downscale_factor); }

std::string ChannelShuffle::extra_repr() const { return extra_repr_of({ReprPart("groups", groups)}); }

Tensor ChannelShuffle::forward(const Tensor& x) const { return functional::channel_shuffle(x, groups); }

}  // namespace tenon::nn
