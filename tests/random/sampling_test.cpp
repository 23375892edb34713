// Draws whose probabilities stand in tensors. (The numbers themselves are compared with PyTorch's by parity rng.)
#include <cmath>
#include <set>

#include <tenon/random.h>
#include "tensor/check.h"

namespace tenon::random_sampling_test {
namespace {

using test::error_of;
using test::expect_values;

TEST(Multinomial, WithoutReplacementNoPlaceComesTwiceAndNoneOfWeightZero) {
  manual_seed(3);
  const Tensor weights = tensor({{0.0, 2.0, 1.0, 0.0, 5.0}, {1.0, 0.0, 1.0, 1.0, 0.0}});
  for (int round = 0; round < 200; ++round) {
    const Tensor drawn = multinomial(weights, 3);
    ASSERT_EQ(drawn.shape(), (Shape{2, 3}));
    ASSERT_EQ(drawn.dtype(), int64);
    for (int64_t row = 0; row < 2; ++row) {
      const auto places = drawn[row].to_vector<int64_t>();
      ASSERT_EQ(std::set<int64_t>(places.begin(), places.end()).size(), 3U);
      for (const int64_t at : places) ASSERT_GT(weights[row][at].item<double>(), 0);
    }
  }
}

TEST(Multinomial, EachPlaceComesAsOftenAsItsWeightSays) {
  manual_seed(4);
  for (const DType type : test::real_types) {
    const Tensor weights = tensor({1.0, 0.0, 3.0, 6.0}).to(type);  // they need not sum to 1
    const auto counts = bincount(multinomial(weights, 20000, true), {}, 4).to_vector<double>();
    for (int64_t i = 0; i < 4; ++i) {
      const double p = weights[i].item<double>() / 10;
      EXPECT_NEAR(counts[static_cast<std::size_t>(i)] / 20000, p, 5 * std::sqrt(p * (1 - p) / 20000)) << name(type);
    }
  }
}

TEST(Multinomial, OneSampleIsTheSameWithAndWithoutReplacement) {
  const Tensor weights = test::noise({6, 9}).abs();
  Generator a(5), b(5);
  EXPECT_TRUE(test::identical(multinomial(weights, 1, true, &a), multinomial(weights, 1, false, &b)));
  EXPECT_EQ(a.next64(), b.next64());
}

TEST(Multinomial, ErrorsComeBeforeAnythingIsDrawn) {
  Generator a(6), b(6);
  const auto refused = [&](const Tensor& weights, int64_t samples, bool replacement = false) {
    return error_of([&] { multinomial(weights, samples, replacement, &a); });
  };
  EXPECT_EQ(refused(ones({3}), 4), "[multinomial] 4 samples cannot be drawn from 3 without replacement");
  EXPECT_EQ(refused(ones({3}), 0), "[multinomial] expected 1 sample or more, got 0");
  EXPECT_EQ(refused(ones({2, 2, 2}), 1), "[multinomial] expected weights of shape (n) or (rows, n), got (2, 2, 2)");
  EXPECT_EQ(refused(tensor({1, 2}), 1), "[multinomial] expected weights of a floating-point type, got int64");
  EXPECT_EQ(refused(tensor({1.0, -1.0}), 1), "[multinomial] the weights must be finite and 0 or more");
  EXPECT_EQ(refused(tensor({1.0, test::nan}), 1, true), "[multinomial] the weights must be finite and 0 or more");
  EXPECT_EQ(refused(tensor({{1.0, 1.0}, {0.0, 0.0}}), 1), "[multinomial] each row needs a weight above 0");
  EXPECT_EQ(refused(zeros({0}), 1, true), "[multinomial] there is nothing to choose from: the weights have shape (0,)");
  EXPECT_EQ(a.next64(), b.next64());
  EXPECT_EQ(multinomial(zeros({0, 3}), 2).shape(), (Shape{0, 2}));
}

TEST(Bernoulli, ProbabilitiesZeroAndOneAreCertainAndBroadcast) {
  const Tensor p = tensor({0.0, 1.0});
  for (const DType type : test::all_types) {
    const Tensor x = full({3, 2}, 1, {type});
    x.bernoulli_(p);
    expect_values(x, {3, 2}, {0, 1, 0, 1, 0, 1});
  }
  EXPECT_EQ(bernoulli(p.to(bfloat16)).dtype(), bfloat16);
  expect_values(bernoulli(p), {2}, {0, 1});
  EXPECT_EQ(error_of([] { bernoulli(tensor({0.5, 1.5})); }), "[bernoulli] the probabilities must lie between 0 and 1");
  EXPECT_EQ(error_of([] { bernoulli(tensor({test::nan})); }), "[bernoulli] the probabilities must lie between 0 and 1");
  EXPECT_EQ(error_of([] { bernoulli(tensor({1})); }),
            "[bernoulli] expected probabilities of a floating-point type, got int64");
  EXPECT_EQ(error_of([] {
              zeros({2}).bernoulli_(zeros({3, 2}));
            }),
            "[bernoulli_] probabilities of shape (3, 2) do not broadcast to (2,)");
}

TEST(Bernoulli, TheDrawDoesNotMoveWithItsProbability) {
  const Tensor p = full({3}, 0.5, {.requires_grad = true}), y = bernoulli(p);
  EXPECT_TRUE(y.requires_grad());
  y.sum().backward();
  expect_values(p.grad(), {3}, {0, 0, 0});
}

TEST(Normal, MeansAndDeviationsBroadcast) {
  manual_seed(7);
  const Tensor mean = tensor({{0.0}, {100.0}}), std = full({20000}, 2.0);
  const Tensor x = normal(mean, std);
  ASSERT_EQ(x.shape(), (Shape{2, 20000}));
  EXPECT_NEAR(x[0].mean().item<double>(), 0, 0.1);
  EXPECT_NEAR(x[1].mean().item<double>(), 100, 0.1);
  EXPECT_NEAR(x[1].std().item<double>(), 2, 0.05);
  expect_values(normal(tensor({1.0, 2.0}), 0), {2}, {1, 2});
  expect_values(normal(3, zeros({2})), {2}, {3, 3});
  EXPECT_EQ(error_of([] {
              normal(zeros({2}), tensor({1.0, -1.0}));
            }),
            "[normal] the standard deviations must not be negative");
  const Tensor moved = full({2}, 1.0, {.requires_grad = true});
  normal(moved, ones({2})).sum().backward();
  expect_values(moved.grad(), {2}, {0, 0});
}

}  // namespace
}  // namespace tenon::random_sampling_test
