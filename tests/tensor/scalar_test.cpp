#include <tenon/scalar.h>

#include <complex>

#include "tensor/check.h"

namespace tenon::scalar_test {
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

TEST(Scalar, IntegersBeyondInt64KeepTheirValue) {
  const Scalar s = std::numeric_limits<uint64_t>::max();
  EXPECT_EQ(s.kind(), uint64);
  EXPECT_EQ(s.to<uint64_t>(), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(s.to_double(), 0x1p64);
  EXPECT_EQ(Scalar(uint64_t{3}).kind(), int64);
  EXPECT_EQ(Scalar(0x1p63).to<uint64_t>(), uint64_t{1} << 63);
}

TEST(Scalar, ComplexNumbersAreRealOnesWhereTheyHaveNoImaginaryPart) {
  EXPECT_EQ(Scalar(std::complex<float>(1, 2)).kind(), complex128);
  EXPECT_EQ(Scalar(std::complex<double>(1, 2)).to<std::complex<float>>(), std::complex<float>(1, 2));
  EXPECT_EQ(Scalar(std::complex<double>(3, 0)).to<int>(), 3);
  EXPECT_NE(test::error_of([] { Scalar(std::complex<double>(3, 1)).to<int>(); }), "");
  EXPECT_EQ(Scalar(2).to<std::complex<double>>(), std::complex<double>(2));
}

}  // namespace
}  // namespace tenon::scalar_test
