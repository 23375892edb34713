// Channels and places exchanged. Expected numbers are PyTorch's.
#include "autograd/gradcheck.h"

#include <tenon/nn/functional.h>

namespace tenon::functional_shape_test {
namespace {

namespace F = nn::functional;
using test::error_of;

TEST(PixelShuffle, MakesPlacesOfChannelsAndBack) {
  // torch.nn.functional.pixel_shuffle(torch.arange(8.).view(1, 4, 1, 2), 2)
  const Tensor x = arange(8).to(float32).reshape({1, 4, 1, 2}), y = F::pixel_shuffle(x, 2);
  test::expect_values(y, {1, 1, 2, 4}, {0, 2, 1, 3, 4, 6, 5, 7});
  EXPECT_TRUE(test::identical(F::pixel_unshuffle(y, 2), x));
  for (const Tensor& z : test::layouts(test::noise({2, 3, 18, 2, 5})))
    EXPECT_TRUE(test::identical(F::pixel_unshuffle(F::pixel_shuffle(z, 3), 3), z));
  const Tensor last = test::noise({2, 8, 2, 3}).contiguous(channels_last);
  EXPECT_TRUE(F::pixel_shuffle(last, 2).is_contiguous(channels_last));
  EXPECT_EQ(F::pixel_shuffle(ones({0, 4, 2, 3}), 2).shape(), Shape({0, 1, 4, 6}));
  EXPECT_EQ(F::pixel_shuffle(ones({4, 2, 3}).to(boolean), 2).dtype(), boolean);
}

TEST(ChannelShuffle, SpreadsEachGroupOverAllChannels) {
  // torch.nn.functional.channel_shuffle(torch.arange(6.).view(1, 6, 1), 2)
  test::expect_values(F::channel_shuffle(arange(6).reshape({1, 6, 1}), 2), {1, 6, 1}, {0, 3, 1, 4, 2, 5});
  const Tensor last = test::noise({2, 8, 2, 3}).contiguous(channels_last);
  EXPECT_TRUE(F::channel_shuffle(last, 4).is_contiguous(channels_last));
  EXPECT_TRUE(test::identical(F::channel_shuffle(F::channel_shuffle(last, 4), 2), last));
  EXPECT_EQ(F::channel_shuffle(ones({2, 0, 3}), 2).shape(), Shape({2, 0, 3}));
}

TEST(Shuffles, HaveFirstAndSecondDerivatives) {
  for (const Tensor& x : test::leaves({1, 4, 2, 2})) {
    test::gradchecks([](const auto& in) { return F::pixel_shuffle(in[0], 2); }, {x});
    test::gradchecks([](const auto& in) { return F::pixel_unshuffle(in[0], 2); }, {x});
    test::gradchecks([](const auto& in) { return F::channel_shuffle(in[0], 2); }, {x});
  }
}

TEST(Shuffles, RefuseWhatDoesNotFit) {
  const Tensor x = ones({2, 8, 2, 3});
  EXPECT_EQ(error_of([&] { F::pixel_shuffle(x, 3); }),
            "[pixel_shuffle] expected a number of channels that 3² divides, got 8");
  EXPECT_EQ(error_of([&] { F::pixel_shuffle(x, 0); }), "[pixel_shuffle] expected a factor of 1 or more, got 0");
  EXPECT_EQ(error_of([&] {
              F::pixel_shuffle(ones({2, 3}), 2);
            }),
            "[pixel_shuffle] expected an input of shape (*, C, H, W), got (2, 3)");
  EXPECT_EQ(error_of([&] { F::pixel_unshuffle(x, 2); }),
            "[pixel_unshuffle] expected a height and a width that 2 divides, got 2 and 3");
  EXPECT_EQ(error_of([&] { F::channel_shuffle(x, 3); }),
            "[channel_shuffle] expected a number of channels that 3 groups divide, got 8");
  EXPECT_EQ(error_of([&] { F::channel_shuffle(x, -1); }), "[channel_shuffle] expected 1 group or more, got -1");
  EXPECT_EQ(error_of([&] {
              F::channel_shuffle(ones({2, 8}), 2);
            }),
            "[channel_shuffle] expected an input of shape (N, C, *), got (2, 8)");
}

}  // namespace
}  // namespace tenon::functional_shape_test
