#include <tenon/shape.h>

#include <gtest/gtest.h>

#include <tenon/ops.h>

#include "tensor/check.h"

namespace tensor_shape_test {
using tenon::Shape;

namespace {

TEST(Shape, IsWrittenAsPyTorchWritesIt) {
  EXPECT_EQ(fmt::format("{}", Shape{32, 10}), "[32, 10]");
  EXPECT_EQ(fmt::format("{}", Shape{}), "[]");
  EXPECT_EQ((Shape{2, 3}).to_string(), "(2, 3)");
  EXPECT_EQ((Shape{2}).to_string(), "(2,)");
  EXPECT_EQ(Shape{}.to_string(), "()");
}

TEST(Shape, CountsElements) {
  EXPECT_EQ(Shape{}.numel(), 1);
  EXPECT_EQ((Shape{2, 3, 4}).numel(), 24);
  EXPECT_EQ((Shape{2, 0, 4}).numel(), 0);
  EXPECT_EQ((Shape{1, 1, 2, 1, 3, 1, 1, 2, 1, 2}).numel(), 24);
}

TEST(Shape, BroadcastsFromTheLastDimensionOn) {
  using tenon::broadcast_shapes;
  EXPECT_EQ(broadcast_shapes({2, 3}, {2, 3}), (Shape{2, 3}));
  EXPECT_EQ(broadcast_shapes({2, 1}, {3}), (Shape{2, 3}));
  EXPECT_EQ(broadcast_shapes({}, {4, 1}), (Shape{4, 1}));
  EXPECT_EQ(broadcast_shapes({1, 5, 1}, {7, 1, 6}), (Shape{7, 5, 6}));
  EXPECT_EQ(broadcast_shapes({0, 1}, {1, 4}), (Shape{0, 4}));
  EXPECT_EQ(broadcast_shapes({1}, {0}), (Shape{0}));
}

TEST(Shape, ABroadcastErrorNamesBothShapesAndWhereTheyDisagree) {
  EXPECT_EQ(tenon::test::error_of([] {
              tenon::broadcast_shapes({5, 2, 3}, {4, 3}, "add");
            }),
            "[add] shapes (5, 2, 3) and (4, 3) do not broadcast: sizes 2 and 4 meet in dimension 1");
  EXPECT_EQ(tenon::test::error_of([] {
              tenon::broadcast_shapes({3}, {2, 4}, "mul");
            }),
            "[mul] shapes (3,) and (2, 4) do not broadcast: sizes 3 and 4 meet in dimension 1");
  EXPECT_NE(tenon::test::error_of([] { tenon::broadcast_shapes({0}, {2}); }), "");
}

}  // namespace
}  // namespace tensor_shape_test
