// Special functions against values of PyTorch 2.15 (float64) and of tables.
#include <numbers>

#include "autograd/gradcheck.h"

namespace tenon::erf_gamma_test {
namespace {

using test::element;
using test::error_of;
using test::expect_values;
using test::infinity;
using test::nan;

constexpr double euler = 0.57721566490153286061, pi = std::numbers::pi;

Tensor doubles(const std::vector<double>& v) { return tensor(v, {float64}); }

TEST(Special, ErfinvUndoesErf) {
  for (const double x : {1e-12, 1e-5, 0.1, 0.3, 0.5, 0.9, 0.99, 0.999999, 0.9999999999, -0.7, -0.99999}) {
    const double y = doubles({x}).erfinv().item<double>();
    if (std::abs(x) < 0.5) EXPECT_NEAR(std::erf(y) / x, 1, 1e-14) << x;
    else EXPECT_NEAR(std::erfc(std::abs(y)) / (1 - std::abs(x)), 1, 1e-12) << x;
    EXPECT_EQ(std::signbit(y), std::signbit(x));
  }
  expect_values(doubles({0, 1, -1, 2, nan, 0.5}).erfinv(), {6}, {0, infinity, -infinity, nan, nan, 0.47693627620446982},
                1e-14);
  EXPECT_NEAR(tensor({0.9999999}).erfinv().item<float>(), 3.7439213, 1e-5);
}

TEST(Special, DigammaAtKnownPlaces) {
  expect_values(
      doubles({1, 2, 0.5, 10, 1e6, 100.5}).digamma(), {6},
      {-euler, 1 - euler, -euler - 2 * std::numbers::ln2, 2.2517525890667211, 13.815510057964191, 4.6051743525818454},
      1e-13);
  expect_values(doubles({0.0, -0.0, -1, -2, infinity, -infinity, nan}).digamma(), {7},
                {-infinity, infinity, nan, nan, infinity, nan, nan});
  expect_values(doubles({-0.5, -1.5, -1e-8}).digamma(), {3},
                {0.036489973978576520, 0.70315664064524319, 99999999.422784310}, 1e-12);
  EXPECT_NEAR(doubles({1.4616321449683623}).digamma().item<double>(), 0, 1e-15);  // its root
}

TEST(Special, PolygammaIsTheDerivativeOfDigamma) {
  expect_values(doubles({1, 0.5, 2}).polygamma(1), {3}, {pi * pi / 6, pi * pi / 2, pi * pi / 6 - 1}, 1e-14);
  expect_values(doubles({1, 0.5}).polygamma(2), {2}, {-2 * 1.2020569031595942, -14 * 1.2020569031595942}, 1e-14);
  expect_values(doubles({1}).polygamma(3), {1}, {std::pow(pi, 4) / 15}, 1e-14);
  expect_values(doubles({-0.5, -1.5}).polygamma(1), {2}, {pi * pi / 2 + 4, pi * pi / 2 + 4 + 1 / 2.25}, 1e-13);
  expect_values(doubles({-1e-8}).polygamma(2), {1}, {2e24}, 1e-12);
  expect_values(doubles({0, -1, infinity}).polygamma(1), {3}, {infinity, infinity, 0});
  expect_values(doubles({-1000000.5}).polygamma(1), {1}, {pi * pi - 1e-6}, 1e-9);  // far below zero, in no time
  test::expect_values(doubles({2.5}).polygamma(0), {1}, {0.70315664064524319}, 1e-14);
  EXPECT_EQ(error_of([] { doubles({1}).polygamma(-1); }), "[polygamma] expected an order of 0 or more, got -1");
}

TEST(Special, SincAndLgammaAtTheirEdges) {
  expect_values(doubles({0, 0.5, 1.5, nan, infinity}).sinc(), {5}, {1, 2 / pi, -2 / (3 * pi), nan, nan}, 1e-14);
  expect_values(doubles({0, -1, 0.5, -0.5, infinity, -infinity, nan}).lgamma(), {7},
                {infinity, infinity, std::log(std::sqrt(pi)), 1.2655121234846454, infinity, infinity, nan}, 1e-14);
}

TEST(Special, HalfTypesAreComputedInFloat) {
  for (const DType type : {float16, bfloat16}) {
    const Tensor x = tensor({0.25, 0.75, 1.5}, {type});
    EXPECT_TRUE(test::identical(x.digamma(), x.to(float32).digamma().to(type)));
    EXPECT_TRUE(test::identical(x.erf(), x.to(float32).erf().to(type)));
    EXPECT_TRUE(test::identical(x.lgamma(), x.to(float32).lgamma().to(type)));
  }
}

TEST(Special, Derivatives) {
  using Inputs = std::vector<Tensor>;
  const Tensor x = (test::noise({5}, float64, 5) * 0.4 + 2.1).requires_grad_(),
               small = (test::noise({5}, float64, 6) * 0.8).requires_grad_(),
               share = (test::noise({5}, float64, 7) * 0.3 + 0.5).requires_grad_();
  test::gradchecks([](const Inputs& v) { return v[0].digamma(); }, {x});
  test::gradchecks([](const Inputs& v) { return v[0].polygamma(1); }, {x});
  test::gradchecks([](const Inputs& v) { return v[0].polygamma(2); }, {x});
  test::gradchecks([](const Inputs& v) { return v[0].erfinv(); }, {small});
  test::gradchecks([](const Inputs& v) { return v[0].sinc(); }, {x});
  test::gradchecks([](const Inputs& v) { return v[0].logit(); }, {share});
  test::gradchecks([](const Inputs& v) { return v[0].logit(0.01); }, {share});
}

TEST(Special, LogitOutsideItsRange) {
  const Tensor x = tensor({0.0, 1.0, 0.5, 2.0, -1.0, nan}).requires_grad_();
  expect_values(x.detach().logit(), {6}, {-infinity, infinity, 0, nan, nan, nan});
  expect_values(x.detach().logit(0.1), {6}, {-std::log(9), std::log(9), 0, std::log(9), -std::log(9), nan}, 1e-6);
  x.logit(0.1).sum().backward();
  expect_values(x.grad(), {6}, {0, 0, 4, 0, 0, 0});
}

}  // namespace
}  // namespace tenon::erf_gamma_test
