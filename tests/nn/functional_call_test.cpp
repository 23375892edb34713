#include <gtest/gtest.h>

#include <tenon/autograd.h>
#include <tenon/nn.h>

#include "tensor/check.h"

namespace functional_call_test {
using namespace tenon;
using test::error_of;

namespace {

struct Net : nn::Module<Net> {
  nn::Linear fc1{2, 3}, fc2{3, 1};
  nn::Buffer scale{ones({1})};

  Tensor forward(const Tensor& x) { return fc2(fc1(x)) * scale; }

  TENON_MODULE(Net, fc1, fc2, scale)
};

struct Tied : nn::Module<Tied> {
  nn::Linear a{2, 2, {.bias = false}}, b{2, 2, {.bias = false}};

  Tied() { b.weight = a.weight; }
  Tensor forward(const Tensor& x) { return b(a(x)); }

  TENON_MODULE(Tied, a, b)
};

struct Throws : nn::Module<Throws> {
  nn::Parameter weight{zeros({1})};

  Tensor forward(const Tensor&) { fail("Throws", "always"); }

  TENON_MODULE(Throws, weight)
};

}  // namespace

TEST(FunctionalCall, ComputesWithTheTensorsGivenAndKeepsItsOwn) {
  Net net;
  const Tensor x = ones({1, 2});
  const Tensor before = net.fc2.weight.clone();
  const Tensor y = nn::functional_call(
      net, {{"fc2.weight", zeros({1, 3})}, {"fc2.bias", full({1}, 5.0)}, {"scale", full({1}, 2.0)}}, x);
  EXPECT_EQ(y.item<float>(), 10);
  EXPECT_TRUE(net.fc2.weight.equal(before));
  EXPECT_EQ(net.scale.item<float>(), 1);
}

TEST(FunctionalCall, GradientsGoToTheTensorsGiven) {
  Net net;
  const Tensor start = net.fc2.weight.detach().clone().requires_grad_();
  const Tensor w = start * 2;  // computed, as a parameter cannot be
  nn::functional_call(net, {{"fc2.weight", w}}, ones({1, 2})).sum().backward();
  EXPECT_TRUE(start.grad().defined());
  EXPECT_FALSE(net.fc2.weight.grad().defined());
  EXPECT_TRUE(net.fc1.weight.grad().defined());  // not given: the module's own
}

TEST(FunctionalCall, WhatIsTiedIsReplacedUnderAllOfItsNames) {
  Tied net;
  const Tensor x = ones({1, 2}), twice = eye(2) * 2;
  EXPECT_EQ(nn::functional_call(net, {{"a.weight", twice}}, x).to_vector<float>(), (std::vector<float>{4, 4}));
  net.a.weight.detach().copy_(eye(2));
  EXPECT_EQ(nn::functional_call(net, {{"b.weight", twice}}, {.tie_weights = false}, x).to_vector<float>(),
            (std::vector<float>{2, 2}));
  EXPECT_TRUE(net.a.weight.is_same(net.b.weight));
}

TEST(FunctionalCall, TheModuleHasItsOwnAfterAnError) {
  Throws net;
  const nn::Parameter before = net.weight;
  EXPECT_NE(error_of([&] { nn::functional_call(net, {{"weight", ones({1})}}, ones({1})); }), "");
  EXPECT_TRUE(net.weight.is_same(before));
}

TEST(FunctionalCall, NamesAreChecked) {
  Net net;
  Tied tied;
  const Tensor x = ones({1, 2});
  EXPECT_EQ(error_of([&] {
              nn::functional_call(net, {{"fc3.weight", x}}, x);
            }),
            "[functional_call] Net has no parameter or buffer \"fc3.weight\"");
  EXPECT_EQ(error_of([&] {
              nn::functional_call(net, {{"fc1.weight", Tensor()}}, x);
            }),
            "[functional_call] the tensor for \"fc1.weight\" is undefined");
  EXPECT_EQ(error_of([&] {
              nn::functional_call(net, {{"scale", x}}, {.strict = true}, x);
            }),
            "[functional_call] nothing was given for \"fc1.weight\", and strict asks for everything");
  EXPECT_EQ(error_of([&] {
              nn::functional_call(tied, {{"a.weight", eye(2)}, {"b.weight", eye(2)}}, x);
            }),
            "[functional_call] \"a.weight\" and \"b.weight\" are one tensor in Tied, and were given two");
}
}  // namespace functional_call_test
