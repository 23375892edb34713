// where, clamp, nan_to_num, lerp, addcmul, addcdiv, maximum and its kin: values, types, gradients at ties and bounds.
#include "autograd/gradcheck.h"

namespace tenon::choice_test {
namespace {

using test::element;
using test::error_of;
using test::expect_elements;
using test::expect_values;
using test::infinity;
using test::nan;
using Inputs = std::vector<Tensor>;

TEST(Where, EveryTypeAndLayout) {
  for (const DType type : test::all_types)
    for (const Tensor& condition : test::layouts(test::numbers({3, 37}, boolean, 1)))
      for (const Tensor& a : test::layouts(test::numbers({3, 37}, type, 2)))
        for (const Tensor& b : {test::numbers({3, 37}, type, 3), test::numbers({37}, type, 3),
                                test::numbers({3, 1}, type, 3), test::numbers({}, type, 3)}) {
          const Tensor y = where(condition, a, b);
          ASSERT_EQ(y.dtype(), type);
          expect_elements(y, 0, 0,
                          [&](const Shape& i) { return element(condition, i) != 0 ? element(a, i) : element(b, i); });
          if (HasFailure()) FAIL() << name(type);
        }
}

TEST(Where, TheConditionBroadcastsToo) {
  const Tensor condition = tensor({true, false}).unsqueeze(1);
  expect_values(where(condition, tensor({1.0, 2.0}), tensor({3.0, 4.0})), {2, 2}, {1, 2, 3, 4});
  expect_values(tensor({1, 2}).where(condition, 9), {2, 2}, {1, 2, 9, 9});
  EXPECT_EQ(where(zeros({0, 3}, {boolean}), ones({3}), 0).shape(), (Shape{0, 3}));
}

TEST(Where, TypesOfResults) {
  const Tensor c = tensor({true, false});
  EXPECT_EQ(where(c, ones({2}, {int32}), ones({2}, {float16})).dtype(), float16);
  EXPECT_EQ(where(c, ones({2}, {int32}), 1.5).dtype(), float32);
  EXPECT_EQ(where(c, ones({2}, {float64}), 1.5).dtype(), float64);
  EXPECT_EQ(where(c, ones({2}, {float16}), 0.1).dtype(), float16);
  EXPECT_EQ(where(c, 1, 2).dtype(), int64);
  EXPECT_EQ(where(c, 1, 2.0).dtype(), float32);
  EXPECT_EQ(where(c, true, false).dtype(), boolean);
  EXPECT_EQ(error_of([] { where(tensor({1}), 1, 2); }),
            "[where] expected a condition of type bool, got int64: compare it with 0");
  EXPECT_EQ(error_of([&] { where(c, ones({2}, {uint8}), 300); }), "[where] the number 300 does not fit into uint8");
  EXPECT_NE(error_of([&] { where(c, ones({3}), ones({2})); }), "");
}

TEST(Where, GradientsAreMaskedAndNotMultiplied) {
  const Tensor a = tensor({1.0, 2.0}).requires_grad_(), b = tensor({3.0}).requires_grad_(), c = tensor({true, false});
  where(c, a, b).backward(tensor({infinity, nan}));
  expect_values(a.grad(), {2}, {infinity, 0});
  expect_values(b.grad(), {1}, {nan});
  const Tensor x = test::leaf({2, 3}, 1), y = test::leaf({3}, 2), mask = test::noise({2, 3}) > 0;
  test::gradchecks([&](const Inputs& v) { return where(mask, v[0] * v[0], v[1] * v[1]); }, {x, y});
}

TEST(Clamp, EveryTypeAndBothForms) {
  for (const DType type : test::number_types)
    for (const Tensor& x : test::layouts(test::numbers({3, 7}, type, 1))) {
      const double low = type == uint8 ? 2 : -1;
      expect_elements(x.clamp(low == 2 ? 2 : -1, 4), 0, 0,
                      [&](const Shape& i) { return std::min(std::max(element(x, i), low), 4.0); });
      expect_elements(x.clamp(tensor(low).to(type), full({7}, 4, {type})), 0, 0,
                      [&](const Shape& i) { return std::min(std::max(element(x, i), low), 4.0); });
      ASSERT_EQ(x.clamp(1).dtype(), type);
      const Tensor y = zeros_like(x).copy_(x);
      expect_elements(y.clamp_({}, 1), 0, 0, [&](const Shape& i) { return std::min(element(x, i), 1.0); });
    }
  expect_values(tensor({1.0, nan, 5.0}).clamp(2.0, 0.0), {3}, {0, nan, 0});  // the maximum wins
  expect_values(tensor({1.0, 5.0}).clamp(nan), {2}, {nan, nan});
  expect_values(tensor({1.0, 5.0, 9.0}).clamp(tensor({2.0, nan, 2.0}), tensor({1.0, 7.0, nan})), {3}, {1, nan, nan});
}

TEST(Clamp, TypesAndErrors) {
  EXPECT_EQ(tensor({1, 5}).clamp(2.5).dtype(), float32);
  EXPECT_EQ(tensor({true}).clamp(0).dtype(), int64);
  EXPECT_EQ(error_of([] {
              tensor({1, 5}).clamp_(2.5);
            }),
            "[clamp_] a result of type float32 cannot be stored into int64");
  EXPECT_EQ(error_of([] { tensor({1.0}).clamp(std::optional<Scalar>(), {}); }),
            "[clamp] expected a minimum, a maximum or both");
  EXPECT_EQ(error_of([] { tensor({1.0}).clamp(Tensor(), Tensor()); }), "[clamp] expected a minimum, a maximum or both");
  EXPECT_NE(error_of([] { tensor({true}).clamp(false); }), "");
  const Tensor bytes = tensor(std::vector<uint8_t>{1, 250});
  expect_values(bytes.clamp(-5, 300), {2}, {1, 250});  // bounds beyond the type do not bind
  EXPECT_NE(error_of([&] { bytes.clamp(300); }), "");
  EXPECT_NE(error_of([&] { bytes.clamp({}, -1); }), "");
}

TEST(Clamp, GradientsStopAtNumbersAndAreSharedWithTensors) {
  const Tensor x = tensor({1.0, 2.0, 3.0, nan}).requires_grad_();
  x.clamp(2.0).sum().backward();
  expect_values(x.grad(), {4}, {0, 0, 1, 0});
  x.set_grad({});
  const Tensor low = full({4}, 2.0).requires_grad_(), high = full({4}, 3.0).requires_grad_();
  x.clamp(low, high).sum().backward();
  expect_values(x.grad(), {4}, {0, 0.5, 0.5, 1});
  expect_values(low.grad(), {4}, {1, 0.5, 0, 0});
  expect_values(high.grad(), {4}, {0, 0, 0.5, 0});
  const Tensor a = (test::noise({3, 4}, float64, 1) * 3).requires_grad_(),
               l = (test::noise({4}, float64, 2) - 1).requires_grad_(),
               h = (test::noise({3, 1}, float64, 3) + 1).requires_grad_();
  test::gradchecks([](const Inputs& v) { return v[0].clamp(v[1], v[2]) * v[0]; }, {a, l, h});
  test::gradchecks([](const Inputs& v) { return v[0].clamp(-1.0, 1.5) * v[0]; }, {a});
  test::gradcheck([](const Inputs& v) { return (v[0] * 1.0).clamp_(-1.0, 1.5); }, {a});
}

TEST(NanToNum, ReplacesWhatIsNoNumber) {
  const Tensor x = tensor({nan, infinity, -infinity, 1.0});
  expect_values(x.nan_to_num(), {4}, {0, std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest(), 1});
  expect_values(x.nan_to_num(3, 4, 5), {4}, {3, 4, 5, 1});
  expect_values(x.to(float16).nan_to_num(), {4}, {0, 65504, -65504, 1});
  expect_values(x.to(bfloat16).nan_to_num().isfinite(), {4}, {1, 1, 1, 1});
  expect_values(tensor({1, 2}).nan_to_num(), {2}, {1, 2});
  const Tensor leaf = x.detach().requires_grad_();
  leaf.nan_to_num().sum().backward();
  expect_values(leaf.grad(), {4}, {0, 0, 0, 1});
}

TEST(Extremum, NanWinsOrLoses) {
  const Tensor a = tensor({nan, 1.0, nan, 2.0}), b = tensor({1.0, nan, nan, 3.0});
  expect_values(fmax(a, b), {4}, {1, 1, nan, 3});
  expect_values(fmin(a, b), {4}, {1, 1, nan, 2});
  expect_values(fmax(tensor({1, 5}), tensor({2, 3})), {2}, {2, 5});
}

TEST(Extremum, TiesShareAndAnInfiniteGradientStaysWhereItBelongs) {
  for (const auto f : {maximum, minimum, fmax, fmin}) {
    const Tensor a = tensor({1.0, 2.0, 3.0}).requires_grad_(), b = tensor({1.0, 3.0, 2.0}).requires_grad_();
    f(a, b).backward(tensor({1.0, infinity, infinity}));
    const bool larger = f == maximum || f == fmax;
    expect_values(a.grad(), {3}, {0.5, larger ? 0 : infinity, larger ? infinity : 0});
    expect_values(b.grad(), {3}, {0.5, larger ? infinity : 0, larger ? 0 : infinity});
    test::gradchecks([f](const Inputs& v) { return f(v[0], v[1]) * v[0]; },
                     {test::leaf({2, 3}, 1), test::leaf({3}, 2)});
  }
  const Tensor a = tensor({nan}).requires_grad_(), b = tensor({1.0}).requires_grad_();
  maximum(a, b).sum().backward();
  expect_values(a.grad(), {1}, {1});
  expect_values(b.grad(), {1}, {1});
}

TEST(Interpolate, ValuesInEveryRealType) {
  for (const DType type : test::real_types)
    for (const Tensor& x : test::layouts(test::numbers({3, 5}, type, 1))) {
      const Tensor a = test::numbers({5}, type, 2), b = test::numbers({3, 1}, type, 3) + 3;
      const double tolerance = test::tolerance(type) * 4;
      expect_elements(x.addcmul(a, b, 0.5), tolerance, tolerance,
                      [&](const Shape& i) { return element(x, i) + 0.5 * element(a, i) * element(b, i); });
      expect_elements(x.addcdiv(a, b, 0.5), tolerance, tolerance,
                      [&](const Shape& i) { return element(x, i) + 0.5 * element(a, i) / element(b, i); });
      expect_elements(x.lerp(a, b), tolerance * 4, tolerance * 4,
                      [&](const Shape& i) { return element(x, i) + element(b, i) * (element(a, i) - element(x, i)); });
      expect_elements(x.lerp(a, 0.25), tolerance, tolerance,
                      [&](const Shape& i) { return element(x, i) + 0.25 * (element(a, i) - element(x, i)); });
      ASSERT_EQ(x.lerp(a, 0.25).dtype(), type);
      const auto copy = [&] { return zeros_like(x).copy_(x); };
      EXPECT_TRUE(test::identical(copy().addcmul_(a, b, 0.5), x.addcmul(a, b, 0.5)));
      EXPECT_TRUE(test::identical(copy().addcdiv_(a, b, 0.5), x.addcdiv(a, b, 0.5)));
      EXPECT_TRUE(test::identical(copy().lerp_(a, b), x.lerp(a, b)));
      EXPECT_TRUE(test::identical(copy().lerp_(a, 0.25), x.lerp(a, 0.25)));
    }
  expect_values(tensor({1.0, 5.0}).lerp(tensor({7.0, 9.0}), 1.0), {2}, {7, 9});  // the end exactly
  expect_values(tensor({1}).addcmul(tensor({2}), tensor({3}), 4), {1}, {25});
}

TEST(Interpolate, TypesAreCheckedAsPyTorchChecksThem) {
  const Tensor x = ones({2}), i = ones({2}, {int32}), h = ones({2}, {float16}), d = ones({2}, {float64});
  EXPECT_EQ(i.addcmul(h, h).dtype(), float16);
  EXPECT_EQ(h.addcmul(x, x).dtype(), float32);
  EXPECT_EQ(h.clone().addcmul_(x, x).dtype(), float16);
  EXPECT_EQ(x.addcdiv(i, x).dtype(), float32);
  EXPECT_NE(error_of([&] { i.addcdiv(i, i); }), "");
  EXPECT_NE(error_of([&] { i.clone().addcmul_(x, x); }), "");
  EXPECT_NE(error_of([&] { x.lerp(d, 0.5); }), "");
  EXPECT_NE(error_of([&] { x.lerp(x, d); }), "");
  EXPECT_NE(error_of([&] { i.lerp(i, 0.5); }), "");
  EXPECT_EQ(x.lerp(x, tensor(0.3, {float64})).dtype(), float32);
}

TEST(Interpolate, Derivatives) {
  const Tensor x = test::leaf({2, 3}, 1), a = test::leaf({3}, 2), b = test::leaf({2, 1}, 3, 2.5);
  test::gradchecks([](const Inputs& v) { return v[0].addcmul(v[1], v[2], 0.7) * v[0]; }, {x, a, b});
  test::gradchecks([](const Inputs& v) { return v[0].addcdiv(v[1], v[2], 0.7) * v[0]; }, {x, a, b});
  test::gradchecks([](const Inputs& v) { return v[0].lerp(v[1], v[2]) * v[0]; }, {x, a, b});
  test::gradchecks([](const Inputs& v) { return v[0].lerp(v[1], 0.3) * v[0]; }, {x, a});
  test::gradcheck([](const Inputs& v) { return (v[0] * 1.0).lerp_(v[1], v[2]); }, {x, a, b});
  test::gradcheck([](const Inputs& v) { return (v[0] * 1.0).addcmul_(v[1], v[2], 2).addcdiv_(v[1], v[2]); }, {x, a, b});
}

TEST(Where, LongStridedRowsOfEverySizeOfElement) {
  for (const DType type : {int8, bfloat16, float32, float64, complex128}) {
    const Tensor both = arange(2 * 1300).remainder(100).reshape({1300, 2}).to(type),
                 condition = arange(1300).remainder(3) == 0;
    const Tensor y = where(condition, both.select(1, 0), both.select(1, 1));
    for (const int64_t i : {0, 1, 2, 3, 511, 512, 600, 1299})
      EXPECT_EQ(y[i].to(int64).item<int64_t>(), (2 * i + (i % 3 == 0 ? 0 : 1)) % 100) << name(type) << ' ' << i;
  }
}

}  // namespace
}  // namespace tenon::choice_test
