// torch.autograd.functional. Numbers are PyTorch's own answers to the same calls.
#include <tenon/derivatives.h>

#include "tensor/check.h"

namespace tenon::autograd::functional::derivatives_test {
namespace {

using test::error_of;
using Inputs = std::vector<Tensor>;

const Tensor x = tensor({1.0, 2.0, 3.0}, {.dtype = float64}), y = tensor({2.0, 0.5}, {.dtype = float64});
const Tensor vx = tensor({1.0, 0.0, -1.0}, {.dtype = float64}), vy = tensor({1.0, 2.0}, {.dtype = float64});

/// outer(a², b).sum(0), exp(a).sum()
std::vector<Tensor> two(const Inputs& in) { return {(in[0] * in[0]).outer(in[1]).sum(0), in[0].exp().sum()}; }
/// (a³).sum() · b.prod()
Tensor one(const Inputs& in) { return in[0].pow(3).sum() * in[1].prod(); }

void expect_near(const Tensor& got, const Tensor& expected) {
  ASSERT_EQ(got.shape(), expected.shape());
  EXPECT_TRUE(got.allclose(expected.to(float64), 1e-4, 1e-4)) << to_string(got);
}

TEST(Derivatives, JacobianHasABlockForEachOutputAndInput) {
  const auto j = jacobian(SeveralOutputs(two), {x, y});
  expect_near(j[0][0], tensor({{4.0, 8.0, 12.0}, {1.0, 2.0, 3.0}}));
  expect_near(j[0][1], tensor({{14.0, 0.0}, {0.0, 14.0}}));
  expect_near(j[1][0], tensor({2.7183, 7.3891, 20.0855}));
  expect_near(j[1][1], zeros({2}));
  EXPECT_FALSE(j[0][0].requires_grad());
}

TEST(Derivatives, VjpIsTheVectorTimesTheJacobian) {
  const Product p =
      vjp(SeveralOutputs(two), {x, y}, {tensor({1.0, -1.0}, {.dtype = float64}), tensor(2.0, {.dtype = float64})});
  expect_near(p.outputs[0], tensor({28.0, 7.0}));
  expect_near(p.product[0], tensor({8.4366, 20.7781, 49.1711}));
  expect_near(p.product[1], tensor({14.0, -14.0}));
}

TEST(Derivatives, JvpIsTheJacobianTimesTheVector) {
  const Product p = jvp(SeveralOutputs(two), {x, y}, {vx, vy});
  expect_near(p.product[0], tensor({6.0, 26.0}));
  expect_near(p.product[1], tensor(-17.3673));
}

TEST(Derivatives, HessianHasABlockForEachPairOfInputs) {
  const auto h = hessian(one, {x, y});
  expect_near(h[0][0], tensor({6.0, 12.0, 18.0}).diag());
  expect_near(h[0][1], tensor({{1.5, 6.0}, {6.0, 24.0}, {13.5, 54.0}}));
  expect_near(h[1][0], h[0][1].t());
  expect_near(h[1][1], tensor({{0.0, 36.0}, {36.0, 0.0}}));
}

TEST(Derivatives, VhpAndHvpAreProductsWithTheHessian) {
  for (const Product& p : {vhp(one, {x, y}, {vx, vy}), hvp(one, {x, y}, {vx, vy})}) {
    expect_near(p.outputs[0], tensor(36.0));
    expect_near(p.product[0], tensor({19.5, 54.0, 103.5}));
    expect_near(p.product[1], tensor({60.0, -12.0}));
  }
}

TEST(Derivatives, LeadThroughTheCallersGraphWithCreateGraph) {
  const Tensor w = x.clone().requires_grad_();
  const Tensor j = jacobian(OneOutput([](const Inputs& in) { return in[0].pow(3); }), {w}, {.create_graph = true})[0];
  j.sum().backward();
  expect_near(w.grad(), x * 6);
  const Tensor h = hessian(one, {w, y}, {.create_graph = true})[0][0];
  EXPECT_TRUE(h.requires_grad());
}

TEST(Derivatives, AreZeroWhereNothingDependsAndAnErrorIfStrict) {
  const OneOutput constant = [](const Inputs&) { return ones({3}, {.dtype = float64}); };
  expect_near(jacobian(constant, {y})[0], zeros({3, 2}));
  EXPECT_NE(error_of([&] { jacobian(constant, {y}, {.strict = true}); }).find("strict"), std::string::npos);
  const OneOutput first = [](const Inputs& in) { return in[0] * 2; };
  expect_near(jacobian(first, {x, y})[1], zeros({3, 2}));
  EXPECT_NE(error_of([&] { jacobian(first, {x, y}, {.strict = true}); }).find("input 1"), std::string::npos);
  expect_near(hessian([](const Inputs& in) { return in[0].sum(); }, {x})[0][0], zeros({3, 3}));
}

TEST(Derivatives, SayWhatVHasToBe) {
  const OneOutput doubled = [](const Inputs& in) { return in[0] * 2; };
  EXPECT_NE(error_of([&] { vjp(doubled, {x}); }).find("v can only be left out for one output"), std::string::npos);
  EXPECT_NE(error_of([&] { jvp(doubled, {x}); }).find("v can only be left out for one input"), std::string::npos);
  EXPECT_NE(error_of([&] { vjp(doubled, {x}, y); }).find("v 0 has shape (2,), its output (3,)"), std::string::npos);
  EXPECT_NE(error_of([&] { hessian(doubled, {x}); }).find("a function of one element"), std::string::npos);
  expect_near(vjp(OneOutput([](const Inputs& in) { return in[0].sum(); }), {x}).product[0], ones({3}));
}

TEST(Derivatives, RunUnderNoGradToo) {
  const NoGrad guard;
  expect_near(jacobian(OneOutput([](const Inputs& in) { return in[0] * in[0]; }), {y})[0], (y * 2).diag());
}

}  // namespace
}  // namespace tenon::autograd::functional::derivatives_test
