// A tensor in pieces, which are views.
#include "autograd/gradcheck.h"
#include "tensor/sanitizer.h"

namespace tenon::split_test {
namespace {

using test::error_of;
using test::expect_values;

/// The sizes of the pieces along `dim`; fails where they are not views of x that together are x.
std::vector<int64_t> sizes_of(const std::vector<Tensor>& parts, const Tensor& x, int64_t dim) {
  std::vector<int64_t> sizes;
  for (const Tensor& p : parts) {
    EXPECT_TRUE(p.shares_storage_with(x));
    sizes.push_back(p.size(dim));
  }
  EXPECT_TRUE(test::identical(cat(parts, dim), x));
  return sizes;
}

using Sizes = std::vector<int64_t>;

TEST(Split, PiecesOfASizeAndOfGivenSizes) {
  const Tensor x = arange(14).reshape({2, 7});
  EXPECT_EQ(sizes_of(x.split(3, 1), x, 1), (Sizes{3, 3, 1}));
  EXPECT_EQ(sizes_of(x.split(7, -1), x, 1), (Sizes{7}));
  EXPECT_EQ(sizes_of(x.split(100), x, 0), (Sizes{2}));
  EXPECT_EQ(sizes_of(x.split({4, 0, 3}, 1), x, 1), (Sizes{4, 0, 3}));
  EXPECT_EQ(zeros({0, 2}).split(3).size(), 1U);
  EXPECT_EQ(zeros({0, 2}).split(0).size(), 1U);
  expect_values(x.split(3, 1)[1], {2, 3}, {3, 4, 5, 10, 11, 12});
  EXPECT_EQ(error_of([&] { x.split({4, 4}, 1); }), "[split] sizes (4, 4) do not add up to 7, the size of dimension 1");
  EXPECT_EQ(error_of([&] { x.split({-1, 8}, 1); }), "[split] a size cannot be negative: (-1, 8)");
  EXPECT_EQ(error_of([&] { x.split(0); }),
            "[split] expected pieces of 1 or more elements, got 0, for dimension 0 of size 2");
  EXPECT_NE(error_of([] { tensor(1.0).split(1); }), "");
}

TEST(Split, ChunksAreOfEqualSizeUnlessTheLast) {
  const Tensor x = arange(7);
  EXPECT_EQ(sizes_of(x.chunk(3), x, 0), (Sizes{3, 3, 1}));
  EXPECT_EQ(sizes_of(x.chunk(5), x, 0), (Sizes{2, 2, 2, 1}));  // fewer than asked for, as in PyTorch
  EXPECT_EQ(sizes_of(x.chunk(9), x, 0).size(), 7U);
  EXPECT_EQ(zeros({0}).chunk(3).size(), 3U);
  EXPECT_EQ(error_of([&] { x.chunk(0); }), "[chunk] expected 1 chunk or more, got 0");
}

TEST(Split, TensorSplitTakesSectionsOrPlaces) {
  const Tensor x = arange(7);
  EXPECT_EQ(sizes_of(x.tensor_split(3), x, 0), (Sizes{3, 2, 2}));
  EXPECT_EQ(sizes_of(x.tensor_split(9), x, 0), (Sizes{1, 1, 1, 1, 1, 1, 1, 0, 0}));
  EXPECT_EQ(sizes_of(x.tensor_split({2, 2, 5}), x, 0), (Sizes{2, 0, 3, 2}));
  EXPECT_EQ(sizes_of(x.tensor_split(Shape{-3}), x, 0), (Sizes{4, 3}));
  EXPECT_EQ(sizes_of(x.tensor_split(Shape{100}), x, 0), (Sizes{7, 0}));
  EXPECT_EQ(x.tensor_split({5, 2})[1].size(0), 0);
  EXPECT_EQ(error_of([&] { x.tensor_split(0); }), "[tensor_split] expected 1 section or more, got 0");
}

TEST(Split, UnbindTakesADimensionAway) {
  const Tensor x = arange(6).reshape({2, 3});
  const std::vector<Tensor> columns = x.unbind(1);
  ASSERT_EQ(columns.size(), 3U);
  expect_values(columns[2], {2}, {2, 5});
  EXPECT_TRUE(columns[2].shares_storage_with(x));
  EXPECT_TRUE(zeros({0, 2}).unbind().empty());
  EXPECT_EQ(error_of([] { tensor(1.0).unbind(); }), "[unbind] a 0-dim tensor has no dimension to be split along");
}

TEST(Split, DerivativesOfPiecesUsedUnequally) {
  const auto together = [](const std::vector<Tensor>& parts) {
    Tensor sum = parts[0].exp().sum();
    for (std::size_t i = 2; i < parts.size(); ++i) sum = sum + (parts[i] * parts[i]).sum() * static_cast<double>(i);
    return sum;  // parts[1] is not used
  };
  for (const Tensor& x : test::leaves({2, 5})) {
    test::gradchecks([&](const std::vector<Tensor>& v) { return together(v[0].split(2, 1)); }, {x});
    test::gradchecks([&](const std::vector<Tensor>& v) { return together(v[0].unbind(1)); }, {x});
    test::gradchecks([&](const std::vector<Tensor>& v) { return together(v[0].chunk(2, 1)); }, {x});
    test::gradchecks([&](const std::vector<Tensor>& v) { return together(v[0].tensor_split({1, 3}, 1)); }, {x});
  }
}

TEST(Split, HsplitVsplitAndDsplitAreViewsAlongTheirDimension) {
  const Tensor x = arange(24).reshape({2, 3, 4});
  EXPECT_EQ(hsplit(x, 3).at(2).shape(), (Shape{2, 1, 4}));
  EXPECT_EQ(vsplit(x, 2).at(1).shape(), (Shape{1, 3, 4}));
  EXPECT_EQ(dsplit(x, Shape{1, 3}).at(1).shape(), (Shape{2, 3, 2}));
  EXPECT_EQ(hsplit(arange(6), 3).at(1)[0].item<int>(), 2);  // a vector has its own dimension only
  EXPECT_TRUE(hsplit(x, 3).at(0).shares_storage_with(x));
  EXPECT_EQ(test::error_of([&] { hsplit(x, 2); }),
            "[hsplit] dimension 1 of size 3 cannot be split into 2 equal sections");
  EXPECT_EQ(test::error_of([&] { vsplit(arange(4), 2); }), "[vsplit] expected at least 2 dimensions, got shape (4,)");
  EXPECT_EQ(test::error_of([&] {
              dsplit(zeros({4, 4}), Shape{2});
            }),
            "[dsplit] expected at least 3 dimensions, got shape (4, 4)");
  EXPECT_EQ(test::error_of([&] { hsplit(tensor(1), 1); }), "[hsplit] expected at least 1 dimension, got shape ()");
}

TEST(Split, MorePiecesThanThereIsMemoryForAreAnError) {
  if (test::sanitized) GTEST_SKIP() << "a sanitizer ends the program where so much is asked for";
  constexpr int64_t many = int64_t{1} << 50;
  const Tensor x = zeros({1}).expand({many});
  const std::string why = "there is not enough memory for 1125899906842624 elements";
  EXPECT_EQ(error_of([&] { x.unbind(); }), "[unbind] " + why);
  EXPECT_EQ(error_of([&] { x.split(1); }), "[split] " + why);
  EXPECT_EQ(error_of([&] { x.tensor_split(many); }), "[tensor_split] " + why);
  EXPECT_EQ(error_of([&] { zeros({0}).chunk(many); }), "[chunk] " + why);
  EXPECT_EQ(error_of([&] { x.to_vector<float>(); }), "[to_vector] " + why);
  EXPECT_EQ(error_of([&] { x.to_vector<bool>(); }), "[to_vector] " + why);
  EXPECT_EQ(error_of([&] { combinations(zeros({2}), many, true); }), "[combinations] " + why);
  EXPECT_EQ(combinations(zeros({2}), many).shape(), (Shape{0, many}));
}

}  // namespace
}  // namespace tenon::split_test
