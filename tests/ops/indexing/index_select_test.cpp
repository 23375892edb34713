// Slices along a dimension by number: index_select, index_add, index_copy, index_fill; take.
#include "autograd/gradcheck.h"

namespace tenon::index_select_test {
namespace {

using test::element;
using test::error_of;
using test::expect_values;

TEST(IndexSelect, EveryTypeLayoutAndDimension) {
  const std::vector<int64_t> which{2, 0, 2, 1};
  for (const DType type : test::all_types)
    for (const Tensor& x : test::layouts(test::numbers({3, 4, 5}, type)))
      for (int64_t d = -3; d < 3; ++d) {
        const Tensor y = x.index_select(d, tensor(which));
        const auto dim = static_cast<std::size_t>((d + 3) % 3);
        ASSERT_EQ(y.size(d), 4);
        ASSERT_EQ(y.dtype(), type);
        test::expect_elements(y, 0, 0, [&](const Shape& at) {
          Shape from = at;
          from[dim] = which[static_cast<std::size_t>(at[dim])];
          return element(x, from);
        });
      }
}

TEST(IndexSelect, AnIndexMayBeAViewOfAnother) {  // beside a tensor whose rows do not lie in one piece
  const Tensor both = tensor({{0, 1, 2}, {2, 0, 1}}), x = arange(6).reshape({2, 3}).t();
  EXPECT_TRUE(x.index_select(0, both[1]).equal(tensor({{2, 5}, {0, 3}, {1, 4}})));
  EXPECT_TRUE(x.index({both[1]}).equal(tensor({{2, 5}, {0, 3}, {1, 4}})));
  EXPECT_TRUE(x.take(both[1]).equal(tensor({1, 0, 3})));
}

TEST(IndexSelect, RowsMayBeginAtAnyElement) {  // two floats are as large as a double, and lie where a double may not
  for (const int64_t width : {2, 4}) {
    const Tensor x = arange(17, {float32}).narrow(0, 1, 16).view({-1, width});
    const Tensor rows = x.index_select(0, tensor({1, 3}));
    for (int64_t i = 0; i < width; ++i) {
      EXPECT_EQ(rows[0][i].item<float>(), static_cast<float>(1 + width + i));
      EXPECT_EQ(rows[1][i].item<float>(), static_cast<float>(1 + 3 * width + i));
    }
  }
}

TEST(IndexSelect, TakesInt32StridedAndZeroDimIndices) {
  const Tensor x = arange(5.0);
  expect_values(x.index_select(0, tensor({4, 1})), {2}, {4, 1});
  expect_values(x.index_select(0, arange(6).reshape({3, 2}).select(1, 1).narrow(0, 0, 2)), {2}, {1, 3});
  expect_values(x.index_select(0, tensor(int64_t{3})), {1}, {3});
  expect_values(x.index_select(0, zeros({0}, {int64})), {0}, {});
  EXPECT_EQ(zeros({3, 0}).index_select(0, tensor({1})).shape(), (Shape{1, 0}));
}

TEST(IndexSelect, AnIndexOutOfRangeIsNamed) {
  const Tensor x = zeros({3, 2});
  EXPECT_EQ(error_of([&] {
              x.index_select(0, tensor({0, 3}));
            }),
            "[index_select] index 3 is out of range for dimension 0 of size 3");
  EXPECT_EQ(error_of([&] { x.index_select(1, tensor({-1})); }),
            "[index_select] index -1 is out of range for dimension 1 of size 2");
  EXPECT_NE(error_of([] { zeros({0, 2}).index_select(0, tensor({0})); }), "");
  EXPECT_NE(error_of([] { zeros({2, 0}).index_select(0, tensor({5})); }), "");
}

TEST(IndexSelect, OtherIndicesAreRefused) {
  EXPECT_EQ(error_of([] { zeros({3}).index_select(0, tensor({1.0})); }),
            "[index_select] expected a vector of int64 indices, got shape (1,) of float32");
  EXPECT_NE(error_of([] { zeros({3}).index_select(0, tensor({{1, 2}})); }), "");
  EXPECT_EQ(error_of([] {
              tensor(1.0).index_select(0, tensor({0, 0}));
            }),
            "[index_select] a 0-dim tensor has one element to select, got 2 indices");
  EXPECT_NE(error_of([] { zeros({3}).index_select(1, tensor({0})); }), "");
}

TEST(IndexAdd, AddsEverySliceInEveryTypeLayoutAndDimension) {
  const std::vector<int64_t> which{2, 0, 2};
  for (const DType type : test::number_types)
    for (std::size_t d = 0; d < 2; ++d)
      for (std::size_t k = 0; k < 4; ++k) {
        const Tensor x = test::layouts(test::numbers({4, 3}, type))[k],
                     before = x.clone();  // made anew: it is written to
        Shape shape{4, 3};
        shape[d] = 3;
        const Tensor source = test::numbers(shape, type, 1);
        const auto wanted = [&](double alpha) {
          return [&, alpha](const Shape& i) {
            double sum = element(before, i);
            for (std::size_t j = 0; j < 3; ++j) {
              Shape from = i;
              from[d] = static_cast<int64_t>(j);
              if (which[j] == i[d]) sum += alpha * element(source, from);
            }
            return sum;
          };
        };
        const auto dim = static_cast<int64_t>(d);
        test::expect_elements(x.index_add(dim, tensor(which), source), 0, 0, wanted(1));
        test::expect_elements(x.index_add(dim - 2, tensor(which), source, 2), 0, 0, wanted(2));
        x.index_add_(dim, tensor(which), source);
        test::expect_elements(x, 0, 0, wanted(1));
      }
  expect_values(tensor(1.0).index_add(0, tensor(int64_t{0}), tensor(3.0)), {}, {4});
  expect_values(zeros({2, 3}).index_add(0, tensor(int64_t{1}), ones({1, 3})), {2, 3}, {0, 0, 0, 1, 1, 1});
}

TEST(IndexCopy, ReplacesSlicesTheLastOneWins) {
  const Tensor x = zeros({3, 2}), rows = tensor({{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}});
  expect_values(x.index_copy(0, tensor({2, 0, 2}), rows), {3, 2}, {3, 4, 0, 0, 5, 6});
  expect_values(x.t().index_copy(1, tensor({0}), ones({2, 1})), {2, 3}, {1, 0, 0, 1, 0, 0});
  x.index_copy_(0, tensor({1}), rows.narrow(0, 0, 1));
  expect_values(x, {3, 2}, {0, 0, 1, 2, 0, 0});
  const Tensor y = tensor({1.0, 2.0, 3.0});
  y.index_copy_(0, tensor({2, 1, 0}), y);
  expect_values(y, {3}, {3, 2, 1});
}

TEST(IndexFill, CountsFromTheEnd) {
  const Tensor x = arange(6).reshape({2, 3});
  expect_values(x.index_fill(1, tensor({0, -1}), 7), {2, 3}, {7, 1, 7, 7, 4, 7});
  x.index_fill_(0, tensor(int64_t{1}), 9);
  expect_values(x, {2, 3}, {0, 1, 2, 9, 9, 9});
  expect_values(tensor(1.0).index_fill(0, tensor({0}), 7), {}, {7});
  EXPECT_EQ(error_of([&] { x.index_fill(1, tensor({3}), 0); }),
            "[index_fill] index 3 is out of range for dimension 1 of size 3");
}

TEST(IndexAdd, AlphaCountsInTheTensorsType) {  // torch.index_add
  const Tensor flags = tensor({false, false}), at = tensor({0, 0}), source = tensor({true, false});
  for (const Scalar& alpha : std::vector<Scalar>{2, true, 2.0, -1})
    expect_values(flags.index_add(0, at, source, alpha), {2}, {1, 0});
  expect_values(flags.index_add(0, at, source, 0), {2}, {0, 0});
  expect_values(flags.clone().index_add_(0, at, source, 2), {2}, {1, 0});
  const Tensor bytes = tensor({1, 2}, {uint8});
  expect_values(bytes.index_add(0, at, bytes, 1.5), {2}, {4, 2});
  expect_values(bytes.index_add(0, at, bytes, -1), {2}, {254, 2});
  EXPECT_EQ(error_of([&] { bytes.index_add(0, at, bytes, 256); }),
            "[index_add] the number 256 does not fit into uint8");
  EXPECT_NE(error_of([&] { bytes.index_add_(0, at, bytes, -1.5); }), "");
}

TEST(IndexAdd, ErrorsNameWhatDoesNotFit) {
  const Tensor x = zeros({3, 4}), at = tensor({0, 1});
  EXPECT_EQ(error_of([&] {
              x.index_add_(0, at, ones({3, 4}));
            }),
            "[index_add_] expected a source of shape (2, 4), got (3, 4)");
  EXPECT_EQ(error_of([&] {
              x.index_add(0, at, ones({2, 4}, {int64}));
            }),
            "[index_add] expected a source of float32, got int64");
  EXPECT_EQ(error_of([&] {
              x.index_copy(0, tensor({-1}), ones({1, 4}));
            }),
            "[index_copy] index -1 is out of range for dimension 0 of size 3");
  EXPECT_EQ(x.version(), 0U);
}

TEST(Take, ReadsTheTensorAsAVector) {
  const Tensor x = arange(12).reshape({3, 4});
  expect_values(x.take(tensor({{0, -1}, {3, 5}})), {2, 2}, {0, 11, 3, 5});
  expect_values(x.t().take(tensor({1})), {1}, {4});
  EXPECT_EQ(x.take(zeros({0, 2}, {int64})).shape(), (Shape{0, 2}));
  EXPECT_EQ(error_of([&] { x.take(tensor({12})); }), "[take] index 12 is out of range for dimension 0 of size 12");
  EXPECT_NE(error_of([] { zeros({0}).take(tensor({0})); }), "");
}

TEST(IndexSelect, DerivativesOfItAndItsKin) {
  const Tensor at = tensor({2, 0, 2}), apart = tensor({2, 0});
  for (const Tensor& x : test::leaves({3, 2})) {
    test::gradchecks([&](const std::vector<Tensor>& v) { return v[0].index_select(0, at); }, {x});
    test::gradchecks([&](const std::vector<Tensor>& v) { return v[0].take(tensor({{5, -1}, {0, 3}})); }, {x});
    test::gradchecks([&](const std::vector<Tensor>& v) { return v[0].index_add(0, at, v[1], 2.5); },
                     {x, test::leaf({3, 2}, 2)});
    test::gradchecks([&](const std::vector<Tensor>& v) { return v[0].index_copy(0, apart, v[1]); },
                     {x, test::leaf({2, 2}, 2)});
    test::gradchecks([&](const std::vector<Tensor>& v) { return v[0].index_fill(0, apart, 3); }, {x});
    test::gradchecks(
        [&](const std::vector<Tensor>& v) {
          const Tensor y = v[0] * 1;
          y.index_add_(0, at, v[1]);
          y.index_copy_(0, apart, v[2]);
          y.index_fill_(1, tensor({0}), 1);
          return y;
        },
        {x, test::leaf({3, 2}, 2), test::leaf({2, 2}, 3)});
    if (testing::Test::HasFailure()) return;
  }
  test::gradchecks(
      [&](const std::vector<Tensor>& v) {
        return v[0].index_add(0, tensor({0, 0}), v[1]);
      },
      {test::leaf({}), test::leaf({2}, 2)});
}

}  // namespace
}  // namespace tenon::index_select_test
