// matrix_exp where the answer is known.
#include <cmath>

#include "autograd/gradcheck.h"

namespace tenon::matrix_exp_test {
namespace {

using test::error_of;
using test::expect_values;
using test::infinity;
using Inputs = std::vector<Tensor>;

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
}  // namespace tenon::matrix_exp_test
