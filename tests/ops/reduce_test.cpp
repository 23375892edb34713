// Sums, means, norms and the place of the largest, against loops over indices.
#include "tensor/check.h"

namespace tenon {
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

/// All sets of dimensions of a tensor, as sum() takes them; the empty set means all.
std::vector<Shape> dim_sets(int64_t dims) {
  std::vector<Shape> all;
  for (int64_t bits = 0; bits < (int64_t{1} << dims); ++bits) {
    Shape set;
    for (int64_t d = 0; d < dims; ++d)
      if (bits >> d & 1) set.push_back(bits & 2 ? d - dims : d);  // some counted from the end
    all.push_back(set);
  }
  return all;
}

TEST(Sum, EveryTypeLayoutAndSetOfDimensions) {
  for (const DType type : test::all_types)
    for (const Shape& shape : {Shape{7}, Shape{3, 5}, Shape{2, 3, 4}, Shape{2, 3, 2, 3}, Shape{3, 0, 2}, Shape{}})
      for (const Tensor& x : test::layouts(test::numbers(shape, type)))
        for (const Shape& dims : dim_sets(x.dim())) {
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

TEST(Norm, IsTheRootOfTheSumOfSquares) {
  for (const DType type : test::real_types)
    for (const Tensor& x : test::layouts(test::noise({13, 41}, type))) {
      const double wanted =
          std::sqrt(static_cast<double>(total(x, {0, 0}, {true, true}, [](double v) { return v * v; })));
      EXPECT_NEAR(x.norm().item<double>() / wanted, 1, test::tolerance(type));
      EXPECT_EQ(x.norm().dtype(), type);
    }
  EXPECT_EQ(tensor({3.0, 4.0}).norm().item<float>(), 5.0F);
  EXPECT_EQ(tensor(-2.0).norm().item<float>(), 2.0F);
  EXPECT_EQ(zeros({0}).norm().item<float>(), 0.0F);
  EXPECT_NE(error_of([] { arange(3).norm(); }), "");
}

TEST(Argmax, EveryTypeLayoutAndDimension) {
  for (const DType type : test::all_types)
    for (const Shape& shape : {Shape{9}, Shape{4, 5}, Shape{2, 3, 4}})
      for (const Tensor& x : test::layouts(test::numbers(shape, type, 3)))
        for (int64_t d = -x.dim(); d < x.dim(); ++d) {
          const auto dim = static_cast<std::size_t>(d < 0 ? d + x.dim() : d);
          const Tensor y = x.argmax(d, true);
          ASSERT_EQ(y.dtype(), int64);
          test::expect_elements(y, 0, 0, [&](const Shape& at) {
            Shape i = at;
            int64_t best = 0;
            for (int64_t k = 1; k < x.shape()[dim]; ++k) {
              Shape other = at;
              i[dim] = best;
              other[dim] = k;
              if (element(x, other) > element(x, i)) best = k;
            }
            return static_cast<double>(best);
          });
          ASSERT_EQ(test::elements(x.argmax(d)), test::elements(y));
        }
}

TEST(Argmax, OfEqualsTheFirstAndOfNansTheFirst) {
  using test::nan;
  EXPECT_EQ(tensor({1.0, 3.0, 3.0}).argmax().item<int>(), 1);
  EXPECT_EQ(tensor({1.0, nan, 5.0, nan}).argmax().item<int>(), 1);
  EXPECT_EQ(tensor({nan, 2.0}).argmax().item<int>(), 0);
  EXPECT_EQ(tensor({-test::infinity, -test::infinity}).argmax().item<int>(), 0);
}

TEST(Argmax, ShapesAndErrors) {
  const Tensor x = arange(6.0).reshape({2, 3});
  EXPECT_EQ(x.argmax().item<int>(), 5);
  EXPECT_EQ(x.t().argmax().item<int>(), 5);
  EXPECT_EQ(x.argmax({}, true).shape(), (Shape{1, 1}));
  EXPECT_EQ(x.argmax(1).shape(), (Shape{2}));
  EXPECT_EQ(tensor(1.0).argmax(0).item<int>(), 0);
  EXPECT_EQ(zeros({0, 3}).argmax(1).shape(), (Shape{0}));
  EXPECT_EQ(error_of([] { zeros({0, 3}).argmax(0); }), "[argmax] there is no largest element in shape (0, 3)");
  EXPECT_NE(error_of([] { zeros({0}).argmax(); }), "");
}

}  // namespace
}  // namespace tenon
