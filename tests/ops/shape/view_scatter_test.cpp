// Copies in which a view has been replaced.
#include "autograd/gradcheck.h"

namespace tenon::view_scatter_test {
namespace {

using test::error_of;
using test::expect_values;
using test::leaf;
using Inputs = std::vector<Tensor>;

TEST(ViewScatter, ReplacesInACopyWhatTheViewShows) {
  const Tensor x = zeros({2, 3});
  expect_values(select_scatter(x, tensor({1.0, 2.0}), 1, -1), {2, 3}, {0, 0, 1, 0, 0, 2});
  expect_values(slice_scatter(x, ones({2, 2}), 1, {0, {}, 2}), {2, 3}, {1, 0, 1, 1, 0, 1});
  expect_values(diagonal_scatter(x, tensor({1.0, 2.0}), 1), {2, 3}, {0, 1, 0, 0, 0, 2});
  expect_values(x, {2, 3}, {0, 0, 0, 0, 0, 0});
  EXPECT_TRUE(test::identical(slice_scatter(x, zeros({0, 3}), 0, {5}), x));
}

TEST(ViewScatter, EitherSideGetsItsPartOfTheGradient) {
  for (const Tensor& x : test::leaves({3, 3})) {
    test::gradchecks([](const Inputs& v) { return select_scatter(v[0], v[1], 0, 1).exp(); }, {x, leaf({3}, 2)});
    test::gradchecks(
        [](const Inputs& v) {
          return slice_scatter(v[0], v[1], 1, {0, {}, 2}).exp();
        },
        {x, leaf({3, 2}, 2)});
    test::gradchecks([](const Inputs& v) { return diagonal_scatter(v[0], v[1], -1).exp(); }, {x, leaf({2}, 2)});
  }
}

TEST(ViewScatter, ASourceOfAnotherShapeIsRefused) {
  EXPECT_EQ(error_of([] {
              select_scatter(zeros({2, 3}), zeros({1}), 0, 0);
            }),
            "[select_scatter] expected a source of the view's shape (3,), got (1,)");
  EXPECT_EQ(error_of([] {
              slice_scatter(zeros({4}), zeros({1}), 0, {1, 3});
            }),
            "[slice_scatter] expected a source of the view's shape (2,), got (1,)");
  EXPECT_EQ(error_of([] {
              diagonal_scatter(zeros({2, 3}), zeros({3}));
            }),
            "[diagonal_scatter] expected a source of the view's shape (2,), got (3,)");
}

// torch.as_strided_scatter(x, source, (2, 3), (5, 1), 1), whose gradient of x is wrong in PyTorch: it has the elements
// that were replaced
TEST(ViewScatter, AnyStridesMayBeReplaced) {
  const Tensor x = arange(12, {.dtype = float64}).reshape({3, 4}).requires_grad_();
  const Tensor source = full({2, 3}, -1.0, {.dtype = float64, .requires_grad = true});
  const Tensor y = x.as_strided_scatter(source, {2, 3}, {5, 1}, 1);
  EXPECT_TRUE(y.equal(tensor({{0, -1, -1, -1}, {4, 5, -1, -1}, {-1, 9, 10, 11}}).to(float64)));
  (y * arange(12).reshape({3, 4})).sum().backward();
  EXPECT_TRUE(x.grad().equal(tensor({{0, 0, 0, 0}, {4, 5, 0, 0}, {0, 9, 10, 11}}).to(float64)));
  EXPECT_TRUE(source.grad().equal(tensor({{1, 2, 3}, {6, 7, 8}}).to(float64)));
}

// torch.as_strided_scatter(x, source, (2, 2), (4, 2), …): of x with gaps, and of x that begins later in its memory
TEST(ViewScatter, StridesAndOffsetAreThoseOfTheMemory) {
  const Tensor memory = arange(12, {.dtype = float32}), source = full({2, 2}, -1.0);
  const Tensor even = memory.view({3, 2, 2}).select(2, 0), odd = memory.view({3, 2, 2}).select(2, 1);
  EXPECT_TRUE(even.as_strided_scatter(source, {2, 2}, {4, 2}, 1).equal(even));  // what is replaced lies between
  const Tensor y = odd.as_strided_scatter(source, {2, 2}, {4, 2});
  EXPECT_TRUE(y.equal(tensor({{-1.0F, -1.0F}, {-1.0F, -1.0F}, {9.0F, 11.0F}})));
  EXPECT_EQ(y.strides(), Shape({4, 2}));
  EXPECT_TRUE(
      odd.as_strided_scatter(source, {2, 2}, {4, 2}, 5).equal(tensor({{1.0F, 3.0F}, {-1.0F, -1.0F}, {-1.0F, -1.0F}})));
  const Tensor later = memory.slice(0, Slice(4, 12));
  EXPECT_TRUE(later.as_strided_scatter(full({2}, -1.0), {2}, {1}, 5)
                  .equal(tensor({4.0F, -1.0F, -1.0F, 7.0F, 8.0F, 9.0F, 10.0F, 11.0F})));
}

TEST(ViewScatter, WhatIsReplacedInATensorWithGapsHasItsGradients) {
  const Tensor base = arange(12, {.dtype = float64}).requires_grad_();
  const Tensor source = full({2, 2}, -1.0, {.dtype = float64, .requires_grad = true});
  const Tensor y = base.view({3, 2, 2}).select(2, 1).as_strided_scatter(source, {2, 2}, {4, 2});
  (y * arange(6).reshape({3, 2})).sum().backward();
  EXPECT_TRUE(base.grad().equal(tensor({0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 5}).to(float64)));
  EXPECT_TRUE(source.grad().equal(tensor({{0, 1}, {2, 3}}).to(float64)));
}

}  // namespace
}  // namespace tenon::view_scatter_test
