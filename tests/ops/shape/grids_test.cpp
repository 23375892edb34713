// Several tensors laid out together.
#include "autograd/gradcheck.h"

namespace tenon::grids_test {
namespace {

using test::error_of;
using test::expect_values;

TEST(Grids, BroadcastTensorsAreViews) {
  const Tensor a = arange(3), b = arange(2).reshape({2, 1});
  const std::vector<Tensor> all = broadcast_tensors({a, b});
  expect_values(all[0], {2, 3}, {0, 1, 2, 0, 1, 2});
  expect_values(all[1], {2, 3}, {0, 0, 0, 1, 1, 1});
  EXPECT_TRUE(all[0].shares_storage_with(a));
  EXPECT_NE(error_of([&] { broadcast_tensors({a, zeros({2})}); }), "");
}

TEST(Grids, MeshgridInBothOrders) {
  const std::vector<Tensor> ij = meshgrid({tensor({1, 2}), tensor({3, 4, 5})}),
                            xy = meshgrid({tensor({1, 2}), tensor({3, 4, 5})}, Indexing::xy);
  expect_values(ij[0], {2, 3}, {1, 1, 1, 2, 2, 2});
  expect_values(ij[1], {2, 3}, {3, 4, 5, 3, 4, 5});
  expect_values(xy[0], {3, 2}, {1, 2, 1, 2, 1, 2});
  expect_values(xy[1], {3, 2}, {3, 3, 4, 4, 5, 5});
  expect_values(meshgrid({tensor({1, 2}), tensor(3)}, Indexing::xy)[1], {1, 2}, {3, 3});
  EXPECT_EQ(meshgrid({zeros({2}), zeros({3}), zeros({4})}, Indexing::xy)[2].shape(), (Shape{3, 2, 4}));
  EXPECT_EQ(error_of([] {
              meshgrid({zeros({2}), zeros({2}, {int64})});
            }),
            "[meshgrid] expected axes of one type, got float32 and int64");
  EXPECT_EQ(error_of([] { meshgrid({zeros({2, 2})}); }), "[meshgrid] expected vectors, got shape (2, 2)");
}

TEST(Grids, CartesianProdGivesEveryPair) {
  expect_values(cartesian_prod({tensor({1, 2}), tensor({3, 4})}), {4, 2}, {1, 3, 1, 4, 2, 3, 2, 4});
  expect_values(cartesian_prod({tensor({1, 2})}), {2}, {1, 2});
}

TEST(Grids, BlockDiagTakesMatricesVectorsAndNumbers) {
  const Tensor y = block_diag({tensor({1, 2}), tensor(3.0), tensor({{4}, {5}})});
  expect_values(y, {4, 4}, {1, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0, 0, 0, 5});
  EXPECT_EQ(y.dtype(), float32);
  EXPECT_EQ(block_diag({}).shape(), (Shape{1, 0}));
  expect_values(block_diag({zeros({0}), ones({1})}), {2, 1}, {0, 1});
}

TEST(Grids, Derivatives) {
  test::gradchecks(
      [](const std::vector<Tensor>& v) { return meshgrid(v, Indexing::xy)[0] * meshgrid(v, Indexing::xy)[1]; },
      {test::leaf({2}), test::leaf({3}, 2)});
  test::gradchecks([](const std::vector<Tensor>& v) { return block_diag(v).exp(); },
                   {test::leaf({2, 2}), test::leaf({}, 2)});
  test::gradchecks([](const std::vector<Tensor>& v) { return cartesian_prod(v).exp(); },
                   {test::leaf({2}), test::leaf({2}, 2)});
}

TEST(Grids, CombinationsInTheOrderOfPlaces) {
  const Tensor x = tensor({10, 20, 30, 40});
  expect_values(combinations(x), {6, 2}, {10, 20, 10, 30, 10, 40, 20, 30, 20, 40, 30, 40});
  expect_values(combinations(x, 3), {4, 3}, {10, 20, 30, 10, 20, 40, 10, 30, 40, 20, 30, 40});
  expect_values(combinations(x, 1), {4, 1}, {10, 20, 30, 40});
  expect_values(combinations(x.narrow(0, 0, 2), 3, true), {4, 3}, {10, 10, 10, 10, 10, 20, 10, 20, 20, 20, 20, 20});
  EXPECT_EQ(combinations(x, 5).shape(), (Shape{0, 5}));
  EXPECT_EQ(combinations(x, 0).shape(), (Shape{0}));
  EXPECT_EQ(combinations(zeros({0}), 2, true).shape(), (Shape{0, 2}));
  EXPECT_EQ(error_of([] { combinations(zeros({2, 2})); }), "[combinations] expected a vector, got shape (2, 2)");
  test::gradchecks([](const std::vector<Tensor>& v) { return combinations(v[0], 2).prod(1); }, {test::leaf({4})});
}

}  // namespace
}  // namespace tenon::grids_test
