// Batches of matrices against nested loops; mm, bmm, mv, dot, and sums with a product.
#include "autograd/gradcheck.h"

namespace tenon::batched_matmul_test {
namespace {

using test::element;
using test::error_of;
using test::expect_values;

/// Each element of (*, m, k)·(*, k, n), with the error that k roundings may bring.
void expect_products(const Tensor& y, const Tensor& a, const Tensor& b) {
  const int64_t k = a.size(-1);
  const std::size_t row = y.shape().size() - 2;
  test::for_each_index(y.shape(), [&](const Shape& i) {
    Shape in_a = i, in_b = i;
    double sum = 0, size = 0;
    for (int64_t l = 0; l < k; ++l) {
      in_a[row + 1] = in_b[row] = l;
      const double term = element(a, in_a) * element(b, in_b);
      sum += term;
      size += std::abs(term);
    }
    test::expect_near(element(y, i), sum, test::tolerance(y.dtype()), (y.dtype() == float64 ? 1e-15 : 3e-7) * size,
                      i.to_string());
  });
}

void expect_near_all(const Tensor& x, const Tensor& wanted) {
  ASSERT_EQ(x.shape(), wanted.shape());
  ASSERT_EQ(x.dtype(), wanted.dtype());
  const double near = 2 * test::tolerance(x.dtype());
  test::expect_elements(x, near, near, [&](const Shape& i) { return element(wanted, i); });
}

/// Batches (*, rows, columns) as they may lie in memory: in one piece, transposed, with gaps, interleaved, expanded.
std::vector<Tensor> batches(const Shape& shape, DType type, uint64_t seed) {
  std::vector<Tensor> all = test::layouts(test::noise(shape, type, seed));
  all.push_back(all.front().transpose(-2, -1).contiguous().transpose(-2, -1));
  all.push_back(all.front().transpose(0, -2).contiguous().transpose(0, -2));
  Shape one = shape;
  one[0] = 1;
  all.push_back(test::noise(one, type, seed).expand(shape));
  return all;
}

TEST(BatchedMatmul, EveryLayoutOfBothOperands) {
  for (const DType type : test::real_types)
    for (const auto& [m, n, k] :
         std::vector<std::array<int64_t, 3>>{{3, 2, 4}, {9, 11, 13}, {1, 5, 30}, {20, 1, 7}, {1, 1, 9}, {17, 19, 1}})
      for (const Tensor& a : batches({5, m, k}, type, 1))
        for (const Tensor& b : batches({5, k, n}, type, 2)) {
          const Tensor y = matmul(a, b);
          ASSERT_EQ(y.shape(), (Shape{5, m, n}));
          expect_products(y, a, b);
          if (HasFailure())
            FAIL() << name(type) << " " << a.shape().to_string() << a.strides().to_string() << "·"
                   << b.shape().to_string() << b.strides().to_string();
        }
}

TEST(BatchedMatmul, LeadingDimensionsBroadcast) {
  for (const DType type : {int32, bfloat16, float32, float64})
    for (const auto& [left, right, out] :
         std::vector<std::array<Shape, 3>>{{Shape{}, {3}, {3}},
                                           {Shape{2, 1}, {1, 3}, {2, 3}},
                                           {Shape{2, 1, 4}, {3, 1}, {2, 3, 4}},
                                           {Shape{1}, {2, 2}, {2, 2}},
                                           {Shape{2, 3}, {2, 1}, {2, 3}},
                                           {Shape{1, 1, 2, 1, 2}, {2, 1, 2, 1}, {1, 2, 2, 2, 2}}})
      for (const int64_t size : {2, 12}) {
        const auto with = [](Shape shape, int64_t rows, int64_t columns) {
          shape.push_back(rows);
          shape.push_back(columns);
          return shape;
        };
        const Tensor a = test::numbers(with(left, size, size + 1), type, 1),
                     b = test::numbers(with(right, size + 1, size + 2), type, 2);
        const Tensor y = matmul(a, b);
        ASSERT_EQ(y.shape(), with(out, size, size + 2));
        EXPECT_TRUE(y.is_contiguous());
        expect_products(y, a, b);
      }
}

TEST(BatchedMatmul, VectorsBesideBatches) {
  const Tensor x = test::noise({2, 5, 3, 4}), v = test::noise({3}, float32, 2), w = test::noise({4}, float32, 3);
  EXPECT_EQ(matmul(v, x).shape(), (Shape{2, 5, 4}));
  test::expect_elements(matmul(v, x), 1e-6, 1e-6, [&](const Shape& i) {
    double sum = 0;
    for (int64_t l = 0; l < 3; ++l) sum += element(v, {l}) * element(x, {i[0], i[1], l, i[2]});
    return sum;
  });
  EXPECT_EQ(matmul(x, w).shape(), (Shape{2, 5, 3}));
}

TEST(BatchedMatmul, SizesOfZero) {
  EXPECT_EQ(matmul(zeros({0, 2, 3}), zeros({0, 3, 4})).shape(), (Shape{0, 2, 4}));
  EXPECT_EQ(matmul(zeros({2, 0, 3}), zeros({2, 3, 4})).shape(), (Shape{2, 0, 4}));
  expect_values(matmul(zeros({2, 1, 0}), zeros({2, 0, 2})), {2, 1, 2}, {0, 0, 0, 0});
  EXPECT_EQ(matmul(zeros({0, 1, 2, 3}), zeros({5, 3, 4})).shape(), (Shape{0, 5, 2, 4}));
}

TEST(BatchedMatmul, TheMetaDeviceGivesShapes) {
  const Tensor a = zeros({2, 1, 3, 4}, {.device = kMeta}), b = zeros({5, 4, 6}, {.device = kMeta});
  EXPECT_EQ(matmul(a, b).shape(), (Shape{2, 5, 3, 6}));
  EXPECT_TRUE(matmul(a, b).is_meta());
}

TEST(BatchedMatmul, Gradients) {
  const auto f = [](const std::vector<Tensor>& x) { return matmul(x[0], x[1]); };
  test::gradchecks(f, {test::leaf({2, 3, 4}), test::leaf({2, 4, 2}, 2)});
  test::gradchecks(f, {test::leaf({2, 1, 3, 4}), test::leaf({3, 4, 2}, 2)});
  test::gradchecks(f, {test::leaf({3, 4}), test::leaf({2, 4, 2}, 2)});
  test::gradchecks(f, {test::leaf({2, 2, 3, 4}), test::leaf({4, 2}, 2)});
  test::gradchecks(f, {test::leaf({4}), test::leaf({2, 4, 2}, 2)});
  test::gradchecks(f, {test::leaf({2, 3, 4}), test::leaf({4}, 2)});
  test::gradchecks(f, {test::leaf({4}), test::leaf({4}, 2)});
  for (const Tensor& a : test::leaves({2, 3, 4}))
    for (const Tensor& b : test::leaves({1, 4, 2}, 2)) test::gradcheck(f, {a, b});
}

TEST(BatchedMatmul, ErrorsNameTheShapes) {
  EXPECT_EQ(error_of([] {
              matmul(zeros({2, 3, 4}), zeros({2, 5, 4}));
            }),
            "[matmul] expected (…, m, k)·(…, k, n), got (2, 3, 4)·(2, 5, 4): the inner sizes must be equal");
  EXPECT_EQ(error_of([] {
              matmul(zeros({2, 3, 4}), zeros({3, 4, 5}));
            }),
            "[matmul] shapes (2,) and (3,) do not broadcast: sizes 2 and 3 meet in dimension 0");
  EXPECT_EQ(error_of([] { matmul(tensor(1.0), zeros({2})); }),
            "[matmul] expected at least one dimension on both sides, got ()·(2,)");
  EXPECT_EQ(error_of([] { zeros({2, 3}).mm(zeros({3})); }), "[mm] expected (m, k)·(k, n), got (2, 3)·(3,)");
  EXPECT_EQ(error_of([] {
              zeros({2, 3, 4}).bmm(zeros({1, 4, 5}));
            }),
            "[bmm] expected (b, m, k)·(b, k, n), got (2, 3, 4)·(1, 4, 5)");
  EXPECT_EQ(error_of([] { zeros({2, 3}).mv(zeros({2})); }), "[mv] expected (m, k)·(k), got (2, 3)·(2,)");
  EXPECT_EQ(error_of([] { zeros({2}).dot(zeros({3})); }), "[dot] expected two vectors of one size, got (2,)·(3,)");
  EXPECT_EQ(error_of([] { zeros({2}).dot(zeros({2}, {int64})); }),
            "[dot] expected one data type, got float32 and int64: convert one");
  EXPECT_NE(error_of([] { matmul(Tensor(), zeros({2})); }), "");
}

TEST(Products, SpecialCasesOfMatmul) {
  const Tensor m = tensor({{1.0, 2.0}, {3.0, 4.0}}), v = tensor({5.0, 6.0});
  expect_values(mm(m, m), {2, 2}, {7, 10, 15, 22});
  expect_values(bmm(m.unsqueeze(0), m.unsqueeze(0)), {1, 2, 2}, {7, 10, 15, 22});
  expect_values(mv(m, v), {2}, {17, 39});
  expect_values(dot(v, v), {}, {61});
}

TEST(Products, SumsWithAProduct) {
  for (const DType type : {int64, bfloat16, float32, float64}) {
    const Tensor a = test::numbers({3, 4}, type, 1), b = test::numbers({4, 2}, type, 2),
                 v = test::numbers({4}, type, 3);
    for (const Shape& shape : {Shape{}, {2}, {1}, {3, 1}, {1, 2}, {3, 2}}) {
      const Tensor x = test::numbers(shape, type, 4);
      expect_near_all(addmm(x, a, b), x + a.mm(b));
      expect_near_all(addmm(x, a, b, 3, -2), x * 3 - a.mm(b) * 2);
    }
    expect_near_all(addmv(test::numbers({3}, type, 4), a, v, 2, 3), test::numbers({3}, type, 4) * 2 + a.mv(v) * 3);
    const Tensor batch = test::numbers({5, 3, 4}, type, 5), other = test::numbers({5, 4, 2}, type, 6),
                 x = test::numbers({5, 1, 2}, type, 7);
    expect_near_all(baddbmm(x, batch, other, 2), x * 2 + batch.bmm(other));
  }
  // With beta 0, what stands in x does not matter.
  expect_values(addmm(full({2}, test::nan), ones({1, 2}), ones({2, 2}), 0), {1, 2}, {2, 2});
}

TEST(Products, GradientsOfSumsWithAProduct) {
  const auto f = [](const std::vector<Tensor>& x) { return addmm(x[0], x[1], x[2], 0.5, 2); };
  const auto plain = [](const std::vector<Tensor>& x) { return addmm(x[0], x[1], x[2]); };
  for (const Shape& shape : {Shape{}, {2}, {3, 1}, {3, 2}})
    for (const auto& g : {test::Function(f), test::Function(plain)})
      test::gradchecks(g, {test::leaf(shape, 3), test::leaf({3, 4}), test::leaf({4, 2}, 2)});
  test::gradchecks([](const std::vector<Tensor>& x) { return addmv(x[0], x[1], x[2], 2, 3); },
                   {test::leaf({3}, 3), test::leaf({3, 4}), test::leaf({4}, 2)});
  test::gradchecks([](const std::vector<Tensor>& x) { return baddbmm(x[0], x[1], x[2], 2, 3); },
                   {test::leaf({1, 2}, 3), test::leaf({2, 3, 4}), test::leaf({2, 4, 2}, 2)});
}

TEST(Products, ErrorsOfSumsWithAProduct) {
  EXPECT_EQ(error_of([] {
              addmm(zeros({3, 3}), zeros({3, 4}), zeros({4, 2}));
            }),
            "[addmm] shapes (3, 3) and (3, 2) do not broadcast: sizes 3 and 2 meet in dimension 1");
  EXPECT_EQ(error_of([] {
              addmm(zeros({2, 3, 2}), zeros({3, 4}), zeros({4, 2}));
            }),
            "[addmm] expected a first tensor that broadcasts to (3, 2), got (2, 3, 2)");
  EXPECT_EQ(error_of([] {
              addmm(zeros({2}, {int64}), zeros({3, 4}, {int64}), zeros({4, 2}, {int64}), 0.5);
            }),
            "[addmm] beta and alpha must be integers for tensors of int64");
  EXPECT_EQ(error_of([] {
              addmm(zeros({2}, {float64}), zeros({3, 4}), zeros({4, 2}));
            }),
            "[addmm] expected one data type, got float64 and float32: convert one");
}

}  // namespace
}  // namespace tenon::batched_matmul_test
