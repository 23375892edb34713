// LAPACK's limits: it counts in ints, and says little where something is wrong.
#include "backend/cpu/lapack.h"

#include <array>

#include "backend/linalg.h"
#include "tensor/check.h"

namespace tenon::lapack_test {
namespace {

using test::error_of;

/// Of any size; there is one element.
Tensor of_size(const Shape& shape) { return zeros({1}).expand(shape); }

TEST(Lapack, AMatrixThatItCannotCountIsAnError) {
  const int64_t many = int64_t{1} << 31;
  const Tensor x = of_size({many, 1}), info = zeros({}, {int32});
  const LinalgKernels& cpu = LinalgKernels::cpu;
  const std::string text = "[linalg] LAPACK takes matrices of up to 2147483647 rows and columns, got 2147483648";
  EXPECT_EQ(error_of([&] { cpu.qr(x, of_size({1})); }), text);
  EXPECT_EQ(error_of([&] { cpu.orthogonal(x, of_size({1})); }), text);
  EXPECT_EQ(error_of([&] { cpu.cholesky(x, false, info); }), text);
  EXPECT_EQ(error_of([&] { cpu.lu_factor(x, of_size({1}), info); }), text);
  EXPECT_EQ(error_of([&] { cpu.svd({}, of_size({1}), {}, x, info); }), text);
  EXPECT_EQ(error_of([&] { cpu.least_squares(x, of_size({many, 1}), 0, info); }), text);
  EXPECT_EQ(error_of([&] { cpu.triangular_solve(x, of_size({1, 1}), {}); }), text);
}

TEST(Lapack, AWorkspaceThatItCannotCountIsAnError) {
  const Shape square{40'000, 40'000};
  const Tensor x = of_size(square), values = of_size({40'000}), info = zeros({}, {int32});
  const LinalgKernels& cpu = LinalgKernels::cpu;
  const std::string text = " numbers of workspace for a matrix of this size; it counts up to 2147483647";
  for (const std::string& said :
       {error_of([&] { cpu.svd(x, values, x, x, info); }), error_of([&] { cpu.eigh(x, values, true, info); })})
    EXPECT_NE(said.find(text), said.npos) << said;
}

TEST(Lapack, ALibraryThatIsNotThereIsAnError) {
  const std::array<const char*, 2> names{"libtenon-is-no-blas.so.1", "libtenon-is-no-blas.so.2"};
  const std::string said = error_of([&] { (void)backend::cpu::open_openblas(names); });
  EXPECT_NE(said.find("[linalg] this needs OpenBLAS"), said.npos) << said;
  EXPECT_NE(said.find("libopenblas0-openmp"), said.npos) << said;
}

TEST(Lapack, AFailureThatANaNIsTheReasonForSaysSo) {
  for (const DType type : {float32, float64})
    for (const int64_t n : {2, 50, 300}) {
      const Tensor x = eye(n).to(type);
      x.view({-1}).narrow(0, n * n - 1, 1).fill_(test::nan);
      EXPECT_EQ(error_of([&] { linalg::cholesky(x); }),
                fmt::format(
                    "[linalg.cholesky] the matrix is not positive definite: its leading minor of order {} is not", n));
      EXPECT_EQ(error_of([&] { linalg::svd(x); }), "[linalg.svd] the matrix has elements that are not finite");
    }
  const Tensor x = matmul(test::noise({5, 5}), test::noise({5, 5}).t());
  x.view({-1}).narrow(0, 12, 1).fill_(test::nan);
  EXPECT_EQ(error_of([&] { linalg::eigh(x); }), "[linalg.eigh] the matrix has elements that are not finite");
}

// Either is right, an error or numbers that are not; in PyTorch it depends on the routine and its version.
TEST(Lapack, WhatIsNotFiniteComesToAnEnd) {
  for (const DType type : {float32, float64})
    for (const double odd : {test::nan, test::infinity, -test::infinity})
      for (const int64_t n : {1, 3, 40}) {
        const Tensor x = test::noise({n, n}, type);
        x.view({-1}).narrow(0, n * n / 2, 1).fill_(odd);
        const std::array<std::function<void()>, 12> all{
            [&] { linalg::svd(x); },      [&] { linalg::svdvals(x); },  [&] { linalg::eigh(x); },
            [&] { linalg::eigvalsh(x); }, [&] { linalg::pinv(x); },     [&] { linalg::qr(x); },
            [&] { linalg::cholesky(x); }, [&] { linalg::det(x); },      [&] { linalg::inv(x); },
            [&] { linalg::solve(x, x); }, [&] { linalg::lstsq(x, x); }, [&] { linalg::matrix_rank(x); }};
        for (const auto& f : all) (void)error_of(f);
      }
}

}  // namespace
}  // namespace tenon::lapack_test
