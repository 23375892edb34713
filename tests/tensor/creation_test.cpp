// Tensors from nothing, from numbers, from the caller's memory.
#include <numeric>

#include "tensor/check.h"
#include "tensor/sanitizer.h"

namespace tenon {
namespace {

using test::error_of;
using test::expect_values;

TEST(Creation, FillsEveryTypeWithItsNumber) {
  for (const DType t : test::all_types) {
    expect_values(zeros({2, 2}, {t}), {2, 2}, {0, 0, 0, 0});
    expect_values(ones({3}, {t}), {3}, {1, 1, 1});
    expect_values(full({2}, 3, {t}), {2}, std::vector<double>(2, t == boolean ? 1 : 3));
    EXPECT_EQ(zeros({2}, {t}).dtype(), t);
  }
}

TEST(Creation, TypesDefaultAsInPyTorch) {
  EXPECT_EQ(zeros({1}).dtype(), float32);
  EXPECT_EQ(full({1}, 2).dtype(), int64);
  EXPECT_EQ(full({1}, 2.0).dtype(), float32);
  EXPECT_EQ(full({1}, true).dtype(), boolean);
  EXPECT_EQ(tensor(1.5).dtype(), float32);
  EXPECT_EQ(tensor(1.5F).dtype(), float32);
  EXPECT_EQ(tensor(int64_t{3}).dtype(), int64);
  EXPECT_EQ(tensor(3).dtype(), int32);
  EXPECT_EQ(tensor(true).dtype(), boolean);
  EXPECT_EQ(tensor(uint8_t{3}).dtype(), uint8);
  EXPECT_EQ(arange(3).dtype(), int64);
  EXPECT_EQ(arange(3.0).dtype(), float32);
  EXPECT_EQ(arange(0, 3, 0.5).dtype(), float32);
}

TEST(Creation, ANumberIsATensorWithoutDimensions) {
  const Tensor x = tensor(2.5);
  EXPECT_EQ(x.dim(), 0);
  EXPECT_EQ(x.numel(), 1);
  EXPECT_EQ(x.item<float>(), 2.5F);
}

TEST(Creation, ListsAndRowsAreCopied) {
  expect_values(tensor({1.0, 2.0, 3.0}), {3}, {1, 2, 3});
  expect_values(tensor({{1, 2}, {3, 4}, {5, 6}}), {3, 2}, {1, 2, 3, 4, 5, 6});
  expect_values(tensor(std::vector<bool>{true, false}), {2}, {1, 0});
  expect_values(tensor({{true, false}, {false, true}}), {2, 2}, {1, 0, 0, 1});
  expect_values(tensor(std::vector<float>{}), {0}, {});
  expect_values(tensor({1.75, -2.0}, {int32}), {2}, {1, -2});
  EXPECT_EQ(error_of([] { tensor({{1, 2}, {3}}); }), "[tensor] expected rows of 2 values, got one of 1");
}

TEST(Creation, DoublesAskedForAsFloat64KeepTheirDigits) { EXPECT_EQ(tensor({0.1}, {float64}).item<double>(), 0.1); }

TEST(Creation, ArangeCountsAsPyTorchDoes) {
  expect_values(arange(4), {4}, {0, 1, 2, 3});
  expect_values(arange(1, 10, 3), {3}, {1, 4, 7});
  expect_values(arange(1, 11, 3), {4}, {1, 4, 7, 10});
  expect_values(arange(5, 0, -2), {3}, {5, 3, 1});
  expect_values(arange(0.0, 1.0, 0.25), {4}, {0, 0.25, 0.5, 0.75});
  expect_values(arange(0), {0}, {});
  expect_values(arange(1, 3, 1, {float16}), {2}, {1, 2});
  const Tensor big = arange(int64_t{1} << 53, (int64_t{1} << 53) + 4);
  EXPECT_EQ(big.to_vector<int64_t>()[3], (int64_t{1} << 53) + 3);
}

TEST(Creation, ArangeRefusesStepsThatNeverArrive) {
  EXPECT_EQ(error_of([] { arange(0, 1, 0); }), "[arange] the step must be a number other than zero, got 0");
  EXPECT_NE(error_of([] { arange(0, 1, -1); }).find("do not agree with the sign of the step -1"), std::string::npos);
  EXPECT_NE(error_of([] { arange(0.0, test::infinity); }), "");
  EXPECT_NE(error_of([] { arange(0.0, test::nan); }), "");
  EXPECT_NE(error_of([] { arange(0.0, 1e30); }), "");
}

TEST(Creation, SizesAreChecked) {
  EXPECT_EQ(error_of([] { zeros({2, -1}); }), "[zeros] a size cannot be negative: (2, -1)");
  const int64_t huge = int64_t{1} << 40;
  for (const Shape& shape : {Shape{huge, huge}, Shape{huge, huge, huge, huge}, Shape{huge << 20}, Shape{0, huge, huge}})
    for (const Device& device : {kCPU, kMeta})
      EXPECT_NE(error_of([&] { empty(shape, {.device = device}); }).find("more elements than memory has addresses"),
                std::string::npos)
          << shape.to_string();
}

TEST(Creation, AnErrorSaysHowMuchMemoryWasAskedFor) {
  if (test::sanitized) GTEST_SKIP() << "a sanitizer ends the program instead";
  for (const int64_t n : {int64_t{1} << 50, int64_t{1} << 56})
    EXPECT_NE(error_of([&] { empty({n}, {float64}); }).find(std::to_string(n * 8) + " bytes"), std::string::npos);
}

TEST(Creation, LikeTakesShapeTypeAndMemoryOrder) {
  const Tensor x = zeros({2, 3}, {float64}).t();
  const Tensor y = ones_like(x);
  EXPECT_EQ(y.shape(), x.shape());
  EXPECT_EQ(y.strides(), x.strides());
  EXPECT_EQ(y.dtype(), float64);
  expect_values(y, {3, 2}, {1, 1, 1, 1, 1, 1});
  EXPECT_EQ(zeros_like(x, {int8}).dtype(), int8);
  EXPECT_EQ(empty_like(x).shape(), x.shape());
  EXPECT_TRUE(zeros_like(zeros({4}).expand({3, 4})).is_contiguous());
  EXPECT_TRUE(zeros_like(empty({2}, {.device = kMeta})).is_meta());
  EXPECT_FALSE(zeros_like(empty({2}, {.device = kMeta}), {.device = kCPU}).is_meta());
}

TEST(Creation, OnlyFloatingPointTensorsCanRequireGrad) {
  EXPECT_TRUE(zeros({2}, {.requires_grad = true}).requires_grad());
  EXPECT_TRUE(tensor({1.0, 2.0}, {.requires_grad = true}).is_leaf());
  EXPECT_EQ(error_of([] { zeros({2}, {.dtype = int64, .requires_grad = true}); }),
            "[requires_grad_] only floating-point and complex tensors can require grad, this has int64");
}

TEST(FromBlob, SharesTheCallersMemoryAndReleasesItOnce) {
  std::vector<float> memory(6);
  std::iota(memory.begin(), memory.end(), 0.0F);
  int released = 0;
  Tensor view;
  {
    const Tensor x = from_blob(memory.data(), {2, 3}, float32, [&] { ++released; });
    memory[4] = 40;
    expect_values(x, {2, 3}, {0, 1, 2, 3, 40, 5});
    x.fill_(7);
    EXPECT_EQ(memory[5], 7);
    view = x[1];
  }
  EXPECT_EQ(released, 0);
  expect_values(view, {3}, {7, 7, 7});
  view = Tensor();
  EXPECT_EQ(released, 1);
}

TEST(FromBlob, WorksWithoutACallbackAndForNoElements) {
  std::vector<int64_t> memory{1, 2};
  expect_values(from_blob(memory.data(), {2}, int64), {2}, {1, 2});
  expect_values(from_blob(nullptr, {0, 3}, float32), {0, 3}, {});
  EXPECT_EQ(error_of([] { from_blob(nullptr, {2}, float32); }),
            "[from_blob] expected memory for shape (2,), got a null pointer");
  EXPECT_NE(error_of([&] { from_blob(memory.data(), {-1}, int64); }), "");
}

TEST(Creation, MemoryIsAlignedForVectors) {
  for (const int64_t n : {1, 3, 100, 5000, 3000000})
    EXPECT_EQ(reinterpret_cast<uintptr_t>(empty({n}, {uint8}).raw_data()) % 64, 0U) << n;
}

}  // namespace
}  // namespace tenon
