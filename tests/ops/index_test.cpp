#include "tensor/check.h"

namespace tenon {
namespace {

using test::element;
using test::error_of;

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

TEST(IndexSelect, TakesInt32StridedAndZeroDimIndices) {
  const Tensor x = arange(5.0);
  test::expect_values(x.index_select(0, tensor({4, 1})), {2}, {4, 1});
  test::expect_values(x.index_select(0, arange(6).reshape({3, 2}).select(1, 1).narrow(0, 0, 2)), {2}, {1, 3});
  test::expect_values(x.index_select(0, tensor(int64_t{3})), {1}, {3});
  test::expect_values(x.index_select(0, zeros({0}, {int64})), {0}, {});
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

}  // namespace
}  // namespace tenon
