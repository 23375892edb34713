#pragma once
// ResNet (He et al. 2015, "Deep residual learning for image recognition"), with torchvision's keys: its files load.
#include <array>

#include <tenon/tenon.h>

namespace models {

using tenon::Tensor;
namespace nn = tenon::nn;

struct ResNetOptions {
  std::array<int, 4> blocks;  ///< in each stage
  bool bottleneck = false;    ///< three convolutions a block, the last four times as wide
  int64_t num_classes = 1000;
};

/// Two convolutions, or three, beside a short way round them: (N, in, H, W) → (N, out, H/stride, W/stride).
struct ResNetBlock : nn::Module<ResNetBlock> {
  nn::Conv2d conv1;
  nn::BatchNorm2d bn1;
  nn::Conv2d conv2;
  nn::BatchNorm2d bn2;
  std::unique_ptr<nn::Conv2d> conv3;  // of a bottleneck
  std::unique_ptr<nn::BatchNorm2d> bn3;
  nn::ReLU relu{{.inplace = true}};
  std::unique_ptr<nn::Sequential> downsample;  // where the shape changes

  ResNetBlock(int64_t in, int64_t width, int64_t stride, bool bottleneck)
      : conv1(in, width, bottleneck ? 1 : 3,
              {.stride = bottleneck ? 1 : stride, .padding = bottleneck ? 0 : 1, .bias = false}),
        bn1(width),
        conv2(width, width, 3, {.stride = bottleneck ? stride : 1, .padding = 1, .bias = false}),
        bn2(width) {
    const int64_t out = bottleneck ? 4 * width : width;
    if (bottleneck) {
      conv3 = std::make_unique<nn::Conv2d>(width, out, 1, nn::ConvNdOptions<2>{.bias = false});
      bn3 = std::make_unique<nn::BatchNorm2d>(out);
    }
    if (stride == 1 && in == out) return;
    downsample = std::make_unique<nn::Sequential>(
        nn::Sequential{nn::Conv2d(in, out, 1, {.stride = stride, .bias = false}), nn::BatchNorm2d(out)});
  }

  Tensor forward(const Tensor& x) {
    Tensor y = relu(bn1(conv1(x)));
    y = bn2(conv2(y));
    if (conv3) y = (*bn3)((*conv3)(relu(y)));
    return relu(y + (downsample ? (*downsample)(x) : x));
  }

  TENON_MODULE(ResNetBlock, conv1, bn1, conv2, bn2, conv3, bn3, relu, downsample)
};

/// Images (N, 3, H, W) → scores (N, num_classes). H and W from 33 up make the last stage larger than one place; 224 is
/// what published weights were trained with.
struct ResNet : nn::Module<ResNet> {
  nn::Conv2d conv1{3, 64, 7, {.stride = 2, .padding = 3, .bias = false}};
  nn::BatchNorm2d bn1{64};
  nn::ReLU relu{{.inplace = true}};
  nn::MaxPool2d maxpool{3, {.stride = 2, .padding = 1}};
  nn::Sequential layer1, layer2, layer3, layer4;
  nn::AdaptiveAvgPool2d avgpool{1};
  nn::Linear fc;

  explicit ResNet(const ResNetOptions& o)
      : layer1(stage(o, 0)),
        layer2(stage(o, 1)),
        layer3(stage(o, 2)),
        layer4(stage(o, 3)),
        fc(o.bottleneck ? 2048 : 512, o.num_classes) {
    for (nn::ModuleBase& m : modules())
      if (auto* conv = dynamic_cast<nn::Conv2d*>(&m))
        nn::init::kaiming_normal_(conv->weight,
                                  {.mode = nn::init::FanMode::fan_out, .nonlinearity = nn::init::Nonlinearity::relu});
  }

  /// The blocks of one size, of which the first makes it, but for those of stage 0.
  static nn::Sequential stage(const ResNetOptions& o, int number) {
    const int64_t width = int64_t{64} << number, out = o.bottleneck ? 4 * width : width;
    nn::Sequential layer{ResNetBlock(number == 0 ? 64 : out / 2, width, number == 0 ? 1 : 2, o.bottleneck)};
    for (int i = 1; i < o.blocks[static_cast<std::size_t>(number)]; ++i)
      layer.append(ResNetBlock(out, width, 1, o.bottleneck));
    return layer;
  }

  Tensor forward(Tensor x) {
    x = maxpool(relu(bn1(conv1(x))));
    x = layer4(layer3(layer2(layer1(x))));
    return fc(avgpool(x).flatten(1));
  }

  TENON_MODULE(ResNet, conv1, bn1, relu, maxpool, layer1, layer2, layer3, layer4, avgpool, fc)
};

inline ResNet resnet18(int64_t classes = 1000) { return ResNet({.blocks = {2, 2, 2, 2}, .num_classes = classes}); }
inline ResNet resnet34(int64_t classes = 1000) { return ResNet({.blocks = {3, 4, 6, 3}, .num_classes = classes}); }
inline ResNet resnet50(int64_t classes = 1000) {
  return ResNet({.blocks = {3, 4, 6, 3}, .bottleneck = true, .num_classes = classes});
}

}  // namespace models
