// How gradients meet: at leaves, at shared results, over several passes.
#include "tensor/check.h"

namespace tenon::accumulate_test {
namespace {

using test::error_of;
using test::expect_values;

Tensor leaf(const std::vector<double>& values) { return tensor(values, {.requires_grad = true}); }

TEST(Backward, GradientsAccumulateOverPasses) {
  const Tensor x = leaf({1, 2});
  EXPECT_FALSE(x.grad().defined());
  (x * 3).sum().backward();
  (x * x).sum().backward();
  expect_values(x.grad(), {2}, {5, 7});
  x.set_grad({});
  (x * 3).sum().backward();
  expect_values(x.grad(), {2}, {3, 3});
}

TEST(Backward, ALeafUsedManyTimesGetsTheSum) {
  const Tensor x = leaf({2});
  Tensor y = x;
  for (int i = 0; i < 9; ++i) y = y * x;
  y.sum().backward();
  expect_values(x.grad(), {1}, {10 * 512});
}

TEST(Backward, ASharedResultIsGoneThroughOnce) {
  const Tensor x = leaf({0.5});
  Tensor y = x * 1;
  for (int i = 0; i < 40; ++i) y = y + y;  // 2^40 ways back
  y.sum().backward();
  expect_values(x.grad(), {1}, {std::ldexp(1.0, 40)});
}

TEST(Backward, OneGradientReachingTwoLeavesIsNotShared) {
  const Tensor a = leaf({1, 2}), b = leaf({3, 4});
  for (const bool create_graph : {false, true}) {
    a.set_grad({});
    b.set_grad({});
    (a + b).sum().backward({}, {.create_graph = create_graph});
    EXPECT_FALSE(a.grad().shares_storage_with(b.grad()));
    (a * 2).sum().backward();
    expect_values(a.grad(), {2}, {3, 3});
    expect_values(b.grad(), {2}, {1, 1});
  }
}

TEST(Backward, TheGradientGivenIsNotKeptNorChanged) {
  const Tensor x = leaf({1, 2}), given = tensor({3.0, 4.0});
  for (const bool create_graph : {false, true}) {
    x.set_grad({});
    (x + 0).backward(given, {.create_graph = create_graph});
    (x + 0).backward(given);
    x.backward(given);
    expect_values(x.grad(), {2}, {9, 12});
    expect_values(given, {2}, {3, 4});
  }
}

TEST(Backward, TheGradientGivenMustFit) {
  const Tensor x = leaf({1, 2});
  EXPECT_EQ(error_of([&] { (x * 2).backward(); }),
            "[backward] a gradient can only be made up for a tensor of one element, this has shape (2,): pass one");
  EXPECT_EQ(error_of([&] { (x * 2).backward(ones({3})); }), "[backward] expected a gradient of shape (2,), got (3,)");
  (x * 2).backward(ones({2}, {float64}));
  EXPECT_EQ(x.grad().dtype(), float32);
  EXPECT_EQ(
      error_of([] { ones({1}).backward(); }),
      "[backward] this tensor does not require grad and was not computed from one that does: nothing was recorded");
}

TEST(Backward, ALeafIsItsOwnRoot) {
  const Tensor x = leaf({5});
  x.backward();
  expect_values(x.grad(), {1}, {1});
}

TEST(Backward, OnlyWhatRequiresGradGetsOne) {
  const Tensor x = leaf({1, 2}), c = tensor({3.0, 4.0});
  const Tensor y = x * c;
  EXPECT_FALSE(c.requires_grad());
  EXPECT_TRUE(y.requires_grad());
  EXPECT_FALSE(y.is_leaf());
  EXPECT_TRUE(x.is_leaf());
  y.sum().backward();
  EXPECT_FALSE(c.grad().defined());
  EXPECT_FALSE(y.grad().defined());
}

TEST(Backward, DetachCutsTheWayBack) {
  const Tensor x = leaf({3});
  (x * x.detach()).sum().backward();
  expect_values(x.grad(), {1}, {3});
  EXPECT_FALSE((x * 2).detach().requires_grad());
}

TEST(Backward, ASecondPassNeedsRetainGraph) {
  const Tensor x = leaf({2});
  const Tensor y = (x * x).sum();
  y.backward({}, {.retain_graph = true});
  y.backward();
  expect_values(x.grad(), {1}, {8});
  EXPECT_EQ(error_of([&] { y.backward(); }),
            "[backward] trying to run backward through the graph a second time, or to use saved tensors after they "
            "were freed: pass {.retain_graph = true} to the first backward() (mul)");
}

TEST(Backward, WhatSavedNothingCanBeGoneThroughAgain) {
  const Tensor x = leaf({2});
  const Tensor y = (x + 1).sum();
  y.backward();
  y.backward();
  expect_values(x.grad(), {1}, {2});
}

// As in PyTorch: functions of one tensor whose gradients need neither their input nor their result.
TEST(Backward, WhatAPointwiseFunctionDoesNotSaveIsNotMissedInAnotherPass) {
  const std::pair<Tensor (*)(const Tensor&), double> functions[] = {
      {[](const Tensor& x) { return -x; }, -2},      {[](const Tensor& x) { return x.frac(); }, 2},
      {[](const Tensor& x) { return x.sign(); }, 0}, {[](const Tensor& x) { return x.floor(); }, 0},
      {[](const Tensor& x) { return x.ceil(); }, 0}, {[](const Tensor& x) { return x.round(); }, 0},
      {[](const Tensor& x) { return x.trunc(); }, 0}};
  for (const auto& [function, twice] : functions) {
    const Tensor x = leaf({2});
    const Tensor y = function(x);
    y.backward();
    y.backward();
    expect_values(x.grad(), {1}, {twice});
  }
  const Tensor kept = leaf({2}), y = kept.exp();
  y.backward();
  EXPECT_NE(error_of([&] { y.backward(); }).find("(exp)"), std::string::npos);
}

TEST(Backward, CreateGraphRecordsTheGradient) {
  const Tensor x = leaf({2});
  (x * x * x).sum().backward({}, {.create_graph = true});
  const Tensor first = x.grad();  // 3x²
  EXPECT_TRUE(first.requires_grad());
  x.set_grad({});
  first.sum().backward({}, {.create_graph = true});
  const Tensor second = x.grad();  // 6x
  x.set_grad({});
  second.sum().backward();
  expect_values(first, {1}, {12});
  expect_values(second, {1}, {12});
  expect_values(x.grad(), {1}, {6});
}

TEST(Backward, AGradientLiesInMemoryAsItsLeaf) {
  const Tensor w = arange(6.0).reshape({2, 3}).t().requires_grad_();  // (3, 2), column-major
  ASSERT_FALSE(w.is_contiguous());
  for (int pass = 0; pass < 2; ++pass) {
    (w.contiguous() * arange(6.0).reshape({3, 2})).sum().backward();
    EXPECT_EQ(w.grad().strides(), w.strides());
  }
  expect_values(w.grad(), {3, 2}, {0, 2, 4, 6, 8, 10});
  const Tensor gaps = zeros({4, 2}).select(1, 0).requires_grad_();
  (gaps * 2).sum().backward();
  EXPECT_TRUE(gaps.grad().is_contiguous());
}

TEST(Backward, AGradientThatNobodyElseHoldsIsKeptAsItIs) {
  const Tensor x = leaf({1, 2, 3, 4});
  const void* data = nullptr;
  x.register_hook([&](const Tensor& g) {
    data = g.raw_data();
    return Tensor();
  });
  const Tensor square = x.view({2, 2});
  (square * square).sum().backward();  // what comes is a view, and all that is left of its base
  EXPECT_EQ(x.grad().raw_data(), data);
  x.grad().detach_();
  expect_values(x.grad(), {4}, {2, 4, 6, 8});
}

TEST(Backward, AnExpandedGradientIsMadeWhole) {
  const Tensor x = leaf({1, 2, 3});
  x.sum().backward();
  EXPECT_TRUE(x.grad().is_contiguous());
  x.sum().backward();
  expect_values(x.grad(), {3}, {2, 2, 2});
}

TEST(Backward, AnErrorOnTheWayLeavesTheTapeUsable) {
  const Tensor x = leaf({2});
  const Tensor y = (x * 2).exp();
  const Tensor z = y.sum();
  {
    const NoGrad guard;
    y.add_(1);
  }
  EXPECT_NE(error_of([&] { z.backward(); }), "");
  EXPECT_TRUE(is_grad_enabled());
  (x * 3).sum().backward();
  expect_values(x.grad(), {1}, {3});
}

TEST(SetGrad, ChecksWhatItIsGiven) {
  const Tensor x = leaf({1, 2});
  EXPECT_EQ(error_of([&] { x.set_grad(ones({3})); }), "[set_grad] expected a gradient of shape (2,), got (3,)");
  EXPECT_EQ(error_of([&] { x.set_grad(ones({2}, {float64})); }),
            "[set_grad] expected a gradient of type float32, got float64");
  EXPECT_EQ(error_of([&] { x.set_grad(ones({2}, {.device = kMeta})); }),
            "[set_grad] expected a gradient on cpu, got one on meta");
  x.set_grad(tensor({5.0, 6.0}));
  (x * 1).sum().backward();
  expect_values(x.grad(), {2}, {6, 7});
}

TEST(SetGrad, ATensorDoesNotHoldItself) {
  std::vector<float> memory{1, 2};
  bool freed = false;
  {
    const Tensor x = from_blob(memory.data(), {2}, float32, [&] { freed = true; });
    EXPECT_EQ(error_of([&] { x.set_grad(x); }), "[set_grad] a tensor cannot be its own gradient: clone() it");
    x.set_grad(x.view({2}));  // which would hold its base
    expect_values(x.grad(), {2}, {1, 2});
    EXPECT_TRUE(x.grad().shares_storage_with(x));
  }
  EXPECT_TRUE(freed);
}

TEST(RequiresGrad, BelongsToFloatingPointLeaves) {
  EXPECT_EQ(error_of([] { arange(2).requires_grad_(); }),
            "[requires_grad_] only floating-point and complex tensors can require grad, this has int64");
  const Tensor x = leaf({1});
  const Tensor y = x * 2;
  EXPECT_EQ(error_of([&] { y.requires_grad_(false); }),
            "[requires_grad_] only a leaf's flag can be changed: use detach() for this tensor, which was computed");
  x.requires_grad_(false);
  EXPECT_FALSE((x * 2).requires_grad());
}

}  // namespace
}  // namespace tenon::accumulate_test
