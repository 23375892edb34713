#pragma once
// U-Net (Ronneberger et al. 2015, "U-Net: convolutional networks for biomedical image segmentation"), with convolutions
// that keep the size of the image and batch normalisation.
#include <tenon/tenon.h>

namespace models {

using tenon::Tensor;
namespace nn = tenon::nn;

struct UNetOptions {
  int64_t in_channels = 3;
  int64_t out_channels = 1;
  int64_t width = 64;  ///< channels at full size; twice as many at each step down
  int depth = 4;       ///< steps down, each half the size
};

/// Two convolutions, each normalised: (N, in, H, W) → (N, out, H, W).
struct DoubleConv : nn::Module<DoubleConv> {
  nn::Conv2d conv1;
  nn::BatchNorm2d norm1;
  nn::Conv2d conv2;
  nn::BatchNorm2d norm2;

  DoubleConv(int64_t in, int64_t out)
      : conv1(in, out, 3, {.padding = 1, .bias = false}),
        norm1(out),
        conv2(out, out, 3, {.padding = 1, .bias = false}),
        norm2(out) {}

  Tensor forward(const Tensor& x) { return norm2(conv2(norm1(conv1(x)).relu())).relu(); }

  TENON_MODULE(DoubleConv, conv1, norm1, conv2, norm2)
};

/// Images (N, in_channels, H, W), H and W multiples of 2^depth → (N, out_channels, H, W), a score a place.
struct UNet : nn::Module<UNet> {
  nn::ModuleList<DoubleConv> down;
  DoubleConv bottom;
  nn::ModuleList<nn::ConvTranspose2d> widen;  // from the lowest up
  nn::ModuleList<DoubleConv> up;
  nn::Conv2d head;

  explicit UNet(const UNetOptions& o = {})
      : bottom(o.width << (o.depth - 1), o.width << o.depth), head(o.width, o.out_channels, 1) {
    int64_t in = o.in_channels;
    for (int i = 0; i < o.depth; ++i, in = o.width << (i - 1)) down.emplace_back(in, o.width << i);
    for (int i = o.depth; i-- > 0;) {
      widen.emplace_back(o.width << (i + 1), o.width << i, 2, nn::ConvTransposeNdOptions<2>{.stride = 2});
      up.emplace_back(o.width << (i + 1), o.width << i);
    }
  }

  Tensor forward(Tensor x) {
    std::vector<Tensor> passed;
    for (DoubleConv& step : down) {
      passed.push_back(step(x));
      x = nn::functional::max_pool2d(passed.back(), 2);
    }
    x = bottom(x);
    for (int64_t i = 0; i < up.size(); ++i) {
      x = up[i](tenon::cat({passed.back(), widen[i](x)}, 1));
      passed.pop_back();
    }
    return head(x);
  }

  TENON_MODULE(UNet, down, bottom, widen, up, head)
};

}  // namespace models
