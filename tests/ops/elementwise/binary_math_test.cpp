// Real functions of two numbers, comparisons with logic, and numbers beside tensors.
#include <numbers>

#include "autograd/gradcheck.h"

namespace tenon::binary_math_test {
namespace {

using test::element;
using test::error_of;
using test::expect_elements;
using test::expect_values;
using test::infinity;
using test::nan;
using Inputs = std::vector<Tensor>;

struct Case {
  const char* name;
  Tensor (*function)(const Tensor&, const Tensor&);
  double (*wanted)(double, double);
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"atan2", atan2, [](double a, double b) { return std::atan2(a, b); }},
      {"hypot", hypot, [](double a, double b) { return std::hypot(a, b); }},
      {"copysign", copysign, [](double a, double b) { return std::copysign(a, b); }},
      {"logaddexp", logaddexp, [](double a, double b) { return std::log(std::exp(a) + std::exp(b)); }},
      {"logaddexp2", logaddexp2, [](double a, double b) { return std::log2(std::exp2(a) + std::exp2(b)); }},
      {"xlogy", xlogy, [](double a, double b) { return a == 0 ? 0 : a * std::log(b); }},
  };
  return all;
}

TEST(BinaryMath, EveryRealTypeLayoutAndBroadcast) {
  for (const Case& c : cases())
    for (const DType type : test::real_types)
      for (const Tensor& a : test::layouts(test::numbers({3, 37}, type, 1)))
        for (const Tensor& b : {test::numbers({3, 37}, type, 2).abs() + 0.5, test::numbers({37}, type, 2).abs() + 0.5,
                                test::numbers({3, 1}, type, 2).abs() + 0.5}) {
          const Tensor y = c.function(a, b);
          ASSERT_EQ(y.dtype(), type);
          expect_elements(y, test::tolerance(type) * 2, test::tolerance(type) * 2,
                          [&](const Shape& i) { return c.wanted(element(a, i), element(b, i)); });
          if (HasFailure()) FAIL() << c.name << " of " << name(type);
        }
}

TEST(BinaryMath, Derivatives) {
  const Tensor a = test::leaf({2, 3}, 1, 2), b = test::leaf({3}, 2, 2.5);
  for (const Case& c : cases()) {
    test::gradchecks([&](const Inputs& v) { return c.function(v[0], v[1]); }, {a, b});
    if (HasFailure()) FAIL() << c.name;
  }
}

TEST(BinaryMath, EdgesAndTheirDerivatives) {
  expect_values(hypot(tensor({infinity, nan}), tensor({nan, infinity})), {2}, {infinity, infinity});
  expect_values(logaddexp(tensor({infinity, -infinity, -infinity, nan}), tensor({infinity, -infinity, 1.0, 1.0})), {4},
                {infinity, -infinity, 1, nan});
  expect_values(xlogy(tensor({0.0, 0.0, 0.0, 2.0}), tensor({nan, -1.0, 0.0, -1.0})), {4}, {nan, 0, 0, nan});
  expect_values(heaviside(tensor({nan, 0.0, -1.0, 2.0}), tensor({5.0, 0.5, 1.0, nan})), {4}, {0, 0.5, 0, 1});
  const Tensor zero = tensor({0.0}).requires_grad_(), other = tensor({0.0}).requires_grad_();
  atan2(zero, other).sum().backward();
  expect_values(zero.grad(), {1}, {0});
  zero.set_grad({});
  copysign(zero, -1.0).sum().backward();
  expect_values(zero.grad(), {1}, {0});
  zero.set_grad({});
  xlogy(zero, other).sum().backward();
  expect_values(zero.grad(), {1}, {0});
}

