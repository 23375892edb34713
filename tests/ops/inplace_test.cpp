// Changes in place, and when they are refused.
#include "autograd/gradcheck.h"

namespace tenon::ops_inplace_test {
namespace {

using test::element;
using test::error_of;
using test::expect_values;

TEST(InPlace, EqualsTheOrdinaryOperation) {
  for (const DType type : test::number_types)
    for (const Tensor& b : {test::numbers({3, 5}, type, 2), test::numbers({5}, type, 2), test::numbers({3, 1}, type, 2),
                            test::numbers({}, type, 4)})
      for (const Tensor& a : test::layouts(test::numbers({3, 5}, type, 1))) {
        const auto check = [&](const Tensor& wanted, auto change) {
          const Tensor x = zeros_like(a).copy_(a);
          change(x);
          ASSERT_EQ(test::elements(x), test::elements(wanted)) << name(type);
        };
        check(a + b, [&](const Tensor& x) { x.add_(b); });
        check(a - b, [&](const Tensor& x) { x.sub_(b); });
        check(a * b, [&](const Tensor& x) { x.mul_(b); });
        check(add(a, b, 3), [&](const Tensor& x) { x.add_(b, 3); });
        if (is_floating_point(type)) check(a / b, [&](const Tensor& x) { x.div_(b); });
        check(a * 2, [&](const Tensor& x) { x.mul_(2); });
      }
}

TEST(InPlace, EveryViewSeesTheChangeAndTheVersionCounts) {
  const Tensor x = zeros({2, 3});
  const Tensor row = x[1];
  const uint32_t before = x.version();
  row.add_(1);
  expect_values(x, {2, 3}, {0, 0, 0, 1, 1, 1});
  EXPECT_EQ(x.version(), before + 1);
  x.mul_(2).sub_(1).div_(2).zero_();
  EXPECT_EQ(row.version(), before + 5);
}

TEST(InPlace, AResultOfAnotherShapeIsRefused) {
  EXPECT_EQ(error_of([] {
              zeros({3}).add_(zeros({2, 3}));
            }),
            "[add_] the result of shape (2, 3) does not fit into (3,)");
  EXPECT_NE(error_of([] { tensor(1.0).add_(zeros({1})); }), "");
  EXPECT_NE(error_of([] { zeros({3}).mul_(zeros({2})); }), "");
  EXPECT_EQ(error_of([] {
              zeros({3}).copy_(zeros({2, 3}));
            }),
            "[copy_] a source of shape (2, 3) does not fit into (3,)");
}

TEST(InPlace, AResultOfAHigherKindIsRefused) {
  EXPECT_EQ(error_of([] { tensor({1, 2}).add_(0.5); }), "[add_] a result of type float32 cannot be stored into int64");
  EXPECT_EQ(error_of([] {
              tensor({1, 2}).div_(tensor({1, 2}));
            }),
            "[div_] a result of type float32 cannot be stored into int64");
  EXPECT_EQ(error_of([] { tensor({true}).add_(tensor({1})); }),
            "[add_] a result of type int64 cannot be stored into bool");
  EXPECT_NE(error_of([] { tensor({true}).sub_(tensor({true})); }), "");
  EXPECT_NE(error_of([] { tensor({1}).add_(tensor({1}), 0.5); }), "");
  expect_values(tensor({1.0, 2.0}).add_(tensor({0.5, 0.5}, {float64})), {2},
                {1.5, 2.5});  // a wider type of the same kind fits
  expect_values(tensor(std::vector<uint8_t>{250}).add_(tensor({10})), {1}, {4});
  EXPECT_EQ(tensor(std::vector<uint8_t>{250}).add_(tensor({10})).dtype(), uint8);
}

TEST(InPlace, ALeafThatRequiresGradIsRefusedOutsideNoGrad) {
  const Tensor x = ones({2}, {.requires_grad = true});
  const std::string text =
      "a leaf that requires grad is changed in place: do it under tenon::NoGrad, or use the operation that is not in "
      "place";
  EXPECT_EQ(error_of([&] { x.add_(1); }), "[add_] " + text);
  EXPECT_EQ(error_of([&] { x.fill_(1); }), "[fill_] " + text);
  EXPECT_EQ(error_of([&] { x.copy_(ones({2})); }), "[copy_] " + text);
  EXPECT_EQ(error_of([&] { x.clamp_(0, 1); }), "[clamp_] " + text);
  EXPECT_NE(error_of([&] { x[0].fill_(1); }), "");
  expect_values(x, {2}, {1, 1});
  const NoGrad guard;
  x.add_(1);
  expect_values(x, {2}, {2, 2});
  EXPECT_TRUE(x.requires_grad());
}

TEST(InPlace, AnExpandedTensorIsRefused) {
  const Tensor x = zeros({1}).expand({3});
  EXPECT_EQ(
      error_of([&] { x.add_(1); }),
      "[add_] an expanded tensor is changed in place, where several elements are one in memory: clone() it first");
  EXPECT_NE(error_of([&] { x.copy_(ones({3})); }), "");
}

TEST(InPlace, OverlappingMemoryIsReadBeforeItIsWritten) {
  const Tensor square = arange(9.0).reshape({3, 3});
  square.add_(square.t());
  expect_values(square, {3, 3}, {0, 4, 8, 4, 8, 12, 8, 12, 16});
  const Tensor turned = arange(9.0).reshape({3, 3});
  turned.copy_(turned.t());
  expect_values(turned, {3, 3}, {0, 3, 6, 1, 4, 7, 2, 5, 8});
  const Tensor line = arange(5.0);
  line.narrow(0, 1, 4).copy_(line.narrow(0, 0, 4));
  expect_values(line, {5}, {0, 0, 1, 2, 3});
  line.narrow(0, 0, 4).add_(line.narrow(0, 1, 4));
  expect_values(line, {5}, {0, 1, 3, 5, 3});
  const Tensor first = tensor({2.0, 3.0});
  first.mul_(first[0]);
  expect_values(first, {2}, {4, 6});
  line.copy_(line);
  expect_values(line, {5}, {0, 1, 3, 5, 3});
}

TEST(InPlace, WhatIsMadeBesideReadsItselfAsItWasBefore) {
  const Tensor x = arange(4.0).reshape({2, 2});
  x.addmm_(x, x.t());
  expect_values(x, {2, 2}, {1, 4, 5, 16});
  x.clamp_(x.t(), x);  // the upper bound wins
  expect_values(x, {2, 2}, {1, 4, 5, 16});
  x.clamp_(x.t(), full({}, 10.0));
  expect_values(x, {2, 2}, {1, 5, 5, 10});
  x.logical_xor_(x.t() > 5);
  expect_values(x, {2, 2}, {1, 1, 1, 0});
  x.cumsum_(1);
  expect_values(x, {2, 2}, {1, 2, 1, 1});
}

TEST(InPlace, WhatIsMadeBesideIsRecorded) {
  const auto check = [](auto change) {
    test::gradchecks(
        [&](const std::vector<Tensor>& v) {
          const Tensor y = v[0] * 1.5;
          change(y, v[0]);
          return y;
        },
        {test::leaf({3, 3}, 1, 3)});
  };
  check([](const Tensor& y, const Tensor& x) { y.addmm_(y, x, 0.5, 2); });
  check([](const Tensor& y, const Tensor& x) { y.unsqueeze(0).baddbmm_(x.unsqueeze(0), x.unsqueeze(0)); });
  check([](const Tensor& y, const Tensor&) { y.cumprod_(0); });
  check([](const Tensor& y, const Tensor& x) { y.clamp_(x + 1, y); });
  check([](const Tensor& y, const Tensor&) { y.t().tril_().cumsum_(1); });
  check([](const Tensor& y, const Tensor& x) { y.xlogy_(x).atan2_(x); });
  check([](const Tensor& y, const Tensor&) { y.div_(10).logit_().polygamma_(1); });
}

TEST(InPlace, BitsThroughOperators) {
  const Tensor x = tensor({12, 10});
  x &= tensor({9, 6});
  expect_values(x, {2}, {8, 2});
  x |= tensor({1, 1});
  x ^= tensor({3, 3});
  expect_values(x, {2}, {10, 0});
  x <<= tensor({1, 5});
  x >>= tensor({2, 0});
  expect_values(x, {2}, {5, 0});
  x %= 3;
  expect_values(x, {2}, {2, 0});
  EXPECT_EQ(error_of([] { tensor({1.0}) &= tensor({1}); }).substr(0, 14), "[bitwise_and_]");
}

TEST(Copy, ConvertsBetweenAllTypes) {
  for (const DType from : test::all_types)
    for (const DType to : test::all_types)
      for (const Tensor& x : test::layouts(test::numbers({3, 4}, from))) {
        const Tensor y = x.to(to), z = full({3, 4}, 1, {to});
        z.t().copy_(x.t());
        const auto wanted = [&](const Shape& i) {
          const double v = element(x, i);
          if (to == boolean) return v != 0 ? 1.0 : 0.0;
          if (is_floating_point(to)) return v;
          return to == uint8 ? std::fmod(std::trunc(v) + 256, 256) : std::trunc(v);
        };
        ASSERT_EQ(y.dtype(), to);
        test::expect_elements(y, 0, 0, wanted);
        test::expect_elements(z, 0, 0, wanted);
        if (HasFailure()) FAIL() << name(from) << " to " << name(to);
      }
}

TEST(Copy, NanIsTrueAndInfinityIsHalfsInfinity) {
  expect_values(tensor({test::nan, 0.0}).to(boolean), {2}, {1, 0});
  expect_values(tensor({1e6, -1e6}).to(float16), {2}, {test::infinity, -test::infinity});
}

TEST(Fill, TakesANumberInATensor) {  // torch.Tensor.fill_
  const Tensor value = tensor(2.5).requires_grad_(), x = zeros({2, 2});
  x.fill_(value);
  test::expect_values(x, {2, 2}, {2.5, 2.5, 2.5, 2.5});
  (x * tensor({1.0, 2.0})).sum().backward();
  test::expect_values(value.grad(), {}, {6});
  test::expect_values(zeros({2}, {int64}).fill_(tensor(1.7)), {2}, {1, 1});
  test::expect_values(zeros({2}, {uint8}).fill_(tensor(-1.5)), {2}, {255, 255});
  const Tensor own = tensor({3.0, 4.0});
  test::expect_values(own.fill_(own[1]), {2}, {4, 4});
  EXPECT_EQ(error_of([&] { own.fill_(tensor({1.0})); }),
            "[fill_] expected a number or a 0-dim tensor to fill with, got shape (1,)");
}

TEST(Copy, BroadcastsItsSource) {
  const Tensor x = zeros({2, 3});
  x.copy_(tensor({1, 2, 3}));
  expect_values(x, {2, 3}, {1, 2, 3, 1, 2, 3});
  x.copy_(tensor(7.0));
  expect_values(x, {2, 3}, {7, 7, 7, 7, 7, 7});
}

TEST(Copy, CloneKeepsTheMemoryOrderAndContiguousDoesNot) {
  const Tensor x = arange(6.0).reshape({2, 3}).t();
  EXPECT_EQ(x.clone().strides(), x.strides());
  EXPECT_FALSE(x.clone().shares_storage_with(x));
  EXPECT_TRUE(x.contiguous().is_contiguous());
  EXPECT_TRUE(x.t().contiguous().is_same(x.t()) || x.t().contiguous().shares_storage_with(x));
  EXPECT_TRUE(x.to(float32).is_same(x));
}

TEST(Clamp, KeepsNanAndTheRest) {
  const Tensor x = tensor({-2.0, 0.5, 3.0, test::nan});
  expect_values(x.clone().clamp_(-1, 1), {4}, {-1, 0.5, 1, test::nan});
  expect_values(x.clone().clamp_({}, 1.0), {4}, {-2, 0.5, 1, test::nan});
  expect_values(x.clone().clamp_(0, {}), {4}, {0, 0.5, 3, test::nan});
  expect_values(tensor({-5, 5}).clamp_(-1, 1), {2}, {-1, 1});
  EXPECT_EQ(error_of([&] { x.clamp_(std::nullopt, std::nullopt); }), "[clamp_] expected a minimum, a maximum or both");
}

TEST(InPlace, AsFunctionsGiveTheirFirstArgumentBack) {
  const Tensor x = tensor({-1.5, 4.0});
  EXPECT_TRUE(abs_(x).is_same(x));
  expect_values(x, {2}, {1.5, 4});
  EXPECT_TRUE(sqrt_(square_(x)).is_same(x));
  expect_values(clamp_(x, 2, 3), {2}, {2, 3});
  expect_values(clamp_max_(x, 2), {2}, {2, 2});
  expect_values(fill_(x, 7), {2}, {7, 7});
  expect_values(xlogy_(x, 1), {2}, {0, 0});
  expect_values(index_put_(x, {tensor({1})}, tensor(5.0)), {2}, {0, 5});
  expect_values(zero_(x), {2}, {0, 0});
  const Tensor leaf = tensor({2.0}).requires_grad_(), y = leaf * 1;
  exp_(y);
  y.sum().backward();
  EXPECT_TRUE(leaf.grad().allclose(leaf.detach().exp()));
}

}  // namespace
}  // namespace tenon::ops_inplace_test
