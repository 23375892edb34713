#include "tensor/check.h"

namespace tenon {
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

}  // namespace
}  // namespace tenon