TEST(BinaryMath, LdexpGoesBeyondThePowersOfItsType) {  // torch.ldexp
  expect_values(ldexp(tensor({1e-30, 1e30, 1.0, 1.0, 0.0}), tensor({200, -200, -149, 128, 200})), {5},
                {1.60693805e30, 6.22301528e-31, 1.40129846e-45, infinity, 0}, 1e-6);
  expect_values(ldexp(tensor({1e-200}, {float64}), tensor({1200})), {1}, {1.721847945638575e161}, 1e-14);
  expect_values(ldexp(tensor({1.0}, {float64}), tensor({-1074})), {1}, {0x1p-1074});
  expect_values(ldexp(tensor({1e-4, 1.5}, {float16}), tensor({20, 20})), {2}, {104.875, infinity});
  expect_values(ldexp(tensor({0x1p-133}, {bfloat16}), tensor({259})), {1}, {0x1p126});  // 259 is no bfloat16
  const Tensor whole = ldexp(tensor({3}), tensor({4}));
  EXPECT_EQ(whole.dtype(), float32);
  expect_values(whole, {1}, {48});
  expect_values(ldexp(tensor({1.0}), tensor({2.5})), {1}, {5.65685425}, 1e-6);
  test::gradchecks([](const auto& v) { return ldexp(v[0], tensor({{1}, {-2}})); }, {test::leaf({3})});
}

TEST(BinaryMath, NextafterInEveryRealType) {
  for (const auto& [type, step] : std::vector<std::pair<DType, double>>{
           {float16, 0x1p-10}, {bfloat16, 0x1p-7}, {float32, 0x1p-23}, {float64, 0x1p-52}}) {
    const Tensor x = tensor({1.0, -1.0, 0.0, nan, 2.0}, {type}), to = tensor({2.0, -2.0, -1.0, 1.0, 2.0}, {type});
    const Tensor y = nextafter(x, to);
    EXPECT_EQ(element(y, {0}), 1 + step);
    EXPECT_EQ(element(y, {1}), -1 - step);
    EXPECT_LT(element(y, {2}), 0);
    EXPECT_TRUE(std::isnan(element(y, {3})));
    EXPECT_EQ(element(y, {4}), 2);
  }
  const Tensor from = tensor({1.0, 2.0}).requires_grad_(), towards = tensor({2.0, 2.0}).requires_grad_();
  nextafter(from, towards).sum().backward();  // as if the step were none, and 0 where it is none, as in PyTorch
  expect_values(from.grad(), {2}, {1, 0});
  expect_values(towards.grad(), {2}, {0, 0});
}

TEST(BinaryMath, TypesOfResults) {
  const Tensor i = ones({2}, {int32}), b = ones({2}, {boolean});
  EXPECT_EQ(atan2(i, b).dtype(), float32);
  EXPECT_EQ(copysign(i, i).dtype(), float32);
  EXPECT_EQ(xlogy(i, i).dtype(), float32);
  EXPECT_NE(error_of([&] { hypot(i, i); }), "");
  EXPECT_NE(error_of([&] { logaddexp(i, i); }), "");
  EXPECT_NE(error_of([&] { heaviside(i, b); }), "");
  EXPECT_EQ(heaviside(i, i).dtype(), int32);
}

TEST(Logic, AnyTypesGiveBool) {
  for (const DType type : test::all_types) {
    const Tensor a = tensor({1, 1, 0, 0}).to(type), b = tensor({1.5, 0.0, nan, 0.0});
    expect_values(logical_and(a, b), {4}, {1, 0, 0, 0});
    expect_values(logical_or(a, b), {4}, {1, 1, 1, 0});
    expect_values(logical_xor(a, b), {4}, {0, 1, 1, 0});
    EXPECT_EQ(logical_and(a, a).dtype(), boolean);
  }
}

