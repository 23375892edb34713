// Products of vectors and matrices against three nested loops.
#include <tenon/nn/functional.h>

#include "tensor/check.h"

namespace tenon::matmul_test {
namespace {

using test::element;
using test::error_of;
using test::expect_values;

/// Each element of (m, k)·(k, n) (+ bias), with the error that k roundings may bring.
void expect_product(const Tensor& y, const Tensor& a, const Tensor& b, const Tensor& bias = {}) {
  const DType type = y.dtype();
  const int64_t k = a.size(1);
  ASSERT_EQ(y.shape(), (Shape{a.size(0), b.size(1)}));
  test::for_each_index(y.shape(), [&](const Shape& i) {
    double sum = bias.defined() ? element(bias, {i[1]}) : 0, size = std::abs(sum);
    for (int64_t l = 0; l < k; ++l) {
      const double term = element(a, {i[0], l}) * element(b, {l, i[1]});
      sum += term;
      size += std::abs(term);
    }
    test::expect_near(element(y, i), sum, test::tolerance(type), (type == float64 ? 1e-15 : 3e-7) * size,
                      i.to_string());
  });
}

/// The ways in which a matrix may lie in memory, expanded ones among them.
std::vector<Tensor> matrices(int64_t rows, int64_t columns, DType type, uint64_t seed) {
  std::vector<Tensor> all = test::layouts(test::noise({rows, columns}, type, seed));
  all.push_back(test::noise({1, columns}, type, seed).expand({rows, columns}));
  all.push_back(test::noise({rows, 1}, type, seed).expand({rows, columns}));
  all.push_back(test::noise({columns + 3, rows + 1}, type, seed).narrow(0, 2, columns).narrow(1, 1, rows).t());
  return all;
}

TEST(Matmul, EveryLayoutOfBothOperands) {
  for (const DType type : test::real_types)
    for (const auto& [m, n, k] : std::vector<std::array<int64_t, 3>>{
             {3, 2, 4}, {1, 5, 3}, {1, 23, 33}, {19, 1, 40}, {9, 11, 13}, {1, 1, 700}, {30, 40, 1}})
      for (const Tensor& a : matrices(m, k, type, 1))
        for (const Tensor& b : matrices(k, n, type, 2)) {
          expect_product(matmul(a, b), a, b);
          if (HasFailure())
            FAIL() << name(type) << " " << a.shape().to_string() << a.strides().to_string() << "·"
                   << b.shape().to_string() << b.strides().to_string();
        }
}

TEST(Matmul, SizesAroundWhereTheKernelsChange) {
  for (const DType type : {float16, bfloat16, float32, float64})
    for (const auto& [m, n, k] : std::vector<std::array<int64_t, 3>>{{8, 8, 8},
                                                                     {8, 8, 9},
                                                                     {7, 8, 9},
                                                                     {1, 8, 64},
                                                                     {1, 8, 65},
                                                                     {1, 513, 1},
                                                                     {513, 1, 1},
                                                                     {1, 1, 513},
                                                                     {2, 3, 100},
                                                                     {16, 16, 16},
                                                                     {17, 33, 65},
                                                                     {64, 10, 128}}) {
      const Tensor a = test::noise({m, k}, type, 3), b = test::noise({k, n}, type, 4), bias = test::noise({n}, type, 5);
      expect_product(matmul(a, b), a, b);
      expect_product(nn::functional::linear(a, b.t().contiguous(), bias), a, b, bias);
      if (HasFailure()) FAIL() << name(type) << " " << m << ", " << n << ", " << k;
    }
}

TEST(Matmul, ASingleRowTimesAWideMatrix) {
  const int threads = num_threads();
  for (const DType type : {bfloat16, float32, float64})
    for (const int64_t n : {301, 4095, 4097, 9000})
      for (const int64_t k : {3, 4, 41}) {
        const Tensor b = test::noise({k, n}, type, 1), bias = test::noise({n}, type, 2);
        for (const Tensor& a : {test::noise({1, k}, type, 3), test::noise({k, 3}, type, 4).narrow(1, 1, 1).t()}) {
          set_num_threads(1);
          const Tensor y = matmul(a, b), biased = nn::functional::linear(a, b.t(), bias);
          expect_product(y, a, b);
          expect_product(biased, a, b, bias);
          expect_product(matmul(b.t(), a.t()), b.t(), a.t());
          set_num_threads(3);
          EXPECT_TRUE(test::identical(matmul(a, b), y));
          EXPECT_TRUE(test::identical(nn::functional::linear(a, b.t(), bias), biased));
          if (HasFailure()) FAIL() << name(type) << " " << n << ", " << k;
        }
      }
  set_num_threads(threads);
}

TEST(Matmul, FewRowsTimesAWeightAsItLiesOrWithRowsPagesApart) {
  const int threads = num_threads();
  for (const auto& [m, n, k] : std::vector<std::array<int64_t, 3>>{{41, 37, 385},
                                                                   {64, 100, 400},
                                                                   {85, 33, 800},
                                                                   {86, 40, 64},
                                                                   {16, 1024, 40},
                                                                   {17, 2048, 9},
                                                                   {40, 1024, 400}}) {
    const Tensor a = test::noise({m, k}, float32, 1), b = test::noise({k, n}, float32, 2), weight = b.t().contiguous(),
                 bias = test::noise({n}, float32, 3);
    set_num_threads(1);
    const Tensor y = matmul(a, b), biased = nn::functional::linear(a, weight, bias);
    expect_product(y, a, b);
    expect_product(biased, a, b, bias);
    set_num_threads(3);
    EXPECT_TRUE(test::identical(matmul(a, b), y));
    EXPECT_TRUE(test::identical(nn::functional::linear(a, weight, bias), biased));
    if (HasFailure()) FAIL() << m << ", " << n << ", " << k;
  }
  set_num_threads(threads);
}

TEST(Matmul, ALongInnerDimensionOfATransposedMatrixIsCutAndAddedUp) {
  for (const DType type : {bfloat16, float32, float64})
    for (const int64_t k : {1024, 1025, 2048, 3001}) {
      const Tensor a = test::noise({k, 5}, type, 3).t(), b = test::noise({k, 6}, type, 4),
                   bias = test::noise({6}, type, 5);
      expect_product(matmul(a, b), a, b);
      expect_product(nn::functional::linear(a, b.t(), bias), a, b, bias);
      if (HasFailure()) FAIL() << name(type) << " " << k;
    }
}

TEST(Matmul, IntegersAreExactAndWrapAround) {
  for (const DType type : {uint8, int8, int16, int32, int64}) {
    const Tensor a = test::numbers({4, 30}, type, 1), b = test::numbers({30, 7}, type, 2);
    const int64_t modulus = int64_t{1} << std::min<int64_t>(8 * item_size(type), 40);
    test::expect_elements(matmul(a, b), 0, 0, [&](const Shape& i) {
      int64_t sum = 0;
      for (int64_t l = 0; l < 30; ++l) sum += static_cast<int64_t>(element(a, {i[0], l}) * element(b, {l, i[1]}));
      const int64_t low = ((sum % modulus) + modulus) % modulus;
      return static_cast<double>(type != uint8 && low >= modulus / 2 ? low - modulus : low);
    });
  }
  const int64_t n = (int64_t{1} << 53) + 1;
  EXPECT_EQ(matmul(tensor(std::vector<int64_t>{n}), tensor(std::vector<int64_t>{1})).item<int64_t>(), n);
  EXPECT_EQ(error_of([] { matmul(tensor({{true}}), tensor({{true}})); }),
            "[matmul] not defined for bool tensors: convert to another type first");
}

TEST(Matmul, VectorsMatricesAndLeadingDimensions) {
  const Tensor v = tensor({1.0, 2.0}), m = tensor({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}});
  expect_values(matmul(v, v), {}, {5});
  expect_values(matmul(v, m), {3}, {9, 12, 15});
  expect_values(matmul(m.t(), v), {3}, {9, 12, 15});
  const Tensor x = test::numbers({2, 3, 2});
  for (const Tensor& y : test::layouts(x)) {
    EXPECT_EQ(matmul(y, m).shape(), (Shape{2, 3, 3}));
    EXPECT_TRUE(test::identical(matmul(y, m)[1], matmul(x[1], m)));
    EXPECT_EQ(matmul(y, v).shape(), (Shape{2, 3}));
    EXPECT_TRUE(test::identical(matmul(y, v)[1], matmul(x[1], v)));
  }
}

TEST(Matmul, SizesOfZero) {
  expect_values(matmul(zeros({2, 0}), zeros({0, 3})), {2, 3}, {0, 0, 0, 0, 0, 0});
  EXPECT_EQ(matmul(zeros({0, 2}), zeros({2, 3})).shape(), (Shape{0, 3}));
  EXPECT_EQ(matmul(zeros({2, 3}), zeros({3, 0})).shape(), (Shape{2, 0}));
  EXPECT_EQ(matmul(zeros({0}), zeros({0})).item<float>(), 0.0F);
  EXPECT_EQ(matmul(zeros({5, 0, 2}), zeros({2, 3})).shape(), (Shape{5, 0, 3}));
  expect_values(nn::functional::linear(zeros({2, 0}), zeros({2, 0}), tensor({1.0, 2.0})), {2, 2}, {1, 2, 1, 2});
}

TEST(Matmul, NanAndInfinityComeThrough) {
  for (const int64_t k : {2, 40}) {
    const Tensor a = ones({20, k}), b = zeros({k, 20});
    a[3][1].fill_(test::infinity);
    EXPECT_TRUE(std::isnan(element(matmul(a, b), {3, 0})));
    EXPECT_EQ(element(matmul(a, b), {2, 0}), 0.0);
  }
}

TEST(Matmul, ErrorsNameTheShapes) {
  EXPECT_EQ(error_of([] {
              matmul(zeros({2, 3}), zeros({4, 5}));
            }),
            "[matmul] expected (…, m, k)·(…, k, n), got (2, 3)·(4, 5): the inner sizes must be equal");
  EXPECT_NE(error_of([] { matmul(zeros({2, 3}), zeros({2})); }), "");
  EXPECT_NE(error_of([] { matmul(tensor(1.0), zeros({1})); }), "");
  EXPECT_EQ(error_of([] {
              matmul(zeros({2, 3}), zeros({3, 2}, {float64}));
            }),
            "[matmul] expected one data type, got float32 and float64: convert one");
}

TEST(Linear, EqualsTheProductWithTheTransposedWeight) {
  for (const DType type : test::real_types)
    for (const auto& [m, n, k] : std::vector<std::array<int64_t, 3>>{{1, 3, 4}, {1, 30, 50}, {5, 3, 4}, {6, 30, 50}})
      for (const Tensor& x : matrices(m, k, type, 1))
        for (const Tensor& w : matrices(n, k, type, 2)) {
          const Tensor bias = test::noise({2, n}, type, 3).t().select(1, 1);
          expect_product(nn::functional::linear(x, w, bias), x, w.t(), bias);
          if (HasFailure())
            FAIL() << name(type) << " " << x.shape().to_string() << x.strides().to_string() << " by "
                   << w.strides().to_string();
        }
}

TEST(Linear, KeepsLeadingDimensions) {
  const Tensor w = test::noise({3, 4}), b = test::noise({3}), x = test::noise({2, 5, 4});
  const Tensor y = nn::functional::linear(x, w, b);
  EXPECT_EQ(y.shape(), (Shape{2, 5, 3}));
  EXPECT_TRUE(test::identical(y[1], nn::functional::linear(x[1], w, b)));
  EXPECT_EQ(nn::functional::linear(x[0][0], w, b).shape(), (Shape{3}));
  EXPECT_EQ(nn::functional::linear(zeros({0, 7, 4}), w, b).shape(), (Shape{0, 7, 3}));
  EXPECT_EQ(nn::functional::linear(x, w).shape(), (Shape{2, 5, 3}));
}

TEST(Linear, ErrorsSayWhatWasExpected) {
  const Tensor w = zeros({3, 4});
  EXPECT_EQ(error_of([&] {
              nn::functional::linear(zeros({2, 5}), w);
            }),
            "[linear] expected input of shape (*, 4), got (2, 5)");
  EXPECT_EQ(error_of([&] {
              nn::functional::linear(zeros({7, 2, 2}), w);
            }),
            "[linear] expected input of shape (*, 4), got (7, 2, 2); flatten it first");
  EXPECT_EQ(error_of([&] { nn::functional::linear(tensor(1.0), w); }),
            "[linear] expected input of shape (*, 4), got ()");
  EXPECT_EQ(error_of([&] {
              nn::functional::linear(zeros({2, 4}), w, zeros({4}));
            }),
            "[linear] expected a bias of shape (3,), got (4,)");
  EXPECT_EQ(error_of([&] {
              nn::functional::linear(zeros({2, 4}), zeros({4}));
            }),
            "[linear] expected a weight of shape (out_features, in_features), got (4,)");
  EXPECT_NE(error_of([&] { nn::functional::linear(zeros({2, 4}, {float64}), w); }), "");
}

}  // namespace
}  // namespace tenon::matmul_test
