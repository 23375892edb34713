// norm, which chooses between norms of vectors and of matrices.
#include "tensor/check.h"

namespace tenon::norms_test {
namespace {

using test::error_of;

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

}  // namespace
}  // namespace tenon::norms_test
