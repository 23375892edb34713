// qr, svd, eigh, pinv, lstsq, norms, powers: what they promise, multiplied out, and PyTorch's signs.
#include "ops/linalg/matrices.h"

namespace tenon::decompositions_test {
namespace {

using test::error_of;
using test::expect_close;
using test::expect_values;
using test::leaf_of;
using test::near;
using test::transposed;

Tensor squared(const Tensor& x) { return x * x; }

void expect_orthonormal_columns(const Tensor& q) {
  Shape one = q.shape();
  one[one.size() - 2] = q.size(-1);
  expect_close(matmul(transposed(q), q), eye(q.size(-1), {}, {q.dtype()}).expand(one), 20 * near(q.dtype()));
}

TEST(LinalgQR, TheFactorsMultipliedGiveTheMatrix) {
  for (const DType type : {float32, float64})
    for (const auto& [m, n] :
         std::vector<std::pair<int64_t, int64_t>>{{4, 4}, {7, 3}, {3, 7}, {1, 5}, {5, 1}, {60, 50}})
      for (const Tensor& a : test::laid_out(test::noise({2, m, n}, type)))
        for (const auto mode : {linalg::QRMode::reduced, linalg::QRMode::complete}) {
          const auto [q, r] = linalg::qr(a, mode);
          const int64_t k = mode == linalg::QRMode::complete ? m : std::min(m, n);
          ASSERT_EQ(q.shape(), (Shape{2, m, k}));
          ASSERT_EQ(r.shape(), (Shape{2, k, n}));
          expect_close(matmul(q, r), a, 20 * near(type));
          expect_close(r, r.triu(), 0);
          expect_orthonormal_columns(q);
          const auto only = linalg::qr(a, linalg::QRMode::r);
          EXPECT_EQ(only.q.numel(), 0);
          if (mode == linalg::QRMode::reduced) expect_close(only.r, r, 0);
        }
}

TEST(LinalgQR, SignsAreLapacks) {
  const auto [q, r] = linalg::qr(tensor({{3.0, 1.0}, {4.0, 2.0}}, {float64}));  // torch.linalg.qr
  expect_values(q, {2, 2}, {-0.6, -0.8, -0.8, 0.6}, 1e-12);
  expect_values(r, {2, 2}, {-5, -2.2, 0, 0.4}, 1e-12);
}

TEST(LinalgQR, Gradients) {
  const auto both = [](const std::vector<Tensor>& x) {
    const auto [q, r] = linalg::qr(x[0]);
    return cat({q.flatten(), r.flatten()});
  };
  for (const Shape& shape : {Shape{3, 3}, {4, 2}, {2, 4}, {2, 3, 2}}) {
    const Tensor a = leaf_of(test::regular(shape));
    test::gradchecks(both, {a});
    test::gradchecks([](const std::vector<Tensor>& x) { return linalg::qr(x[0]).q; }, {a});
    test::gradchecks([](const std::vector<Tensor>& x) { return linalg::qr(x[0]).r; }, {a});
  }
  const Tensor tall = leaf_of(test::regular({3, 2}));
  EXPECT_EQ(error_of([&] { linalg::qr(tall, linalg::QRMode::complete).r.sum().backward(); }),
            "[linalg.qr] no gradient in mode complete for more rows than columns: use mode reduced");
  EXPECT_EQ(error_of([&] { linalg::qr(tall, linalg::QRMode::r).r.sum().backward(); }),
            "[linalg.qr] no gradient in mode r, where q is not computed: use mode reduced");
}

TEST(LinalgSVD, TheFactorsMultipliedGiveTheMatrix) {
  for (const DType type : {float32, float64})
    for (const auto& [m, n] :
         std::vector<std::pair<int64_t, int64_t>>{{4, 4}, {7, 3}, {3, 7}, {1, 5}, {5, 1}, {60, 50}})
      for (const Tensor& a : test::laid_out(test::noise({2, m, n}, type))) {
        const int64_t k = std::min(m, n);
        for (const bool full : {false, true}) {
          const auto d = linalg::svd(a, full);
          const Tensor &u = d.u, &s = d.s, &vh = d.vh;
          ASSERT_EQ(u.shape(), (Shape{2, m, full ? m : k}));
          ASSERT_EQ(s.shape(), (Shape{2, k}));
          ASSERT_EQ(vh.shape(), (Shape{2, full ? n : k, n}));
          expect_close(matmul(u.narrow(-1, 0, k) * s.unsqueeze(-2), vh.narrow(-2, 0, k)), a, 50 * near(type));
          expect_orthonormal_columns(u);
          expect_orthonormal_columns(transposed(vh));
          test::for_each_index(s.shape(), [&](const Shape& i) {
            EXPECT_GE(test::element(s, i), i[1] + 1 < k ? test::element(s, {i[0], i[1] + 1}) : 0);
          });
          expect_close(linalg::svdvals(a), s, 50 * near(type));
        }
      }
  expect_values(linalg::svdvals(tensor({{3.0, 0.0}, {4.0, 5.0}}, {float64})), {2},
                {6.708203932499369, 2.23606797749979}, 1e-12);
}

TEST(LinalgSVD, Gradients) {
  // Signs of singular vectors are arbitrary: functions that do not depend on them.
  const auto all = [](const std::vector<Tensor>& x) {
    const auto [u, s, vh] = linalg::svd(x[0], false);
    return cat({squared(u).flatten(), s.flatten(), squared(vh).flatten(), matmul(u, vh).flatten()});
  };
  for (const Shape& shape : {Shape{3, 3}, {4, 2}, {2, 4}, {2, 3, 2}}) {
    const Tensor a = leaf_of(test::noise(shape, float64, 5) + eye(shape[shape.size() - 2], shape.back(), {float64}) *
                                                                  arange(1, shape.back() + 1, 1, {float64}));
    test::gradchecks(all, {a});
    test::gradchecks([](const std::vector<Tensor>& x) { return linalg::svdvals(x[0]); }, {a});
    test::gradchecks([](const std::vector<Tensor>& x) { return squared(linalg::svd(x[0], false).u); }, {a});
    test::gradchecks([](const std::vector<Tensor>& x) { return squared(linalg::svd(x[0], false).vh); }, {a});
  }
  // One singular value twice has a gradient as long as vectors are not asked for.
  const Tensor one = leaf_of(eye(2, {}, {float64}));
  linalg::svdvals(one).sum().backward();
  expect_values(one.grad(), {2, 2}, {1, 0, 0, 1}, 1e-12, 1e-12);
}

TEST(LinalgEigh, VectorsAndValuesGiveTheMatrix) {
  for (const DType type : {float32, float64})
    for (const int64_t n : {1, 2, 5, 40}) {
      const Tensor x = test::noise({2, n, n}, type), symmetric = x + transposed(x);
      for (const Tensor& a : test::laid_out(symmetric)) {
        const auto d = linalg::eigh(a);
        const Tensor &values = d.eigenvalues, &v = d.eigenvectors;
        expect_close(matmul(v * values.unsqueeze(-2), transposed(v)), a, 50 * near(type));
        expect_orthonormal_columns(v);
        test::for_each_index(values.shape(), [&](const Shape& i) {
          EXPECT_LE(i[1] > 0 ? test::element(values, {i[0], i[1] - 1}) : -test::infinity, test::element(values, i));
        });
        expect_close(linalg::eigvalsh(a), values, 50 * near(type));
      }
    }
  expect_values(linalg::eigvalsh(tensor({{2.0, 99.0}, {1.0, 2.0}}, {float64})), {2}, {1, 3},
                1e-12);  // the lower triangle is read
}

// OpenBLAS's kernels for old processors keep it in mind.
TEST(LinalgEigh, ANanInOneMatrixIsNotSeenByTheNext) {
  for (const DType type : {float32, float64})
    for (const int64_t n : {2, 3, 5}) {
      const Tensor a = ones({n, n}, {type}) + eye(n, {}, {type}), wanted = ones({n}, {type});
      wanted[-1].fill_(n + 1);
      try {
        linalg::eigvalsh(full({40, 40}, test::nan, {type}));
      } catch (const Error&) {  // it may say that it does not converge
      }
      expect_close(linalg::eigvalsh(a), wanted, 50 * near(type));
    }
}

TEST(LinalgEigh, Gradients) {
  const auto symmetric = [](const Tensor& x) { return x + transposed(x); };
  const Tensor a = leaf_of(test::noise({2, 3, 3}, float64, 3) + arange(3, {float64}).diag());
  test::gradchecks([&](const std::vector<Tensor>& x) { return linalg::eigvalsh(symmetric(x[0])); }, {a});
  test::gradchecks([&](const std::vector<Tensor>& x) { return squared(linalg::eigh(symmetric(x[0])).eigenvectors); },
                   {a});
  test::gradchecks(
      [&](const std::vector<Tensor>& x) {
        const auto [values, v] = linalg::eigh(symmetric(x[0]));
        return matmul(v * values.exp().unsqueeze(-2), transposed(v));
      },
      {a});
}

TEST(LinalgPinv, IsTheInverseAsFarAsThereIsOne) {
  for (const DType type : {float32, float64})
    for (const auto& [m, n] : std::vector<std::pair<int64_t, int64_t>>{{4, 4}, {7, 3}, {3, 7}, {30, 20}}) {
      const Tensor a = test::noise({2, m, n}, type), p = linalg::pinv(a);
      ASSERT_EQ(p.shape(), (Shape{2, n, m}));
      expect_close(matmul(matmul(a, p), a), a, 100 * near(type));
      expect_close(matmul(matmul(p, a), p), p, 500 * near(type));
      expect_close(matmul(a, p), transposed(matmul(a, p)), 100 * near(type));
    }
  expect_values(linalg::pinv(ones({2, 2}, {float64})), {2, 2}, {0.25, 0.25, 0.25, 0.25}, 1e-12);
  expect_values(linalg::pinv(zeros({2, 1})), {1, 2}, {0, 0});
  const auto f = [](const std::vector<Tensor>& x) { return linalg::pinv(x[0]); };
  for (const Shape& shape : {Shape{3, 3}, {4, 2}, {2, 4}, {2, 3, 2}})
    test::gradchecks(f, {leaf_of(test::regular(shape))});
}

TEST(LinalgLstsq, TheResidualIsOrthogonalToTheColumns) {
  for (const DType type : {float32, float64})
    for (const auto& [m, n] : std::vector<std::pair<int64_t, int64_t>>{{4, 4}, {7, 3}, {3, 7}}) {
      const Tensor a = test::noise({2, m, n}, type), b = test::noise({2, m, 2}, type, 2), x = linalg::lstsq(a, b);
      ASSERT_EQ(x.shape(), (Shape{2, n, 2}));
      expect_close(matmul(transposed(a), matmul(a, x)), matmul(transposed(a), b), 100 * near(type));
      expect_close(x, matmul(linalg::pinv(a), b), 500 * near(type));  // the least of them
    }
  expect_values(linalg::lstsq(ones({3, 2}, {float64}), ones({3}, {float64})), {2}, {0.5, 0.5}, 1e-12);  // of rank 1
  EXPECT_EQ(linalg::lstsq(ones({2, 3, 2}), ones({2, 3})).shape(), (Shape{2, 2}));
  EXPECT_EQ(linalg::lstsq(ones({3, 0}), ones({3, 2})).shape(), (Shape{0, 2}));
  expect_values(linalg::lstsq(ones({0, 2}), ones({0, 1})), {2, 1}, {0, 0});
  const auto f = [](const std::vector<Tensor>& x) { return linalg::lstsq(x[0], x[1]); };
  for (const Shape& shape : {Shape{3, 3}, {4, 2}, {2, 4}})
    test::gradchecks(f, {leaf_of(test::regular(shape)), test::leaf({shape[0], 2}, 2)});
}

TEST(LinalgRank, CountsTheSingularValuesThatAreNotAllButZero) {
  expect_values(linalg::matrix_rank(stack({eye(3), ones({3, 3}), zeros({3, 3})})), {3}, {3, 1, 0});
  EXPECT_EQ(linalg::matrix_rank(test::noise({4, 6})).item<int64_t>(), 4);
  EXPECT_EQ(linalg::matrix_rank(zeros({0, 3})).item<int64_t>(), 0);
  EXPECT_EQ(linalg::matrix_rank(eye(2)).dtype(), int64);
}

TEST(LinalgNorms, OfMatrices) {
  const Tensor a = tensor({{1.0, -2.0, 3.0}, {-4.0, 5.0, 6.0}}, {float64});
  const auto norm = [&](auto ord) { return linalg::matrix_norm(a, ord).template item<double>(); };
  EXPECT_NEAR(norm("fro"), std::sqrt(91.0), 1e-12);
  EXPECT_NEAR(norm(1.0), 9, 1e-12);
  EXPECT_NEAR(norm(-1.0), 5, 1e-12);
  EXPECT_NEAR(norm(test::infinity), 15, 1e-12);
  EXPECT_NEAR(norm(-test::infinity), 6, 1e-12);
  const Tensor s = linalg::svdvals(a);
  EXPECT_NEAR(norm("nuc"), s.sum().item<double>(), 1e-12);
  EXPECT_NEAR(norm(2.0), s[0].item<double>(), 1e-12);
  EXPECT_NEAR(norm(-2.0), s[1].item<double>(), 1e-12);
  for (const double ord : {1.0, 2.0, -2.0, test::infinity}) {
    EXPECT_EQ(linalg::matrix_norm(a.expand({4, 2, 3}), ord).shape(), (Shape{4}));
    EXPECT_EQ(linalg::matrix_norm(a.expand({4, 2, 3}), ord, true).shape(), (Shape{4, 1, 1}));
    test::gradchecks([=](const std::vector<Tensor>& x) { return linalg::matrix_norm(x[0], ord); },
                     {test::leaf({2, 2, 3})});
  }
  for (const char* ord : {"fro", "nuc"}) {
    EXPECT_EQ(linalg::matrix_norm(a.expand({4, 2, 3}), ord, true).shape(), (Shape{4, 1, 1}));
    test::gradchecks([=](const std::vector<Tensor>& x) { return linalg::matrix_norm(x[0], ord); },
                     {test::leaf({2, 2, 3})});
  }
  EXPECT_EQ(linalg::matrix_norm(zeros({0, 2}), 2.0).item<float>(), 0);
  EXPECT_EQ(linalg::matrix_norm(ones({2, 2}, {float16})).dtype(), float16);
  EXPECT_NEAR(linalg::vector_norm(a, 1).item<double>(), 21, 1e-12);
  expect_values(linalg::vector_norm(a, test::infinity, {1}, true), {2, 1}, {3, 6});
  EXPECT_EQ(error_of([&] { linalg::matrix_norm(a, 3.0); }),
            "[linalg.matrix_norm] expected ord 1, -1, 2, -2, infinity or -infinity, got 3");
  EXPECT_EQ(error_of([&] { linalg::matrix_norm(a, "two"); }),
            "[linalg.matrix_norm] expected ord \"fro\", \"nuc\" or a number, got \"two\"");
  EXPECT_EQ(error_of([&] { linalg::vector_norm(ones({2}, {int64})); }),
            "[linalg.vector_norm] expected a floating-point tensor, got int64: convert with to(float32)");
}

TEST(LinalgPowers, OfOneMatrixAndProductsOfMany) {
  const Tensor a = test::regular({2, 3, 3}), one = eye(3, {}, {float64}).expand({2, 3, 3});
  expect_close(linalg::matrix_power(a, 0), one, 0);
  expect_close(linalg::matrix_power(a, 1), a, 0);
  EXPECT_FALSE(linalg::matrix_power(a, 1).shares_storage_with(a));
  expect_close(linalg::matrix_power(a, 5), matmul(matmul(matmul(matmul(a, a), a), a), a), 1e-12);
  expect_close(matmul(linalg::matrix_power(a, -3), linalg::matrix_power(a, 3)), one, 1e-11);
  expect_values(linalg::matrix_power(tensor({{1, 1}, {1, 0}}), 10), {2, 2}, {89, 55, 55, 34});
  test::gradchecks([](const std::vector<Tensor>& x) { return linalg::matrix_power(x[0], 3); },
                   {leaf_of(test::regular({2, 2}))});
  test::gradchecks([](const std::vector<Tensor>& x) { return linalg::matrix_power(x[0], -2); },
                   {leaf_of(test::regular({2, 2}))});
  EXPECT_EQ(error_of([] {
              linalg::matrix_power(ones({2, 3}), 2);
            }),
            "[linalg.matrix_power] expected square matrices, got shape (2, 3)");

  const Tensor b = test::noise({10, 100}, float64, 1), c = test::noise({100, 5}, float64, 2),
               d = test::noise({5, 50}, float64, 3), v = test::noise({50}, float64, 4);
  expect_close(linalg::multi_dot({b, c, d}), b.mm(c).mm(d), 1e-12);
  expect_close(linalg::multi_dot({b, c, d, v}), b.mm(c).mm(d).mv(v), 1e-12);
  EXPECT_EQ(linalg::multi_dot({v, v}).shape(), Shape{});
  EXPECT_EQ(linalg::multi_dot({v, d.t()}).shape(), Shape{5});
  EXPECT_EQ(error_of([&] { linalg::multi_dot({b}); }), "[linalg.multi_dot] expected at least 2 tensors, got 1");
  EXPECT_EQ(error_of([&] {
              linalg::multi_dot({b, d});
            }),
            "[linalg.multi_dot] tensors 0 and 1 of shapes (10, 100) and (5, 50) cannot be multiplied");
}

TEST(LinalgDecompositions, GradientsArePyTorchs) {  // gradients.py made them
  const TensorOptions real{float64};
  const Tensor a = tensor({{4.0, 1.0, -2.0}, {1.0, 3.0, 0.5}, {-2.0, 0.5, 6.0}}, real);
  const Tensor w = tensor({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}, {7.0, 8.0, 10.0}}, real);
  const auto expect = [](const Tensor& at, const std::function<Tensor(const Tensor&)>& f,
                         const std::vector<double>& wanted) {
    const Tensor x = leaf_of(at);
    f(x).sum().backward();
    expect_values(x.grad(), at.shape(), wanted, 1e-9, 1e-9);
  };
  expect(a,
         [&](const Tensor& x) {
           const auto d = linalg::eigh(x);
           return squared(d.eigenvectors) * w + d.eigenvalues * w[0] / 3;
         },
         {1.77675545969, 0.420955675308, -0.645903271431, 0.420955675308, 1.55134554703, 0.259248699184,
          -0.645903271431, 0.259248699184, 2.67189899328});
  expect(a, [&](const Tensor& x) { return linalg::cholesky(x) * w; },
         {1.12219590617, 1.54947314801, 2.51912838634, 1.54947314801, 0.937487597514, 1.56769009478, 2.51912838634,
          1.56769009478, 2.32210182006});
  expect(a,
         [&](const Tensor& x) {
           const auto d = linalg::qr(x);
           return d.q * w + d.r * w.t();
         },
         {4.49794909986, -15.4185554714, -0.863986131778, -16.3545732355, 1.97210261514, -11.9475207401, 3.10989942945,
          -20.6859082454, 8.33728229874});
  expect(a + tensor({{0.0, 1.0, 0.0}, {0.0, 0.0, 2.0}, {0.0, 0.0, 0.0}}, real),
         [&](const Tensor& x) {
           const auto d = linalg::svd(x);
           return squared(d.u) * w + squared(d.vh) * w.t() + d.s * w[0] / 3;
         },
         {2.15882555963, -0.208034964883, 0.480113262082, -0.534039753754, 2.45740759065, 0.0218261730493,
          0.765577684272, -0.736526484508, 1.2815422815});
  expect(a, [&](const Tensor& x) { return linalg::slogdet(x).logabsdet; },
         {0.348039215686, -0.137254901961, 0.127450980392, -0.137254901961, 0.392156862745, -0.078431372549,
          0.127450980392, -0.078431372549, 0.21568627451});
  expect(a.narrow(0, 0, 2), [&](const Tensor& x) { return linalg::pinv(x) * w.narrow(0, 0, 2).t(); },
         {0.0297672192947, 0.0718007971382, -0.0468245770674, 0.111295904017, -0.845445049398, 0.297777233125});
  expect(a.narrow(1, 0, 2), [&](const Tensor& x) { return linalg::lstsq(x, w.select(1, 0)) * w[0].narrow(0, 0, 2); },
         {0.120965435946, 0.146355981163, 0.545450301407, -1.56737452075, 0.0669572778254, 0.575970308643});
}

TEST(LinalgDecompositions, OfNothing) {
  EXPECT_EQ(linalg::qr(zeros({0, 3})).r.shape(), (Shape{0, 3}));
  expect_values(linalg::qr(zeros({2, 0}), linalg::QRMode::complete).q, {2, 2}, {1, 0, 0, 1});
  expect_values(linalg::svd(zeros({2, 0})).u, {2, 2}, {1, 0, 0, 1});
  expect_values(linalg::svd(zeros({0, 2})).vh, {2, 2}, {1, 0, 0, 1});
  EXPECT_EQ(linalg::svd(zeros({0, 2, 3}), false).vh.shape(), (Shape{0, 2, 3}));
  EXPECT_EQ(linalg::svdvals(zeros({3, 0})).shape(), Shape{0});
  EXPECT_EQ(linalg::eigh(zeros({0, 0})).eigenvectors.shape(), (Shape{0, 0}));
  EXPECT_EQ(linalg::pinv(zeros({0, 3})).shape(), (Shape{3, 0}));
  const Tensor meta = zeros({2, 3, 4}, {.device = kMeta});
  EXPECT_EQ(linalg::qr(meta).q.shape(), (Shape{2, 3, 3}));
  EXPECT_EQ(linalg::svd(meta).vh.shape(), (Shape{2, 4, 4}));
}

TEST(LinalgDecompositions, Errors) {
  EXPECT_EQ(error_of([] {
              linalg::svd(full({2, 2}, test::nan));
            }),
            "[linalg.svd] the matrix has elements that are not finite");
  EXPECT_EQ(error_of([] { linalg::qr(ones({3})); }),
            "[linalg.qr] expected a matrix or a batch of matrices, got shape (3,)");
  EXPECT_EQ(error_of([] {
              linalg::svd(ones({2, 2}, {bfloat16}));
            }),
            "[linalg.svd] expected float32 or float64, got bfloat16: convert with to(float32)");
  EXPECT_EQ(error_of([] { linalg::eigh(ones({2, 3})); }), "[linalg.eigh] expected square matrices, got shape (2, 3)");
  EXPECT_EQ(error_of([] {
              linalg::lstsq(ones({3, 2}), ones({2}));
            }),
            "[linalg.lstsq] expected (*, m, n) and (*, m, k) or (*, m), got (3, 2) and (2,)");
}

class ParallelLinalg : public testing::Test {
 protected:
  ~ParallelLinalg() override { set_num_threads(before_); }

