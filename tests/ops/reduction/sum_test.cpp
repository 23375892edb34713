// Sums, products, means, counts, all and any, against loops over indices.
#include <limits>
#include <numeric>

#include <tenon/device.h>

#include "autograd/gradcheck.h"
#include "backend/new_tensor.h"
#include "ops/groups.h"

namespace tenon::sum_test {
namespace {

using test::element;
using test::error_of;
using test::expect_values;

/// Σ over the elements of x whose kept indices agree with `at`, in long double.
template <class F>
long double total(const Tensor& x, const Shape& at, const std::vector<bool>& reduced, F f) {
  long double sum = 0;
  test::for_each_index(x.shape(), [&](const Shape& i) {
    for (std::size_t d = 0; d < i.size(); ++d)
      if (!reduced[d] && i[d] != at[d]) return;
    sum += f(element(x, i));
  });
  return sum;
}

TEST(Sum, EveryTypeLayoutAndSetOfDimensions) {
  for (const DType type : test::all_types)
    for (const Shape& shape : {Shape{7}, Shape{3, 5}, Shape{2, 3, 4}, Shape{2, 3, 2, 3}, Shape{3, 0, 2}, Shape{}})
      for (const Tensor& x : test::layouts(test::numbers(shape, type)))
        for (const Shape& dims : test::dim_sets(x.dim())) {
          std::vector<bool> reduced(shape.size(), dims.empty());
          for (const int64_t d : dims) reduced[static_cast<std::size_t>(d < 0 ? d + x.dim() : d)] = true;
          const Tensor kept = x.sum(dims, true), y = x.sum(dims);
          ASSERT_EQ(y.dtype(), is_floating_point(type) ? type : int64);
          ASSERT_EQ(kept.dim(), x.dim());
          ASSERT_EQ(test::elements(kept), test::elements(y));
          test::expect_elements(kept, test::tolerance(type), 0, [&](const Shape& at) {
            return static_cast<double>(total(x, at, reduced, [](double v) { return v; }));
          });
          if (HasFailure()) FAIL() << name(type) << " " << shape.to_string() << " over " << dims.to_string();
        }
}

TEST(Sum, InAnyOrderOfMemory) {
  const Tensor x = test::numbers({3, 4, 5, 6});
  for (const Shape& order : {Shape{0, 2, 3, 1}, Shape{3, 2, 1, 0}, Shape{2, 0, 3, 1}, Shape{1, 0, 2, 3}})
    for (const Tensor& y : {x.permute(order), x.permute(order).narrow(1, 0, 1), x.permute(order).narrow(0, 1, 2),
                            x.narrow(0, 0, 1).permute(order)})
      for (const Shape& dims : test::dim_sets(4))
        for (const bool keepdim : {false, true}) {
          const Tensor sum = y.sum(dims, keepdim), mean = y.to(float16).mean(dims, keepdim);
          test::expect_of_groups(sum, y, dims, 1e-6, 1e-6,
                                 [](const std::vector<double>& v) { return std::accumulate(v.begin(), v.end(), 0.0); });
          test::expect_of_groups(mean, y, dims, 1e-3, 1e-3, [](const std::vector<double>& v) {
            return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
          });
          test::expect_of_groups(y.amax(dims, keepdim), y, dims, 0, 0,
                                 [](const std::vector<double>& v) { return *std::max_element(v.begin(), v.end()); });
          test::expect_of_groups(y.norm(1, dims, keepdim), y, dims, 1e-6, 0, [](const std::vector<double>& v) {
            return std::accumulate(v.begin(), v.end(), 0.0, [](double a, double b) { return a + std::abs(b); });
          });
          ASSERT_TRUE(is_dense(sum.shape(), sum.strides()));
          if (HasFailure()) return;
        }
}

TEST(Sum, ShapesOfTheResult) {
  const Tensor x = zeros({2, 3, 4});
  EXPECT_EQ(x.sum({1}).shape(), (Shape{2, 4}));
  EXPECT_EQ(x.sum({0, -1}).shape(), (Shape{3}));
  EXPECT_EQ(x.sum({0, -1}, true).shape(), (Shape{1, 3, 1}));
  EXPECT_EQ(x.sum().shape(), Shape{});
  EXPECT_EQ(x.sum({}, true).shape(), (Shape{1, 1, 1}));
  EXPECT_EQ(tensor(2.0).sum({0}).item<float>(), 2.0F);
  EXPECT_EQ(error_of([&] { x.sum({1, -2}); }), "[sum] dimension 1 is named twice: (1, -2)");
  EXPECT_EQ(error_of([&] { x.sum({3}); }), "[sum] dimension 3 is out of range: expected one of -3 … 2");
}

TEST(Sum, OfNothingIsZero) {
  expect_values(zeros({0, 3}).sum({0}), {3}, {0, 0, 0});
  expect_values(zeros({3, 0}).sum({1}), {3}, {0, 0, 0});
  EXPECT_EQ(zeros({0}).sum().item<float>(), 0.0F);
  EXPECT_EQ(zeros({3, 0}).sum({0}).shape(), (Shape{0}));
}

TEST(Sum, IntegersWrapAroundAndNarrowOnesDoNot) {
  EXPECT_EQ(full({1000}, 200, {uint8}).sum().item<int64_t>(), 200000);
  const int64_t most = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(tensor(std::vector<int64_t>{most, 1}).sum().item<int64_t>(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(ones({5}, {boolean}).sum().item<int64_t>(), 5);
}

TEST(SumParallel, ManyNumbersKeepTheirDigits) {
  const Tensor x = test::noise({300000}) + 0.5;
  const long double wanted = total(x, {0}, {true}, [](double v) { return v; });
  EXPECT_NEAR(x.sum().item<double>() / static_cast<double>(wanted), 1, 1e-7);
  const Tensor columns = x.reshape({3000, 100});
  const double first =
      static_cast<double>(total(columns.narrow(1, 7, 1), {0, 0}, {true, true}, [](double v) { return v; }));
  EXPECT_NEAR(element(columns.sum({0}), {7}) / first, 1, 3e-6);
  EXPECT_NEAR(element(columns.t().contiguous().sum({1}), {7}) / first, 1, 3e-7);
  EXPECT_EQ(ones({20000000}).sum().item<double>(), 20000000.0);  // beyond what adding ones in float32 reaches
}

TEST(Sum, HalfTypesAreAddedInMoreDigits) {
  EXPECT_EQ(ones({60000}, {float16}).sum().item<double>(), 60000);  // 2048 + 1 is 2048 in float16
  EXPECT_EQ(ones({4096}, {bfloat16}).sum().item<double>(), 4096);
}

TEST(Sum, NanAndInfinityComeThrough) {
  Tensor x = ones({5000});
  x[4321].fill_(test::infinity);
  EXPECT_EQ(x.sum().item<double>(), test::infinity);
  x[17].fill_(-test::infinity);
  EXPECT_TRUE(std::isnan(x.sum().item<double>()));
}

TEST(Mean, DividesByTheCount) {
  const Tensor x = arange(12.0).reshape({3, 4});
  expect_values(x.mean(), {}, {5.5});
  expect_values(x.mean({0}), {4}, {4, 5, 6, 7});
  expect_values(x.t().mean({0}, true), {1, 3}, {1.5, 5.5, 9.5});
  EXPECT_TRUE(std::isnan(zeros({0}).mean().item<double>()));
  EXPECT_EQ(zeros({0, 3}).mean({1}).shape(), (Shape{0}));
  EXPECT_EQ(error_of([] { arange(3).mean(); }),
            "[mean] expected a floating-point tensor, got int64: convert with to(float32)");
}

TEST(Mean, OfManyHalfNumbersWhoseSumDoesNotFit) { EXPECT_EQ(ones({100000}, {float16}).mean().item<double>(), 1.0); }

TEST(Sum, IntoAnotherType) {
  const Tensor x = tensor({1.5, 2.5, -3.0});
  EXPECT_EQ(x.sum({}, false, float64).dtype(), float64);
  EXPECT_EQ(x.sum({}, false, int64).item<int64_t>(), 0);  // 1 + 2 − 3: converted first
  EXPECT_EQ(full({3}, 100, {int64}).sum({}, false, uint8).item<int>(), 44);
  EXPECT_EQ(x.sum({}, false, uint8).dtype(), uint8);
  EXPECT_TRUE(x.sum({}, false, boolean).item<bool>());
  EXPECT_EQ(x.sum({}, false, boolean).dtype(), boolean);
  EXPECT_EQ(full({3}, 30000, {float16}).sum({}, false, float32).item<double>(), 90000);
  EXPECT_EQ(arange(4).mean({}, false, float64).item<double>(), 1.5);
  EXPECT_EQ(error_of([] { ones({2}).mean({}, false, int64); }), "[mean] expected a floating-point dtype, got int64");
}

TEST(NanSum, LeavesNansOut) {
  for (const DType type : test::real_types) {
    const Tensor x = test::numbers({40, 70}, type);
    for (const int64_t i : {3, 30}) x[i].narrow(0, 20, 30).fill_(test::nan);
    for (const Shape& dims : test::dim_sets(2)) {
      const auto sum = [](const std::vector<double>& v) {
        double y = 0;
        for (const double e : v) y += std::isnan(e) ? 0 : e;
        return y;
      };
      test::expect_of_groups(x.nansum(dims), x, dims, test::tolerance(type), 1e-6, sum);
      test::expect_of_groups(x.nanmean(dims), x, dims, test::tolerance(type), 1e-6, [&](const std::vector<double>& v) {
        return sum(v) / static_cast<double>(std::count_if(v.begin(), v.end(), [](double e) { return !std::isnan(e); }));
      });
    }
  }
  EXPECT_EQ(tensor({test::nan}).nansum().item<double>(), 0);
  EXPECT_TRUE(std::isnan(tensor({test::nan}).nanmean().item<double>()));
  EXPECT_EQ(arange(4, {int32}).nansum().dtype(), int64);
  EXPECT_EQ(tensor({1.5, test::nan}).nansum({}, false, float64).item<double>(), 1.5);
  EXPECT_NE(error_of([] { arange(3).nanmean(); }), "");
  const Tensor x = tensor({test::nan, 1.0, 2.0}, {.requires_grad = true});
  (x.nansum() + x.nanmean()).backward();
  expect_values(x.grad(), {3}, {0, 1.5, 1.5});
}

TEST(Prod, EveryTypeLayoutAndDimension) {
  for (const DType type : test::all_types)
    test::for_many(type, [&](const Tensor& x, const Shape& dims) {
      if (dims.size() > 1) return;
      const auto dim = dims.empty() ? std::nullopt : std::optional(dims[0]);
      const Tensor y = x.prod(dim);
      ASSERT_EQ(y.dtype(), is_floating_point(type) ? type : int64);
      ASSERT_EQ(x.prod(dim, true).dim(), x.dim());
      test::expect_of_groups(y, x, dims, 3 * test::tolerance(type), 0, [](const std::vector<double>& v) {
        double product = 1;
        for (const double e : v) product *= e;
        return product;
      });
    });
  EXPECT_EQ(zeros({0}).prod().item<double>(), 1);
  EXPECT_EQ(full({2}, 20, {int64}).prod({}, false, uint8).item<int>(), 144);
  EXPECT_EQ(tensor({2.0, 3.0}).prod(0, false, float64).dtype(), float64);
  EXPECT_NE(error_of([] { ones({2}).prod(1); }), "");
}

TEST(Truth, AllAndAnyOfEveryType) {
  for (const DType type : test::all_types)
    test::for_many(type, [&](const Tensor& x, const Shape& dims) {
      ASSERT_EQ(x.all(dims).dtype(), type == uint8 ? uint8 : boolean);
      ASSERT_EQ(x.any(dims, true).dim(), x.dim());
      const auto zero = [](double e) { return e == 0; };
      test::expect_of_groups(x.all(dims), x, dims, 0, 0,
                             [&](const auto& v) { return std::none_of(v.begin(), v.end(), zero) ? 1.0 : 0.0; });
      test::expect_of_groups(x.any(dims), x, dims, 0, 0,
                             [&](const auto& v) { return std::all_of(v.begin(), v.end(), zero) ? 0.0 : 1.0; });
      test::expect_of_groups(x.count_nonzero(dims), x, dims, 0, 0, [&](const auto& v) {
        return static_cast<double>(v.size()) - static_cast<double>(std::count_if(v.begin(), v.end(), zero));
      });
      ASSERT_EQ(x.count_nonzero(dims).dtype(), int64);
    });
}

TEST(Truth, OfNothingAndOfNan) {
  EXPECT_TRUE(zeros({0}).all().item<bool>());
  EXPECT_FALSE(zeros({0}).any().item<bool>());
  expect_values(zeros({0, 2}).all({0}), {2}, {1, 1});
  EXPECT_EQ(zeros({0}, {uint8}).any().dtype(), uint8);
  EXPECT_TRUE(tensor({1.0, test::nan}).all().item<bool>());
  EXPECT_EQ(tensor({1.0, test::nan, 0.0, -0.0}).count_nonzero().item<int>(), 2);
}

TEST(Reductions, Gradients) {
  for (const Tensor& x : test::leaves({3, 4})) {
    test::gradchecks([](const auto& v) { return v[0].sum({0}) * v[0].mean({0}); }, {x});
    test::gradchecks([](const auto& v) { return v[0].nansum({-1}, true) * v[0].nanmean(); }, {x});
    test::gradchecks([](const auto& v) { return v[0].prod(); }, {x});
    test::gradchecks([](const auto& v) { return v[0].prod(0); }, {x});
    test::gradchecks([](const auto& v) { return v[0].prod(-1, true); }, {x});
    test::gradchecks([](const auto& v) { return v[0].logsumexp({0}); }, {x});
    test::gradchecks([](const auto& v) { return v[0].logsumexp({0, 1}, true); }, {x});
  }
  test::gradchecks([](const auto& v) { return v[0].sum({0}) * v[0].prod(0) * v[0].logsumexp({-1}); }, {test::leaf({})});
  const Tensor x = ones({3}, {.dtype = float16, .requires_grad = true});
  x.sum({}, false, float32).backward();
  EXPECT_EQ(x.grad().dtype(), float16);
}

TEST(Prod, GradientsOfOneNumberAndBesideTwoZerosAreFinite) {  // torch.prod
  using test::infinity, test::nan;
  for (const double x : {0.0, infinity, nan}) {
    const Tensor one = tensor(x).requires_grad_(), row = tensor({x}).requires_grad_();
    (one.prod() * 3).backward();
    (row.prod(0) * 3).backward();
    EXPECT_EQ(one.grad().item<double>(), 3);
    EXPECT_EQ(row.grad().item<double>(), 3);
  }
  const Tensor x = tensor({infinity, 0.0, 0.0, 2.0}, {float64}).requires_grad_();
  x.prod().backward();
  expect_values(x.grad(), {4}, {0, 0, 0, 0});
}

TEST(Prod, GradientsWithZeros) {
  const auto gradient = [](const std::vector<double>& values) {
    const Tensor x = tensor(values, {.dtype = float64, .requires_grad = true});
    x.prod().backward();
    return test::elements(x.grad());
  };
  EXPECT_EQ(gradient({0, 2, 3}), (std::vector<double>{6, 0, 0}));
  EXPECT_EQ(gradient({0, 0, 3}), (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(gradient({0}), (std::vector<double>{1}));
  for (const std::vector<double>& row : {std::vector<double>{0, 2, 3, 4}, {0, 0, 3, 4}, {0, 0, 0, 4}}) {
    const Tensor x =
        cat({tensor(row, {float64}), tensor({2.0, -1.0, 0.5, 3.0}, {float64})}).reshape({2, 4}).requires_grad_();
    test::gradchecks([](const auto& v) { return v[0].prod(1); }, {x});
    test::gradchecks([](const auto& v) { return v[0].prod(0); }, {x});
    test::gradchecks([](const auto& v) { return v[0].prod(); }, {x});
  }
  const Tensor zero = tensor(0.0, {.requires_grad = true});
  zero.prod(0).backward();
  EXPECT_EQ(zero.grad().item<double>(), 1);
}

TEST(LogSumExp, EveryTypeLayoutAndSetOfDimensions) {
  for (const DType type : test::all_types)
    test::for_many(type, [&](const Tensor& x, const Shape& dims) {
      const double near = test::tolerance(is_floating_point(type) ? type : float32);
      ASSERT_EQ(x.logsumexp(dims).dtype(), is_floating_point(type) ? type : float32);
      test::expect_of_groups(x.logsumexp(dims), x, dims, near, near, [](const std::vector<double>& v) {
        double sum = 0;
        for (const double e : v) sum += std::exp(e);
        return std::log(sum);
      });
    });
}

TEST(LogSumExp, OfExtremes) {
  using test::infinity;
  EXPECT_EQ(zeros({0}).logsumexp({0}).item<double>(), -infinity);
  EXPECT_EQ(zeros({0, 3}).logsumexp({1}).shape(), (Shape{0}));
  EXPECT_EQ(tensor({-infinity, -infinity}).logsumexp({0}).item<double>(), -infinity);
  EXPECT_EQ(tensor({infinity, 1.0, -infinity}).logsumexp({0}).item<double>(), infinity);
  EXPECT_TRUE(std::isnan(tensor({infinity, test::nan}).logsumexp({0}).item<double>()));
  EXPECT_NEAR(tensor({1000.0, 1000.0}).logsumexp({0}).item<double>(), 1000 + std::log(2.0), 1e-4);
}

TEST(SumParallel, ManyIntegersOfEachWidthAndTruthValues) {
  const int before = num_threads();
  for (const int threads : {1, 3}) {
    set_num_threads(threads);
    for (const int64_t n : {1, 63, 64, 4097, 300001}) {
      EXPECT_EQ(full({n}, -128, {.dtype = int8}).sum().item<int64_t>(), -128 * n);
      EXPECT_EQ(full({n}, 255, {.dtype = uint8}).sum().item<int64_t>(), 255 * n);
      EXPECT_EQ(full({n}, -32768, {.dtype = int16}).sum().item<int64_t>(), -32768 * n);
      EXPECT_EQ(full({n}, 1 << 30, {.dtype = int32}).sum().item<int64_t>(), (int64_t{1} << 30) * n);
      EXPECT_EQ(ones({n}, {.dtype = boolean}).sum().item<int64_t>(), n);
      EXPECT_EQ(full({n, 3}, -128, {.dtype = int8}).sum({0})[2].item<int64_t>(), -128 * n);
      const Tensor some = arange(n).remainder(3) == 0;
      EXPECT_EQ(some.count_nonzero().item<int64_t>(), (n + 2) / 3);
      EXPECT_EQ(some.logical_not().all().item<bool>(), false);
      EXPECT_EQ(some.any().item<bool>(), true);
      EXPECT_EQ(arange(n).to(int16).amax().item<int64_t>(), n > 32768 ? 32767 : n - 1);
    }
  }
  set_num_threads(before);
}

TEST(Prod, OfNarrowIntegersWrapsAroundIn64Bits) {
  EXPECT_EQ(full({63}, 2, {.dtype = int8}).prod().item<int64_t>(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(full({64}, 2, {.dtype = uint8}).prod().item<int64_t>(), 0);
  EXPECT_EQ(tensor({true, true, false}).prod().item<int64_t>(), 0);
}

}  // namespace
}  // namespace tenon::sum_test
