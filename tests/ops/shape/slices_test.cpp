// Views of some of the elements: slice, diagonal, unfold, as_strided.
#include "autograd/gradcheck.h"

namespace tenon::slices_test {
namespace {

using test::error_of;
using test::expect_values;

Tensor matrix() { return arange(12).reshape({3, 4}); }

TEST(Slice, StartStopAndStepAreAsPythons) {
  const Tensor x = arange(7);
  expect_values(x[Slice(1, 3)], {2}, {1, 2});
  expect_values(x[Slice({}, {}, 3)], {3}, {0, 3, 6});
  expect_values(x[Slice(-3)], {3}, {4, 5, 6});
  expect_values(x[Slice({}, -5)], {2}, {0, 1});
  expect_values(x[Slice(-100, 100, 5)], {2}, {0, 5});
  EXPECT_EQ(x[Slice(5, 2)].numel(), 0);
  EXPECT_EQ(x[Slice(9, 12)].numel(), 0);
  expect_values(x[Slice(0, {}, std::numeric_limits<int64_t>::max())], {1}, {0});
  expect_values(matrix().slice(-1, {1, {}, 2}), {3, 2}, {1, 3, 5, 7, 9, 11});
  EXPECT_TRUE(x[Slice(1, 3)].shares_storage_with(x));
  EXPECT_EQ(error_of([&] { x[Slice(0, 2, 0)]; }),
            "[slice] expected a step of 1 or more, got 0: flip() turns a dimension round");
  EXPECT_NE(error_of([] { tensor(1.0)[Slice()]; }), "");
}

TEST(Slice, AssignmentChangesTheDataBehindTheView) {
  const Tensor x = zeros({2, 3});
  x[Slice(1)] = 2;
  x[0] = tensor({4.0, 5.0, 6.0});
  expect_values(x, {2, 3}, {4, 5, 6, 2, 2, 2});
}

TEST(Diagonal, OfEveryOffsetAndPairOfDimensions) {
  const Tensor x = test::numbers({3, 4, 2});
  for (int64_t offset = -5; offset <= 5; ++offset)
    for (const auto& [a, b] : {std::pair<int64_t, int64_t>{0, 1}, {1, 0}, {2, 0}, {-2, -1}}) {
      const Tensor y = x.diagonal(offset, a, b);
      const int64_t rows = x.size(a), columns = x.size(b);
      std::vector<double> wanted;
      const auto da = static_cast<std::size_t>(a < 0 ? a + 3 : a), db = static_cast<std::size_t>(b < 0 ? b + 3 : b),
                 rest = 3 - da - db;
      int64_t length = 0;
      for (int64_t k = 0; k < x.shape()[rest]; ++k) {
        length = 0;
        for (int64_t i = 0; i < rows; ++i) {
          if (i + offset < 0 || i + offset >= columns) continue;
          Shape at{0, 0, 0};
          at[da] = i;
          at[db] = i + offset;
          at[rest] = k;
          wanted.push_back(test::element(x, at));
          ++length;
        }
      }
      expect_values(y, {x.shape()[rest], length}, wanted);
      EXPECT_TRUE(y.shares_storage_with(x));
    }
  EXPECT_EQ(error_of([&] { x.diagonal(0, 1, -2); }), "[diagonal] expected two dimensions, got dimension 1 twice");
  EXPECT_NE(error_of([] { zeros({2}).diagonal(); }), "");
}

TEST(Unfold, WindowsOfADimension) {
  expect_values(arange(5).unfold(0, 2, 2), {2, 2}, {0, 1, 2, 3});
  expect_values(matrix().unfold(1, 3, 1), {3, 2, 3}, {0, 1, 2, 1, 2, 3, 4, 5, 6, 5, 6, 7, 8, 9, 10, 9, 10, 11});
  expect_values(matrix().unfold(0, 2, 1).select(0, 1), {4, 2}, {4, 8, 5, 9, 6, 10, 7, 11});
  expect_values(tensor(1.0).unfold(0, 1, 1), {1}, {1});
  EXPECT_EQ(arange(5).unfold(0, 0, 2).shape(), (Shape{3, 0}));
  EXPECT_EQ(error_of([] { arange(5).unfold(0, 6, 1); }),
            "[unfold] windows of 6 elements do not fit into dimension 0 of size 5");
  EXPECT_EQ(error_of([] { arange(5).unfold(0, 2, 0); }), "[unfold] expected a step of 1 or more, got 0");
}

TEST(AsStrided, ShowsTheMemoryAsItIsTold) {
  const Tensor x = arange(12);
  expect_values(x.as_strided({2, 3}, {1, 2}), {2, 3}, {0, 2, 4, 1, 3, 5});
  expect_values(x[Slice(4)].as_strided({2}, {3}), {2}, {4, 7});
  expect_values(x[Slice(4)].as_strided({2}, {3}, 1), {2}, {1, 4});
  expect_values(x.as_strided({2, 2}, {0, 11}), {2, 2}, {0, 11, 0, 11});
  EXPECT_EQ(x.as_strided({0, 5}, {100, 100}).numel(), 0);
  EXPECT_EQ(error_of([&] {
              x.as_strided({2, 7}, {6, 1});
            }),
            "[as_strided] shape (2, 7) with strides (6, 1) from 0 on reaches beyond a memory of 12 elements");
  EXPECT_NE(error_of([&] { x.as_strided({2}, {1}, -1); }), "");
  EXPECT_NE(error_of([&] { x.as_strided({2}, {-1}, 5); }), "");
  EXPECT_NE(error_of([&] { x.as_strided({3}, {std::numeric_limits<int64_t>::max()}); }), "");
}

TEST(Slices, Derivatives) {
  for (const Tensor& x : test::leaves({3, 4})) {
    test::gradchecks([](const std::vector<Tensor>& v) { return v[0].slice(1, {1, {}, 2}).exp(); }, {x});
    test::gradchecks([](const std::vector<Tensor>& v) { return v[0].diagonal(1).exp(); }, {x});
    test::gradchecks([](const std::vector<Tensor>& v) { return v[0].unfold(1, 2, 1).exp(); }, {x});
    test::gradchecks([](const std::vector<Tensor>& v) { return v[0].unfold(-1, 2, 2).exp(); }, {x});
    if (testing::Test::HasFailure()) return;
  }
  const Tensor x = test::leaf({3, 4});
  test::gradchecks([](const std::vector<Tensor>& v) { return v[0].as_strided({2, 3}, {2, 1}, 1).exp(); }, {x});
  test::gradchecks(
      [](const std::vector<Tensor>& v) {
        return (v[0] * 1).t().as_strided({2, 2, 2}, {1, 1, 4}).exp();
      },
      {x});
  test::gradchecks(
      [](const std::vector<Tensor>& v) {
        return (v[0] * 1).as_strided({3, 3}, {4, 1}, 1).as_strided({2}, {5}, 2).exp();
      },
      {x});
  test::gradchecks([](const std::vector<Tensor>& v) { return v[0].unfold(0, 1, 1) * 2; }, {test::leaf({})});
}

}  // namespace
}  // namespace tenon::slices_test
