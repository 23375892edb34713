// lu, logdet, cond, cholesky_solve, norm and matrix_exp.
#include <numbers>

#include "autograd/gradcheck.h"

namespace tenon {
namespace {

using test::error_of;
using test::expect_values;
using test::infinity;
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

TEST(LinalgCond, OfEveryOrderAndOfSingularMatricesOfABatch) {
  const Tensor a = tensor({{2.0, 0.0}, {0.0, 0.5}});
  for (const double ord : {1.0, -1.0, 2.0, infinity, -infinity})
    EXPECT_NEAR(linalg::cond(a, ord).item<double>(), ord == -1 || ord == -infinity ? 0.25 : 4, 1e-6) << ord;
  EXPECT_NEAR(linalg::cond(a, -2).item<double>(), 0.25, 1e-6);
  EXPECT_NEAR(linalg::cond(a, "fro").item<double>(), 4.25, 1e-6);
  EXPECT_NEAR(linalg::cond(a, "nuc").item<double>(), 6.25, 1e-6);
  expect_values(linalg::cond(stack({a, zeros({2, 2})}), 1), {2}, {4, infinity}, 1e-6);
  test::gradchecks([](const Inputs& v) { return linalg::cond(v[0] + 3 * eye(3, {}, {float64}), 1); }, {leaf({3, 3})});
  EXPECT_EQ(error_of([] {
              linalg::cond(zeros({2, 3}), 1);
            }),
            "[linalg.cond] expected square matrices, got shape (2, 3)");
  EXPECT_EQ(error_of([] {
              linalg::cond(zeros({0, 2}));
            }),
            "[linalg.cond] expected matrices with elements, got shape (0, 2)");
}

TEST(LogDet, IsNanForANegativeDeterminant) {
  const Tensor a = tensor({{2.0, 1.0}, {0.0, 3.0}});
  EXPECT_NEAR(logdet(a).item<double>(), std::log(6.0), 1e-6);
  EXPECT_TRUE(std::isnan(logdet(a.flip({0})).item<double>()));
  EXPECT_EQ(logdet(zeros({2, 2})).item<double>(), -infinity);
  test::gradchecks([](const Inputs& v) { return logdet(v[0] + 3 * eye(3, {}, {float64})); }, {leaf({2, 3, 3})});
}

TEST(CholeskySolve, SolvesByTheTriangleOnEitherSide) {
  const Tensor m = test::noise({3, 3}, float64), a = matmul(m, m.t()) + eye(3, {}, {float64});
  const Tensor b = test::noise({3, 2}, float64, 2), x = linalg::solve(a, b);
  EXPECT_TRUE(cholesky_solve(b, linalg::cholesky(a)).allclose(x, 1e-10));
  EXPECT_TRUE(cholesky_solve(b, linalg::cholesky(a, true), true).allclose(x, 1e-10));
  test::gradchecks([](const Inputs& v) { return cholesky_solve(v[0], v[1].tril() + 3 * eye(3, {}, {float64})); },
                   {leaf({3, 2}), leaf({3, 3}, 2)});
}

TEST(LinalgNorm, OfVectorsOfMatricesAndOfAllElements) {
  const Tensor x = test::noise({2, 3, 4}, float64);
  EXPECT_TRUE(linalg::norm(x).allclose(x.square().sum().sqrt()));
  EXPECT_TRUE(linalg::norm(x, {}, {0, 2}).allclose(x.norm(2, {0, 2})));
  EXPECT_TRUE(linalg::norm(x, 1, {1}).allclose(x.abs().sum({1})));
  EXPECT_TRUE(linalg::norm(x, 1, {1, 2}).allclose(linalg::matrix_norm(x, 1)));
  EXPECT_TRUE(linalg::norm(x, "nuc", {2, 0}).allclose(linalg::matrix_norm(x.permute({1, 2, 0}), "nuc")));
  EXPECT_EQ(linalg::norm(x, "fro", {2, 0}, true).shape(), (Shape{1, 3, 1}));
  EXPECT_EQ(linalg::norm(x, 2, {-3, 1}, true).shape(), (Shape{1, 1, 4}));
  EXPECT_EQ(linalg::norm(x[0][0], 0).item<double>(), 4);
  EXPECT_EQ(error_of([&] {
              linalg::norm(x, 2, {0, 1, 2});
            }),
            "[linalg.norm] a norm of matrices needs two dimensions, got (0, 1, 2) of shape (2, 3, 4)");
  EXPECT_EQ(error_of([&] { linalg::norm(x, 1); }),
            "[linalg.norm] a norm of matrices needs two dimensions, got () of shape (2, 3, 4)");
  EXPECT_EQ(error_of([&] { linalg::norm(x, "fro", {1, -2}); }), "[linalg.norm] dimension 1 is named twice");
}

TEST(MatrixExp, OfDiagonalRotatingAndNilpotentMatrices) {
  for (const DType type : {float32, float64}) {
    const double near = type == float64 ? 1e-13 : 1e-5;
    expect_values(linalg::matrix_exp(tensor({{1.0, 0.0}, {0.0, -2.0}}, {type})), {2, 2},
                  {std::exp(1.0), 0, 0, std::exp(-2.0)}, near);
    const double angle = 7;
    expect_values(linalg::matrix_exp(tensor({{0.0, -angle}, {angle, 0.0}}, {type})), {2, 2},
                  {std::cos(angle), -std::sin(angle), std::sin(angle), std::cos(angle)}, near, near);
    expect_values(linalg::matrix_exp(tensor({{0.0, 5.0}, {0.0, 0.0}}, {type})), {2, 2}, {1, 5, 0, 1}, near);
  }
  EXPECT_EQ(linalg::matrix_exp(zeros({2, 0, 0})).shape(), (Shape{2, 0, 0}));
  EXPECT_TRUE(std::isnan(linalg::matrix_exp(full({1, 1}, test::nan)).item<double>()));
  EXPECT_EQ(linalg::matrix_exp(full({1, 1}, 1000.0)).item<double>(), infinity);
  EXPECT_EQ(linalg::matrix_exp(full({1, 1}, 1.0, {bfloat16})).dtype(), bfloat16);
  EXPECT_EQ(error_of([] {
              linalg::matrix_exp(zeros({2, 3}));
            }),
            "[linalg.matrix_exp] expected square matrices, got shape (2, 3)");
  EXPECT_EQ(error_of([] {
              linalg::matrix_exp(zeros({2, 2}, {int64}));
            }),
            "[linalg.matrix_exp] expected a floating-point type, got int64");
}

TEST(MatrixExp, Gradients) {
  for (const Tensor& a : test::leaves({2, 3, 3}))
    test::gradchecks([](const Inputs& v) { return linalg::matrix_exp(v[0]); }, {a});
}

}  // namespace
}  // namespace tenon
