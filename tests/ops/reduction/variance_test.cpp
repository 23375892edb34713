// Variances and deviations, against two passes in double.
#include "autograd/gradcheck.h"
#include "ops/groups.h"

namespace tenon::variance_test {
namespace {

using test::error_of;
using test::expect_values;
using test::infinity;
using test::nan;

double mean_of(const std::vector<double>& v) {
  double sum = 0;
  for (const double x : v) sum += x;
  return sum / static_cast<double>(v.size());
}
double variance_of(const std::vector<double>& v, double correction) {
  double squares = 0;
  for (const double x : v) squares += (x - mean_of(v)) * (x - mean_of(v));
  const double freedom = std::max(static_cast<double>(v.size()) - correction, 0.0);
  return squares / freedom;
}

TEST(Variance, EveryTypeLayoutAndSetOfDimensions) {
  for (const DType type : test::real_types)
    for (const double correction : {0.0, 1.0, 0.5})
      test::for_many(type, [&](const Tensor& x, const Shape& dims) {
        const double near = test::tolerance(type);
        const auto [variance, mean] = var_mean(x, dims, correction);
        ASSERT_EQ(variance.dtype(), type);
        test::expect_of_groups(variance, x, dims, near, 1e-15,
                               [&](const auto& v) { return variance_of(v, correction); });
        test::expect_of_groups(mean, x, dims, near, near, mean_of);
        test::expect_of_groups(x.std(dims, correction, true), x, dims, near, 1e-15,
                               [&](const auto& v) { return std::sqrt(variance_of(v, correction)); });
        ASSERT_EQ(test::elements(x.var(dims, correction, true)).size(), test::groups(x, dims).size());
      });
}

TEST(Variance, FewerNumbersThanTheCorrection) {
  EXPECT_TRUE(std::isnan(ones({1}).var().item<double>()));
  EXPECT_TRUE(std::isnan(tensor(1.0).std().item<double>()));
  EXPECT_EQ(ones({1}).var({}, 0).item<double>(), 0);
  EXPECT_TRUE(std::isnan(ones({2}).var({}, 3).item<double>()));
  EXPECT_EQ(arange(2.0).var({}, 2).item<double>(), infinity);
  EXPECT_TRUE(std::isnan(zeros({0}).var({}, 0).item<double>()));
  EXPECT_TRUE(std::isnan(var_mean(zeros({0})).mean.item<double>()));
  EXPECT_EQ(zeros({0, 3}).var({1}).shape(), (Shape{0}));
  for (const double v : zeros({0, 3}).var({0}).to_vector<double>()) EXPECT_TRUE(std::isnan(v));
}

TEST(Variance, InfinityAndNanComeThrough) {
  for (const double x : {infinity, nan, -infinity}) {
    EXPECT_TRUE(std::isnan(tensor({1.0, x}).var().item<double>()));
    EXPECT_TRUE(std::isnan(tensor({{1.0, 2.0}, {x, 2.0}}).std({0}).to_vector<double>()[0]));
  }
  const Tensor x = zeros({40000});
  x[30000].fill_(infinity);
  EXPECT_EQ(var_mean(x).mean.item<double>(), infinity);
}

TEST(Variance, AFloatsSquareMayBeBeyondFloat) {  // torch.std, whose sums are double
  for (const Tensor& x : test::layouts(tensor({{1e30, -1e30}, {2e-30, -2e-30}}).t())) {
    expect_values(x.std({0}), {2}, {1.41421356e30, 2.82842712e-30}, 1e-6);
    expect_values(x.t().std({-1}), {2}, {1.41421356e30, 2.82842712e-30}, 1e-6);
    EXPECT_EQ(test::elements(x.var({0}))[0], infinity);
  }
  const Tensor huge = full({40000}, 3e38);
  EXPECT_NEAR(var_mean(huge).mean.item<double>(), 3e38, 1e32);
  EXPECT_NEAR(huge.std().item<double>(), 0, 1e32);
  expect_values(tensor({30000.0, -30000.0}, {float16}).std(), {}, {42432});
  const Tensor leaf = tensor({1e30, -1e30}).requires_grad_();
  leaf.std().backward();
  expect_values(leaf.grad(), {2}, {0.70710678, -0.70710678}, 1e-6);
}

TEST(VarianceParallel, KeepsItsDigitsFarFromZero) {
  const Tensor x = test::noise({100000}) * 0.01 + 3000;
  const double wanted = variance_of(test::elements(x), 1);
  EXPECT_NEAR(x.var().item<double>() / wanted, 1, 1e-6);
  EXPECT_NEAR(x.reshape({100000, 1}).expand({100000, 3}).var({0})[1].item<double>() / wanted, 1, 1e-6);
  Tensor steps = arange(0.0, 100000.0, 1.0);  // sorted: each piece is far from the others
  EXPECT_NEAR(steps.var().item<double>() / (100000.0 * 100001.0 / 12), 1, 1e-6);
}

TEST(Variance, Errors) {
  EXPECT_EQ(error_of([] { arange(3).var(); }),
            "[var] expected a floating-point tensor, got int64: convert with to(float32)");
  EXPECT_EQ(error_of([] { ones({2, 3}).std({0, 0}); }), "[std] dimension 0 is named twice: (0, 0)");
  EXPECT_NE(error_of([] { var_mean(arange(3)); }), "");
}

TEST(Variance, Gradients) {
  for (const Tensor& x : test::leaves({4, 5})) {
    test::gradchecks([](const auto& v) { return v[0].var(); }, {x});
    test::gradchecks([](const auto& v) { return v[0].var({0}, 0, true); }, {x});
    test::gradchecks([](const auto& v) { return v[0].std({1}); }, {x});
    test::gradchecks([](const auto& v) { return v[0].std({-1, 0}, 2); }, {x});
    test::gradchecks([](const auto& v) { return var_mean(v[0], {1}).variance * var_mean(v[0], {1}).mean; }, {x});
    test::gradchecks(
        [](const auto& v) {
          const auto [deviation, mean] = std_mean(v[0], {0}, 0.5, true);
          return deviation * mean;
        },
        {x});
  }
}

TEST(Variance, GradientsWhereItIsNotSmooth) {
  const Tensor x = ones({3}, {.requires_grad = true});
  x.std().backward();
  expect_values(x.grad(), {3}, {0, 0, 0});
  const Tensor one = ones({1}, {.requires_grad = true});
  one.var().backward();
  EXPECT_TRUE(std::isnan(one.grad().item<double>()));
  const Tensor two = tensor({1.0, 2.0}, {.requires_grad = true});
  two.var({}, 2).backward();
  expect_values(two.grad(), {2}, {infinity, infinity});
  const Tensor half = tensor({1.0, 2.0}, {.dtype = float16, .requires_grad = true});
  half.std().backward();
  EXPECT_EQ(half.grad().dtype(), float16);
}

}  // namespace
}  // namespace tenon::variance_test
