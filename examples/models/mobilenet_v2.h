#pragma once
// MobileNetV2 (Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks"), with torchvision's keys.
#include <algorithm>

#include <tenon/tenon.h>

namespace models {

using tenon::Tensor;
namespace nn = tenon::nn;

struct MobileNetV2Options {
  int64_t num_classes = 1000;
  double width_mult = 1;  ///< of all numbers of channels, which are multiples of 8
  double dropout = 0.2;
};

/// The multiple of 8 that is nearest, but not below nine tenths.
inline int64_t mobilenet_channels(double wanted) {
  const int64_t nearest = std::max<int64_t>(8, static_cast<int64_t>(wanted + 4) / 8 * 8);
  return static_cast<double>(nearest) < 0.9 * wanted ? nearest + 8 : nearest;
}

/// A convolution without a bias, normalised, then between 0 and 6.
inline nn::Sequential conv_bn_relu6(int64_t in, int64_t out, int64_t kernel, int64_t stride = 1, int64_t groups = 1) {
  return {nn::Conv2d(in, out, kernel, {.stride = stride, .padding = (kernel - 1) / 2, .groups = groups, .bias = false}),
          nn::BatchNorm2d(out), nn::ReLU6({.inplace = true})};
}

/// Wider by `expand`, each channel by itself, narrow again; around it where the shape stays.
struct InvertedResidual : nn::Module<InvertedResidual> {
  bool residual;
  nn::Sequential conv;

  InvertedResidual(int64_t in, int64_t out, int64_t stride, int64_t expand) : residual(stride == 1 && in == out) {
    const int64_t hidden = in * expand;
    if (expand != 1) conv.append(conv_bn_relu6(in, hidden, 1));
    conv.append(conv_bn_relu6(hidden, hidden, 3, stride, hidden));
    conv.append(nn::Conv2d(hidden, out, 1, {.bias = false}));
    conv.append(nn::BatchNorm2d(out));
  }

  Tensor forward(const Tensor& x) { return residual ? x + conv(x) : conv(x); }

  TENON_MODULE(InvertedResidual, residual, conv)
};

/// Images (N, 3, H, W) → scores (N, num_classes).
struct MobileNetV2 : nn::Module<MobileNetV2> {
  nn::Sequential features, classifier;

  explicit MobileNetV2(const MobileNetV2Options& o = {}) {
    struct Stage {
      int64_t expand, channels, blocks, stride;
    };
    int64_t in = mobilenet_channels(32 * o.width_mult);
    features.append(conv_bn_relu6(3, in, 3, 2));
    for (const Stage& s : {Stage{1, 16, 1, 1}, Stage{6, 24, 2, 2}, Stage{6, 32, 3, 2}, Stage{6, 64, 4, 2},
                           Stage{6, 96, 3, 1}, Stage{6, 160, 3, 2}, Stage{6, 320, 1, 1}}) {
      const int64_t out = mobilenet_channels(static_cast<double>(s.channels) * o.width_mult);
      for (int64_t i = 0; i < s.blocks; ++i) {
        features.append(InvertedResidual(in, out, i == 0 ? s.stride : 1, s.expand));
        in = out;
      }
    }
    const int64_t last = mobilenet_channels(1280 * std::max(1.0, o.width_mult));
    features.append(conv_bn_relu6(in, last, 1));
    classifier.append(nn::Dropout(o.dropout));
    classifier.append(nn::Linear(last, o.num_classes));
    for (nn::ModuleBase& m : modules()) {
      if (auto* conv = dynamic_cast<nn::Conv2d*>(&m))
        nn::init::kaiming_normal_(conv->weight, {.mode = nn::init::FanMode::fan_out});
      if (auto* linear = dynamic_cast<nn::Linear*>(&m)) {
        nn::init::normal_(linear->weight, 0, 0.01);
        nn::init::zeros_(linear->bias);
      }
    }
  }

  Tensor forward(const Tensor& x) {
    return classifier(nn::functional::adaptive_avg_pool2d(features(x), {1, 1}).flatten(1));
  }

  TENON_MODULE(MobileNetV2, features, classifier)
};

}  // namespace models