TEST(Logic, IscloseEqualAndAllclose) {
  const Tensor a = tensor({infinity, nan, 1.0, 1.0}), b = tensor({infinity, nan, 1.000001, 1.1});
  expect_values(isclose(a, b), {4}, {1, 0, 1, 0});
  expect_values(isclose(a, b, 1e-5, 1e-8, true), {4}, {1, 1, 1, 0});
  expect_values(isclose(tensor({3, 4}), tensor({4, 4}), 0, 1), {2}, {1, 1});
  expect_values(isclose(tensor({infinity}), tensor({1.0}), 0, infinity), {1}, {0});
  EXPECT_NE(error_of([&] { isclose(a, b, -1); }), "");
  EXPECT_NE(error_of([&] { isclose(a, b.to(float64)); }), "");
  EXPECT_TRUE(equal(tensor({3}), tensor({3.0})));
  EXPECT_FALSE(equal(tensor({3}), tensor({{3}})));
  EXPECT_FALSE(equal(tensor({nan}), tensor({nan})));
  EXPECT_TRUE(equal(zeros({0}), zeros({0})));
  EXPECT_TRUE(allclose(tensor({3.0}), tensor({{3.0}, {3.0}})));
  EXPECT_FALSE(allclose(a, b));
}

TEST(Numbers, BesideHalfTypesAreNotRoundedInProductsAndQuotients) {
  for (const DType type : {float16, bfloat16}) {
    const Tensor x = (test::noise({300}) * 3).to(type), wide = x.to(float32);
    EXPECT_TRUE(test::identical(x * 0.1, (wide * 0.1).to(type)));
    EXPECT_TRUE(test::identical(x / 0.1, (wide / 0.1).to(type)));
    EXPECT_TRUE(test::identical(x * tensor(0.1, {float64}), (wide * 0.1).to(type)));
    EXPECT_TRUE(test::identical(x.clone().mul_(0.1), (wide * 0.1).to(type)));
    EXPECT_TRUE(test::identical(x.lerp(x * 2, 0.1), wide.lerp((x * 2).to(float32), 0.1).to(type)));
    const double rounded = test::rounded(0.1, type);  // and are in sums and comparisons, as in PyTorch
    EXPECT_TRUE(test::identical(x + 0.1, (wide + rounded).to(type)));
    expect_values(tensor({0.1}, {type}) == 0.1, {1}, {1});
  }
}

TEST(Numbers, BesideSmallIntegersKeepTheirValueWhereTheResultIsReal) {
  const Tensor x = tensor(std::vector<uint8_t>{3, 30});
  expect_values(x / 300, {2}, {0.01, 0.1}, 1e-6);
  expect_values(copysign(x, -1), {2}, {-3, -30});
  expect_values(x + 300, {2}, {47, 74});  // the result is uint8: wraps around
  expect_values(x == 259, {2}, {1, 0});
}

TEST(Numbers, Int64BeyondWhatADoubleHolds) {
  const int64_t n = (int64_t{1} << 53) + 1;
  const Tensor x = tensor(std::vector<int64_t>{1});
  EXPECT_EQ(add(x, x, n).item<int64_t>(), n + 1);
  EXPECT_EQ(sub(x, x, n).item<int64_t>(), 1 - n);
  EXPECT_EQ((x * n).item<int64_t>(), n);
  EXPECT_EQ(where(tensor({false}), x, n).item<int64_t>(), n);
  EXPECT_EQ(x.addcmul(x, x, n).item<int64_t>(), n + 1);
  EXPECT_EQ(tensor(std::vector<int64_t>{n}).clamp(n + 2).item<int64_t>(), n + 2);
}

TEST(Numbers, AlphaIsCheckedAgainstTheResult) {
  const Tensor b = tensor({true}), i = tensor({1}), u = tensor(std::vector<uint8_t>{1});
  expect_values(add(b, b, true), {1}, {1});
  EXPECT_NE(error_of([&] { add(i, i, true); }), "");
  EXPECT_NE(error_of([&] { i.clone().add_(i, 0.5); }), "");
  EXPECT_EQ(error_of([&] { add(u, u, 300); }), "[add] the number 300 does not fit into uint8");
  EXPECT_NE(error_of([&] { i - true; }), "");
}

}  // namespace
}  // namespace tenon::binary_math_test
