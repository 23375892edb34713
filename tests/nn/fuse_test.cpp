#include <gtest/gtest.h>

#include <tenon/nn.h>

#include "tensor/check.h"

namespace fuse_test {
using namespace tenon;
using test::error_of;

namespace {

/// One that has seen something.
template <class Norm>
void give_statistics(Norm& norm, const Shape& shape) {
  norm.weight.detach().uniform_(0.5, 2);
  norm.bias.detach().uniform_(-1, 1);
  norm(randn(shape) * 3 + 1);
  norm.eval();
}

}  // namespace

TEST(Fuse, AConvolutionAndItsNormalisationAreOneLayer) {
  manual_seed(1);
  for (const bool bias : {true, false}) {
    nn::Conv2d layer(3, 4, 3, {.padding = 1, .bias = bias});
    nn::BatchNorm2d norm(4);
    give_statistics(norm, {5, 4, 6, 6});
    layer.eval();
    nn::Conv2d fused = nn::fuse_conv_bn_eval(layer, norm);
    const Tensor x = randn({2, 3, 6, 6});
    EXPECT_TRUE(allclose(fused(x), norm(layer(x)), 1e-4, 1e-5));
    EXPECT_TRUE(fused.bias.defined() && fused.bias.requires_grad());
    EXPECT_EQ(layer.bias.defined(), bias);  // the layer itself stays
  }
}

TEST(Fuse, TransposedConvolutionsAndLinearLayersToo) {
  manual_seed(2);
  nn::ConvTranspose1d layer(3, 4, 3, {.stride = 2});
  nn::BatchNorm1d norm(4), plain(4, {.affine = false});
  give_statistics(norm, {5, 4, 7});
  plain(randn({5, 4}) * 2);
  plain.eval();
  layer.eval();
  nn::ConvTranspose1d fused = nn::fuse_conv_bn_eval(layer, norm);
  const Tensor x = randn({2, 3, 5});
  EXPECT_TRUE(allclose(fused(x), norm(layer(x)), 1e-4, 1e-5));
  nn::Linear linear(3, 4);
  linear.eval();
  nn::Linear both = nn::fuse_linear_bn_eval(linear, plain);
  const Tensor row = randn({6, 3});
  EXPECT_TRUE(allclose(both(row), plain(linear(row)), 1e-4, 1e-5));
}

TEST(Fuse, WhatTrainsOrDoesNotFitIsAnError) {
  nn::Conv2d layer(3, 4, 3);
  nn::BatchNorm2d norm(4), other(5), without(4, {.track_running_stats = false});
  const std::string mode =
      "[fuse_conv_bn_eval] expected both layers in eval mode, and running statistics: call eval() first";
  EXPECT_EQ(error_of([&] { nn::fuse_conv_bn_eval(layer, norm); }), mode);
  layer.eval();
  EXPECT_EQ(error_of([&] { nn::fuse_conv_bn_eval(layer, norm); }), mode);
  without.eval();
  EXPECT_EQ(error_of([&] { nn::fuse_conv_bn_eval(layer, without); }), mode);
  other.eval();
  EXPECT_EQ(error_of([&] { nn::fuse_conv_bn_eval(layer, other); }),
            "[fuse_conv_bn_eval] expected a normalisation of 4 features, as the layer has outputs, got 5");
}

TEST(SkipInit, MakesALayerWithMemoryAndDrawsNothing) {
  manual_seed(3);
  const float next = rand({1}).item<float>();
  manual_seed(3);
  nn::Linear layer = nn::skip_init<nn::Linear>(3, 4, nn::LinearOptions{.bias = false});
  EXPECT_EQ(rand({1}).item<float>(), next);
  EXPECT_EQ(layer.weight.device(), kCPU);
  EXPECT_EQ(layer.weight.shape(), (Shape{4, 3}));
  EXPECT_FALSE(layer.bias.defined());
  EXPECT_TRUE(layer.weight.requires_grad());
}
}  // namespace fuse_test
