// lu: its factors, and gradients of all shapes.
#include "autograd/gradcheck.h"

namespace tenon::lu_test {
namespace {

using test::expect_values;
using test::leaf;
using Inputs = std::vector<Tensor>;

TEST(LinalgLU, TheFactorsMultipliedGiveTheMatrix) {
  for (const Shape& shape : {Shape{3, 3}, Shape{2, 5}, Shape{5, 2}, Shape{2, 3, 4, 4}, Shape{1, 1}})
    for (const Tensor& a : test::layouts(test::noise(shape, float64))) {
      const auto [p, l, u] = linalg::lu(a);
      EXPECT_TRUE(matmul(p, matmul(l, u)).allclose(a, 1e-12, 1e-14)) << shape.to_string();
      EXPECT_TRUE(test::identical(u.triu(), u));
      EXPECT_TRUE(test::identical(l.tril(), l));
      EXPECT_EQ((l.diagonal(0, -2, -1) != 1).sum().item<int>(), 0);
      EXPECT_EQ((l.abs() > 1).sum().item<int>(), 0);  // the pivot is the largest
      EXPECT_TRUE(test::identical(p.sum({-1}), ones_like(p.sum({-1}))));
    }
}

TEST(LinalgLU, OfNothingAndOfASingularMatrix) {
  EXPECT_EQ(linalg::lu(zeros({0, 3})).u.shape(), (Shape{0, 3}));
  expect_values(linalg::lu(zeros({3, 0})).p, {3, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1});
  const auto [p, l, u] = linalg::lu(ones({2, 2}));
  expect_values(u, {2, 2}, {1, 1, 0, 0});
}

TEST(LinalgLU, GradientsOfSquareWideAndTallMatrices) {
  for (const Shape& shape : {Shape{3, 3}, Shape{2, 4}, Shape{4, 2}, Shape{2, 3, 3}}) {
    const Tensor a = leaf(shape);
    test::gradchecks([](const Inputs& v) { return linalg::lu(v[0]).l.exp(); }, {a});
    test::gradchecks([](const Inputs& v) { return linalg::lu(v[0]).u.exp(); }, {a});
    test::gradchecks(
        [](const Inputs& v) {
          const auto f = linalg::lu(v[0]);
          return matmul(f.l, f.u.exp());
        },
        {a});
  }
}

}  // namespace
}  // namespace tenon::lu_test
