// The largest and the smallest, against loops; where equals and NaN stand; their gradients.
#include "autograd/gradcheck.h"
#include "ops/groups.h"

namespace tenon::min_max_test {
namespace {

using test::error_of;
using test::expect_values;
using test::infinity;
using test::nan;

double largest(const std::vector<double>& v) { return *std::max_element(v.begin(), v.end()); }
double smallest(const std::vector<double>& v) { return *std::min_element(v.begin(), v.end()); }
double place_of(const std::vector<double>& v, double x) {
  return static_cast<double>(std::find(v.begin(), v.end(), x) - v.begin());
}

TEST(Extrema, EveryTypeLayoutAndSetOfDimensions) {
  for (const DType type : test::all_types)
    test::for_many(type, [&](const Tensor& x, const Shape& dims) {
      ASSERT_EQ(x.amax(dims).dtype(), type);
      ASSERT_EQ(x.amax(dims, true).dim(), x.dim());
      test::expect_of_groups(x.amax(dims), x, dims, 0, 0, largest);
      test::expect_of_groups(x.amin(dims, true), x, dims, 0, 0, smallest);
    });
}

TEST(Extrema, AlongOneDimensionWithTheFirstPlace) {
  for (const DType type : test::all_types)
    test::for_many(type, [&](const Tensor& x, const Shape& dims) {
      if (dims.size() != 1) return;
      const ValuesAndIndices high = x.max(dims[0]), low = x.min(dims[0], true);
      ASSERT_EQ(high.values.dtype(), type);
      ASSERT_EQ(high.indices.dtype(), int64);
      ASSERT_EQ(low.indices.dim(), x.dim());
      test::expect_of_groups(high.values, x, dims, 0, 0, largest);
      test::expect_of_groups(low.values, x, dims, 0, 0, smallest);
      test::expect_of_groups(high.indices, x, dims, 0, 0, [](const auto& v) { return place_of(v, largest(v)); });
      test::expect_of_groups(low.indices, x, dims, 0, 0, [](const auto& v) { return place_of(v, smallest(v)); });
      test::expect_of_groups(x.argmax(dims[0]), x, dims, 0, 0, [](const auto& v) { return place_of(v, largest(v)); });
      test::expect_of_groups(x.argmin(dims[0], true), x, dims, 0, 0,
                             [](const auto& v) { return place_of(v, smallest(v)); });
    });
}

TEST(Extrema, OverEverything) {
  const Tensor x = test::noise({13, 7}).t();
  EXPECT_EQ(x.max().item<double>(), largest(test::elements(x)));
  EXPECT_EQ(min(x).item<double>(), smallest(test::elements(x)));
  EXPECT_EQ(x.argmin().item<double>(), place_of(test::elements(x), smallest(test::elements(x))));
  const MinAndMax both = aminmax(x, 0, true);
  EXPECT_EQ(test::elements(both.min), test::elements(x.amin({0})));
  EXPECT_EQ(test::elements(both.max), test::elements(x.amax({0})));
  EXPECT_EQ(both.max.shape(), (Shape{1, 13}));
  EXPECT_EQ(aminmax(x).min.item<double>(), x.min().item<double>());
}

TEST(Extrema, ANanIsTheLargestAndTheSmallestAndTheFirstIsTaken) {
  for (const int64_t n : {5, 100, 40000})
    for (const DType type : test::real_types) {
      const Tensor x = test::noise({n, 3}, type);
      x[n - 1][1].fill_(nan);
      x[n / 2][1].fill_(nan);
      expect_values(x.argmax(0).narrow(0, 1, 1), {1}, {static_cast<double>(n / 2)});
      expect_values(x.argmin(0).narrow(0, 1, 1), {1}, {static_cast<double>(n / 2)});
      EXPECT_TRUE(std::isnan(x.max().item<double>()));
      EXPECT_TRUE(std::isnan(x.min(0).values[1].item<double>()));
      EXPECT_FALSE(std::isnan(x.amax({0})[0].item<double>()));
      const Tensor row = x.t().contiguous()[1];
      EXPECT_EQ(row.argmax().item<int64_t>(), n / 2);
      EXPECT_TRUE(std::isnan(row.amin().item<double>()));
      EXPECT_EQ(row.min(0).indices.item<int64_t>(), n / 2);
    }
}

TEST(Extrema, InfinitiesAndSignedZeros) {
  EXPECT_EQ(full({50}, -infinity).max().item<double>(), -infinity);
  EXPECT_EQ(full({50}, infinity).amin().item<double>(), infinity);
  EXPECT_EQ(full({50}, -infinity).argmax().item<int>(), 0);
  const ValuesAndIndices y = tensor({-0.0, 0.0}).max(0);
  EXPECT_EQ(y.indices.item<int>(), 0);
  EXPECT_TRUE(std::signbit(y.values.item<double>()));
}

TEST(ExtremaParallel, LongRowsAndColumnsFindTheFirstOfEquals) {
  const Tensor x = zeros({100000, 3});
  for (const int64_t i : {99999, 70001, 16384, 16383}) x[i][1].fill_(2);
  EXPECT_EQ(x.max(0).indices[1].item<int64_t>(), 16383);
  EXPECT_EQ(x.t().contiguous().argmax(1)[1].item<int64_t>(), 16383);
  EXPECT_EQ(x.to(int32).max(0).indices[1].item<int64_t>(), 16383);
  EXPECT_EQ(x.to(int16).reshape({300000}).argmax().item<int64_t>(), 16383 * 3 + 1);
}

TEST(Extrema, OfNothing) {
  EXPECT_EQ(zeros({0, 3}).amax({1}).shape(), (Shape{0}));
  EXPECT_EQ(zeros({0, 3}).max(1).indices.shape(), (Shape{0}));
  EXPECT_EQ(error_of([] {
              zeros({0, 3}).max(0);
            }),
            "[max] there is no element to choose in shape (0, 3): expected at least one along what is reduced");
  EXPECT_NE(error_of([] { zeros({0}).max(); }), "");
  EXPECT_NE(error_of([] { zeros({0}).amin(); }), "");
  EXPECT_NE(error_of([] { aminmax(zeros({0})); }), "");
  EXPECT_NE(error_of([] { zeros({3}).max(1); }), "");
  EXPECT_NE(error_of([] { zeros({3, 3}).amax({1, -1}); }), "");
  EXPECT_NE(error_of([] { zeros({}).amax({0, -1}); }), "");
}

TEST(Extrema, Gradients) {
  for (const Tensor& x : test::leaves({4, 5})) {
    test::gradchecks([](const auto& v) { return v[0].amax({1}); }, {x});
    test::gradchecks([](const auto& v) { return v[0].amin({0}, true); }, {x});
    test::gradchecks([](const auto& v) { return v[0].max(); }, {x});
    test::gradchecks([](const auto& v) { return v[0].max(0).values; }, {x});
    test::gradchecks([](const auto& v) { return v[0].min(-1, true).values * v[0].min(); }, {x});
  }
  test::gradchecks([](const auto& v) { return v[0].max(0).values; }, {test::leaf({})});
}

std::vector<double> gradient(const std::vector<double>& values, const std::function<Tensor(const Tensor&)>& f) {
  const Tensor x = tensor(values, {.dtype = float64, .requires_grad = true});
  f(x).backward();
  return test::elements(x.grad());
}

TEST(Extrema, EqualsShareTheGradientUnlessOneIsChosen) {
  EXPECT_EQ(gradient({1, 2, 2}, [](const Tensor& x) { return x.amax(); }), (std::vector<double>{0, 0.5, 0.5}));
  EXPECT_EQ(gradient({1, 2, 2}, [](const Tensor& x) { return x.max(); }), (std::vector<double>{0, 0.5, 0.5}));
  EXPECT_EQ(gradient({1, 2, 2}, [](const Tensor& x) { return x.max(0).values; }), (std::vector<double>{0, 1, 0}));
  EXPECT_EQ(gradient({1, 1, 2}, [](const Tensor& x) { return x.min(0).values; }), (std::vector<double>{1, 0, 0}));
  EXPECT_EQ(gradient({2, 2, 1, 1}, [](const Tensor& x) { return aminmax(x).min + aminmax(x).max; }),
            (std::vector<double>{0.5, 0.5, 0.5, 0.5}));
  EXPECT_EQ(gradient({1, nan, nan}, [](const Tensor& x) { return x.max(); }), (std::vector<double>{0, 0.5, 0.5}));
  for (const double g : gradient({1, nan, 2}, [](const Tensor& x) { return x.amax(); })) EXPECT_TRUE(std::isnan(g));
}

}  // namespace
}  // namespace tenon::min_max_test
