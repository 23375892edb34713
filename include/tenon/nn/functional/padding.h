#pragma once
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

/// What stands beyond a tensor's edges: a number; the tensor mirrored at its last elements (… 2 1 | 0 1 2 …); its last
/// elements repeated; the tensor over again.
enum class PaddingMode : uint8_t { constant, reflect, replicate, circular };

/// x with elements added at both ends of its last dimensions: pad gives two numbers for the last dimension, two for the
/// one before it, and so on. A negative one takes elements away.
///
/// constant (value, converted to x's type) takes any number of dimensions; the others pad the last one of (N, C, W) or
/// (C, W), two of (N, C, H, W) or (C, H, W), three of (N, C, D, H, W) or (C, D, H, W). reflect adds fewer than a
/// dimension has, circular no more. An error where a size would be below 0, or, but for constant, 0. Source:
/// torch.nn.functional.pad.
Tensor pad(const Tensor& x, const Shape& pad, PaddingMode mode = PaddingMode::constant, const Scalar& value = 0);

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
