#include "tensor/check.h"

namespace tenon::softmax_test {
namespace {

using test::element;
using test::error_of;
using test::expect_values;
using test::infinity;
using test::nan;

/// log Σ exp along one dimension, at an index.
double log_sum(const Tensor& x, const Shape& at, std::size_t dim) {
  double largest = -infinity, sum = 0;
  Shape i = at;
  for (i[dim] = 0; i[dim] < x.shape()[dim]; ++i[dim]) largest = std::max(largest, element(x, i));
  for (i[dim] = 0; i[dim] < x.shape()[dim]; ++i[dim]) sum += std::exp(element(x, i) - largest);
  return largest + std::log(sum);
}

TEST(Softmax, EveryTypeLayoutAndDimension) {
  for (const DType type : test::real_types)
    for (const Shape& shape : {Shape{1}, Shape{7}, Shape{3, 33}, Shape{2, 3, 17}, Shape{2, 5, 700}, Shape{2, 0}})
      for (const Tensor& x : test::layouts(test::numbers(shape, type)))
        for (int64_t d = -x.dim(); d < x.dim(); ++d) {
          const auto dim = static_cast<std::size_t>(d < 0 ? d + x.dim() : d);
          const Tensor p = softmax(x, d), l = log_softmax(x, d);
          ASSERT_EQ(p.dtype(), type);
          ASSERT_EQ(p.shape(), shape);
          test::expect_elements(p, test::tolerance(type), 0,
                                [&](const Shape& i) { return std::exp(element(x, i) - log_sum(x, i, dim)); });
          test::expect_elements(l, test::tolerance(type), 1e-7,
                                [&](const Shape& i) { return element(x, i) - log_sum(x, i, dim); });
          if (HasFailure()) FAIL() << name(type) << " " << shape.to_string() << " along " << d;
        }
}

TEST(Softmax, LargeValuesDoNotOverflow) {
  for (const DType type : {float32, float64}) {
    const Tensor x = tensor({{1e4, 1e4 - 1, 0.0}, {-1e4, -1e4, -2e4}}, {type});
    const double a = 1 / (1 + std::exp(-1.0));
    expect_values(softmax(x, 1), {2, 3}, {a, 1 - a, 0, 0.5, 0.5, 0}, 1e-6);
    expect_values(
        log_softmax(x, 1), {2, 3},
        {std::log(a), std::log(1 - a), -1e4 + std::log(a), -std::log(2.0), -std::log(2.0), -1e4 - std::log(2.0)}, 1e-6,
        1e-6);
  }
}

TEST(Softmax, InfinityAndNan) {
  for (const std::size_t padding : {0, 40}) {  // within a vector, and in several
    std::vector<double> row{1.0, -infinity, 1.0};
    row.resize(3 + padding, -infinity);
    const Tensor x = tensor(row);
    EXPECT_EQ(softmax(x, 0).to_vector<double>()[0], 0.5);
    EXPECT_EQ(softmax(x, 0).to_vector<double>()[1], 0.0);
    EXPECT_EQ(log_softmax(x, 0).to_vector<double>()[1], -infinity);
    row[1] = nan;
    for (const double p : softmax(tensor(row), 0).to_vector<double>()) EXPECT_TRUE(std::isnan(p));
    for (const double p : log_softmax(tensor(row), 0).to_vector<double>()) EXPECT_TRUE(std::isnan(p));
    row[1] = infinity;
    for (const double p : softmax(tensor(row), 0).to_vector<double>())
      EXPECT_TRUE(std::isnan(p));  // inf − inf, as in PyTorch
  }
  for (const double p : softmax(full({20}, -infinity), 0).to_vector<double>()) EXPECT_TRUE(std::isnan(p));
}

TEST(Softmax, InfinityAndNanInColumns) {
  const Tensor x = tensor({{1.0, -infinity, nan, infinity, 100.0}, {1.0, -infinity, 0.0, 0.0, -30.0}}).repeat({1, 20});
  const Tensor p = softmax(x, 0), l = log_softmax(x, 0);
  for (const int64_t block : {0, 19}) {
    const Tensor y = p.narrow(1, 5 * block, 5), z = l.narrow(1, 5 * block, 5);
    expect_values(y, {2, 5}, {0.5, nan, nan, nan, 1, 0.5, nan, nan, nan, 3.4811e-57}, 1e-4, 1e-30);
    expect_values(z, {2, 5}, {-std::log(2.0), nan, nan, nan, 0, -std::log(2.0), nan, nan, nan, -130}, 1e-6);
  }
}

TEST(Softmax, OfANumberIsOne) {
  EXPECT_EQ(softmax(tensor(3.0), 0).item<double>(), 1.0);
  EXPECT_EQ(softmax(tensor(3.0), 0).dim(), 0);
  EXPECT_EQ(log_softmax(tensor(3.0), -1).item<double>(), 0.0);
}

TEST(Softmax, IntoAnotherType) {
  EXPECT_EQ(softmax(arange(3), 0, float64).dtype(), float64);
  expect_values(log_softmax(arange(2), 0, float32), {2}, {-std::log(1 + std::exp(1.0)), -std::log(1 + std::exp(-1.0))},
                1e-6);
  EXPECT_EQ(full({2}, 60000, {float16}).softmax(0, float32)[0].item<double>(), 0.5);
}

TEST(SoftmaxParallel, ResultsLargerThanTheCaches) {
  for (const int64_t n : {1000, 1024, 3000}) {  // rows that begin at the borders of vectors, and that do not
    const Tensor x = test::noise({(int64_t{5} << 20) / n, n}) * 4;
    for (const bool log : {false, true}) {
      const Tensor y = log ? log_softmax(x, 1) : softmax(x, 1);
      for (const int64_t row : {int64_t{0}, int64_t{1}, x.size(0) / 2, x.size(0) - 1})
        EXPECT_TRUE(test::identical(y[row], log ? log_softmax(x[row], 0) : softmax(x[row], 0)));
    }
  }
}

TEST(Softmax, Errors) {
  EXPECT_EQ(error_of([] { softmax(arange(3), 0); }),
            "[softmax] expected a floating-point tensor, got int64: convert with to(float32)");
  EXPECT_EQ(error_of([] { log_softmax(zeros({3}), 1); }),
            "[log_softmax] dimension 1 is out of range: expected one of -1 … 0");
}

}  // namespace
}  // namespace tenon::softmax_test
