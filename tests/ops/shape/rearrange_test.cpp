// repeat, tile, repeat_interleave, roll, flip, rot90.
#include "autograd/gradcheck.h"

namespace tenon::rearrange_test {
namespace {

using test::element;
using test::error_of;
using test::expect_values;

TEST(Rearrange, RepeatAndTileInEveryTypeAndLayout) {
  for (const DType type : test::all_types)
    for (const Tensor& x : test::layouts(test::numbers({2, 3}, type))) {
      const Tensor y = x.repeat({2, 3, 2});
      ASSERT_EQ(y.shape(), (Shape{2, 6, 6}));
      test::expect_elements(y, 0, 0, [&](const Shape& i) { return element(x, {i[1] % 2, i[2] % 3}); });
      EXPECT_TRUE(test::identical(x.tile({2}), x.repeat({1, 2})));
    }
  const Tensor x = arange(6).reshape({2, 3});
  EXPECT_FALSE(x.repeat({1, 1}).shares_storage_with(x));
  EXPECT_EQ(x.repeat({0, 1}).shape(), (Shape{0, 3}));
  expect_values(tensor(1.0).repeat({3}), {3}, {1, 1, 1});
  EXPECT_EQ(tensor(1.0).repeat(Shape{}).dim(), 0);
  EXPECT_EQ(x.tile({2, 1, 1}).shape(), (Shape{2, 2, 3}));
  EXPECT_EQ(error_of([&] { x.repeat({2}); }), "[repeat] expected a number for each of 2 dimensions or more, got (2,)");
  EXPECT_EQ(error_of([&] { x.repeat({2, -1}); }), "[repeat] numbers of repetitions cannot be negative: (2, -1)");
}

TEST(Rearrange, RepeatInterleaveByANumberOrOneForEach) {
  const Tensor x = arange(6).reshape({2, 3});
  expect_values(x.repeat_interleave(2), {12}, {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5});
  expect_values(x.repeat_interleave(2, 1), {2, 6}, {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5});
  expect_values(x.t().repeat_interleave(2, -1), {3, 4}, {0, 0, 3, 3, 1, 1, 4, 4, 2, 2, 5, 5});
  expect_values(x.repeat_interleave(tensor({1, 0, 2}), 1), {2, 3}, {0, 2, 2, 3, 5, 5});
  expect_values(x.repeat_interleave(tensor({2}), 0), {4, 3}, {0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5});
  expect_values(tensor(5.0).repeat_interleave(2), {2}, {5, 5});
  EXPECT_EQ(zeros({0}).repeat_interleave(3).shape(), (Shape{0}));
  EXPECT_FALSE(x.repeat_interleave(1, 0).shares_storage_with(x));
  EXPECT_EQ(error_of([&] { x.repeat_interleave(-1); }),
            "[repeat_interleave] the number of repetitions cannot be negative: -1");
  EXPECT_EQ(error_of([&] {
              x.repeat_interleave(tensor({1, 2}));
            }),
            "[repeat_interleave] expected 6 numbers of repetitions, one for each element of dimension 0, got 2");
  EXPECT_NE(error_of([&] { x.repeat_interleave(tensor({1.0, 2.0}), 0); }), "");
}

TEST(Rearrange, RollFlipAndRot90InEveryTypeAndLayout) {
  for (const DType type : test::all_types)
    for (const Tensor& x : test::layouts(test::numbers({2, 3, 4}, type))) {
      test::expect_elements(x.roll({1, -2}, {1, 2}), 0, 0, [&](const Shape& i) {
        return element(x, {i[0], (i[1] + 2) % 3, (i[2] + 2) % 4});
      });
      test::expect_elements(x.flip({0, -1}), 0, 0, [&](const Shape& i) {
        return element(x, {1 - i[0], i[1], 3 - i[2]});
      });
      test::expect_elements(x.rot90(1, {0, 2}), 0, 0, [&](const Shape& i) {
        return element(x, {i[2], i[1], 3 - i[0]});
      });
    }
  const Tensor x = arange(6).reshape({2, 3});
  expect_values(x.roll(1), {2, 3}, {5, 0, 1, 2, 3, 4});
  expect_values(x.roll(-7, 1), {2, 3}, {1, 2, 0, 4, 5, 3});
  expect_values(x.rot90(), {3, 2}, {2, 5, 1, 4, 0, 3});
  expect_values(x.rot90(-1), {3, 2}, {3, 0, 4, 1, 5, 2});
  expect_values(x.rot90(2), {2, 3}, {5, 4, 3, 2, 1, 0});
  expect_values(x.rot90(4), {2, 3}, {0, 1, 2, 3, 4, 5});
  expect_values(fliplr(x), {2, 3}, {2, 1, 0, 5, 4, 3});
  expect_values(flipud(x), {2, 3}, {3, 4, 5, 0, 1, 2});
  EXPECT_EQ(tensor(1.0).flip({0}).dim(), 0);
  EXPECT_EQ(zeros({0, 2}).flip({0}).shape(), (Shape{0, 2}));
  EXPECT_EQ(zeros({0, 2}).roll(1, 0).shape(), (Shape{0, 2}));
  EXPECT_FALSE(x.flip({}).shares_storage_with(x));
}

TEST(Rearrange, ErrorsNameTheDimensions) {
  const Tensor x = zeros({2, 3});
  EXPECT_EQ(error_of([&] { x.flip({0, -2}); }), "[flip] dimension 0 is named twice: (0, -2)");
  EXPECT_EQ(error_of([&] { x.roll({1, 2}); }), "[roll] expected a shift for each dimension, got (1, 2) and ()");
  EXPECT_EQ(error_of([&] { x.rot90(1, {0, 0}); }), "[rot90] expected two different dimensions, got (0, 0)");
  EXPECT_EQ(error_of([] { zeros({2}).rot90(); }), "[rot90] expected a matrix or more, got shape (2,)");
  EXPECT_EQ(error_of([] { fliplr(zeros({2})); }), "[fliplr] expected at least 2 dimensions, got shape (2,)");
  EXPECT_EQ(error_of([] { flipud(tensor(1.0)); }), "[flipud] expected at least 1 dimension, got a 0-dim tensor");
}

TEST(Rearrange, Derivatives) {
  for (const Tensor& x : test::leaves({2, 3})) {
    test::gradchecks([](const std::vector<Tensor>& v) { return v[0].repeat({2, 1, 2}).exp(); }, {x});
    test::gradchecks([](const std::vector<Tensor>& v) { return v[0].repeat_interleave(2, 1).exp(); }, {x});
    test::gradchecks(
        [](const std::vector<Tensor>& v) {
          return v[0].repeat_interleave(tensor({1, 0, 2}), 1).exp();
        },
        {x});
    test::gradchecks([](const std::vector<Tensor>& v) { return v[0].roll({1, -1}, {0, 1}).exp(); }, {x});
    test::gradchecks([](const std::vector<Tensor>& v) { return v[0].flip({1}).exp(); }, {x});
    test::gradchecks([](const std::vector<Tensor>& v) { return v[0].rot90().exp(); }, {x});
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace tenon::rearrange_test
