// Statements 22 and 38 to 40: apply, modes, freezing, gradients.
#include "nn/semantics/models.h"

namespace tenon::nn::semantics::modes_test {
namespace {

TEST(semantics, 22_apply_visits_children_first) {
  Net net;
  net.register_module("extra", Scale(1));
  Names order;
  net.apply([&](ModuleBase& m) { order.emplace_back(m.type_name()); });
  EXPECT_EQ(order, (Names{"Scale", "Norm", "Scale", "Scale", "Net"}));
}

TEST(semantics, 38_train_reaches_every_descendant_and_eval_does_not_touch_gradients) {
  Sequential model{Net(), named("inner", Sequential{Net()})};
  model.parameters()[0].set_grad(ones({1}));
  model.eval();
  for (ModuleBase& m : model.modules()) EXPECT_FALSE(m.training());
  EXPECT_TRUE(model.parameters()[0].requires_grad());
  EXPECT_TRUE(model.parameters()[0].grad().defined());
  model.train();
  for (ModuleBase& m : model.modules()) EXPECT_TRUE(m.training());
  model.train(false);
  for (ModuleBase& m : model.modules()) EXPECT_FALSE(m.training());
}

TEST(semantics, 39_requires_grad_sets_every_parameter_and_no_buffer) {
  Net net;
  net.requires_grad_(false);
  for (const Parameter& p : net.parameters()) EXPECT_FALSE(p.requires_grad());
  EXPECT_TRUE(trainable(net.parameters()).empty());
  net.last.requires_grad_();
  EXPECT_EQ(trainable(net.parameters()).size(), 1u);
  net.requires_grad_(true);
  for (const Parameter& p : net.parameters()) EXPECT_TRUE(p.requires_grad());
  for (const Buffer& b : net.buffers()) EXPECT_FALSE(b.requires_grad());
}

TEST(semantics, 39_a_frozen_batch_norm_in_train_mode_still_updates_its_statistics) {
  Norm norm;
  norm.requires_grad_(false);
  norm(full({4, 2}, 2.0));
  EXPECT_EQ(norm.running_mean.to_vector<int>(), (std::vector<int>{1, 1}));
  EXPECT_EQ(norm.num_batches_tracked.item<int>(), 1);
  norm.eval();
  norm(full({4, 2}, 2.0));
  EXPECT_EQ(norm.num_batches_tracked.item<int>(), 1);
}

TEST(semantics, 39_frozen_parameters_and_groups_go_to_an_optimizer) {
  Net net;
  net.requires_grad_(false);
  net.last.requires_grad_();
  optim::SGD head(trainable(net.parameters()), {.lr = 1});
  net(ones({2, 2})).sum().backward();
  head.step();
  EXPECT_EQ(net.first.weight.to_vector<int>(), (std::vector<int>{1, 1}));
  EXPECT_NE(net.last.weight.to_vector<float>(), (std::vector<float>{1, 1}));
  net.requires_grad_();
  optim::Adam layered({{net.first.parameters(), {.lr = 1e-5}}, {net.last.parameters()}}, {.lr = 1e-3});
  EXPECT_EQ(layered.group(0).lr(), 1e-5);
  EXPECT_EQ(layered.group(1).lr(), 1e-3);
}

TEST(semantics, 40_zero_grad_drops_gradients_or_zeroes_them) {
  Net net;
  const auto backward = [&] { net(ones({2, 2})).sum().backward(); };
  backward();
  net.zero_grad();
  for (const Parameter& p : net.parameters()) EXPECT_FALSE(p.grad().defined());
  backward();
  const Tensor grad = net.gain.grad();
  net.zero_grad(false);
  EXPECT_TRUE(net.gain.grad().is_same(grad));
  for (const Parameter& p : net.parameters())
    for (const float g : p.grad().to_vector<float>()) EXPECT_EQ(g, 0);
}

}  // namespace
}  // namespace tenon::nn::semantics::modes_test
