#pragma once
// The kernels of convolutions, a file each.
#include "backend/cpu/convolution/windows.h"

namespace tenon::backend::cpu {

/// out = the sum over windows of in with the weight, plus bias: forward, and the gradient by the input.
void gather_windows(const Tensor& out, const Tensor& in, const Tensor& weight, const Tensor& bias, const Convolution& c,
                    bool input_gradient);
void convolution_weight(const Tensor& weight, const Tensor& x, const Tensor& y, const Convolution& c);
/// The same where each channel is convolved by itself.
void channel_weight(const Tensor& weight, const Tensor& x, const Tensor& y, const Convolution& c);
void unfold(const Tensor& columns, const Tensor& x, const Windows& windows);
void fold(const Tensor& x, const Tensor& columns, const Windows& windows);

/// Whether each channel is convolved by itself.
bool by_channel(int64_t groups, int64_t in, int64_t out);
/// The threads that so many multiply-adds are worth.
int64_t threads_for(int64_t multiply_adds);

}  // namespace tenon::backend::cpu
