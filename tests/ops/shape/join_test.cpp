// cat, stack and their kin.
#include "autograd/gradcheck.h"

namespace tenon::join_test {
namespace {

using test::element;
using test::error_of;

TEST(Cat, EveryTypeLayoutAndDimension) {
  for (const DType type : test::all_types)
    for (int64_t d = -3; d < 3; ++d) {
      const auto dim = static_cast<std::size_t>((d + 3) % 3);
      Shape first{2, 3, 4}, second{2, 3, 4};
      second[dim] = 5;
      const int64_t border = first[dim];
      for (const Tensor& a : test::layouts(test::numbers(first, type, 1)))
        for (const Tensor& b : test::layouts(test::numbers(second, type, 2))) {
          const Tensor y = cat({a, b}, d);
          ASSERT_EQ(y.size(d), border + 5);
          ASSERT_EQ(y.dtype(), type);
          test::expect_elements(y, 0, 0, [&](const Shape& at) {
            if (at[dim] < border) return element(a, at);
            Shape i = at;
            i[dim] -= border;
            return element(b, i);
          });
        }
    }
}

TEST(Cat, PromotesTypesAndSkipsEmptyVectors) {
  const Tensor y = cat({zeros({0}), tensor({{1, 2}}), tensor({{0.5, 1.5}})});
  test::expect_values(y, {2, 2}, {1, 2, 0.5, 1.5});
  EXPECT_EQ(y.dtype(), float32);
  EXPECT_EQ(cat({zeros({0}), zeros({0})}).shape(), (Shape{0}));
  EXPECT_EQ(cat({zeros({0, 2}), zeros({3, 2})}).shape(), (Shape{3, 2}));
  test::expect_values(cat({tensor({1.0})}), {1}, {1});
}

TEST(Cat, TheResultIsACopy) {
  const Tensor x = zeros({2}), empty = zeros({0});
  EXPECT_FALSE(cat({x}).shares_storage_with(x));
  EXPECT_FALSE(cat({empty, empty}).is_same(empty));
}

TEST(Cat, ErrorsNameTheShapes) {
  EXPECT_EQ(error_of([] { cat({}); }), "[cat] expected at least one tensor");
  EXPECT_EQ(error_of([] {
              cat({zeros({2, 3}), zeros({2, 4})});
            }),
            "[cat] shapes (2, 3) and (2, 4) differ outside of dimension 0");
  EXPECT_NE(error_of([] { cat({zeros({2, 3}), zeros({2})}); }), "");
  EXPECT_EQ(error_of([] {
              cat({tensor(1.0), tensor(2.0)});
            }),
            "[cat] 0-dim tensors have no dimension to be joined along: use stack()");
  EXPECT_EQ(error_of([] { cat({zeros({2})}, 1); }), "[cat] dimension 1 is out of range: expected one of -1 … 0");
}

TEST(Stack, AddsADimension) {
  const Tensor a = tensor({1.0, 2.0}), b = tensor({3.0, 4.0});
  test::expect_values(stack({a, b}), {2, 2}, {1, 2, 3, 4});
  test::expect_values(stack({a, b}, 1), {2, 2}, {1, 3, 2, 4});
  test::expect_values(stack({a, b}, -1), {2, 2}, {1, 3, 2, 4});
  test::expect_values(stack({tensor(1.0), tensor(2.0)}), {2}, {1, 2});
  EXPECT_EQ(stack({zeros({0}), zeros({0})}).shape(), (Shape{2, 0}));
  EXPECT_EQ(error_of([&] { stack({a, zeros({3})}); }), "[stack] expected equal shapes, got (2,) and (3,)");
  EXPECT_EQ(error_of([&] { stack({a, b}, 2); }), "[stack] dimension 2 is out of range: expected one of -2 … 1");
}

TEST(Stack, EveryTypeLayoutAndDimension) {
  for (const DType type : test::all_types)
    for (int64_t d = 0; d < 3; ++d)
      for (const Tensor& a : test::layouts(test::numbers({2, 3}, type, 1))) {
        const Tensor b = test::numbers({2, 3}, type, 2), y = stack({a, b}, d);
        test::expect_elements(y, 0, 0, [&](const Shape& i) {
          Shape from = i;
          from.erase(static_cast<std::size_t>(d));
          return element(i[static_cast<std::size_t>(d)] == 0 ? a : b, from);
        });
      }
}

TEST(Stack, HorizontalVerticalDeepAndInColumns) {
  const Tensor a = tensor({1, 2}), b = tensor({3, 4}), one = tensor(1), two = tensor(2);
  test::expect_values(hstack({a, b}), {4}, {1, 2, 3, 4});
  test::expect_values(hstack({one, a}), {3}, {1, 1, 2});
  test::expect_values(hstack({a.unsqueeze(1), b.unsqueeze(1)}), {2, 2}, {1, 3, 2, 4});
  test::expect_values(vstack({a, b}), {2, 2}, {1, 2, 3, 4});
  test::expect_values(vstack({one, two}), {2, 1}, {1, 2});
  test::expect_values(dstack({a, b}), {1, 2, 2}, {1, 3, 2, 4});
  test::expect_values(column_stack({a, b.unsqueeze(1)}), {2, 2}, {1, 3, 2, 4});
  test::expect_values(column_stack({one, two}), {1, 2}, {1, 2});
  EXPECT_EQ(error_of([] { hstack({}); }), "[hstack] expected at least one tensor");
  EXPECT_NE(error_of([&] { hstack({a, a.unsqueeze(0)}); }), "");
  EXPECT_EQ(atleast_1d(one).shape(), (Shape{1}));
  EXPECT_EQ(atleast_2d(a).shape(), (Shape{1, 2}));
  EXPECT_EQ(atleast_3d(a).shape(), (Shape{1, 2, 1}));
  EXPECT_EQ(atleast_3d(zeros({2, 3})).shape(), (Shape{2, 3, 1}));
  EXPECT_TRUE(atleast_2d(zeros({2, 3, 4})).dim() == 3);
}

TEST(Cat, ManyPartsInParallelKeepTheirPlaces) {
  std::vector<Tensor> parts;
  for (int64_t i = 0; i < 500; ++i) parts.push_back(full({3, i % 7, 40}, static_cast<double>(i)));
  const Tensor y = cat(parts, 1);
  int64_t start = 0;
  for (int64_t i = 0; i < 500; ++i) {
    if (i % 7 == 0) continue;
    EXPECT_TRUE(test::identical(y.narrow(1, start, i % 7).contiguous(), parts[static_cast<std::size_t>(i)]));
    start += i % 7;
  }
  EXPECT_EQ(start, y.size(1));
}

TEST(Cat, DerivativesWithMixedTypes) {
  const Tensor a = test::leaf({2, 2}), b = test::leaf({2, 3}, 2), c = test::leaf({2, 2}, 3);
  test::gradchecks([](const std::vector<Tensor>& v) { return cat(v, 1).exp(); }, {a, b});
  test::gradchecks([](const std::vector<Tensor>& v) { return stack(v, 1).exp(); }, {a, c});
  const Tensor half = ones({2, 2}, {float16}).requires_grad_();
  (cat({half, a}, 0) * 3).sum().backward();
  EXPECT_EQ(half.grad().dtype(), float16);
  test::expect_values(half.grad(), {2, 2}, {3, 3, 3, 3});
}

}  // namespace
}  // namespace tenon::join_test
