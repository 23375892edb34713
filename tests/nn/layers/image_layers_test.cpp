// Layers that pad, pool, resize and reshape: what they print, and that they do what their functions do.
#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::nn::image_layers_test {
namespace {

using test::error_of;
using Mode = functional::InterpolationMode;

TEST(ImageLayers, PrintTheirArgumentsAsTheyWereGiven) {
  // repr() of the same layers in PyTorch.
  EXPECT_EQ(MaxPool2d(2).to_string(), "MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)");
  EXPECT_EQ(MaxPool2dWithIndices({3, 2}, {.stride = 1}).to_string(),
            "MaxPool2d(kernel_size=(3, 2), stride=1, padding=0, dilation=1, ceil_mode=False)");
  EXPECT_EQ(AvgPool1d(3).to_string(), "AvgPool1d(kernel_size=(3,), stride=(3,), padding=(0,))");
  EXPECT_EQ(AvgPool2d(3, {.stride = {1, 2}}).to_string(), "AvgPool2d(kernel_size=3, stride=(1, 2), padding=0)");
  EXPECT_EQ(LPPool2d(2, {3, 3}, {.stride = 2, .ceil_mode = true}).to_string(),
            "LPPool2d(norm_type=2, kernel_size=(3, 3), stride=2, ceil_mode=True)");
  EXPECT_EQ(LPPool1d(test::infinity, 3).to_string(),
            "LPPool1d(norm_type=inf, kernel_size=3, stride=None, ceil_mode=False)");
  EXPECT_EQ(AdaptiveMaxPool2d({None, 3}).to_string(), "AdaptiveMaxPool2d(output_size=(None, 3))");
  EXPECT_EQ(AdaptiveAvgPool3d(1).to_string(), "AdaptiveAvgPool3d(output_size=1)");
  EXPECT_EQ(MaxUnpool2d(2, {1, 2}).to_string(), "MaxUnpool2d(kernel_size=(2, 2), stride=(1, 2), padding=(0, 0))");
  EXPECT_EQ(FractionalMaxPool2d(2, {.output_size = 3}).to_string(), "FractionalMaxPool2d()");
  EXPECT_EQ(ConstantPad1d(1, 2.5).to_string(), "ConstantPad1d(padding=(1, 1), value=2.5)");
  EXPECT_EQ(ZeroPad2d({1, -2, 3, 4}).to_string(), "ZeroPad2d((1, -2, 3, 4))");
  EXPECT_EQ(Upsample({.size = 3}).to_string(), "Upsample(size=3, mode='nearest')");
  EXPECT_EQ(Upsample({.scale_factor = {2, 3}, .mode = Mode::bilinear}).to_string(),
            "Upsample(scale_factor=(2.0, 3.0), mode='bilinear')");
  EXPECT_EQ(Upsample().to_string(), "Upsample(size=None, mode='nearest')");
  EXPECT_EQ(UpsamplingNearest2d({.scale_factor = 2}).to_string(),
            "UpsamplingNearest2d(scale_factor=2.0, mode='nearest')");
  EXPECT_EQ(UpsamplingBilinear2d({.size = {3, 4}}).to_string(), "UpsamplingBilinear2d(size=(3, 4), mode='bilinear')");
  EXPECT_EQ(Unflatten(1, {2, 3}).to_string(), "Unflatten(dim=1, unflattened_size=(2, 3))");
  EXPECT_EQ(Unflatten(1, std::vector<int64_t>{2, 3}).to_string(), "Unflatten(dim=1, unflattened_size=[2, 3])");
}

TEST(ImageLayers, GiveValuesAndIndicesWhereTheyAreAskedFor) {
  const Tensor x = test::noise({2, 3, 6, 6});
  const ValuesAndIndices found = MaxPool2dWithIndices(2)(x);
  EXPECT_TRUE(test::identical(found.values, MaxPool2d(2)(x)));
  const Tensor back = MaxUnpool2d(2)(found.values, found.indices, {.output_size = {6, 6}});
  EXPECT_TRUE(test::identical(MaxPool2d(2)(back.abs()), found.values.abs()));
  EXPECT_EQ(AdaptiveMaxPool2dWithIndices(1)(x).indices.shape(), Shape({2, 3, 1, 1}));
  EXPECT_EQ(FractionalMaxPool2dWithIndices(2, {.output_ratio = 0.5})(x).indices.shape(), Shape({2, 3, 3, 3}));
}

TEST(ImageLayers, StandInASequential) {
  Sequential model{ReflectionPad2d(1), MaxPool2d(2), AdaptiveAvgPool2d({2, None}), Upsample({.scale_factor = 2}),
                   PixelUnshuffle(2),  Flatten(),    Unflatten(1, {4, -1}),        Identity()};
  EXPECT_EQ(model(ones({2, 3, 6, 6})).shape(), Shape({2, 4, 24}));
}

TEST(ImageLayers, FindTheirPlaceInAnError) {
  Sequential model{MaxPool2d(2), MaxPool2d(9)};
  EXPECT_NE(error_of([&] {
              model(ones({1, 1, 4, 4}));
            }).find("a window of 9 is larger than the padded input"),
            std::string::npos);
}

TEST(FractionalMaxPool, WantsASizeOrARatio) {
  EXPECT_EQ(error_of([] { FractionalMaxPool2d(2, {}); }),
            "[FractionalMaxPool2d] expected either an output_size or an output_ratio, got neither");
  EXPECT_EQ(error_of([] { FractionalMaxPool3d(2, {.output_size = 1, .output_ratio = 0.5}); }),
            "[FractionalMaxPool3d] expected either an output_size or an output_ratio, got both");
  EXPECT_EQ(error_of([] { FractionalMaxPool2d(2, {.output_ratio = 1.5}); }),
            "[FractionalMaxPool2d] expected an output_ratio above 0 and below 1, got 1.5");
}

TEST(FractionalMaxPool, KeepsGivenSamplesInItsState) {
  FractionalMaxPool2d pool(2, {.output_size = 2, .random_samples = full({1, 1, 2}, 0.5)});
  EXPECT_EQ(pool.named_buffers().size(), 1U);
  EXPECT_TRUE(pool.state_dict().contains("_random_samples"));
  EXPECT_EQ(FractionalMaxPool2d(2, {.output_size = 2}).state_dict().size(), 0U);
}

}  // namespace
}  // namespace tenon::nn::image_layers_test
