// solve, inv, det and its logarithms, cond, solve_triangular, cholesky, cholesky_solve: what they promise, multiplied
// out.
#include "ops/linalg/matrices.h"

namespace tenon::solve_test {
namespace {

using test::error_of;
using test::expect_close;
using test::expect_values;
using test::infinity;
using test::leaf;
using test::leaf_of;
using test::near;
using test::transposed;
using Inputs = std::vector<Tensor>;

TEST(LinalgSolve, TheSolutionMultipliedGivesTheRightSide) {
  for (const DType type : {float32, float64})
    for (const int64_t n : {1, 2, 5, 40})
      for (const Tensor& a : test::laid_out(test::regular({3, n, n}, type)))
        for (const Tensor& b : test::laid_out(test::noise({3, n, 4}, type, 2)))
          expect_close(matmul(a, linalg::solve(a, b)), b, 20 * near(type));
}

TEST(LinalgSolve, VectorsAndBroadcasting) {
  const Tensor a = test::regular({2, 3, 3}), b = test::noise({3}, float64, 2), c = test::noise({2, 3}, float64, 3),
               d = test::noise({5, 1, 3, 2}, float64, 4);
  EXPECT_EQ(linalg::solve(a, b).shape(), (Shape{2, 3}));
  expect_close(matmul(a, linalg::solve(a, b).unsqueeze(-1)).squeeze(-1), b.expand({2, 3}), 1e-12);
  expect_close(matmul(a, linalg::solve(a, c).unsqueeze(-1)).squeeze(-1), c, 1e-12);
  expect_close(matmul(a, linalg::solve(a, d)), d.expand({5, 2, 3, 2}), 1e-12);
  expect_close(matmul(a[0], linalg::solve(a[0], d)), d, 1e-12);
  expect_values(linalg::solve(tensor({{2.0, 0.0}, {0.0, 4.0}}), tensor({1.0, 2.0})), {2}, {0.5, 0.5});
}

TEST(LinalgSolve, NothingToSolve) {
  EXPECT_EQ(linalg::solve(zeros({0, 0}), zeros({0, 3})).shape(), (Shape{0, 3}));
  EXPECT_EQ(linalg::solve(ones({1, 1}), zeros({1, 0})).shape(), (Shape{1, 0}));
  EXPECT_EQ(linalg::solve(zeros({0, 2, 2}), zeros({0, 2})).shape(), (Shape{0, 2}));
  EXPECT_EQ(linalg::inv(zeros({2, 0, 0})).shape(), (Shape{2, 0, 0}));
  EXPECT_EQ(linalg::det(zeros({0, 0})).item<float>(), 1.0F);
  EXPECT_EQ(linalg::slogdet(zeros({0, 0})).logabsdet.item<float>(), 0.0F);
  EXPECT_EQ(linalg::cholesky(zeros({2, 0, 0})).shape(), (Shape{2, 0, 0}));
  EXPECT_EQ(linalg::solve_triangular(zeros({0, 0}), zeros({0, 2})).shape(), (Shape{0, 2}));
  const Tensor meta = zeros({2, 3, 3}, {.device = kMeta});
  EXPECT_EQ(linalg::solve(meta, meta).shape(), (Shape{2, 3, 3}));
  EXPECT_EQ(linalg::inv(meta).shape(), (Shape{2, 3, 3}));
  EXPECT_EQ(linalg::cholesky(meta).shape(), (Shape{2, 3, 3}));
}

TEST(LinalgSolve, Gradients) {
  const auto f = [](const std::vector<Tensor>& x) { return linalg::solve(x[0], x[1]); };
  test::gradchecks(f, {leaf_of(test::regular({3, 3})), test::leaf({3, 2}, 2)});
  test::gradchecks(f, {leaf_of(test::regular({2, 2, 2})), test::leaf({2}, 2)});
  test::gradchecks(f, {leaf_of(test::regular({2, 2})), test::leaf({2, 2, 1}, 2)});
  test::gradchecks([](const std::vector<Tensor>& x) { return linalg::inv(x[0]); }, {leaf_of(test::regular({2, 3, 3}))});
}

TEST(LinalgInverse, TimesTheMatrixIsOne) {
  for (const DType type : {float32, float64})
    for (const Tensor& a : test::laid_out(test::regular({2, 7, 7}, type)))
      expect_close(matmul(a, linalg::inv(a)), eye(7, {}, {type}).expand({2, 7, 7}), 20 * near(type));
}

TEST(LinalgDeterminant, AgainstItsDefinition) {
  const Tensor a = tensor({{2.0, 1.0, 0.5}, {-1.0, 3.0, 2.0}, {0.0, 1.5, -2.0}}, {float64});
  const double wanted = 2 * (3 * -2 - 2 * 1.5) - 1 * (-1 * -2 - 0) + 0.5 * (-1 * 1.5 - 0);
  EXPECT_NEAR(linalg::det(a).item<double>(), wanted, 1e-12);
  const auto [sign, logabsdet] = linalg::slogdet(a);
  EXPECT_EQ(sign.item<double>(), -1);
  EXPECT_NEAR(logabsdet.item<double>(), std::log(-wanted), 1e-12);
  expect_values(linalg::det(tensor({{0.0, 1.0}, {1.0, 0.0}})), {}, {-1});  // rows change places
  expect_values(linalg::det(tensor({{1.0, 2.0}, {2.0, 4.0}})), {}, {0});
  EXPECT_EQ(linalg::slogdet(zeros({2, 2})).logabsdet.item<float>(), -test::infinity);
  for (const int64_t n : {1, 4, 9}) {
    const Tensor x = test::regular({3, n, n}), y = test::noise({3, n, n}, float64, 2);
    expect_close(linalg::det(matmul(x, y)), linalg::det(x) * linalg::det(y), 1e-10);
    const auto s = linalg::slogdet(y);
    expect_close(s.sign * s.logabsdet.exp(), linalg::det(y), 1e-10);
  }
}

TEST(LinalgDeterminant, Gradients) {
  test::gradchecks([](const std::vector<Tensor>& x) { return linalg::det(x[0]); }, {leaf_of(test::regular({2, 3, 3}))});
  test::gradchecks([](const std::vector<Tensor>& x) { return linalg::slogdet(x[0]).logabsdet; },
                   {leaf_of(test::regular({2, 3, 3}))});
  // The cofactors, also where the inverse does not exist.
  const Tensor a = leaf_of(tensor({{1.0, 2.0}, {2.0, 4.0}}, {float64}));
  linalg::det(a).backward();
  expect_values(a.grad(), {2, 2}, {4, -2, -2, 1}, 1e-12, 1e-12);
}

TEST(LinalgTriangular, OnlyTheTriangleIsRead) {
  for (const DType type : {float32, float64})
    for (const bool upper : {false, true})
      for (const bool left : {false, true})
        for (const bool unit : {false, true}) {
          const linalg::TriangularOptions o{upper, left, unit};
          const Tensor a = test::regular({2, 4, 4}, type), one = eye(4, {}, {type});
          const Tensor b = left ? test::noise({2, 4, 3}, type, 2) : test::noise({2, 3, 4}, type, 2);
          Tensor t = upper ? a.triu() : a.tril();
          if (unit) t = t * (1 - one) + one;
          for (const Tensor& matrix : test::laid_out(a)) {
            const Tensor x = linalg::solve_triangular(matrix, b, o);
            expect_close(left ? matmul(t, x) : matmul(x, t), b, 20 * near(type));
          }
          test::gradchecks([&](const std::vector<Tensor>& x) { return linalg::solve_triangular(x[0], x[1], o); },
                           {leaf_of(test::regular({3, 3})),
                            leaf_of(left ? test::noise({2, 3, 2}, float64, 2) : test::noise({2, 2, 3}, float64, 2))});
        }
}

TEST(LinalgCholesky, TheTriangleTimesItsTransposeIsTheMatrix) {
  for (const DType type : {float32, float64})
    for (const int64_t n : {1, 3, 20})
      for (const Tensor& a : test::laid_out(test::definite({2, n, n}, type))) {
        const Tensor l = linalg::cholesky(a), u = linalg::cholesky(a, true);
        expect_close(matmul(l, transposed(l)), a, 50 * near(type));
        expect_close(l, l.tril(), 0);
        expect_close(u, transposed(l), 50 * near(type));
      }
  expect_values(linalg::cholesky(tensor({{4.0, 99.0}, {2.0, 5.0}})), {2, 2},
                {2, 0, 1, 2});  // the lower triangle is read
  expect_values(linalg::cholesky(tensor({{4.0, 2.0}, {99.0, 5.0}}), true), {2, 2}, {2, 1, 0, 2});
  for (const bool upper : {false, true})
    test::gradchecks(
        [&](const std::vector<Tensor>& x) {
          return linalg::cholesky(matmul(x[0], transposed(x[0])) + eye(3, {}, {float64}), upper);
        },
        {test::leaf({2, 3, 3})});
}

TEST(LinalgSolve, Errors) {
  const Tensor singular = stack({eye(2), ones({2, 2})});
  EXPECT_EQ(error_of([&] { linalg::inv(singular); }),
            "[linalg.inv] the matrix is singular: pivot 2 is zero (batch element 1)");
  EXPECT_EQ(error_of([&] { linalg::inv(ones({2, 2})); }), "[linalg.inv] the matrix is singular: pivot 2 is zero");
  EXPECT_EQ(error_of([&] { linalg::solve(singular, ones({2})); }),
            "[linalg.solve] the matrix is singular: pivot 2 is zero (batch element 1)");
  EXPECT_EQ(
      error_of([&] {
        linalg::cholesky(stack({eye(2), -eye(2)}));
      }),
      "[linalg.cholesky] the matrix is not positive definite: its leading minor of order 1 is not (batch element 1)");
  EXPECT_EQ(error_of([&] { linalg::inv(ones({2, 3})); }), "[linalg.inv] expected square matrices, got shape (2, 3)");
  EXPECT_EQ(error_of([&] { linalg::det(ones({3})); }),
            "[linalg.det] expected a matrix or a batch of matrices, got shape (3,)");
  EXPECT_EQ(error_of([&] {
              linalg::inv(ones({2, 2}, {float16}));
            }),
            "[linalg.inv] expected float32 or float64, got float16: convert with to(float32)");
  EXPECT_EQ(error_of([&] {
              linalg::slogdet(ones({2, 2}, {int64}));
            }),
            "[linalg.slogdet] expected float32 or float64, got int64: convert with to(float32)");
  EXPECT_EQ(error_of([&] {
              linalg::solve(ones({2, 2}), ones({3, 2}));
            }),
            "[linalg.solve] expected (*, n, n) and (*, n, k) or (*, n), got (2, 2) and (3, 2)");
  EXPECT_EQ(error_of([&] {
              linalg::solve(ones({2, 2}), ones({2}, {float64}));
            }),
            "[linalg.solve] expected one data type, got float32 and float64: convert one");
  EXPECT_EQ(error_of([&] {
              linalg::solve(ones({2, 2, 2}), ones({3, 2, 1}));
            }),
            "[linalg.solve] shapes (2,) and (3,) do not broadcast: sizes 2 and 3 meet in dimension 0");
  EXPECT_EQ(error_of([&] {
              linalg::solve_triangular(ones({2, 2}), ones({3, 2}));
            }),
            "[linalg.solve_triangular] expected (*, n, n) and (*, n, k), got (2, 2) and (3, 2)");
  EXPECT_NE(error_of([&] { linalg::solve(Tensor(), ones({2})); }), "");
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

}  // namespace
}  // namespace tenon::solve_test
