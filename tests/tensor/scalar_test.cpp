#include <tenon/scalar.h>

#include "tensor/check.h"

namespace tenon {
namespace {

TEST(Scalar, KeepsTheKindItIsMadeFrom) {
  EXPECT_EQ(Scalar(true).kind(), boolean);
  EXPECT_EQ(Scalar(3).kind(), int64);
  EXPECT_EQ(Scalar(uint8_t{3}).kind(), int64);
  EXPECT_EQ(Scalar('a').kind(), int64);
  EXPECT_EQ(Scalar(0.5F).kind(), float64);
  EXPECT_EQ(Scalar(0.5).kind(), float64);
}

TEST(Scalar, Converts) {
  EXPECT_EQ(Scalar(true).to<int>(), 1);
  EXPECT_EQ(Scalar(-3).to<double>(), -3.0);
  EXPECT_EQ(Scalar(-3).to_double(), -3.0);
  EXPECT_EQ(Scalar(2.75).to<int64_t>(), 2);
  EXPECT_EQ(Scalar(-2.75).to<int8_t>(), -2);
  EXPECT_EQ(Scalar(0.5).to<bool>(), true);
  EXPECT_EQ(Scalar(0.0).to<bool>(), false);
  EXPECT_EQ(Scalar(int64_t{1} << 53 | 1).to<int64_t>(), (int64_t{1} << 53) + 1);
  EXPECT_EQ(Scalar(0.1F).to<float>(), 0.1F);
}

TEST(Scalar, NegativeNumbersWrapAroundInUnsignedTypes) {
  EXPECT_EQ(Scalar(-1).to<uint8_t>(), 255);
  EXPECT_EQ(Scalar(-1.0).to<uint8_t>(), 255);
  EXPECT_EQ(Scalar(300.7).to<uint8_t>(), 44);
}

}  // namespace
}  // namespace tenon
