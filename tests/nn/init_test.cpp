// Initial values: the numbers that PyTorch 2.15 draws after manual_seed(7) for a (4, 3, 2, 2) weight.
#include <tenon/nn/init.h>

#include <functional>
#include <vector>

#include <gtest/gtest.h>
#include <tenon/ops.h>

#include "tensor/check.h"

namespace tenon::nn::init::init_test {
namespace {

using test::error_of;

struct Expected {
  std::vector<double> first;
  double sum;
};

void expect_drawn(const std::function<void(const Tensor&)>& fill, const Expected& expected,
                  const Shape& shape = {4, 3, 2, 2}, DType dtype = float32) {
  manual_seed(7);
  const Tensor x = empty(shape, {.dtype = dtype});
  fill(x);
  const std::vector<double> values = x.to_vector<double>();
  for (std::size_t i = 0; i < expected.first.size(); ++i) EXPECT_NEAR(values[i], expected.first[i], 1e-6) << i;
  double sum = 0;
  for (const double v : values) sum += v;
  EXPECT_NEAR(sum, expected.sum, 1e-6 * (1 + std::abs(expected.sum)));
}

TEST(Init, Uniform) {
  expect_drawn([](const Tensor& x) { uniform_(x, -2, 3); },
               {{0.674612701, -1.00598407, 1.29605842, 1.28445137}, 32.5644420981});
}
TEST(Init, Normal) {
  expect_drawn([](const Tensor& x) { normal_(x, 1, 0.5); },
               {{0.58993274, 1.19781554, 1.44945431, 0.305798054}, 45.8835500479});
}
TEST(Init, XavierUniform) {
  expect_drawn([](const Tensor& x) { xavier_uniform_(x, 2); },
               {{0.0646639764, -0.557708144, 0.294802785, 0.290504336}, 3.17165307701});
}
TEST(Init, XavierNormal) {
  expect_drawn([](const Tensor& x) { xavier_normal_(x); },
               {{-0.219190165, 0.105736874, 0.24024339, -0.37106654}, -1.13129009679});
}
TEST(Init, KaimingUniform) {
  expect_drawn(
      [](const Tensor& x) { kaiming_uniform_(x, {.mode = FanMode::fan_out, .nonlinearity = Nonlinearity::relu}); },
      {{0.0427712053, -0.368889272, 0.194993719, 0.192150563}, 2.09785136394});
}
TEST(Init, KaimingNormal) {
  expect_drawn([](const Tensor& x) { kaiming_normal_(x, {.a = 0.1}); },
               {{-0.333156884, 0.160714164, 0.365156621, -0.564000547}, -1.71949819569});
}

TEST(Init, OrthogonalHasOrthogonalRowsOrColumns) {
  expect_drawn([](const Tensor& x) { orthogonal_(x, 2); },
               {{-0.595552206, 0.287293047, 0.652754903, -1.00820863}, -3.36728336802});
  expect_drawn([](const Tensor& x) { orthogonal_(x); },
               {{-0.0713031292, 0.387672186, 0.482677847, -0.541273534}, 0.753900721669}, {5, 3});
  const Tensor rows = orthogonal_(empty({3, 2, 4}, {.dtype = float64}), 3).view({3, 8});
  EXPECT_TRUE(allclose(matmul(rows, rows.t()), eye(3, {}, {.dtype = float64}) * 9, 1e-12, 1e-12));
  EXPECT_NO_THROW(orthogonal_(empty({3, 0})));
  EXPECT_NO_THROW(orthogonal_(empty({3, 2}, {.device = kMeta})));
  EXPECT_EQ(error_of([] { orthogonal_(empty({4})); }),
            "[orthogonal_] expected a weight of two dimensions or more, got shape (4,)");
}
TEST(Init, SparseHasZerosInEachColumn) {
  expect_drawn([](const Tensor& x) { sparse_(x, 0.3); },
               {{-0.00820134487, 0.00395631138, 0, -0.0138840387}, -0.0668905419298}, {5, 4});
  EXPECT_EQ((sparse_(empty({10, 3}), 0.25) == 0).sum({0}).to_vector<int64_t>(), (std::vector<int64_t>{3, 3, 3}));
  EXPECT_EQ(error_of([] { sparse_(empty({4}), 0.5); }), "[sparse_] expected a matrix, got shape (4,)");
  EXPECT_EQ(error_of([] { sparse_(empty({4, 4}), 1.5); }), "[sparse_] expected a sparsity between 0 and 1, got 1.5");
}
TEST(Init, EyeAndDiracGiveTheirInputBack) {
  EXPECT_TRUE(equal(eye_(ones({2, 3})), tensor({{1.f, 0.f, 0.f}, {0.f, 1.f, 0.f}})));
  EXPECT_EQ(error_of([] { eye_(empty({4})); }), "[eye_] expected a matrix, got shape (4,)");
  // torch.nn.init.dirac_(torch.empty(6, 2, 3), 2).nonzero()
  EXPECT_EQ(dirac_(ones({6, 2, 3}), 2).nonzero().reshape({12}).to_vector<int64_t>(),
            (std::vector<int64_t>{0, 0, 1, 1, 1, 1, 3, 0, 1, 4, 1, 1}));
  EXPECT_EQ(dirac_(ones({2, 3, 4, 5})).nonzero().reshape({8}).to_vector<int64_t>(),
            (std::vector<int64_t>{0, 0, 2, 2, 1, 1, 2, 2}));
  EXPECT_EQ(error_of([] {
              dirac_(empty({4, 4}));
            }),
            "[dirac_] expected a weight of shape (out, in, *) with 3 to 5 dimensions, got (4, 4)");
  EXPECT_EQ(error_of([] {
              dirac_(empty({4, 4, 3}), 3);
            }),
            "[dirac_] expected a size of dimension 0 that 3 groups divide, got 4");
}

TEST(InitTruncatedNormal, DrawsAgainWhatFellOutside) {
  expect_drawn([](const Tensor& x) { trunc_normal_(x, 0, 1.5); },
               {{-1.23020172, 0.593446732, 1.34836268, -0.57583648}, -0.511215373874});
}
TEST(InitTruncatedNormal, RejectsInATail) {
  expect_drawn([](const Tensor& x) { trunc_normal_(x, 0, 1, 1, 3); },
               {{1.39123118, 1.39760637, 2.31842327, 1.91437805}, 74.343641758});
  expect_drawn([](const Tensor& x) { trunc_normal_(x, 0.5, 2, 3, 4); },
               {{3.19561553, 3.19880319, 3.65921164, 3.88680458}, 167.567935228});
}
TEST(InitTruncatedNormal, DrawsAsOftenAsPyTorchForManyElements) {
  expect_drawn([](const Tensor& x) { trunc_normal_(x); },
               {{-0.820134521, 0.395631164, 0.898908496, -1.38840389}, 162.093062552}, {1000, 10});
  EXPECT_EQ(rand({1}).item<float>(), 0.4327505826950073f);
  expect_drawn([](const Tensor& x) { trunc_normal_(x, 0, 1, 1, 3); },
               {{1.07131279, 1.39760637, 2.31842327, 1.94331574}, 15012.7842402}, {1000, 10});
  EXPECT_EQ(rand({1}).item<float>(), 0.015630900859832764f);
}
TEST(InitTruncatedNormal, WorksInOtherTypes) {
  expect_drawn([](const Tensor& x) { trunc_normal_(x, 0, 0.02); },
               {{0.00132535079, 0.000939831105, 0.0367307726, 0.027353808}, -0.149643654558}, {10, 10}, float64);
  expect_drawn([](const Tensor& x) { trunc_normal_(x); },
               {{-0.8203125, 0.396484375, 0.8984375, -1.390625}, -3.39363861084}, {10, 10}, bfloat16);
  expect_drawn([](const Tensor& x) { trunc_normal_(x, 0, 1, 1, 3); },
               {{1.0703125, 1.3984375, 2.3125, 1.9453125}, 15000.8359375}, {1000, 10}, bfloat16);
}
TEST(InitTruncatedNormal, IsNothingOnTheMetaDevice) {
  const Tensor x = empty({2, 2}, {.device = kMeta});
  EXPECT_NO_THROW(trunc_normal_(x));
}

TEST(Init, Constants) {
  const Tensor x = empty({2, 2});
  EXPECT_EQ(constant_(x, 3).to_vector<int>(), std::vector<int>(4, 3));
  EXPECT_EQ(ones_(x).to_vector<int>(), std::vector<int>(4, 1));
  EXPECT_EQ(zeros_(x).to_vector<int>(), std::vector<int>(4, 0));
}

TEST(Init, GainsAreTheRecommendedOnes) {
  EXPECT_EQ(calculate_gain(Nonlinearity::linear), 1);
  EXPECT_EQ(calculate_gain(Nonlinearity::sigmoid), 1);
  EXPECT_EQ(calculate_gain(Nonlinearity::tanh), 1.6666666666666667);
  EXPECT_EQ(calculate_gain(Nonlinearity::relu), 1.4142135623730951);
  EXPECT_EQ(calculate_gain(Nonlinearity::leaky_relu), 1.4141428569978354);
  EXPECT_EQ(calculate_gain(Nonlinearity::leaky_relu, 0.2), 1.3867504905630728);
  EXPECT_EQ(calculate_gain(Nonlinearity::selu), 0.75);
}

TEST(Init, FansCountWhatFeedsOneOutput) {
  const Fans fans = calculate_fans(empty({4, 3, 2, 5}));
  EXPECT_EQ(fans.in, 30);
  EXPECT_EQ(fans.out, 40);
  EXPECT_EQ(error_of([&] { calculate_fans(empty({4})); }),
            "[init] expected a weight of two dimensions or more, (out, in, *), to know its fans; got shape (4,)");
}

TEST(Init, ATensorWithoutElementsStaysAsItIs) {
  EXPECT_NO_THROW(kaiming_uniform_(empty({3, 0})));
  EXPECT_NO_THROW(kaiming_normal_(empty({3, 0})));
}

TEST(Init, ALeafThatRequiresGradIsFilledWithoutARecord) {
  const Tensor x = zeros({2, 2}).requires_grad_();
  EXPECT_TRUE(ones_(uniform_(normal_(x))).is_leaf());
}

TEST(Init, DrawsFromTheGeneratorGiven) {
  Generator a(3), b(3);
  const Tensor x = empty({2, 3}), y = empty({2, 3});
  kaiming_uniform_(x, {.generator = &a});
  manual_seed(1);
  kaiming_uniform_(y, {.generator = &b});
  EXPECT_EQ(x.to_vector<float>(), y.to_vector<float>());
}

}  // namespace
}  // namespace tenon::nn::init::init_test
