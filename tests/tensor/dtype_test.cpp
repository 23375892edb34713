#include <tenon/dtype.h>

#include <bit>
#include <cmath>
#include <limits>

#include "tensor/check.h"

namespace tenon::dtype_test {
namespace {

float half(uint16_t bits) {
  Half h;
  h.bits = bits;
  return h;
}
float bfloat(uint16_t bits) {
  BFloat16 b;
  b.bits = bits;
  return b;
}

TEST(Half, EveryValueSurvivesTheWayToFloatAndBack) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float f = half(static_cast<uint16_t>(bits));
    const bool is_nan = (bits & 0x7FFF) > 0x7C00;
    ASSERT_EQ(std::isnan(f), is_nan) << bits;
    if (!is_nan) ASSERT_EQ(Half(f).bits, bits);
    else ASSERT_TRUE(std::isnan(static_cast<float>(Half(f))));
  }
}

TEST(Half, HasIeeesValues) {
  EXPECT_EQ(half(0x0001), std::ldexp(1.0F, -24));  // the smallest subnormal
  EXPECT_EQ(half(0x03FF), 1023 * std::ldexp(1.0F, -24));
  EXPECT_EQ(half(0x0400), std::ldexp(1.0F, -14));
  EXPECT_EQ(half(0x3555), 0.333251953125F);
  EXPECT_EQ(half(0x7BFF), 65504.0F);
  EXPECT_EQ(half(0xFC00), -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::signbit(half(0x8000)));
  EXPECT_TRUE(std::signbit(static_cast<float>(Half(-0.0F))));
}

TEST(Half, RoundsToTheNearestAndTiesToEven) {
  EXPECT_EQ(Half(1 + std::ldexp(1.0F, -11)).bits, 0x3C00);  // between 0x3C00 and 0x3C01
  EXPECT_EQ(Half(1 + 3 * std::ldexp(1.0F, -11)).bits, 0x3C02);
  EXPECT_EQ(Half(std::nextafter(1 + std::ldexp(1.0F, -11), 2.0F)).bits, 0x3C01);
  EXPECT_EQ(Half(65519.996F).bits, 0x7BFF);
  EXPECT_EQ(Half(65520.0F).bits, 0x7C00);  // halfway to what would follow: infinity
  EXPECT_EQ(Half(-1e30F).bits, 0xFC00);
  EXPECT_EQ(Half(std::ldexp(1.0F, -25)).bits, 0x0000);  // half of the smallest
  EXPECT_EQ(Half(3 * std::ldexp(1.0F, -25)).bits, 0x0002);
  EXPECT_EQ(Half(std::nextafter(std::ldexp(1.0F, -25), 1.0F)).bits, 0x0001);
  EXPECT_EQ(Half(1023.5F * std::ldexp(1.0F, -24)).bits, 0x0400);  // a subnormal rounds up to a normal one
  EXPECT_EQ(Half(std::numeric_limits<float>::denorm_min()).bits, 0);
}

TEST(BFloat16, EveryValueSurvivesTheWayToFloatAndBack) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float f = bfloat(static_cast<uint16_t>(bits));
    if (std::isnan(f)) ASSERT_TRUE(std::isnan(static_cast<float>(BFloat16(f))));
    else ASSERT_EQ(BFloat16(f).bits, bits);
  }
}

TEST(BFloat16, RoundsToTheNearestAndTiesToEven) {
  EXPECT_EQ(BFloat16(1.0F).bits, 0x3F80);
  EXPECT_EQ(BFloat16(std::bit_cast<float>(0x3F808000U)).bits, 0x3F80);
  EXPECT_EQ(BFloat16(std::bit_cast<float>(0x3F818000U)).bits, 0x3F82);
  EXPECT_EQ(BFloat16(std::bit_cast<float>(0x3F808001U)).bits, 0x3F81);
  EXPECT_EQ(BFloat16(std::numeric_limits<float>::max()).bits, 0x7F80);
  EXPECT_EQ(BFloat16(-std::numeric_limits<float>::infinity()).bits, 0xFF80);
  EXPECT_EQ(BFloat16(std::numeric_limits<float>::denorm_min()).bits, 0);
}

TEST(BFloat16, ANanWhoseUpperBitsAreThoseOfInfinityStaysANan) {
  EXPECT_TRUE(std::isnan(static_cast<float>(BFloat16(std::bit_cast<float>(0x7F800001U)))));
  EXPECT_TRUE(std::isnan(static_cast<float>(BFloat16(std::bit_cast<float>(0xFFFFFFFFU)))));
}

TEST(DType, PromotesByPyTorchsTable) {
  // torch.promote_types(row, column), in the enumeration's order.
  const std::vector<std::vector<DType>> table{
      {boolean, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64},
      {uint8, uint8, int16, int16, int32, int64, float16, bfloat16, float32, float64},
      {int8, int16, int8, int16, int32, int64, float16, bfloat16, float32, float64},
      {int16, int16, int16, int16, int32, int64, float16, bfloat16, float32, float64},
      {int32, int32, int32, int32, int32, int64, float16, bfloat16, float32, float64},
      {int64, int64, int64, int64, int64, int64, float16, bfloat16, float32, float64},
      {float16, float16, float16, float16, float16, float16, float16, float32, float32, float64},
      {bfloat16, bfloat16, bfloat16, bfloat16, bfloat16, bfloat16, float32, bfloat16, float32, float64},
      {float32, float32, float32, float32, float32, float32, float32, float32, float32, float64},
      {float64, float64, float64, float64, float64, float64, float64, float64, float64, float64},
  };
  for (std::size_t i = 0; i < test::all_types.size(); ++i)
    for (std::size_t j = 0; j < test::all_types.size(); ++j)
      EXPECT_EQ(promote_types(test::all_types[i], test::all_types[j]), table[i][j]) << i << ", " << j;
}

TEST(DType, SizesNamesAndKinds) {
  const std::vector<int64_t> sizes{1, 1, 1, 2, 4, 8, 2, 2, 4, 8};
  const std::vector<std::string> names{"bool",  "uint8",   "int8",     "int16",   "int32",
                                       "int64", "float16", "bfloat16", "float32", "float64"};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const DType t = test::all_types[i];
    EXPECT_EQ(item_size(t), sizes[i]);
    EXPECT_EQ(fmt::format("{}", t), names[i]);
    EXPECT_EQ(is_floating_point(t), i >= 6);
    EXPECT_EQ(is_integral(t), i >= 1 && i < 6);
  }
}

TEST(DType, OfCppTypes) {
  EXPECT_EQ(dtype_of<bool>(), boolean);
  EXPECT_EQ(dtype_of<unsigned char>(), uint8);
  EXPECT_EQ(dtype_of<signed char>(), int8);
  EXPECT_EQ(dtype_of<int16_t>(), int16);
  EXPECT_EQ(dtype_of<int>(), int32);
  EXPECT_EQ(dtype_of<long>(), int64);
  EXPECT_EQ(dtype_of<long long>(), int64);
  EXPECT_EQ(dtype_of<Half>(), float16);
  EXPECT_EQ(dtype_of<BFloat16>(), bfloat16);
  EXPECT_EQ(dtype_of<float>(), float32);
  EXPECT_EQ(dtype_of<double>(), float64);
}

}  // namespace
}  // namespace tenon::dtype_test
