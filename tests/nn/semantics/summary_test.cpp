// Statement 47: summary.
#include "nn/semantics/models.h"

namespace tenon::nn::semantics::summary_test {
namespace {

struct Mlp : Module<Mlp> {
  Linear fc1{784, 256};
  ReLU relu;
  Linear fc2{256, 10};
  Tensor forward(const Tensor& x) { return fc2(relu(fc1(x))); }
  TENON_MODULE(Mlp, fc1, relu, fc2)
};

TEST(semantics, 47_summary_prints_a_table) {
  Mlp model;
  model.fc1.requires_grad_(false);
  EXPECT_EQ(fmt::format("{}", summary(model, {32, 784})),
            "name  type    output     parameters  trainable  multiply-adds    bytes\n"
            "      Mlp     [32, 10]      203,530      2,570      6,504,448  814,120\n"
            "fc1   Linear  [32, 256]     200,960          0      6,422,528  803,840\n"
            "relu  ReLU    [32, 256]           0          0              0        0\n"
            "fc2   Linear  [32, 10]        2,570      2,570         81,920   10,280\n"
            "\n"
            "203,530 parameters, 2,570 trainable, 200,960 frozen; 6,504,448 multiply-adds\n"
            "bytes: 814,120 of parameters and buffers, 100,352 of inputs, 66,816 of the layers' outputs");
}

TEST(semantics, 47_summary_gives_a_program_the_same_numbers) {
  Mlp model;
  const Summary s = summary(model, {32, 784});
  ASSERT_EQ(s.rows.size(), 4u);
  EXPECT_EQ(s.at("").type, "Mlp");
  EXPECT_EQ(s.at("fc1").type, "Linear");
  EXPECT_EQ(s.at("fc1").depth, 1);
  EXPECT_EQ(s.at("fc1").calls, 1);
  EXPECT_EQ(s.at("fc1").outputs, (std::vector<Shape>{{32, 256}}));
  EXPECT_EQ(s.at("fc1").parameters, 784 * 256 + 256);
  EXPECT_EQ(s.at("fc1").multiply_adds, 32 * 784 * 256);
  EXPECT_EQ(s.at("fc1").bytes, 4 * (784 * 256 + 256));
  EXPECT_EQ(s.parameters, count(model.parameters()));
  EXPECT_EQ(s.multiply_adds, 32 * (784 * 256 + 256 * 10));
  EXPECT_TRUE(says(error_of([&] { s.at("fc3"); }), "there is no module \"fc3\" in Mlp"));
}

/// Everything that a pass could touch.
struct Touchy : Module<Touchy> {
  Linear linear{4, 4};
  Norm norm{4};
  Dropout dropout;
  Buffer state{zeros({4})};
  Untracked<Tensor> last{zeros({4})};
  int64_t calls = 0;
  Tensor forward(const Tensor& x) {
    ++calls;
    default_generator().next64();
    state = Tensor(state + 1);
    last = Untracked<Tensor>(dropout(norm(linear(x))) + last + zeros({4}));
    return last;
  }
  TENON_MODULE(Touchy, linear, norm, dropout, state, last, calls)
};

TEST(semantics, 47_summary_leaves_the_model_its_hooks_and_the_random_state_as_they_are) {
  Touchy model;
  model.norm.eval();
  int hooks_called = 0;
  const auto count_calls = [&](ModuleBase&, Tensors, Tensors) { ++hooks_called; };
  model.linear.register_forward_hook(count_calls);
  HookHandle global = register_module_forward_hook(count_calls);
  const Tensor gradient = ones({4, 4});
  model.linear.weight.set_grad(gradient);
  const Dict before = model.state_dict().clone();
  const Tensor weight = model.linear.weight, state = model.state, last = model.last;
  const uint32_t version = weight.version();
  const Tensor random = random::get_state();

  EXPECT_EQ(summary(model, {2, 4}).at("linear").calls, 1);

  EXPECT_EQ(hooks_called, 0);
  EXPECT_TRUE(random::get_state().equal(random));
  EXPECT_TRUE(model.linear.weight.is_same(weight) && model.state.is_same(state) && model.last.is_same(last));
  EXPECT_EQ(weight.version(), version);
  EXPECT_TRUE(weight.grad().is_same(gradient));
  EXPECT_EQ(model.calls, 0);
  for (const auto& [key, value] : model.state_dict())
    EXPECT_TRUE(value.as<Tensor>().equal(before[key.string()].as<Tensor>())) << key.string();
  EXPECT_TRUE(model.training() && model.linear.training() && !model.norm.training());
  EXPECT_EQ(zeros({1}).device(), kCPU);
  model(ones({2, 4}));
  EXPECT_EQ(hooks_called, 5);  // its own one, and the global one of four modules
  global.remove();
}

struct Tied : Module<Tied> {
  Shared<Linear> encoder{Linear(8, 8)};
  Linear decoder{8, 8};
  Shared<Linear> again{encoder};
  Linear unused{2, 2};
  Tied() { decoder.weight = encoder->weight; }
  Tensor forward(const Tensor& x) { return decoder(again(encoder(encoder(x)))); }
  TENON_MODULE(Tied, encoder, decoder, again, unused)
};

TEST(semantics, 47_summary_counts_what_is_shared_or_tied_once_and_says_so) {
  Tied model;
  const Summary s = summary(model, {3, 8});
  EXPECT_EQ(s.parameters, count(model.parameters()));
  EXPECT_EQ(s.at("encoder").parameters, 72);
  EXPECT_EQ(s.at("encoder").calls, 3);
  EXPECT_EQ(s.at("encoder").multiply_adds, 3 * (3 * 8 * 8));
  EXPECT_EQ(s.at("decoder").parameters, 8);
  EXPECT_EQ(s.at("decoder").bytes, 32);
  EXPECT_EQ(s.at("decoder").tied, (std::vector<std::pair<std::string, std::string>>{{"weight", "encoder.weight"}}));
  EXPECT_EQ(s.at("again").same_module_as, "encoder");
  EXPECT_EQ(s.at("unused").calls, 0);
  EXPECT_EQ(s.to_string(),
            "name     type    output  parameters  trainable  multiply-adds  bytes\n"
            "         Tied    [3, 8]          86         86            768    344\n"
            "encoder  Linear  [3, 8]          72         72            576    288  called 3 times\n"
            "decoder  Linear  [3, 8]           8          8            192     32  weight is encoder.weight\n"
            "again    Linear  -                                                    the same module as encoder\n"
            "unused   Linear  -                6          6              0     24  not called\n"
            "\n"
            "86 parameters, 86 trainable, 0 frozen; 768 multiply-adds\n"
            "bytes: 344 of parameters and buffers, 96 of inputs, 384 of the layers' outputs");
}

struct Block : Module<Block> {
  LayerNorm norm1{64};
  MultiheadAttention attn{64, 4, {.batch_first = true}};
  LayerNorm norm2{64};
  Sequential ff{Linear(64, 256), GELU(), Linear(256, 64)};
  Tensor forward(const Tensor& x) {
    const Tensor h = norm1(x), y = x + attn(h, h, h).output;
    return y + ff(norm2(y));
  }
  TENON_MODULE(Block, norm1, attn, norm2, ff)
};

struct Blocks : Module<Blocks> {
  ModuleList<Block> layers;
  Blocks() {
    for (int i = 0; i < 2; ++i) layers.emplace_back();
  }
  Tensor forward(Tensor x) {
    for (Block& layer : layers) x = layer(x);
    return x;
  }
  TENON_MODULE(Blocks, layers)
};

TEST(semantics, 47_summary_counts_the_multiply_adds_of_products_wherever_they_are_made) {
  Blocks model;
  const Summary s = summary(model, {8, 16, 64});
  EXPECT_EQ(s.multiply_adds, 13107200);  // half of what torch.utils.flop_counter says
  EXPECT_EQ(s.at("layers").calls, 0);
  EXPECT_EQ(s.at("layers").multiply_adds, s.multiply_adds);
  EXPECT_EQ(s.at("layers.0.attn").multiply_adds, 8 * (16 * 64 * 192 + 2 * 16 * 16 * 64 + 16 * 64 * 64));
  EXPECT_EQ(s.at("layers.1.ff.0").multiply_adds, 8 * 16 * 64 * 256);
  EXPECT_EQ(s.at("layers.0.norm1").multiply_adds, 0);
  const std::string shallow = s.to_string(2);
  EXPECT_TRUE(says(shallow, "\n  0 "));
  EXPECT_EQ(shallow.find("attn"), shallow.npos);
}

/// Several inputs of several types, options, and several results.
struct Several : Module<Several> {
  Parameter table{zeros({10, 4}, {.dtype = tenon::bfloat16})};
  Linear linear{4, 3, {.dtype = tenon::bfloat16}};
  std::pair<Tensor, Tensor> forward(const Tensor& places, const Tensor& x, const std::string& task,
                                    const std::vector<Tensor>& more) {
    const Tensor found = table.index_select(0, places.flatten()).reshape({places.size(0), 4});
    return {task == "sum" ? linear(found + x) : linear(found), more[0].matmul(more[1])};
  }
  TENON_MODULE(Several, table, linear)
};

TEST(semantics, 47_summary_takes_several_inputs_as_tensors_or_shapes) {
  Several model;
  const Tensor places = zeros({5}, {.dtype = int64}), a = ones({2, 3}), b = ones({3, 7});
  const Summary s = summary(model, places, Shape{5, 4}, "sum", std::vector{a, b});
  EXPECT_EQ(s.at("").outputs, (std::vector<Shape>{{5, 3}, {2, 7}}));
  EXPECT_EQ(s.at("").multiply_adds, 5 * 4 * 3 + 2 * 3 * 7);
  EXPECT_EQ(s.bytes, 2 * (40 + 15));
  EXPECT_EQ(s.input_bytes, 5 * 8 + 20 * 2 + 6 * 4 + 21 * 4);
  EXPECT_TRUE(places.device() == kCPU && a.device() == kCPU);
}

TEST(semantics, 47_summary_takes_a_module_of_unknown_class) {
  Sequential model{Linear(4, 2)};
  ModuleBase& any = model;
  EXPECT_EQ(summary(any, {3, 4}).multiply_adds, 24);
}

struct Peeks : Module<Peeks> {
  Linear linear{4, 2};
  Tensor forward(const Tensor& x) { return linear(x).sum().item<float>() > 0 ? x : -x; }
  TENON_MODULE(Peeks, linear)
};

TEST(semantics, 47_summary_says_where_a_pass_without_data_fails) {
  Sequential model{Linear(4, 2), named("peeks", Peeks())};
  EXPECT_TRUE(says(error_of([&] {
                     summary(model, {3, 5});
                   }),
                   "[summary] the pass without data failed: 0 (Linear): expected input of shape (*, 4)"));
  Sequential peeking{named("peeks", Peeks())};
  EXPECT_TRUE(says(error_of([&] { summary(peeking, {3, 4}); }), "failed: peeks (Peeks): "));
  EXPECT_EQ(zeros({1}).device(), kCPU);
}

}  // namespace
}  // namespace tenon::nn::semantics::summary_test
