// Quantiles: PyTorch's answers, and gradients.
#include "autograd/gradcheck.h"
#include "ops/groups.h"

namespace tenon::quantile_test {
namespace {

using test::error_of;
using test::expect_values;
using test::infinity;
using test::nan;

TEST(Quantile, EveryInterpolation) {
  const Tensor x = tensor({3.0, 1.0, 4.0, 2.0}), q = tensor({0.0, 0.1, 0.4, 0.5, 0.6, 1.0});
  const auto of = [&](Interpolation how) { return x.quantile(q, {}, false, how); };
  expect_values(of(Interpolation::linear), {6}, {1, 1.3, 2.2, 2.5, 2.8, 4}, 1e-6);
  expect_values(of(Interpolation::lower), {6}, {1, 1, 2, 2, 2, 4});
  expect_values(of(Interpolation::higher), {6}, {1, 2, 3, 3, 3, 4});
  expect_values(of(Interpolation::midpoint), {6}, {1, 1.5, 2.5, 2.5, 2.5, 4});
  expect_values(of(Interpolation::nearest), {6}, {1, 1, 2, 3, 3, 4});
}

TEST(Quantile, EveryLayoutAndDimension) {
  for (const DType type : {float32, float64})
    for (const Shape& shape : {Shape{}, Shape{7}, Shape{4, 5}, Shape{2, 3, 4}})
      for (const Tensor& x : test::layouts(test::noise(shape, type))) {
        const auto at = [](std::vector<double> v, double q) {
          std::sort(v.begin(), v.end());
          const double rank = q * static_cast<double>(v.size() - 1), below = std::floor(rank);
          const double a = v[static_cast<std::size_t>(below)], b = v[static_cast<std::size_t>(std::ceil(rank))];
          return a + (b - a) * (rank - below);
        };
        test::expect_of_groups(x.quantile(0.3), x, {}, 1e-6, 1e-6, [&](const auto& v) { return at(v, 0.3); });
        for (int64_t d = -x.dim(); d < x.dim(); ++d) {
          ASSERT_EQ(x.quantile(0.3, d, true).dim(), x.dim());
          test::expect_of_groups(x.quantile(0.3, d), x, {d}, 1e-6, 1e-6, [&](const auto& v) { return at(v, 0.3); });
          const Tensor two = x.quantile(tensor({0.25, 0.75}, {type}), d, true);
          ASSERT_EQ(two.dim(), x.dim() + 1);
          test::expect_of_groups(two[1], x, {d}, 1e-6, 1e-6, [&](const auto& v) { return at(v, 0.75); });
        }
      }
}

TEST(Quantile, ShapesOfTheResult) {
  const Tensor x = zeros({2, 3, 4}), q = tensor({0.1, 0.2, 0.3, 0.4, 0.5});
  EXPECT_EQ(x.quantile(q).shape(), (Shape{5}));
  EXPECT_EQ(x.quantile(q, {}, true).shape(), (Shape{5, 1, 1, 1}));
  EXPECT_EQ(x.quantile(q, 1).shape(), (Shape{5, 2, 4}));
  EXPECT_EQ(x.quantile(q, 1, true).shape(), (Shape{5, 2, 1, 4}));
  EXPECT_EQ(x.quantile(0.5, -1).shape(), (Shape{2, 3}));
  EXPECT_EQ(quantile(x, 0.5, {}, true).shape(), (Shape{1, 1, 1}));
  EXPECT_EQ(tensor(3.0).quantile(q, 0).shape(), (Shape{5}));
}

TEST(Quantile, NanAndInfinity) {
  expect_values(tensor({{1.0, nan, 3.0}, {1.0, 2.0, 3.0}}).quantile(0.5, 1), {2}, {nan, 2});
  EXPECT_TRUE(std::isnan(tensor({1.0, infinity}).quantile(0.5).item<double>()));
}

TEST(Quantile, AnInfiniteNeighbourCountsOnlyWhereItIsInterpolatedTo) {  // torch.quantile
  const Tensor x = tensor({1.0, infinity, infinity});
  EXPECT_EQ(x.quantile(0).item<double>(), 1);
  for (const double q : {0.5, 0.75, 1.0}) {
    EXPECT_TRUE(std::isnan(x.quantile(q).item<double>()));  // on from infinity by a part of infinity − infinity
    for (const auto how : {Interpolation::lower, Interpolation::higher, Interpolation::nearest}) {
      EXPECT_EQ(x.quantile(q, {}, false, how).item<double>(), infinity);
      EXPECT_EQ(x.nanquantile(q, {}, false, how).item<double>(), infinity);
    }
  }
  EXPECT_EQ(tensor({-infinity, 2.0, infinity}).quantile(0.5).item<double>(), 2);
  EXPECT_EQ(x.quantile(0.25, {}, false, Interpolation::lower).item<double>(), 1);
}

TEST(Quantile, GradientsBesideInfinityAndNanAreFinite) {
  for (const double other : {infinity, nan}) {
    const Tensor x = tensor({1.0, 2.0, other}, {float64}).requires_grad_();
    x.quantile(0.5).backward();
    expect_values(x.grad(), {3}, std::isnan(other) ? std::vector<double>{0, 0, 1} : std::vector<double>{0, 1, 0});
  }
}

TEST(Quantile, Errors) {
  EXPECT_EQ(error_of([] { arange(3).quantile(0.5); }), "[quantile] expected a tensor of float32 or float64, got int64");
  EXPECT_EQ(error_of([] { ones({2}).quantile(1.5); }), "[quantile] expected q between 0 and 1, got 1.5");
  EXPECT_NE(error_of([] { ones({2}).quantile(nan); }), "");
  EXPECT_NE(error_of([] { ones({2}).quantile(ones({1, 1})); }), "");
  EXPECT_NE(error_of([] { ones({2}).quantile(ones({1}, {float64})); }), "");
  EXPECT_NE(error_of([] { zeros({2, 0}).quantile(0.5, 0); }), "");
  EXPECT_NE(error_of([] { zeros({2}).quantile(0.5, 1); }), "");
}

TEST(Quantile, Gradients) {
  const Tensor q = tensor({0.1, 0.7}, {float64});
  for (const Tensor& x : test::leaves({3, 4})) {
    test::gradchecks([&](const auto& v) { return v[0].quantile(q, 0); }, {x});
    test::gradchecks([&](const auto& v) { return v[0].quantile(0.4, 1, true, Interpolation::midpoint); }, {x});
    test::gradchecks([&](const auto& v) { return v[0].quantile(0.6); }, {x});
  }
}

TEST(NanQuantile, CountsTheNumbersOfEachLine) {
  const Tensor x = tensor({{1.0, nan, 2.0, 4.0}, {nan, nan, nan, nan}, {nan, nan, 3.0, nan}});
  expect_values(x.nanquantile(0.5, 1), {3}, {2, nan, 3});
  expect_values(x.nanquantile(0.25, 1, false, Interpolation::lower), {3}, {1, nan, 3});
  expect_values(x.nanquantile(0.25, 1, false, Interpolation::higher), {3}, {2, nan, 3});
  expect_values(x.nanquantile(0.75, 1, true, Interpolation::midpoint), {3, 1}, {3, nan, 3});
  expect_values(x.nanquantile(1), {}, {4});
  // Where there is no NaN it is quantile.
  const Tensor y = test::noise({3, 7}), q = tensor({0.0, 0.2, 0.5, 0.9});
  EXPECT_TRUE(y.nanquantile(q, 1).allclose(y.quantile(q, 1)));
  const Tensor rank = tensor({0.3, 0.8}, {.dtype = float64, .requires_grad = true});
  for (const Tensor& z : test::leaves({3, 4})) {
    const auto with_gap = [](const Tensor& t) { return t.masked_fill(eye(3, 4, {boolean}), nan); };
    test::gradchecks([&](const auto& v) { return with_gap(v[0]).nanquantile(v[1], 1); }, {z, rank});
    test::gradchecks([&](const auto& v) { return with_gap(v[0]).nanquantile(0.4, 0, true); }, {z});
  }
  EXPECT_EQ(error_of([&] { y.nanquantile(1.5); }), "[nanquantile] expected q between 0 and 1, got 1.5");
  EXPECT_EQ(error_of([&] { arange(3).nanquantile(0.5); }),
            "[nanquantile] expected a tensor of float32 or float64, got int64");
  EXPECT_EQ(error_of([&] { zeros({0}).nanquantile(0.5); }),
            "[nanquantile] expected a tensor with elements, got shape (0,)");
}

}  // namespace
}  // namespace tenon::quantile_test
