// Changes in place and the tape: what is recorded, what is stale, what is refused.
#include "autograd/gradcheck.h"

namespace tenon::autograd_inplace_test {
namespace {

using test::error_of;
using test::expect_values;

Tensor leaf(const std::vector<double>& values) { return tensor(values, {.requires_grad = true}); }

TEST(InPlaceTape, AChangeOfAResultIsRecorded) {
  using Inputs = std::vector<Tensor>;
  const auto changed = [](auto change) {
    return [change](const Inputs& in) {
      Tensor y = in[0].exp() * 1;
      change(y, in[1]);
      return y * y;
    };
  };
  const std::vector<test::Function> functions{
      changed([](const Tensor& y, const Tensor& b) { y.add_(b, 2); }),
      changed([](const Tensor& y, const Tensor& b) { y.sub_(b); }),
      changed([](const Tensor& y, const Tensor& b) { y.mul_(b).mul_(b); }),
      changed([](const Tensor& y, const Tensor& b) { y.div_(b); }),
      changed([](const Tensor& y, const Tensor& b) { y.copy_(b); }),
      changed([](const Tensor& y, const Tensor& b) { y.mul_(3).add_(b).add_(1); })};
  for (std::size_t k = 0; k < functions.size(); ++k) {
    const Inputs in{test::leaf({2, 3}, 1), test::leaf({3}, 2, 3)};
    if (k == 4) {  // nothing of the first is left
      const Inputs second{test::noise({2, 3}, float64), in[1]};
      test::gradchecks(functions[k], second);
    } else {
      test::gradchecks(functions[k], in);
    }
    if (HasFailure()) FAIL() << "function " << k;
  }
}

TEST(InPlaceTape, ATensorMayChangeItselfByItself) {
  const Tensor x = leaf({2, 3});
  Tensor y = x * 1;
  y.mul_(y);
  y.add_(y);
  y.sum().backward();
  expect_values(x.grad(), {2}, {8, 12});
  EXPECT_EQ(y.impl()->use_count(), 1U);  // its node does not keep it alive
  Tensor z = x * 1;
  z.copy_(z);
  EXPECT_TRUE(z.requires_grad());
}

TEST(InPlaceTape, AFreshTensorTakesPartOnceSomethingRecordedIsPutIn) {
  const Tensor x = leaf({2, 3});
  const Tensor buffer = zeros({2, 2});
  buffer.add_(x);
  buffer.sum().backward();
  expect_values(x.grad(), {2}, {2, 2});
}

TEST(InPlaceTape, WhatIsOverwrittenGetsZeros) {
  const Tensor x = leaf({2, 3});
  const Tensor y = x * 2;
  y.fill_(1);
  EXPECT_TRUE(y.requires_grad());
  y.sum().backward();
  expect_values(x.grad(), {2}, {0, 0});
  const Tensor z = x * 2;
  z.copy_(ones({2}));
  EXPECT_TRUE(z.requires_grad());
  z.sum().backward();
  expect_values(x.grad(), {2}, {0, 0});
  const Tensor drawn = x * 2;
  drawn.normal_();
  drawn.sum().backward();
  expect_values(x.grad(), {2}, {0, 0});
}

TEST(InPlaceTape, ASavedTensorThatWasChangedIsAnError) {
  const Tensor x = leaf({1, 2});
  const Tensor y = x.exp(), z = y * 1;  // exp saves its result
  y.add_(1);
  EXPECT_EQ(error_of([&] { y.sum().backward(); }),
            "[backward] a tensor needed for the gradient of exp was changed in place: float32 (2,), now at version 1, "
            "saved at version 0; use the "
            "operation that is not in place, or clone() first");
  const Tensor weight = leaf({3, 4});
  const Tensor product = x * weight;
  {
    const NoGrad guard;
    weight.add_(1);
  }
  EXPECT_NE(error_of([&] { product.sum().backward(); }), "");
  const Tensor base = tensor({1.0, 2.0, 3.0});
  const Tensor by_view = x * base.narrow(0, 0, 2);
  base[2].fill_(7);  // another element, but the same memory: as in PyTorch
  EXPECT_NE(error_of([&] { by_view.sum().backward(); }), "");
}

TEST(InPlaceTape, AChangeOfWhatWasNotSavedIsNone) {
  const Tensor x = leaf({1, 2});
  const Tensor y = x * 2, z = y + 1;
  y.add_(5);
  z.sum().backward();
  expect_values(x.grad(), {2}, {2, 2});
}

TEST(InPlaceTape, AViewOfALeafOutlivesChangesUnderNoGrad) {
  const Tensor w = leaf({1, 2});
  const Tensor view = w.view({2, 1});
  {
    const NoGrad guard;
    w.add_(1);
  }
  view.sum().backward();
  expect_values(w.grad(), {2}, {1, 1});
}

}  // namespace
}  // namespace tenon::autograd_inplace_test
