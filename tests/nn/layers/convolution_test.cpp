// Convolutions, Unfold and Fold as layers. Expected numbers are PyTorch 2.15's.
#include <vector>

#include <gtest/gtest.h>
#include <tenon/nn/functional.h>
#include <tenon/tenon.h>

#include "autograd/gradcheck.h"
#include "tensor/check.h"

namespace tenon::nn::layers_convolution_test {
namespace {

using test::error_of;
using test::expect_values;
using test::noise;

TEST(ConvLayers, StartWithPyTorchsWeights) {
  manual_seed(3);
  const Conv2d conv(2, 3, 2);
  expect_values(conv.weight, {3, 2, 2, 2}, {-0.3505, -0.2789, -0.1514, -0.3345, -0.0201, -0.3110, 0.1922,  0.1723,
                                            0.0668,  0.2743,  -0.0346, 0.2118,  -0.2476, -0.0697, -0.3152, -0.0287,
                                            -0.2294, 0.3176,  0.2456,  0.2651,  0.1049,  -0.2017, 0.3177,  -0.3450},
                0, 5e-5);
  expect_values(conv.bias, {3}, {-0.2257, -0.2208, -0.1466}, 0, 5e-5);
  manual_seed(3);
  const ConvTranspose1d transposed(4, 2, 3, {.groups = 2});
  expect_values(transposed.weight, {4, 1, 3},
                {-0.5724, -0.4554, -0.2473, -0.5462, -0.0328, -0.5079, 0.3139, 0.2814, 0.1090, 0.4479, -0.0565, 0.3458},
                0, 5e-5);
  expect_values(transposed.bias, {2}, {-0.4043, -0.1138}, 0, 5e-5);
}

TEST(ConvLayers, PrintAsPyTorchs) {
  EXPECT_EQ(Conv2d(3, 8, {3, 5}).to_string(), "Conv2d(3, 8, kernel_size=(3, 5), stride=(1, 1))");
  EXPECT_EQ(Conv2d(4, 6, 3,
                   {.stride = 2,
                    .padding = 1,
                    .dilation = 2,
                    .groups = 2,
                    .bias = false,
                    .padding_mode = ConvPaddingMode::reflect})
                .to_string(),
            "Conv2d(4, 6, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), dilation=(2, 2), groups=2, bias=False, "
            "padding_mode=reflect)");
  EXPECT_EQ(Conv1d(4, 6, 3, {.padding = "same", .padding_mode = ConvPaddingMode::circular}).to_string(),
            "Conv1d(4, 6, kernel_size=(3,), stride=(1,), padding=same, padding_mode=circular)");
  EXPECT_EQ(Conv3d(4, 6, 1, {.padding = "valid"}).to_string(),
            "Conv3d(4, 6, kernel_size=(1, 1, 1), stride=(1, 1, 1), padding=valid)");
  EXPECT_EQ(ConvTranspose2d(4, 6, 3,
                            {.stride = 2, .padding = 1, .output_padding = 1, .groups = 2, .bias = false, .dilation = 2})
                .to_string(),
            "ConvTranspose2d(4, 6, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), dilation=(2, 2), "
            "output_padding=(1, 1), groups=2, bias=False)");
  EXPECT_EQ(Unfold(2, {.dilation = 3, .padding = 1, .stride = {2, 3}}).to_string(),
            "Unfold(kernel_size=2, dilation=3, padding=1, stride=[2, 3])");
  EXPECT_EQ(Fold({4, 4}, {2, 1}).to_string(),
            "Fold(output_size=[4, 4], kernel_size=[2, 1], dilation=1, padding=0, stride=1)");
}

TEST(ConvLayers, HavePyTorchsKeysAndOptions) {
  const Conv2d conv(4, 6, {3, 2}, {.groups = 2, .dtype = float64});
  EXPECT_EQ(conv.weight.shape(), Shape({6, 2, 3, 2}));
  EXPECT_EQ(conv.bias.dtype(), float64);
  std::vector<std::string> keys;
  for (const auto& [key, value] : conv.state_dict()) keys.push_back(key.to_string());
  EXPECT_EQ(keys, (std::vector<std::string>{"weight", "bias"}));
  EXPECT_EQ(Conv1d(4, 6, 3, {.bias = false}).parameters().size(), 1u);
  EXPECT_EQ(ConvTranspose3d(4, 6, {1, 2, 3}, {.groups = 2}).weight.shape(), Shape({4, 3, 1, 2, 3}));
  EXPECT_TRUE(Conv2d(3, 8, 3, {.device = kMeta}).weight.is_meta());
}

TEST(ConvLayers, ComputeWhatTheFunctionsDo) {
  const Conv2d conv(4, 6, 3, {.stride = 2, .padding = {1, 2}, .groups = 2});
  const Tensor x = noise({2, 4, 7, 7});
  EXPECT_TRUE(test::identical(
      conv(x), functional::conv2d(x, conv.weight, conv.bias, {.stride = 2, .padding = {1, 2}, .groups = 2})));
  EXPECT_EQ(conv(x[0]).shape(), Shape({6, 4, 5}));
  const Conv2d same(4, 6, {2, 3}, {.padding = "same", .dilation = 2});
  EXPECT_EQ(same(x).shape(), Shape({2, 6, 7, 7}));
}

TEST(ConvLayers, PadInFourWays) {
  // m = nn.Conv1d(1, 1, 3, padding=2, padding_mode=mode, bias=False), weight [1, 10, 100]; m(torch.arange(1., 5))
  const auto one = [](ConvPaddingMode mode) {
    Conv1d conv(1, 1, 3, {.padding = 2, .bias = false, .padding_mode = mode});
    conv.weight = Parameter(tensor({1.0, 10.0, 100.0}).reshape({1, 1, 3}));
    return conv(arange(1, 5).to(float32).reshape({1, 1, 4}));
  };
  expect_values(one(ConvPaddingMode::zeros), {1, 1, 6}, {100, 210, 321, 432, 43, 4});
  expect_values(one(ConvPaddingMode::reflect), {1, 1, 6}, {123, 212, 321, 432, 343, 234});
  expect_values(one(ConvPaddingMode::replicate), {1, 1, 6}, {111, 211, 321, 432, 443, 444});
  expect_values(one(ConvPaddingMode::circular), {1, 1, 6}, {143, 214, 321, 432, 143, 214});
  // nn.Conv2d(1, 1, (2, 3), padding='same', padding_mode='circular', bias=False)(torch.arange(20.).view(1, 1, 4, 5))
  Conv2d same(1, 1, {2, 3}, {.padding = "same", .bias = false, .padding_mode = ConvPaddingMode::circular});
  same.weight = Parameter(tensor({1.0, -2.0, 3.0, 0.5, 1.0, -1.0}).reshape({1, 1, 2, 3}));
  expect_values(same(arange(20).to(float32).reshape({1, 1, 4, 5})), {1, 1, 4, 5},
                {10.5, 5.5, 8, 10.5, 3, 23, 18, 20.5, 23, 15.5, 35.5, 30.5, 33, 35.5, 28, 38, 33, 35.5, 38, 30.5});
}

TEST(ConvLayers, GradientsThroughEachWayOfPadding) {
  for (const ConvPaddingMode mode : {ConvPaddingMode::reflect, ConvPaddingMode::replicate, ConvPaddingMode::circular}) {
    const Conv2d conv(2, 2, 2, {.padding = {1, 2}, .padding_mode = mode, .dtype = float64});
    test::gradchecks([&](const auto& in) { return conv(in[0]); }, {test::leaf({1, 2, 3, 4})});
  }
}

TEST(ConvTransposeLayers, TakeTheSizeOfTheResult) {
  const ConvTranspose2d conv(4, 3, 3, {.stride = 2});
  const Tensor x = noise({1, 4, 3, 3});
  EXPECT_EQ(conv(x).shape(), Shape({1, 3, 7, 7}));
  EXPECT_EQ(conv(x, {8, 7}).shape(), Shape({1, 3, 8, 7}));
  EXPECT_EQ(conv(x, {1, 3, 8, 7}).shape(), Shape({1, 3, 8, 7}));
  EXPECT_EQ(conv(x[0], {7, 8}).shape(), Shape({3, 7, 8}));
  const Tensor wanted =
      functional::conv_transpose2d(x, conv.weight, conv.bias, {.stride = 2, .output_padding = {1, 0}});
  EXPECT_TRUE(test::identical(conv(x, {8, 7}), wanted));
  EXPECT_EQ(error_of([&] {
              conv(x, {20, 20});
            }),
            "[ConvTranspose2d] expected an output_size between 7 and 8 in dimension 0 of the image, got (20, 20)");
  EXPECT_EQ(error_of([&] {
              conv(x, {8, 8, 8});
            }),
            "[ConvTranspose2d] expected an output_size of 2 or 4 numbers, got (8, 8, 8)");
}

TEST(ConvLayers, UnfoldAndFoldAreEachOthersTranspose) {
  const Unfold unfold({2, 3}, {.padding = 1, .stride = 2});
  const Fold fold({6, 7}, {2, 3}, {.padding = 1, .stride = 2});
  const Tensor x = noise({2, 3, 6, 7}, float64, 1), y = noise(unfold(x).shape(), float64, 2);
  EXPECT_NEAR((unfold(x) * y).sum().item<double>(), (x * fold(y)).sum().item<double>(), 1e-10);
}

TEST(ConvLayers, CountTheirMultiplyAdds) {
  Conv2d conv(3, 8, 3, {.padding = 1});
  EXPECT_EQ(summary(conv, Shape{2, 3, 16, 16}).rows[0].multiply_adds, 2 * 8 * 16 * 16 * 3 * 9);
  ConvTranspose1d transposed(4, 6, 5, {.groups = 2});
  EXPECT_EQ(summary(transposed, Shape{2, 4, 7}).rows[0].multiply_adds, 2 * 4 * 7 * 3 * 5);
}

TEST(ConvLayers, SayWhatTheyExpected) {
  EXPECT_EQ(error_of([] { Conv2d(3, 4, 3, {.groups = 2}); }),
            "[Conv2d] expected numbers of channels that groups=2 divides, got in_channels=3, out_channels=4");
  EXPECT_EQ(error_of([] { Conv2d(4, 3, 3, {.groups = 2}); }),
            "[Conv2d] expected numbers of channels that groups=2 divides, got in_channels=4, out_channels=3");
  EXPECT_EQ(error_of([] { Conv2d(4, 3, 3, {.groups = 0}); }), "[Conv2d] expected groups of 1 or more, got 0");
  EXPECT_EQ(error_of([] { Conv2d(-4, 3, 3); }),
            "[Conv2d] expected channels of 0 or more, got in_channels=-4, out_channels=3");
  EXPECT_EQ(error_of([] { Conv2d(4, 3, {3, 0}); }), "[Conv2d] expected a kernel_size of 1 or more, got (3, 0)");
  EXPECT_EQ(error_of([] { Conv2d(4, 3, 3, {.stride = 0}); }), "[Conv2d] expected a stride of 1 or more, got (0, 0)");
  EXPECT_EQ(error_of([] { Conv2d(4, 3, 3, {.padding = -1}); }),
            "[Conv2d] expected a padding of 0 or more, got (-1, -1)");
  EXPECT_EQ(error_of([] { Conv2d(4, 3, 3, {.stride = 2, .padding = "same"}); }),
            "[Conv2d] padding \"same\" is for a stride of 1, got (2, 2)");
  EXPECT_EQ(error_of([] { ConvTranspose1d(4, 3, 3, {.output_padding = -1}); }),
            "[ConvTranspose1d] expected an output_padding of 0 or more, got (-1,)");
  const Conv2d conv(4, 3, 3);
  EXPECT_EQ(error_of([&] {
              conv(zeros({5, 5}));
            }),
            "[Conv2d] expected an input of 3 or 4 dimensions, got shape (5, 5)");
  EXPECT_EQ(error_of([&] {
              conv(zeros({2, 3, 5, 5}));
            }),
            "[Conv2d] expected an input of 4 channels, got shape (2, 3, 5, 5)");
  const auto padded = [](ConvPaddingMode mode) {
    const Conv1d layer(1, 1, 3, {.padding = 5, .padding_mode = mode});
    return error_of([&] { layer(zeros({1, 1, 4})); });
  };
  EXPECT_EQ(
      padded(ConvPaddingMode::reflect),
      "[pad] expected fewer elements on each side than the dimension has, to be its mirror image, got a padding of "
      "(5, 5) for an input of shape (1, 1, 4)");
  EXPECT_EQ(padded(ConvPaddingMode::circular),
            "[pad] expected no more elements on each side than the dimension has, to come round once, got a padding of "
            "(5, 5) for an input of shape (1, 1, 4)");
  EXPECT_EQ(padded(ConvPaddingMode::replicate), "");
}

}  // namespace
}  // namespace tenon::nn::layers_convolution_test
