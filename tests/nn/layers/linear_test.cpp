// Linear. Expected numbers are PyTorch 2.15's.
#include <vector>

#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::nn::linear_test {
namespace {

using test::error_of;

TEST(Linear, StartsWithPyTorchsWeights) {
  manual_seed(0);
  const Linear linear(5, 3);
  const std::vector<float> weight{-0.0033482078f, 0.239904866f,    -0.36807698f,  -0.329121947f,  -0.172246262f,
                                  0.119923614f,   -0.00886072312f, 0.354590952f,  -0.0396875441f, 0.118338332f,
                                  -0.1351538f,    -0.0879067108f,  -0.427244842f, -0.29618156f,   -0.184351772f};
  const std::vector<float> bias{0.0165663883f, 0.176799268f, 0.268338352f};
  EXPECT_EQ(linear.weight.to_vector<float>(), weight);
  EXPECT_EQ(linear.bias.to_vector<float>(), bias);
}

TEST(Linear, MultipliesTheLastDimension) {
  Linear linear(2, 1);
  linear.weight = Parameter(tensor({{2.f, 3.f}}));
  linear.bias = Parameter(tensor({1.f}));
  const Tensor y = linear(tensor({{1.f, 0.f}, {0.f, 1.f}, {1.f, 1.f}}));
  EXPECT_EQ(y.to_vector<float>(), (std::vector<float>{3, 4, 6}));
  EXPECT_EQ(linear(ones({4, 5, 2})).shape(), (Shape{4, 5, 1}));
  EXPECT_EQ(linear(ones({2})).shape(), (Shape{1}));
}

TEST(Linear, GivesGradientsToWeightAndBias) {
  Linear linear(3, 2);
  linear(ones({4, 3})).sum().backward();
  EXPECT_EQ(linear.weight.grad().to_vector<float>(), std::vector<float>(6, 4));
  EXPECT_EQ(linear.bias.grad().to_vector<float>(), std::vector<float>(2, 4));
}

TEST(Linear, WithoutABiasHasOneParameter) {
  Linear linear(3, 2, {.bias = false});
  EXPECT_EQ(linear.parameters().size(), 1u);
  EXPECT_EQ(linear(zeros({1, 3})).to_vector<float>(), (std::vector<float>{0, 0}));
}

TEST(Linear, TakesADtypeAndADevice) {
  const Linear wide(3, 2, {.dtype = float64});
  EXPECT_EQ(wide.weight.dtype(), float64);
  EXPECT_EQ(wide.bias.dtype(), float64);
  const Linear shape_only(30000, 30000, {.device = kMeta});
  EXPECT_TRUE(shape_only.weight.is_meta());
}

TEST(Linear, SaysWhichShapeItExpected) {
  Linear linear(784, 10);
  EXPECT_EQ(error_of([&] {
              linear(zeros({32, 28, 28}));
            }),
            "[Linear] expected input of shape (*, 784), got (32, 28, 28); flatten it first");
  EXPECT_EQ(error_of([&] { linear(zeros({32, 783})); }), "[Linear] expected input of shape (*, 784), got (32, 783)");
  EXPECT_EQ(error_of([&] { linear(zeros({})); }), "[Linear] expected input of shape (*, 784), got ()");
}

TEST(Linear, RefusesNegativeSizesAndAllowsNone) {
  EXPECT_EQ(error_of([&] { Linear(-1, 2); }),
            "[Linear] expected sizes of 0 or more, got in_features=-1, out_features=2");
  EXPECT_EQ(Linear(0, 2)(zeros({3, 0})).shape(), (Shape{3, 2}));
}

TEST(Linear, ResetParametersDrawsThemAnew) {
  manual_seed(0);
  Linear linear(5, 3);
  const std::vector<float> first = linear.weight.to_vector<float>();
  const Tensor handle = linear.weight;
  linear.reset_parameters();
  EXPECT_NE(linear.weight.to_vector<float>(), first);
  EXPECT_TRUE(linear.weight.is_same(handle));
}

}  // namespace
}  // namespace tenon::nn::linear_test
