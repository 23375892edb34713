#pragma once
#include <tenon/tensor.h>

namespace tenon::nn::functional {

/// The sum of each channel of (N, C, *), of `before` channels before it and `behind` behind, as far as there are.
Tensor neighbour_sums(const Tensor& x, int64_t before, int64_t behind);

}  // namespace tenon::nn::functional
