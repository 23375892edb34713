#pragma once
// ResNet-18 for images of 32×32, as bench/peers/torch_anchor.py has it.
#include <tenon/tenon.h>

namespace bench {

using tenon::Tensor;
namespace nn = tenon::nn;

/// Two convolutions beside a short way round them. (N, in, H, W) → (N, out, H/stride, W/stride).
struct BasicBlock : nn::Module<BasicBlock> {
  nn::Conv2d c1;
  nn::BatchNorm2d b1;
  nn::Conv2d c2;
  nn::BatchNorm2d b2;
  nn::Sequential s;

  BasicBlock(int64_t in, int64_t out, int64_t stride)
      : c1(in, out, 3, {.stride = stride, .padding = 1, .bias = false}),
        b1(out),
        c2(out, out, 3, {.padding = 1, .bias = false}),
        b2(out) {
    if (stride == 1 && in == out) return;
    s.append(nn::Conv2d(in, out, 1, {.stride = stride, .bias = false}));
    s.append(nn::BatchNorm2d(out));
  }

  Tensor forward(const Tensor& x) { return nn::functional::relu(b2(c2(nn::functional::relu(b1(c1(x))))) + s(x)); }

  TENON_MODULE(BasicBlock, c1, b1, c2, b2, s)
};

struct ResNet18 : nn::Module<ResNet18> {
  nn::Sequential stem{nn::Conv2d(3, 64, 3, {.padding = 1, .bias = false}), nn::BatchNorm2d(64), nn::ReLU()};
  nn::Sequential body;
  nn::Linear fc{512, 10};

  ResNet18() {
    int64_t in = 64;
    for (const int64_t out : {64, 128, 256, 512})
      for (const bool first : {true, false}) {
        body.append(BasicBlock(in, out, first && out > 64 ? 2 : 1));
        in = out;
      }
  }

  Tensor forward(const Tensor& x) { return fc(body(stem(x)).mean({2, 3})); }

  TENON_MODULE(ResNet18, stem, body, fc)
};

}  // namespace bench
