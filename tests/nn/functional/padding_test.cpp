// Padding against PyTorch's answers (images.py), its derivatives and its checks.
#include "autograd/gradcheck.h"
#include "nn/functional/images.h"

namespace tenon::padding_test {
namespace {

namespace F = nn::functional;
using F::PaddingMode;
using test::error_of;

PaddingMode mode_of(const std::string& name) {
  return name == "constant"    ? PaddingMode::constant
         : name == "reflect"   ? PaddingMode::reflect
         : name == "replicate" ? PaddingMode::replicate
                               : PaddingMode::circular;
}

TEST(Padding, IsPyTorchsInEveryModeTypeAndLayout) {
  test::expect_image_cases("padding", [](const Tensor& x, const nlohmann::json& c) {
    return ValuesAndIndices{F::pad(x, test::shape_of(c["args"]["pad"]), mode_of(c["f"]), 2.5), {}};
  });
}

TEST(Padding, HasFirstAndSecondDerivatives) {
  for (const PaddingMode mode :
       {PaddingMode::constant, PaddingMode::reflect, PaddingMode::replicate, PaddingMode::circular})
    for (const Tensor& x : test::leaves({2, 3, 4}))
      test::gradchecks([mode](const auto& in) { return F::pad(in[0], {2, 1, 1, -1}, mode); }, {x});
}

TEST(Padding, OfIntegersAndBoolsKeepsTheirType) {
  const Tensor x = tensor({{1, 2, 3}});
  test::expect_values(F::pad(x, {1, 1}, PaddingMode::constant, 7.5), {1, 5}, {7, 1, 2, 3, 7});
  EXPECT_EQ(F::pad(x, {1, 1}).dtype(), int64);
  test::expect_values(F::pad(x.to(uint8), {2, 0}, PaddingMode::reflect), {1, 5}, {3, 2, 1, 2, 3});
  test::expect_values(F::pad(x.to(int32), {0, 2}, PaddingMode::circular), {1, 5}, {1, 2, 3, 1, 2});
  const Tensor truth = F::pad(tensor({true, false}), {1, 1}, PaddingMode::constant, 2);
  EXPECT_EQ(truth.dtype(), boolean);
  test::expect_values(truth, {4}, {1, 1, 0, 1});
}

TEST(Padding, OfConstantsTakesAnyDimensionsAndEmptyOnes) {
  test::expect_values(F::pad(ones({2}), {1, 0}), {3}, {0, 1, 1});
  EXPECT_EQ(F::pad(ones({2, 3, 0}), {1, 1}).shape(), Shape({2, 3, 2}));
  EXPECT_EQ(F::pad(ones({2, 0, 4}), {1, 1, 0, 0}).shape(), Shape({2, 0, 6}));
  EXPECT_EQ(F::pad(ones({4}), {-2, -2}).shape(), Shape({0}));
  EXPECT_EQ(F::pad(ones({1, 1, 1, 1, 1, 2}), Shape(12, int64_t{1})).shape(), Shape({3, 3, 3, 3, 3, 4}));
  const Tensor x = ones({2}), y = F::pad(x, {0, 0});
  EXPECT_FALSE(y.shares_storage_with(x));
}

TEST(Padding, OfEmptyBatchesIsEmpty) {
  for (const PaddingMode mode : {PaddingMode::reflect, PaddingMode::replicate, PaddingMode::circular}) {
    const Tensor x = zeros({0, 3, 4, 5}, {.requires_grad = true}), y = F::pad(x, {1, 1, 2, 2}, mode);
    EXPECT_EQ(y.shape(), Shape({0, 3, 8, 7}));
    y.sum().backward();
    EXPECT_EQ(x.grad().shape(), x.shape());
  }
  EXPECT_EQ(F::pad(ones({2, 0, 4}), {1, 1}, PaddingMode::circular).shape(), Shape({2, 0, 6}));
}

TEST(Padding, OnTheMetaDeviceHasAShape) {
  const Tensor x = empty({2, 3, 4}, {.device = kMeta}).requires_grad_();
  for (const PaddingMode mode : {PaddingMode::constant, PaddingMode::reflect}) {
    const Tensor y = F::pad(x, {1, 2}, mode);
    EXPECT_EQ(y.shape(), Shape({2, 3, 7}));
    EXPECT_TRUE(y.is_meta());
    y.sum().backward();
  }
  EXPECT_EQ(x.grad().shape(), x.shape());
}

TEST(Padding, RefusesWhatDoesNotFit) {
  const Tensor x = ones({1, 1, 4});
  EXPECT_EQ(error_of([&] { F::pad(x, {1}); }),
            "[pad] expected two numbers for each dimension, got a padding of (1,) for an input of shape (1, 1, 4)");
  EXPECT_EQ(error_of([&] { F::pad(x, Shape(8, int64_t{1})); }),
            "[pad] expected no more dimensions than the input has, got a padding of (1, 1, 1, 1, 1, 1, 1, 1) for an "
            "input of shape (1, 1, 4)");
  EXPECT_EQ(error_of([&] {
              F::pad(x, {-3, -3});
            }),
            "[pad] expected a padding that leaves something of the input, got a padding of (-3, -3) for an input of "
            "shape (1, 1, 4)");
  for (const PaddingMode mode : {PaddingMode::reflect, PaddingMode::replicate})
    EXPECT_EQ(error_of([&] {
                F::pad(x, {-2, -2}, mode);
              }),
              "[pad] expected a padding that leaves something of the input, got a padding of (-2, -2) for an input of "
              "shape (1, 1, 4)");
  EXPECT_EQ(error_of([&] {
              F::pad(x, {0, 4}, PaddingMode::reflect);
            }),
            "[pad] expected fewer elements on each side than the dimension has, to be its mirror image, got a padding "
            "of (0, 4) for an input of shape (1, 1, 4)");
  EXPECT_EQ(error_of([&] {
              F::pad(x, {5, 0}, PaddingMode::circular);
            }),
            "[pad] expected no more elements on each side than the dimension has, to come round once, got a padding of "
            "(5, 0) for an input of shape (1, 1, 4)");
  EXPECT_EQ(
      error_of([&] {
        F::pad(ones({2, 3, 4, 5}), {1, 1}, PaddingMode::reflect);
      }),
      "[pad] expected two numbers for each dimension after (N, C) or (C), got a padding of (1, 1) for an input of "
      "shape (2, 3, 4, 5)");
  EXPECT_EQ(error_of([&] {
              F::pad(ones({2, 0, 4}), {1, 1}, PaddingMode::replicate);
            }),
            "[pad] expected sizes other than 0 but for the batch's, got (2, 0, 4)");
  EXPECT_EQ(error_of([&] {
              F::pad(x, {int64_t{1} << 62, int64_t{1} << 62});
            }),
            "[pad] a padding of (4611686018427387904, 4611686018427387904) is more than memory has addresses");
  EXPECT_NE(error_of([&] { F::pad(x, {int64_t{1} << 60, 0}); }), "");
}

}  // namespace
}  // namespace tenon::padding_test
