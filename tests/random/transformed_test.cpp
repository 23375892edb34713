// Numbers made of uniform and normal ones. (The numbers themselves are compared with PyTorch's by parity rng.)
#include <cmath>

#include <tenon/random.h>
#include "tensor/check.h"

namespace tenon::transformed_test {
namespace {

using test::error_of;
using test::expect_values;

constexpr int64_t many = 40000;

TEST(Exponential, HasTheMeanOfItsRateAndNeverFallsBelowZero) {
  manual_seed(1);
  for (const DType type : test::real_types) {
    const Tensor x = empty({many}, {type}).exponential_(4);
    EXPECT_GE(x.amin().item<double>(), 0);
    EXPECT_NEAR(x.to(float64).mean().item<double>(), 0.25, 0.01) << name(type);
  }
}

TEST(Geometric, CountsTriesFromOneOn) {
  manual_seed(2);
  for (const DType type : {int32, int64, float32, float64}) {
    const Tensor x = empty({many}, {type}).geometric_(0.25);
    EXPECT_EQ(x.amin().item<int>(), 1);
    EXPECT_NEAR(x.to(float64).mean().item<double>(), 4, 0.1) << name(type);
  }
}

TEST(Cauchy, HalfOfItLiesWithinSigmaOfTheMedian) {
  manual_seed(3);
  const Tensor x = empty({many}).cauchy_(5, 2);
  EXPECT_NEAR(((x - 5).abs() < 2).to(float64).mean().item<double>(), 0.5, 0.01);
}

TEST(LogNormal, ItsLogarithmIsNormal) {
  manual_seed(4);
  const Tensor x = empty({many}, {float64}).log_normal_(0.5, 0.25).log();
  EXPECT_NEAR(x.mean().item<double>(), 0.5, 0.01);
  EXPECT_NEAR(x.std().item<double>(), 0.25, 0.01);
}

TEST(Poisson, HasTheMeanAndVarianceOfItsRate) {
  manual_seed(5);
  for (const double rate : {0.5, 9.5, 10.5, 400.0}) {
    const Tensor x = poisson(full({many}, rate, {float64}));
    EXPECT_NEAR(x.mean().item<double>(), rate, 5 * std::sqrt(rate / many));
    EXPECT_NEAR(x.var().item<double>() / rate, 1, 0.05);
  }
  expect_values(poisson(zeros({2})), {2}, {0, 0});
  EXPECT_EQ(poisson(ones({0, 2}, {float16})).dtype(), float16);
  for (const double rate : {-1.0, test::nan, test::infinity})
    EXPECT_EQ(error_of([rate] { poisson(tensor({rate})); }), "[poisson] the rates must be finite and 0 or more");
  EXPECT_EQ(error_of([] { poisson(tensor({1})); }), "[poisson] expected a floating-point type, got int64");
}

TEST(Random, BetweenBoundsIsRandintInPlace) {
  Generator a(6), b(6);
  const Tensor x = zeros({50});
  random_(x, -3, 8, &a);
  EXPECT_TRUE(test::identical(x, randint(-3, 8, {50}, {float32}, &b)));
  EXPECT_EQ(error_of([] { zeros({2}).random_(3, 3); }), "[random_] expected low < high, got low = 3 and high = 3");
  EXPECT_EQ(error_of([] { zeros({2}, {int8}).random_(0, 200); }),
            "[random_] int8 holds the integers from -128 to 127, not all of those from 0 to 199");
}

TEST(Transformed, AreDrawnInTheOrderOfMemory) {
  for (const auto& draw : std::vector<void (*)(const Tensor&, Generator*)>{
           [](const Tensor&x, Generator*g) { exponential_(x, 1, g); },
           [](const Tensor&x, Generator*g) { log_normal_(x, 0, 1, g); },
           [](const Tensor&x, Generator*g) { bernoulli_(x, full({}, 0.5), g); }}) {
    Generator a(7), b(7);
    const Tensor straight = zeros({12}), turned = zeros({4, 3}).t();
    draw(straight, &a);
    draw(turned, &b);
    EXPECT_TRUE(test::identical(turned.t().reshape({12}), straight));
  }
}

TEST(Transformed, DrawNothingOnTheMetaDeviceAndRefuseBadParameters) {
  Generator a(8), b(8);
  const Tensor meta = empty({4}, {.device = kMeta});
  exponential_(meta, 1, &a);
  geometric_(meta, 0.5, &a);
  EXPECT_TRUE(poisson(meta, &a).is_meta());
  EXPECT_EQ(a.next64(), b.next64());
  EXPECT_EQ(error_of([] { zeros({2}).exponential_(0); }), "[exponential_] expected a rate above 0, got 0");
  EXPECT_EQ(error_of([] { zeros({2}).geometric_(1); }), "[geometric_] the probability must lie between 0 and 1, got 1");
  EXPECT_EQ(error_of([] { zeros({2}).cauchy_(0, -1); }), "[cauchy_] expected sigma above 0, got -1");
  EXPECT_EQ(error_of([] { zeros({2}).log_normal_(0, test::nan); }),
            "[log_normal_] expected a standard deviation above 0, got nan");
  EXPECT_EQ(error_of([] { zeros({2}, {int64}).exponential_(); }),
            "[exponential_] expected a floating-point type, got int64");
}

}  // namespace
}  // namespace tenon::transformed_test
