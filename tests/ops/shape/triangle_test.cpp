// Triangles and diagonals of matrices.
#include "autograd/gradcheck.h"

namespace tenon::triangle_test {
namespace {

using test::element;
using test::error_of;
using test::expect_values;

TEST(Triangle, TrilAndTriuOfEveryTypeLayoutAndDiagonal) {
  for (const DType type : test::all_types)
    for (const Tensor& x : test::layouts(test::numbers({2, 3, 4}, type)))
      for (int64_t k = -4; k <= 5; ++k) {
        test::expect_elements(x.tril(k), 0, 0, [&](const Shape& i) { return i[2] <= i[1] + k ? element(x, i) : 0; });
        test::expect_elements(x.triu(k), 0, 0, [&](const Shape& i) { return i[2] >= i[1] + k ? element(x, i) : 0; });
      }
  EXPECT_EQ(zeros({0, 3}).tril().shape(), (Shape{0, 3}));
  EXPECT_EQ(zeros({3, 0}).triu().shape(), (Shape{3, 0}));
  EXPECT_EQ(error_of([] { zeros({3}).tril(); }), "[tril] expected a matrix or several, got shape (3,)");
}

TEST(Triangle, TheIndicesOfATriangle) {
  expect_values(tril_indices(3, 3), {2, 6}, {0, 1, 1, 2, 2, 2, 0, 0, 1, 0, 1, 2});
  expect_values(triu_indices(2, 4, 1), {2, 5}, {0, 0, 0, 1, 1, 1, 2, 3, 2, 3});
  expect_values(triu_indices(3, 2, -1), {2, 5}, {0, 0, 1, 1, 2, 0, 1, 0, 1, 1});
  EXPECT_EQ(tril_indices(3, 3, -3).shape(), (Shape{2, 0}));
  EXPECT_EQ(tril_indices(3, 3).dtype(), int64);
  EXPECT_EQ(error_of([] { tril_indices(-1, 2); }), "[tril_indices] sizes cannot be negative: (-1, 2)");
}

TEST(Diag, OfAVectorAndOfAMatrix) {
  const Tensor x = arange(12).reshape({3, 4});
  expect_values(x.diag(), {3}, {0, 5, 10});
  expect_values(x.diag(-2), {1}, {8});
  EXPECT_FALSE(x.diag().shares_storage_with(x));
  expect_values(tensor({1, 2}).diag(1), {3, 3}, {0, 1, 0, 0, 0, 2, 0, 0, 0});
  EXPECT_EQ(error_of([] { tensor(1).diag(); }),
            "[diag] expected a vector or a matrix, got shape (): use diag_embed() or diagonal()");
}

TEST(Diag, EmbedPutsTheLastDimensionOnADiagonal) {
  expect_values(tensor({{1, 2}, {3, 4}}).diag_embed(-1, 0, 2), {3, 2, 3},
                {0, 0, 0, 0, 0, 0, 1, 0, 0, 3, 0, 0, 0, 2, 0, 0, 4, 0});
  for (const DType type : test::all_types) {
    const Tensor x = test::numbers({2, 3}, type);
    for (int64_t offset = -2; offset <= 2; ++offset)
      EXPECT_TRUE(test::identical(x.diag_embed(offset).diagonal(offset, -2, -1), x)) << name(type);
  }
  EXPECT_NE(error_of([] { tensor(1).diag_embed(); }), "");
  EXPECT_EQ(error_of([] { zeros({2}).diag_embed(0, 1, -1); }),
            "[diag_embed] expected two dimensions, got dimension 1 twice");
}

TEST(Triangle, Derivatives) {
  for (const Tensor& x : test::leaves({3, 4})) {
    test::gradchecks([](const std::vector<Tensor>& v) { return v[0].tril(1).exp(); }, {x});
    test::gradchecks([](const std::vector<Tensor>& v) { return v[0].triu(-1).exp(); }, {x});
    test::gradchecks([](const std::vector<Tensor>& v) { return v[0].diag(1).exp(); }, {x});
    test::gradchecks([](const std::vector<Tensor>& v) { return v[0].diag_embed(1, 0, -1).exp(); }, {x});
  }
}

TEST(FillDiagonal, OfMatricesCubesAndTallMatricesWrapped) {
  const auto filled = [](const Shape& shape, bool wrap) {
    const Tensor x = zeros(shape);
    x.fill_diagonal_(1, wrap);
    return x;
  };
  expect_values(filled({2, 3}, false), {2, 3}, {1, 0, 0, 0, 1, 0});
  expect_values(filled({5, 1}, false), {5, 1}, {1, 0, 0, 0, 0});
  expect_values(filled({5, 1}, true), {5, 1}, {1, 0, 1, 0, 1});
  expect_values(filled({2, 2, 2}, false), {2, 2, 2}, {1, 0, 0, 0, 0, 0, 0, 1});
  EXPECT_EQ(filled({3, 3, 3, 3}, false).sum().item<int>(), 3);
  EXPECT_EQ(filled({0, 3}, true).numel(), 0);
  EXPECT_EQ(error_of([] { zeros({3}).fill_diagonal_(1); }),
            "[fill_diagonal_] expected at least 2 dimensions, got shape (3,)");
  EXPECT_EQ(error_of([] {
              zeros({2, 2, 3}).fill_diagonal_(1);
            }),
            "[fill_diagonal_] of more than 2 dimensions all must be of one size, got shape (2, 2, 3)");
}

TEST(FillDiagonal, NoGradientComesBackThroughIt) {
  const Tensor x = ones({2, 3}, {.requires_grad = true}), y = x * 2;
  y.fill_diagonal_(5);
  y.sum().backward();
  expect_values(x.grad(), {2, 3}, {0, 2, 2, 2, 0, 2});
}

TEST(Triangle, InPlaceOnAViewChangesItsBase) {
  const Tensor base = ones({3, 4});
  base.narrow(1, 1, 3).tril_();
  expect_values(base, {3, 4}, {1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1});
  base.t().triu_(1);
  expect_values(base, {3, 4}, {0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0});
}

}  // namespace
}  // namespace tenon::triangle_test
