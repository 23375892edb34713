// Statements 28 to 35: what load_state_dict() does. The texts are what PyTorch 2.15 says.
#include <stdexcept>

#include "nn/semantics/models.h"

namespace tenon::nn::semantics::load_test {
namespace {

std::vector<int> ints(const Tensor& x) { return x.to_vector<int>(); }

/// Every tensor of the model, as text, so that a test sees whether anything changed.
std::string contents(const ModuleBase& model) {
  std::string text;
  for (const auto& [name, p] : model.named_parameters({.remove_duplicate = false}))
    text += fmt::format("{} {} {} {}\n", name, p.requires_grad(), p.device(), p);
  for (const auto& [name, b] : model.named_buffers({.remove_duplicate = false}))
    text += fmt::format("{} {}\n", name, b);
  return text;
}

/// A state dict for Net that differs from a new one everywhere.
Dict other_values() {
  Dict dict = Net().state_dict().clone();
  for (auto& [key, value] : dict) value.as<Tensor>().fill_(3);
  return dict;
}

TEST(semantics, 28_loading_copies_into_the_existing_storage) {
  Net net;
  net.to(float64);
  net.first.requires_grad_(false);
  const void* memory = net.first.weight.raw_data();
  const TensorImpl* identity = net.gain.impl();
  net.load_state_dict(other_values());
  EXPECT_EQ(ints(net.first.weight), (std::vector<int>{3, 3}));
  EXPECT_EQ(net.first.weight.raw_data(), memory);
  EXPECT_EQ(net.first.weight.dtype(), float64);
  EXPECT_FALSE(net.first.weight.requires_grad());
  EXPECT_TRUE(net.gain.requires_grad() && net.gain.is_leaf());
  EXPECT_EQ(net.gain.impl(), identity);
  EXPECT_EQ(net.norm.num_batches_tracked.item<int>(), 3);
}

TEST(semantics, 28_assign_takes_the_checkpoints_storage_and_an_optimizer_goes_on_working) {
  Net net;
  net.norm.requires_grad_(false);
  optim::SGD optimizer(trainable(net.parameters()), {.lr = 1, .momentum = 0.5});
  net(ones({2, 2})).sum().backward();
  optimizer.step();
  Dict dict = other_values();
  dict.set("gain", full({1}, 3, {.dtype = float64}));
  const TensorImpl* identity = net.gain.impl();
  net.load_state_dict(dict, {.assign = true});
  EXPECT_EQ(net.gain.impl(), identity);
  EXPECT_EQ(net.gain.dtype(), float64);
  EXPECT_TRUE(net.gain.requires_grad());
  EXPECT_FALSE(net.gain.grad().defined());
  EXPECT_FALSE(net.norm.weight.requires_grad());
  for (const char* key : {"gain", "norm.weight", "norm.running_mean", "last.weight"}) {
    const Dict now = net.state_dict();
    EXPECT_TRUE(now[key].as<Tensor>().shares_storage_with(dict[key].as<Tensor>())) << key;
  }
  net.gain.sum().backward();
  optimizer.step();
  EXPECT_NE(net.gain.item<double>(), 3.0);
  EXPECT_NE(dict["gain"].as<Tensor>().item<double>(), 3.0) << "it is the same memory";
}

TEST(semantics, 28_what_was_recorded_before_assign_cannot_be_gone_back_through) {
  Scale scale(2, false);
  const Tensor loss = scale(Parameter(ones({2}))).sum();
  scale.load_state_dict(Scale(2, false).state_dict(), {.assign = true});
  EXPECT_TRUE(says(error_of([&] { loss.backward(); }), "changed in place"));
}

TEST(semantics, 29_a_tensor_of_shape_1_loads_into_a_0_dim_one) {
  struct M : Module<M> {
    Parameter p{ones({})};
    TENON_MODULE(M, p)
  } m;
  m.load_state_dict(Dict{{"p", full({1}, 4.0)}});
  EXPECT_EQ(m.p.item<int>(), 4);
  EXPECT_EQ(m.p.dim(), 0);
  m.load_state_dict(Dict{{"p", full({1}, 5.0)}}, {.assign = true});
  EXPECT_EQ(m.p.item<int>(), 5);
  EXPECT_EQ(m.p.dim(), 0);
  EXPECT_TRUE(says(
      error_of([&] {
        m.load_state_dict(Dict{{"p", ones({2})}});
      }),
      "size mismatch for p: copying a param with shape torch.Size([2]) from checkpoint, the shape in current model is "
      "torch.Size([])."));
}

TEST(semantics, 30_a_strict_error_lists_everything_in_PyTorchs_words) {
  Net net;
  Dict dict = net.state_dict();
  dict.erase("gain");
  dict.erase("first.bias");
  dict.set("x.y", ones({1}));
  dict.set("last.bias", ones({2}));
  dict.set("norm.weight", ones({4, 5}));
  dict.set("norm.bias", 3);
  const std::string error = error_of([&] { net.load_state_dict(dict); });
  EXPECT_EQ(error.substr(0, error.find("\nlast.bias")),
            "[load_state_dict] Error(s) in loading state_dict for Net:\n"
            "\tMissing key(s) in state_dict: \"gain\", \"first.bias\". \n"
            "\tUnexpected key(s) in state_dict: \"x.y\", \"last.bias\". \n"
            "\tsize mismatch for norm.weight: copying a param with shape torch.Size([4, 5]) from checkpoint, the shape "
            "in current "
            "model is torch.Size([2]).\n"
            "\tWhile copying the parameter named \"norm.bias\", expected torch.Tensor or Tensor-like object from "
            "checkpoint but "
            "received <class 'int'>");
}

TEST(semantics, 30_what_would_belong_to_an_empty_slot_is_passed_over) {
  struct M : Module<M> {
    std::unique_ptr<Scale> downsample;
    Parameter bias;
    TENON_MODULE(M, downsample, bias)
  } m;
  EXPECT_TRUE(m.load_state_dict(Dict{{"downsample.weight", ones({2})}}).unexpected.empty());
  EXPECT_TRUE(says(error_of([&] {
                     m.load_state_dict(Dict{{"bias", ones({2})}});
                   }),
                   "Unexpected key(s) in state_dict: \"bias\". "));
}

TEST(semantics, 31_not_strict_returns_the_keys_but_a_size_mismatch_stays_an_error) {
  Net net;
  Dict dict = other_values();
  dict.erase("gain");
  dict.set("extra", ones({1}));
  const LoadReport report = net.load_state_dict(dict, {.strict = false});
  EXPECT_EQ(report.missing, (Names{"gain"}));
  EXPECT_EQ(report.unexpected, (Names{"extra"}));
  EXPECT_EQ(ints(net.first.weight), (std::vector<int>{3, 3}));
  dict.set("last.weight", ones({9}));
  EXPECT_TRUE(says(error_of([&] { net.load_state_dict(dict, {.strict = false}); }),
                   "for Net:\n\tsize mismatch for last.weight"));
  const LoadReport skipped = net.load_state_dict(dict, {.strict = false, .skip_mismatched = true});
  EXPECT_EQ(skipped.mismatched, (Names{"last.weight"}));
  EXPECT_EQ(net.last.weight.numel(), 2);
}

TEST(semantics, 32_a_failed_load_leaves_the_model_as_it_was) {
  Net net;
  const std::string before = contents(net);
  const auto unchanged = [&](const std::function<void(Dict&)>& spoil, bool assign, const std::string& error) {
    Dict dict = other_values();
    spoil(dict);
    EXPECT_TRUE(says(error_of([&] { net.load_state_dict(dict, {.assign = assign}); }), error));
    EXPECT_EQ(contents(net), before);
  };
  for (const bool assign : {false, true}) {
    unchanged([](Dict& d) { d.erase("last.weight"); }, assign, "Missing key(s) in state_dict: \"last.weight\". ");
    unchanged([](Dict& d) { d.set("new", 1); }, assign, "Unexpected key(s) in state_dict: \"new\". ");
    unchanged([](Dict& d) { d.set("last.weight", ones({7})); }, assign, "size mismatch for last.weight");
    unchanged([](Dict& d) { d.set("last.weight", "text"); }, assign, "but received <class 'str'>");
    unchanged([](Dict& d) { d.set("last.weight", Tensor()); }, assign, "but received <class 'Tensor'>");
    unchanged([](Dict& d) { d.set(3, ones({1})); }, assign, "[Key] expected a string, found the integer 3");
  }
  unchanged([](Dict& d) { d.set("last.weight", ones({2}, {.device = kMeta})); }, false,
            "'Cannot copy out of meta tensor");
  unchanged([](Dict& d) { d.set("last.weight", ones({2}, {.dtype = int64})); }, true,
            "'Only Tensors of floating point and complex dtype can require gradients'");
}

struct Fragile : Module<Fragile> {
  Scale child{2, false};
  int64_t state = 1;
  bool breaks = false;
  std::optional<Value> get_extra_state() const override { return Value(state); }
  void set_extra_state(const Value& value) override {
    state = value.as<int64_t>();
    if (breaks && state == 2) throw std::runtime_error("broken");
  }
  TENON_MODULE(Fragile, child, state, breaks)
};

TEST(semantics, 32_extra_state_that_fails_or_a_hook_that_throws_leaves_the_model_as_it_was) {
  struct Two : Module<Two> {
    Fragile a, b;
    Buffer buffer{ones({1})};
    TENON_MODULE(Two, a, b, buffer)
  } two;
  const std::string before = contents(two);
  Dict dict = two.state_dict().clone();
  for (auto& [key, value] : dict)
    if (value.is<Tensor>()) value.as<Tensor>().fill_(8);
    else value = Value(2);
  two.b.breaks = true;
  for (const bool assign : {false, true}) {
    EXPECT_THROW(two.load_state_dict(dict, {.assign = assign}), std::runtime_error);
    EXPECT_EQ(contents(two), before);
    EXPECT_EQ(two.a.state, 1);
    EXPECT_EQ(two.b.state, 1);
  }
  two.b.breaks = false;
  auto hook = two.register_load_state_dict_post_hook([](ModuleBase&, LoadReport&) { throw std::runtime_error("no"); });
  for (const bool assign : {false, true}) {
    EXPECT_THROW(two.load_state_dict(dict, {.assign = assign}), std::runtime_error);
    EXPECT_EQ(contents(two), before);
    EXPECT_EQ(two.a.state, 1);
  }
  hook.remove();
  two.load_state_dict(dict);
  EXPECT_EQ(two.b.state, 2);
  EXPECT_EQ(ints(two.b.child.weight), (std::vector<int>{8, 8}));
}

TEST(semantics, 33_the_nearest_name_is_suggested_after_PyTorchs_text) {
  Net net;
  Dict dict = net.state_dict();
  dict.set("first.weigth", dict["first.weight"]);
  dict.erase("first.weight");
  dict.set("entirely.different", ones({1}));
  const std::string error = error_of([&] { net.load_state_dict(dict); });
  EXPECT_EQ(error,
            "[load_state_dict] Error(s) in loading state_dict for Net:\n"
            "\tMissing key(s) in state_dict: \"first.weight\". \n"
            "\tUnexpected key(s) in state_dict: \"entirely.different\", \"first.weigth\". \n"
            "first.weigth: did you mean first.weight?");
}

TEST(semantics, 33_a_prefix_that_all_keys_have_is_recognised) {
  Dict dict;
  for (const auto& [key, value] : Net().state_dict()) dict.set("module." + key.string(), value);
  Net net;
  EXPECT_TRUE(says(error_of([&] { net.load_state_dict(dict); }),
                   "\nunexpected keys start with \"module.\": load with .strip_prefix = \"module.\""));
}

struct Tied : Module<Tied> {
  Scale encoder{2, false};
  Scale decoder{2, false};
  Buffer table{ones({1})};
  Buffer same = table;
  Tied() { decoder.weight = encoder.weight; }
  TENON_MODULE(Tied, encoder, decoder, table, same)
};

TEST(semantics, 34_tied_weights_stay_tied_under_assign) {
  Tied tied;
  Dict dict = Tied().state_dict();
  dict["encoder.weight"].as<Tensor>().fill_(4);
  dict.set("decoder.weight", full({2}, 4.0));  // other memory, the same values
  dict.set("same", ones({1}));
  tied.load_state_dict(dict, {.assign = true});
  EXPECT_TRUE(tied.encoder.weight.is_same(tied.decoder.weight));
  EXPECT_TRUE(tied.table.is_same(tied.same));
  EXPECT_TRUE(tied.encoder.weight.shares_storage_with(dict["encoder.weight"].as<Tensor>()));
  EXPECT_EQ(ints(tied.decoder.weight), (std::vector<int>{4, 4}));
}

TEST(semantics, 34_two_different_values_for_a_tied_pair_are_an_error) {
  Tied tied;
  Dict dict = Tied().state_dict();
  dict.set("decoder.weight", full({2}, 4.0));
  for (const bool assign : {false, true})
    EXPECT_TRUE(says(
        error_of([&] { tied.load_state_dict(dict, {.assign = assign}); }),
        "encoder.weight and decoder.weight are one tensor in the model, and the checkpoint has two different values"));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  dict.set("encoder.weight", full({2}, nan));
  dict.set("decoder.weight", full({2}, nan));
  tied.load_state_dict(dict);
}

TEST(semantics, 35_a_prefix_is_stripped_from_keys_and_versions) {
  for (const char* prefix : {"module.", "_orig_mod."}) {
    Dict wrapped, versions{{"", Dict{{"version", 1}}}};
    const Dict dict = other_values();
    for (const auto& [key, value] : dict)
      if (key != "norm.num_batches_tracked") wrapped.set(prefix + key.string(), value);
    versions.set(prefix + std::string("norm"), Dict{{"version", 1}});
    wrapped.set_metadata(versions);
    Net net;
    net.load_state_dict(wrapped, {.strip_prefix = prefix});  // version 1: without the counter
    EXPECT_EQ(ints(net.norm.weight), (std::vector<int>{3, 3}));
    EXPECT_EQ(net.norm.num_batches_tracked.item<int>(), 0);
    net.load_state_dict(dict, {.strip_prefix = prefix});  // none has it: nothing is stripped
  }
}

TEST(semantics, 35_keys_are_mapped_whole_or_by_their_beginnings) {
  Dict dict;
  for (const auto& [key, value] : other_values()) {
    std::string name = key.string();
    if (name.starts_with("first.")) name = "old.one." + name.substr(6);
    if (name == "gain") name = "factor";
    dict.set(name, value);
  }
  Net net;
  net.load_state_dict(dict, {.key_map = {{"old.one", "first"}, {"factor", "gain"}, {"la", "xx"}}});
  EXPECT_EQ(ints(net.first.weight), (std::vector<int>{3, 3}));
  EXPECT_EQ(net.gain.item<int>(), 3);
  EXPECT_TRUE(says(error_of([&] {
                     net.load_state_dict(dict, {.key_map = {{"old.one", "norm"}}});
                   }),
                   "two keys become \"norm.weight\""));
}

}  // namespace
}  // namespace tenon::nn::semantics::load_test
