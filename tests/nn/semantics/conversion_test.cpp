// Statements 36, 37 and 41: other types and devices.
#include <thread>

#include "nn/semantics/models.h"

namespace tenon::nn::semantics::semantics_conversion_test {
namespace {

TEST(semantics, 36_to_a_type_converts_floating_point_tensors_and_leaves_integers_alone) {
  Net net;
  net.to(float64);
  for (const Parameter& p : net.parameters()) EXPECT_EQ(p.dtype(), float64);
  EXPECT_EQ(net.mask.dtype(), float64);
  EXPECT_FALSE(net.mask.persistent());
  EXPECT_EQ(net.norm.num_batches_tracked.dtype(), int64);
  net.half();
  EXPECT_EQ(net.gain.dtype(), float16);
  net.bfloat16();
  EXPECT_EQ(net.gain.dtype(), bfloat16);
  net.to(kCPU, float32).cpu();
  EXPECT_EQ(net.gain.dtype(), float32);
  EXPECT_TRUE(says(error_of([&] { net.to(int64); }),
                   "nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.int64") ||
              says(error_of([&] { net.to(int64); }), "desired dtype=int64"));
}

TEST(semantics, 36_a_parameter_keeps_its_identity_and_its_gradient_is_converted) {
  Net net;
  net.norm.requires_grad_(false);
  net(ones({2, 2})).sum().backward();
  const Parameter before = net.gain;
  const std::vector<double> grad = net.gain.grad().to_vector<double>();
  net.to(float64);
  EXPECT_TRUE(net.gain.is_same(before));
  EXPECT_EQ(before.dtype(), float64);
  EXPECT_TRUE(before.requires_grad() && before.is_leaf());
  EXPECT_EQ(before.grad().dtype(), float64);
  EXPECT_EQ(before.grad().to_vector<double>(), grad);
  EXPECT_FALSE(net.norm.weight.requires_grad());
  net.to(kMeta);
  EXPECT_TRUE(net.gain.is_same(before) && before.is_meta() && before.grad().is_meta());
  EXPECT_TRUE(net.norm.num_batches_tracked.is_meta());
}

TEST(semantics, 36_what_is_tied_stays_tied_and_a_buffers_old_tensor_is_left_alone) {
  struct M : Module<M> {
    Parameter a{ones({1})};
    Parameter b = a;
    Buffer c;
    Buffer d;
    TENON_MODULE(M, a, b, c, d)
  } m;
  const Tensor mine = ones({2});
  m.c = mine;
  m.d = m.c;
  m.to(float64);
  EXPECT_TRUE(m.a.is_same(m.b));
  EXPECT_TRUE(m.c.is_same(m.d));
  EXPECT_EQ(m.c.dtype(), float64);
  EXPECT_EQ(mine.dtype(), float32);
}

TEST(semantics, 36_a_device_that_is_not_there_is_a_clear_error_before_anything_changes) {
  Net net;
  EXPECT_TRUE(says(error_of([&] { net.cuda(); }), "cuda:0 is not there"));
  EXPECT_TRUE(says(error_of([&] { net.to("cuda:1"); }), "cuda:1 is not there"));
  EXPECT_EQ(net.gain.device(), kCPU);
}

TEST(semantics, 36_what_was_recorded_before_cannot_be_gone_back_through) {
  Scale scale(2, false);
  const Tensor loss = scale(Parameter(ones({2}))).sum();
  scale.to(float64);
  EXPECT_TRUE(says(error_of([&] { loss.backward(); }), "changed in place"));
}

template <class Optimizer, class Options>
void expect_state_to_follow(const Options& options) {
  Net net;
  Optimizer optimizer(net.parameters(), options);
  const auto step = [&](DType dtype) {
    net(tenon::tensor({{1.0, 2.0}, {3.0, 4.0}}, {.dtype = dtype})).sum().backward();
    optimizer.step();
    optimizer.zero_grad();
  };
  step(float32);
  net.to(float64);
  step(float64);
  const Dict state = optimizer.state_dict();
  int64_t seen = 0;
  for (const auto& [id, of_one] : state["state"].template as<Dict>())
    for (const auto& [name, value] : of_one.template as<Dict>()) {
      const Tensor& t = value.template as<Tensor>();
      EXPECT_EQ(t.dtype(), name == "step" ? float32 : float64) << name.string();
      ++seen;
    }
  EXPECT_GE(seen, 6);
}

TEST(semantics, 37_an_optimizers_state_follows_its_parameter) {
  expect_state_to_follow<optim::Adam>(optim::AdamOptions{.lr = 0.1});
  expect_state_to_follow<optim::SGD>(optim::SGDOptions{.lr = 0.1, .momentum = 0.9});
}

TEST(semantics, 41_a_module_built_on_meta_has_shapes_and_no_data) {
  const Linear linear(3, 4, {.device = kMeta});
  EXPECT_TRUE(linear.weight.is_meta());
  EXPECT_EQ(linear.weight.shape(), (Shape{4, 3}));
  EXPECT_TRUE(says(error_of([&] { linear.weight.to_vector<float>(); }), "meta device"));
  EXPECT_TRUE(says(error_of([&] { linear.weight.data<float>(); }), "meta device has no data"));
  EXPECT_EQ(count(linear.parameters()), 16);
}

TEST(semantics, 41_a_default_device_is_scoped_and_per_thread) {
  {
    DefaultDevice guard(kMeta);
    Net net;
    EXPECT_TRUE(net.gain.is_meta() && net.norm.num_batches_tracked.is_meta());
    EXPECT_TRUE(net(ones({3, 2})).is_meta());
    {
      DefaultDevice inner(kCPU);
      EXPECT_FALSE(ones({1}).is_meta());
    }
    EXPECT_TRUE(Linear(2, 2).weight.is_meta());
    EXPECT_TRUE(rand({2}).is_meta());
    Device elsewhere = kMeta;
    std::thread([&] { elsewhere = ones({1}).device(); }).join();
    EXPECT_EQ(elsewhere, kCPU);
  }
  EXPECT_FALSE(ones({1}).is_meta());
  EXPECT_EQ(default_device(), kCPU);
  EXPECT_TRUE(says(error_of([] { DefaultDevice guard(kCUDA); }), "is not there"));
}

TEST(semantics, 41_what_is_there_already_goes_on_working_under_a_default_device) {
  Scale scale(2, false);
  Scale loaded(2, false);
  optim::Adam optimizer(scale.parameters(), {.lr = 0.5});
  DefaultDevice guard(kMeta);
  scale(ones({2}, {.device = kCPU})).sum().backward();
  optimizer.step();
  optimizer.load_state_dict(optimizer.state_dict());
  optimizer.step();
  loaded.load_state_dict(scale.clone().state_dict());
  loaded.to(float64);
  EXPECT_NEAR(loaded.weight.to_vector<float>()[0], 0, 1e-5);
}

TEST(semantics, 41_building_on_meta_draws_no_random_numbers) {
  manual_seed(3);
  const std::vector<float> first = rand({4}).to_vector<float>();
  manual_seed(3);
  Linear(100, 100, {.device = kMeta});
  EXPECT_EQ(rand({4}).to_vector<float>(), first);
}

TEST(semantics, 41_to_empty_gives_memory_and_keeps_identities) {
  DefaultDevice guard(kMeta);
  Net net;
  const Parameter gain = net.gain;
  EXPECT_TRUE(says(error_of([&] { net.to(kCPU); }),
                   "Net has tensors on the meta device, and so no data to copy to cpu: use to_empty(cpu)"));
  net.to_empty(kCPU);
  EXPECT_TRUE(net.gain.is_same(gain) && gain.requires_grad());
  for (const Parameter& p : net.parameters()) EXPECT_EQ(p.device(), kCPU);
  for (const Buffer& b : net.buffers()) EXPECT_EQ(b.device(), kCPU);
  EXPECT_EQ(net.norm.num_batches_tracked.dtype(), int64);
}

TEST(semantics, 41_loading_with_assign_fills_a_meta_model_without_a_second_copy) {
  const Dict dict = Net().state_dict();
  DefaultDevice guard(kMeta);
  Net net;
  EXPECT_TRUE(says(error_of([&] { net.load_state_dict(dict); }), "load with assign, or call to_empty() first"));
  net.load_state_dict(dict, {.assign = true});
  EXPECT_EQ(net.first.weight.raw_data(), dict["first.weight"].as<Tensor>().raw_data());
  EXPECT_TRUE(net.first.weight.requires_grad());
  EXPECT_EQ(net.norm.running_mean.to_vector<int>(), (std::vector<int>{0, 0}));
}

}  // namespace
}  // namespace tenon::nn::semantics::semantics_conversion_test
