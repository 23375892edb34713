#pragma once
// A small convolutional network with batch normalisation, for images of 28 × 28 of one channel.
#include <tenon/tenon.h>

namespace models {

using tenon::Tensor;
namespace nn = tenon::nn;

/// Images (B, 784) or (B, 1, 28, 28) → scores (B, classes).
struct SmallCNN : nn::Module<SmallCNN> {
  nn::Sequential features{nn::Conv2d(1, 32, 3, {.padding = 1}),  nn::BatchNorm2d(32), nn::ReLU(), nn::MaxPool2d(2),
                          nn::Conv2d(32, 64, 3, {.padding = 1}), nn::BatchNorm2d(64), nn::ReLU(), nn::MaxPool2d(2)};
  nn::Sequential classifier;

  explicit SmallCNN(int64_t classes = 10)
      : classifier{nn::Flatten(), nn::Linear(64 * 7 * 7, 128), nn::ReLU(), nn::Dropout(0.25),
                   nn::Linear(128, classes)} {}

  Tensor forward(const Tensor& x) { return classifier(features(x.view({-1, 1, 28, 28}))); }

  TENON_MODULE(SmallCNN, features, classifier)
};

}  // namespace models
