// Whatever takes several tensors takes any kind of tensors, in any container.
#include <array>
#include <list>
#include <span>

#include <gtest/gtest.h>

#include <tenon/gradcheck.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::tensor_list_test {
namespace {

using nn::Buffer;
using nn::Parameter;
using test::expect_values;

std::vector<Parameter> parameters() { return {Parameter(tensor({1.0, 2.0})), Parameter(tensor({3.0, 4.0}))}; }

TEST(TensorList, ParametersGoWhereTensorsDo) {
  const std::vector<Parameter> p = parameters();
  expect_values(cat(p), {4}, {1, 2, 3, 4});
  expect_values(stack(p, 1), {2, 2}, {1, 3, 2, 4});
  expect_values(block_diag(p), {2, 4}, {1, 2, 0, 0, 0, 0, 3, 4});
  EXPECT_EQ(meshgrid(p)[0].shape(), (Shape{2, 2}));
  EXPECT_EQ(broadcast_tensors(p).size(), 2U);
  expect_values(einsum("i,i->", p), {}, {11});
  EXPECT_EQ(nn::count(p), 4);
}

TEST(TensorList, TakesAnyRangeOfTensors) {
  const Tensor a = tensor({1.0}), b = tensor({2.0});
  expect_values(cat(std::array{a, b}), {2}, {1, 2});
  expect_values(cat(std::list{a, b}), {2}, {1, 2});
  expect_values(cat(std::span<const Tensor>(std::array{a, b})), {2}, {1, 2});
  expect_values(cat(std::vector{Buffer(a), Buffer(b)}), {2}, {1, 2});
  expect_values(cat({Parameter(a), b}), {2}, {1, 2});
  expect_values(cat({a}), {1}, {1});
}

TEST(TensorList, GradientsOfParameters) {
  const std::vector<Parameter> p = parameters();
  const auto product = [&] { return (p[0] * p[1]).sum(); };
  const std::vector<Tensor> grads = autograd::grad({product()}, p);
  expect_values(grads[0], {2}, {3, 4});
  expect_values(grads[1], {2}, {1, 2});
  autograd::backward({product()}, {}, {.inputs = p});
  expect_values(p[1].grad(), {2}, {1, 2});
  const std::vector<Tensor> of_both =
      autograd::grad(std::vector{p[0] * 2, p[1] * 3}, p, {.grad_outputs = parameters()});
  expect_values(of_both[1], {2}, {9, 12});
  EXPECT_EQ(nn::clip_grad_norm_(p, 1).dim(), 0);
}

TEST(TensorList, HooksOfModulesReturnParameters) {
  nn::Linear layer(2, 2);
  layer.register_forward_pre_hook([](nn::ModuleBase&, nn::Tensors) { return std::vector{parameters()[0]}; });
  EXPECT_TRUE(layer(zeros({2})).equal(nn::functional::linear(parameters()[0], layer.weight, layer.bias)));
}

TEST(TensorList, GroupsOfAnOptimizerInBraces) {
  const std::vector<Parameter> p = parameters();
  const Tensor a = p[0], b = p[1];
  EXPECT_EQ(optim::Adam({{{a}}, {{b}}}, {.lr = 0.1}).group_count(), 2U);
  EXPECT_EQ(optim::Adam({{{a}, {.lr = 0.2}}, {{b}}}, {.lr = 0.1}).group_count(), 2U);
  EXPECT_EQ(optim::AdamW({{p}, {{Parameter(a)}}}).group_count(), 2U);
  EXPECT_EQ(optim::SGD({{{a}}, {{b}}}, {.lr = 0.1}).group_count(), 2U);
  EXPECT_EQ(optim::SGD({a, b}, {.lr = 0.1}).group_count(), 1U);
  EXPECT_EQ(optim::SGD(p, {.lr = 0.1}).group(0).parameters().size(), 2U);
}

}  // namespace
}  // namespace tenon::tensor_list_test
