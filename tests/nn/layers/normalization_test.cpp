// Group normalisation and normalisation by neighbours as layers. Expected numbers are PyTorch 2.15's.
#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::nn::normalization_test {
namespace {

using test::error_of;

TEST(GroupNorm, PrintsAsPyTorchDoesAndHasItsParameters) {
  EXPECT_EQ(GroupNorm(2, 4).to_string(), "GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)");
  EXPECT_EQ(GroupNorm(2, 4, {.affine = false}).to_string(), "GroupNorm(2, 4, eps=1e-05, affine=False, bias=False)");
  EXPECT_EQ(GroupNorm(2, 4, {.bias = false}).state_dict().size(), 1);
  const GroupNorm layer(2, 4, {.dtype = float64});
  test::expect_values(layer.weight, {4}, {1, 1, 1, 1});
  test::expect_values(layer.bias, {4}, {0, 0, 0, 0});
  EXPECT_EQ(layer.weight.dtype(), float64);
}

TEST(GroupNorm, RefusesGroupsThatDoNotDivide) {
  EXPECT_EQ(error_of([] { GroupNorm(2, 5); }),
            "[GroupNorm] expected a num_channels that num_groups divides, got num_groups=2, num_channels=5");
  EXPECT_EQ(error_of([] { GroupNorm(0, 5); }),
            "[GroupNorm] expected a num_channels that num_groups divides, got num_groups=0, num_channels=5");
}

TEST(LocalResponseNorm, PrintsAsPyTorchDoes) {
  EXPECT_EQ(LocalResponseNorm(2).to_string(), "LocalResponseNorm(2, alpha=0.0001, beta=0.75, k=1.0)");
}

TEST(CrossMapLRN2d, HasAsManyNeighboursBeforeAsBehind) {
  EXPECT_EQ(CrossMapLRN2d(5).to_string(), "CrossMapLRN2d(5, alpha=0.0001, beta=0.75, k=1)");
  // x = (torch.arange(24.) * 7 % 11).view(2, 6, 2, 1) - 4; CrossMapLRN2d(4, 0.5, 0.75, 2)(x)
  const Tensor x = (arange(24.0) * 7 % 11).reshape({2, 6, 2, 1}) - 4;
  test::expect_values(CrossMapLRN2d(4, 0.5, 0.75, 2)(x), {2, 6, 2, 1},
                      {-1.381949,  0.6537946, -0.3170781, 1.246763,   0.4305799, -0.4108559, 0.9827973,  0.2693079,
                       -0.6162839, 0.9053291, 0,          -0.9172154, 0.6537946, -0.4849009, 1.246763,   0.5386158,
                       -0.4108559, 1.177648,  0.2693079,  -0.7477581, 0.9053291, 0,          -0.9172154, 1.239392},
                      1e-5, 1e-6);
  EXPECT_EQ(error_of([] {
              CrossMapLRN2d(4)(ones({2, 3, 4}));
            }),
            "[CrossMapLRN2d] expected an input of shape (N, C, H, W), got (2, 3, 4)");
  EXPECT_EQ(error_of([] { CrossMapLRN2d(0); }), "[CrossMapLRN2d] expected a size above 0, got 0");
}

}  // namespace
}  // namespace tenon::nn::normalization_test