 private:
  int before_ = num_threads();
};

TEST_F(ParallelLinalg, TheSameBitsForAnyNumberOfThreads) {
  for (const DType type : {float32, float64})
    for (const Shape& shape : {Shape{200, 200}, {40, 30, 30}, {3, 150, 150}}) {
      const Tensor a = test::regular(shape, type), b = test::noise(shape, type, 2),
                   symmetric = test::definite(shape, type, 3);
      std::vector<Tensor> wanted;
      for (const int threads : {1, 2, 3, 7}) {
        set_num_threads(threads);
        const auto qr = linalg::qr(a);
        const auto svd = linalg::svd(a);
        const auto eigh = linalg::eigh(symmetric);
        const std::vector<Tensor> got{linalg::solve(a, b),
                                      linalg::inv(a),
                                      linalg::det(a),
                                      linalg::cholesky(symmetric),
                                      linalg::solve_triangular(a, b),
                                      linalg::lstsq(a, b),
                                      qr.q,
                                      qr.r,
                                      svd.u,
                                      svd.s,
                                      svd.vh,
                                      eigh.eigenvalues,
                                      eigh.eigenvectors};
        if (threads == 1) wanted = got;
        for (std::size_t i = 0; i < got.size(); ++i)
          EXPECT_TRUE(test::identical(got[i], wanted[i]))
              << name(type) << " " << shape.to_string() << ", result " << i << ", " << threads << " threads";
      }
    }
}

}  // namespace
}  // namespace tenon::decompositions_test
