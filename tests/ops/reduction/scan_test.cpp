// Running sums, products and their kin, against loops.
#include "autograd/gradcheck.h"
#include "ops/groups.h"

namespace tenon::scan_test {
namespace {

using test::error_of;
using test::expect_values;
using test::infinity;
using test::nan;

/// Compares y with f(elements of the line up to and including this one).
template <class F>
void expect_running(const Tensor& y, const Tensor& x, int64_t dim, double relative, double absolute, F f) {
  ASSERT_EQ(y.shape(), x.shape());
  const auto d = static_cast<std::size_t>(dim < 0 ? dim + x.dim() : dim);
  test::expect_elements(y, relative, absolute, [&](const Shape& at) {
    std::vector<double> line;
    Shape i = at;
    if (x.dim() == 0) return f(std::vector<double>{test::element(x, i)});
    for (i[d] = 0; i[d] <= at[d]; ++i[d]) line.push_back(test::element(x, i));
    return f(line);
  });
}

double sum_of(const std::vector<double>& v) {
  double y = 0;
  for (const double x : v) y += x;
  return y;
}
double product_of(const std::vector<double>& v) {
  double y = 1;
  for (const double x : v) y *= x;
  return y;
}
double log_sum_exp_of(const std::vector<double>& v) {
  double y = 0;
  for (const double x : v) y += std::exp(x);
  return std::log(y);
}

TEST(Scans, EveryTypeLayoutAndDimension) {
  for (const DType type : test::all_types)
    for (const Shape& shape : {Shape{}, Shape{1}, Shape{7}, Shape{3, 5}, Shape{2, 3, 4}, Shape{0}, Shape{3, 0}})
      for (const Tensor& x : test::layouts(test::numbers(shape, type, 2)))
        for (int64_t d = -std::max<int64_t>(x.dim(), 1); d < std::max<int64_t>(x.dim(), 1); ++d) {
          const bool real = is_floating_point(type);
          ASSERT_EQ(x.cumsum(d).dtype(), real ? type : int64);
          expect_running(x.cumsum(d), x, d, test::tolerance(type), test::tolerance(type), sum_of);
          expect_running(x.cumprod(d), x, d, test::tolerance(type), 0, product_of);
          if (real)
            expect_running(x.logcumsumexp(d), x, d, test::tolerance(type), test::tolerance(type), log_sum_exp_of);
          if (HasFailure()) FAIL() << name(type) << " " << shape.to_string() << " along " << d;
        }
}

TEST(Scans, ResultTypes) {
  const Tensor x = full({300}, 200, {uint8});
  EXPECT_EQ(x.cumsum(0)[299].item<int64_t>(), 60000);
  EXPECT_EQ(x.cumsum(0, uint8).dtype(), uint8);
  EXPECT_EQ(x.cumsum(0, uint8)[1].item<int>(), 144);
  EXPECT_EQ(x.cumprod(0, float64).dtype(), float64);
  EXPECT_EQ(ones({5000}, {float16}).cumsum(0)[4095].item<double>(), 4096);  // 2048 + 1 is 2048 in float16
  EXPECT_EQ(ones({20000000}).cumsum(0)[19999999].item<double>(), 20000000);
}

TEST(Scans, LogCumSumExpOfExtremes) {
  expect_values(tensor({-infinity, -infinity, 1.0, infinity, 2.0}).logcumsumexp(0), {5},
                {-infinity, -infinity, 1, infinity, infinity});
  expect_values(tensor({1000.0, 1000.0}).logcumsumexp(0), {2}, {1000, 1000 + std::log(2.0)}, 1e-6);
  expect_values(tensor({1.0, nan, 1.0}).logcumsumexp(0), {3}, {1, nan, nan});
}

TEST(Scans, AnInfiniteSumLeavesTheGradientsOfTheRestAlone) {  // torch.logcumsumexp
  const Tensor x = tensor({-1.0, infinity, -3.5, 2.0}, {float64}).requires_grad_();
  x.logcumsumexp(0).sum().backward();
  expect_values(x.grad(), {4}, {1, nan, 0, 0});
  const Tensor steep = tensor({0.0, 1e200, 0.5}, {float64}).requires_grad_();
  const Tensor first = autograd::grad({steep.logcumsumexp(0).square().sum()}, {steep}, {.create_graph = true})[0];
  EXPECT_TRUE(autograd::grad({first.sum()}, {steep})[0].isfinite().all().item<bool>());
}

TEST(Scans, ASumOfNothingLeavesTheSecondDerivativesOfTheRestAlone) {  // torch.logcumsumexp
  const Tensor x = tensor({-infinity, 1.0, 2.0}, {.dtype = float64}).requires_grad_();
  const Tensor first = autograd::grad({x.logcumsumexp(0).sum()}, {x}, {.create_graph = true})[0];
  expect_values(first, {3}, {nan, 1.2689414213699952, 0.7310585786300048}, 1e-12);
  const Tensor second = autograd::grad({first.sum()}, {x})[0];
  expect_values(second.narrow(0, 1, 2), {2}, {0, 0}, 0, 1e-15);
}

TEST(Scans, Errors) {
  EXPECT_EQ(error_of([] { ones({3}).cumsum(1); }), "[cumsum] dimension 1 is out of range: expected one of -1 … 0");
  EXPECT_EQ(error_of([] { arange(3).logcumsumexp(0); }),
            "[logcumsumexp] expected a floating-point tensor, got int64: convert with to(float32)");
  EXPECT_NE(error_of([] { ones({3}).cumprod(-2); }), "");
}

TEST(Scans, Gradients) {
  for (const Shape& shape : {Shape{6}, Shape{3, 4}})
    for (const Tensor& x : test::leaves(shape))
      for (int64_t d = 0; d < x.dim(); ++d) {
        test::gradchecks([d](const auto& v) { return v[0].cumsum(d); }, {x});
        test::gradchecks([d](const auto& v) { return v[0].cumprod(d); }, {x});
        test::gradchecks([d](const auto& v) { return v[0].logcumsumexp(d); }, {x});
      }
  test::gradchecks([](const auto& v) { return v[0].cumsum(0) * v[0].cumprod(0) * v[0].logcumsumexp(0); },
                   {test::leaf({})});
}

TEST(Scans, ProductsWithZerosHaveExactDerivatives) {
  for (const std::vector<double>& values : {std::vector<double>{1, 0, 3, 0, 2}, {0, 0, 0}, {2, -1, 0}, {0, 3}}) {
    const Tensor x = tensor(values, {.dtype = float64, .requires_grad = true});
    test::gradchecks([](const auto& v) { return v[0].cumprod(0); }, {x});
    test::gradchecks([](const auto& v) { return v[0].prod(); }, {x});
  }
}

TEST(CumMax, EveryTypeLayoutAndDimensionWithTheLastPlace) {
  for (const DType type : test::all_types)
    for (const Shape& shape : {Shape{}, Shape{1}, Shape{20}, Shape{3, 5}, Shape{2, 3, 4}})
      for (const Tensor& x : test::layouts(test::numbers(shape, type, 2)))
        for (int64_t d = -std::max<int64_t>(x.dim(), 1); d < std::max<int64_t>(x.dim(), 1); ++d) {
          const ValuesAndIndices high = x.cummax(d), low = cummin(x, d);
          ASSERT_EQ(high.values.dtype(), type);
          ASSERT_EQ(high.indices.dtype(), int64);
          const auto last = [](const std::vector<double>& v, double y) {
            return static_cast<double>(v.rend() - std::find(v.rbegin(), v.rend(), y)) - 1;
          };
          const auto most = [](const std::vector<double>& v) { return *std::max_element(v.begin(), v.end()); };
          const auto least = [](const std::vector<double>& v) { return *std::min_element(v.begin(), v.end()); };
          expect_running(high.values, x, d, 0, 0, most);
          expect_running(high.indices, x, d, 0, 0, [&](const auto& v) { return last(v, most(v)); });
          expect_running(low.values, x, d, 0, 0, least);
          expect_running(low.indices, x, d, 0, 0, [&](const auto& v) { return last(v, least(v)); });
        }
}

TEST(CumMax, ANanStaysAndGradientsGoToTheElements) {
  const ValuesAndIndices y = tensor({1.0, 3.0, 3.0, 2.0, nan, 5.0}).cummax(0);
  expect_values(y.values, {6}, {1, 3, 3, 3, nan, nan});
  expect_values(y.indices, {6}, {0, 1, 2, 2, 4, 4});
  expect_values(tensor({3.0, nan, nan}).cummin(0).indices, {3}, {0, 1, 2});
  EXPECT_EQ(zeros({0}).cummax(0).indices.shape(), (Shape{0}));
  for (const Tensor& x : test::leaves({4, 5})) {
    test::gradchecks([](const auto& v) { return v[0].cummax(1).values; }, {x});
    test::gradchecks([](const auto& v) { return v[0].cummin(0).values; }, {x});
  }
}

TEST(Diff, OfNeighboursSeveralTimes) {
  const Tensor x = tensor({1.0, 4.0, 9.0, 16.0});
  expect_values(x.diff(), {3}, {3, 5, 7});
  expect_values(x.diff(2), {2}, {2, 2});
  expect_values(x.diff(0), {4}, {1, 4, 9, 16});
  expect_values(x.diff(0, 0, zeros({1})), {4}, {1, 4, 9, 16});  // torch.diff puts nothing before it then
  EXPECT_FALSE(x.diff(0).shares_storage_with(x));
  expect_values(x.diff(5), {0}, {});
  expect_values(diff(x, 1, 0, zeros({1}), full({1}, 20)), {5}, {1, 3, 5, 7, 4});
  expect_values(x.reshape({2, 2}).diff(1, 0), {1, 2}, {8, 12});
  const Tensor flags = tensor({true, true, false}).diff();
  EXPECT_EQ(flags.dtype(), boolean);
  expect_values(flags, {2}, {0, 1});
  EXPECT_NE(error_of([] { tensor(1.0).diff(); }), "");
  EXPECT_NE(error_of([] { ones({2}).diff(-1); }), "");
  test::gradchecks([](const auto& v) { return v[0].diff(2, 0); }, {test::leaf({4, 2})});
}

}  // namespace
}  // namespace tenon::scan_test
