#pragma once
// A layer and the batch normalisation behind it as one layer, for inference. Source: torch.nn.utils.fusion.
#include <tenon/nn/layers/batch_norm.h>
#include <tenon/nn/layers/convolution.h>
#include <tenon/nn/layers/linear.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

namespace detail {
struct Normalization {
  Tensor mean, variance, weight, bias;  ///< the last two may be undefined
  double eps;
  bool evaluates;  ///< by running statistics, which are there
};
/// Weight and bias take the normalisation over; `outputs` is the weight's dimension of them.
void fuse(Parameter& weight, Parameter& bias, int64_t outputs, bool layer_evaluates, const Normalization& norm);

template <class Layer, int N>
Layer fused(Layer& layer, const BatchNormNd<N>& norm, int64_t outputs) {
  Layer copy = layer.clone();
  fuse(copy.weight, copy.bias, outputs, !layer.training(),
       {norm.running_mean, norm.running_var, norm.weight, norm.bias, norm.eps,
        !norm.training() && norm.running_mean.defined()});
  return copy;
}
}  // namespace detail

/// A layer that gives what `norm(layer(x))` gives: a copy of the layer with other weights, and a bias. An error unless
/// both are in eval mode and the normalisation has running statistics. Source:
/// torch.nn.utils.fusion.fuse_conv_bn_eval, fuse_linear_bn_eval.
template <int N>
ConvNd<N> fuse_conv_bn_eval(ConvNd<N>& layer, const BatchNormNd<N>& norm) {
  return detail::fused(layer, norm, 0);
}
template <int N>
ConvTransposeNd<N> fuse_conv_bn_eval(ConvTransposeNd<N>& layer, const BatchNormNd<N>& norm) {
  return detail::fused(layer, norm, 1);
}
inline Linear fuse_linear_bn_eval(Linear& layer, const BatchNorm1d& norm) { return detail::fused(layer, norm, 0); }

namespace utils {
using nn::fuse_conv_bn_eval;
using nn::fuse_linear_bn_eval;
}  // namespace utils

}  // namespace tenon::nn

#pragma GCC visibility pop
