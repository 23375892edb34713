// cov and corrcoef against their definitions.
#include "autograd/gradcheck.h"

namespace tenon::covariance_test {
namespace {

using test::element;
using test::error_of;
using test::expect_elements;
using test::expect_values;
using test::leaf;
using Inputs = std::vector<Tensor>;

/// Of variables i and j, with a weight for each observation.
double covariance(const Tensor& x, const std::vector<double>& weights, double degrees, int64_t i, int64_t j) {
  double total = 0, mean_i = 0, mean_j = 0, sum = 0;
  const auto each = [&](auto f) {
    for (std::size_t k = 0; k < weights.size(); ++k) f(static_cast<int64_t>(k), weights[k]);
  };
  each([&](int64_t k, double w) {
    total += w;
    mean_i += w * element(x, {i, k});
    mean_j += w * element(x, {j, k});
  });
  each([&](int64_t k, double w) {
    sum += w * (element(x, {i, k}) - mean_i / total) * (element(x, {j, k}) - mean_j / total);
  });
  return sum / degrees;
}

TEST(Cov, OfVariablesInRowsWhateverTheLayout) {
  for (const Tensor& x : test::layouts(test::noise({3, 5}, float64))) {
    const std::vector<double> alike(5, 1);
    expect_elements(cov(x), 1e-12, 0, [&](const Shape& i) { return covariance(x, alike, 4, i[0], i[1]); });
    expect_elements(cov(x, 0), 1e-12, 0, [&](const Shape& i) { return covariance(x, alike, 5, i[0], i[1]); });
  }
}

TEST(Cov, AFrequencyCountsAnObservationAgain) {
  const Tensor x = test::noise({2, 3}, float64), often = tensor({2, 1, 3});
  const Tensor repeated = x.index_select(1, tensor({0, 0, 1, 2, 2, 2}));
  EXPECT_TRUE(cov(x, 1, often).allclose(cov(repeated)));
  expect_elements(cov(x, 0, {}, tensor({0.5, 1.0, 0.25}, {float64})), 1e-12, 0, [&](const Shape& i) {
    return covariance(x, {0.5, 1, 0.25}, 1.75, i[0], i[1]);
  });
}

TEST(Cov, OfAVectorIsItsVariance) {
  const Tensor x = test::noise({7}, float64);
  EXPECT_EQ(cov(x).dim(), 0);
  EXPECT_TRUE(cov(x).allclose(x.var()));
  EXPECT_EQ(corrcoef(x).item<double>(), 1);
  EXPECT_EQ(cov(tensor({1, 2, 4})).dtype(), float32);
  EXPECT_TRUE(std::isnan(cov(zeros({2, 1})).flatten()[0].item<double>()));  // no degree of freedom is left
}

TEST(Corrcoef, IsOneOnTheDiagonalAndNeverBeyond) {
  const Tensor x = test::noise({4, 6}), r = corrcoef(cat({x, x * -2}));
  for (int64_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(r[i][i].item<double>(), 1, 1e-6);
    EXPECT_NEAR(r[i][i + 4].item<double>(), -1, 1e-6);
  }
  EXPECT_LE(r.abs().amax().item<float>(), 1);
}

TEST(Cov, DerivativesAndErrors) {
  for (const Tensor& x : test::leaves({3, 5})) {
    test::gradchecks([](const Inputs& v) { return cov(v[0], 1, tensor({1, 2, 1, 0, 3})); }, {x});
    test::gradchecks([](const Inputs& v) { return corrcoef(v[0]).tril(-1); }, {x});
  }
  test::gradchecks([](const Inputs& v) { return cov(v[0], 1, {}, v[1].abs() + 0.5); }, {leaf({2, 4}), leaf({4}, 2)});
  EXPECT_EQ(error_of([] {
              cov(zeros({2, 2, 2}));
            }),
            "[cov] expected (variables, observations) or a vector, got shape (2, 2, 2)");
  EXPECT_EQ(error_of([] {
              cov(zeros({2, 3}), 1, tensor({1, 2}));
            }),
            "[cov] expected fweights of shape (3,), one for each observation, got (2,)");
  EXPECT_EQ(error_of([] {
              cov(zeros({2, 2}), 1, tensor({1.0, 2.0}));
            }),
            "[cov] expected fweights of an integer type, got float32");
  EXPECT_EQ(error_of([] {
              cov(zeros({2, 2}), 1, {}, tensor({1, 2}));
            }),
            "[cov] expected aweights of a floating-point type, got int64");
  EXPECT_EQ(error_of([] { cov(zeros({2, 2}), 1, tensor({1, -2})); }), "[cov] fweights must not be negative");
  EXPECT_EQ(error_of([] { cov(zeros({2, 2}), 1, tensor({0, 0})); }), "[cov] the weights sum to zero");
  EXPECT_EQ(error_of([] {
              cov(zeros({2, 2}, {boolean}));
            }),
            "[cov] bool tensors have no covariance: convert to another type first");
}

}  // namespace
}  // namespace tenon::covariance_test
