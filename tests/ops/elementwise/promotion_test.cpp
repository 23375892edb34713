// Which type an operation computes in: dimensions beat 0-dim tensors, those beat plain numbers.
#include "tensor/check.h"

namespace tenon::promotion_test {
namespace {

TEST(Promotion, TensorsWithDimensionsFollowTheTable) {
  for (const DType a : test::all_types)
    for (const DType b : test::all_types) {
      EXPECT_EQ(result_type(ones({2}, {a}), ones({3, 2}, {b})), promote_types(a, b));
      EXPECT_EQ((ones({2}, {a}) * ones({3, 2}, {b})).dtype(), promote_types(a, b));
      EXPECT_EQ((ones({}, {a}) + ones({}, {b})).dtype(), promote_types(a, b));
    }
}

TEST(Promotion, AZeroDimTensorChangesATypeOnlyByItsKind) {
  // Kinds: bool < integers < floating point. Within a kind the tensor with dimensions decides (torch.result_type).
  const auto type = [](DType with_dimensions, DType zero_dim) {
    return (ones({2}, {with_dimensions}) * ones({}, {zero_dim})).dtype();
  };
  EXPECT_EQ(type(float32, float64), float32);
  EXPECT_EQ(type(float16, float32), float16);
  EXPECT_EQ(type(int8, int64), int8);
  EXPECT_EQ(type(boolean, uint8), uint8);
  EXPECT_EQ(type(int64, float16), float16);
  EXPECT_EQ(type(int32, float64), float64);
  EXPECT_EQ(type(bfloat16, int64), bfloat16);
  EXPECT_EQ((ones({}, {float64}) * ones({2}, {float32})).dtype(), float32);
}

TEST(Promotion, ANumberChangesATypeOnlyByItsKind) {
  for (const DType t : test::all_types) {
    const Tensor x = ones({2}, {t});
    EXPECT_EQ((x * true).dtype(), t);
    EXPECT_EQ((x * 2).dtype(), t == boolean ? int64 : t);
    EXPECT_EQ((x * 2.0).dtype(), is_floating_point(t) ? t : float32);
    EXPECT_EQ((ones({}, {t}) * 2.0).dtype(), is_floating_point(t) ? t : float32);
  }
}

TEST(Promotion, WhatIsMadeOfNumbersOnlyIsStillANumber) {
  const Tensor x = ones({}, {float64});
  EXPECT_EQ((ones({2}) * (x * 2.0)).dtype(), float32);
}

TEST(Promotion, MixedTypesAreComputedInTheResultsType) {
  test::expect_values(tensor({1, 2}) + tensor({0.5, 0.25}), {2}, {1.5, 2.25});
  test::expect_values(tensor({true, false}) + tensor({10, 20}), {2}, {11, 20});
  test::expect_values(tensor(std::vector<int64_t>{300}) * tensor(std::vector<uint8_t>{200}), {1}, {60000});
  test::expect_values(tensor({1.5, 2.5}) == tensor({1, 2}), {2}, {0, 0});
}

}  // namespace
}  // namespace tenon::promotion_test
