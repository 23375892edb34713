// Statements 24 to 27: what state_dict() gives.
#include "nn/semantics/models.h"

namespace tenon::nn::semantics::semantics_state_dict_test {
namespace {

/// Keeps a number besides tensors.
struct Counter : Module<Counter> {
  int64_t count = 7;
  Parameter p{ones({1})};
  Scale child{1, false};
  std::optional<Value> get_extra_state() const override { return Dict{{"count", count}}; }
  void set_extra_state(const Value& state) override { count = state["count"].as<int64_t>(); }
  TENON_MODULE(Counter, count, p, child)
};

TEST(semantics, 24_parameters_persistent_buffers_extra_state_then_children) {
  struct M : Module<M> {
    Counter counter;
    Buffer buffer{ones({1})};
    Buffer hidden{ones({1}), {.persistent = false}};
    Parameter parameter{ones({1})};
    TENON_MODULE(M, counter, buffer, hidden, parameter)
  } m;
  EXPECT_EQ(keys(m.state_dict()),
            (Names{"parameter", "buffer", "counter.p", "counter._extra_state", "counter.child.weight"}));
}

TEST(semantics, 24_a_shared_tensor_appears_under_every_name) {
  struct M : Module<M> {
    Shared<Scale> a{Scale(2, false)};
    Shared<Scale> b = a;
    Parameter tied = a->weight;
    TENON_MODULE(M, a, b, tied)
  } m;
  const Dict dict = m.state_dict();
  EXPECT_EQ(keys(dict), (Names{"tied", "a.weight", "b.weight"}));
  EXPECT_TRUE(dict["tied"].as<Tensor>().shares_storage_with(dict["b.weight"].as<Tensor>()));
}

TEST(semantics, 25_values_share_memory_with_the_model_and_are_detached) {
  Net net;
  const Dict dict = net.state_dict();
  const Tensor& weight = dict["first.weight"].as<Tensor>();
  EXPECT_FALSE(weight.requires_grad());
  EXPECT_TRUE(weight.shares_storage_with(net.first.weight));
  EXPECT_TRUE(net.state_dict({.keep_vars = true})["first.weight"].as<Tensor>().is_same(net.first.weight));
  weight.fill_(5);
  EXPECT_EQ(net.first.weight.to_vector<int>(), (std::vector<int>{5, 5}));
}

TEST(semantics, 25_a_snapshot_is_a_clone_of_the_dict) {
  Net net;
  net.last.weight = net.first.weight;
  const Dict snapshot = net.state_dict().clone();
  const NoGrad guard;
  net.first.weight.fill_(5);
  EXPECT_EQ(snapshot["first.weight"].as<Tensor>().to_vector<int>(), (std::vector<int>{1, 1}));
  EXPECT_TRUE(snapshot["first.weight"].as<Tensor>().shares_storage_with(snapshot["last.weight"].as<Tensor>()));
  EXPECT_FALSE(snapshot["first.weight"].as<Tensor>().shares_storage_with(snapshot["first.bias"].as<Tensor>()));
  EXPECT_EQ(keys(snapshot), keys(net.state_dict()));
  EXPECT_EQ(fmt::format("{}", *snapshot.metadata()), fmt::format("{}", *net.state_dict().metadata()));
}

TEST(semantics, 25_a_prefix_stands_before_every_key) {
  EXPECT_EQ(keys(Scale(1).state_dict({.prefix = "net."})), (Names{"net.weight", "net.bias"}));
}

TEST(semantics, 26_metadata_holds_a_version_a_module_keyed_by_its_path) {
  const Dict dict = Net().state_dict();
  ASSERT_NE(dict.metadata(), nullptr);
  EXPECT_EQ(fmt::format("{}", *dict.metadata()),
            "{'': {'version': 1}, 'first': {'version': 1}, 'norm': {'version': 2}, 'last': {'version': 1}}");
  EXPECT_EQ(fmt::format("{}", *Scale().state_dict({.prefix = "a.b."}).metadata()), "{'a.b': {'version': 1}}");
  EXPECT_EQ(Dict(dict).metadata()->size(), 4u);  // a copy has it too
}

TEST(semantics, 26_a_batch_norm_below_version_2_is_loaded_without_its_counter) {
  Net net;
  net(ones({3, 2}));
  Dict old = net.state_dict().clone();
  old.erase("norm.num_batches_tracked");
  old.set_metadata({{"", Dict{{"version", 1}}}, {"norm", Dict{{"version", 1}}}});
  net.load_state_dict(old);
  EXPECT_EQ(net.norm.num_batches_tracked.item<int>(), 0);
  Dict plain;  // of a version that wrote none
  for (const auto& [key, value] : old) plain.set(key, value);
  net.load_state_dict(plain);
  old.set_metadata({{"norm", Dict{{"version", 2}}}});
  EXPECT_TRUE(says(error_of([&] { net.load_state_dict(old); }),
                   "Missing key(s) in state_dict: \"norm.num_batches_tracked\". "));
}

TEST(semantics, 27_hooks_see_a_state_dict_being_made) {
  Net net;
  Names order;
  auto before = net.norm.register_state_dict_pre_hook([&](ModuleBase& m, const std::string& prefix, bool keep_vars) {
    order.push_back(fmt::format("before {} {} {}", m.type_name(), prefix, keep_vars));
  });
  auto after = net.register_state_dict_post_hook([&](ModuleBase& m, Dict& dict, const std::string& prefix) {
    order.push_back(fmt::format("after {} '{}' {}", m.type_name(), prefix, dict.size()));
    dict.erase("gain");
    dict.set("note", "added");
  });
  const Dict dict = net.state_dict();
  EXPECT_EQ(order, (Names{"before Norm norm. false", "after Net '' 8"}));
  EXPECT_FALSE(dict.contains("gain"));
  EXPECT_EQ(dict["note"].as<std::string>(), "added");
  before.remove();
  after.remove();
  after.remove();
  EXPECT_EQ(net.state_dict().size(), 8u);
  EXPECT_EQ(order.size(), 2u);
}

TEST(semantics, 27_hooks_see_a_state_dict_being_loaded) {
  Net net;
  Dict dict = net.state_dict().clone();
  dict.erase("gain");
  dict.set("norm.old_name", full({2}, 3));
  dict.erase("norm.weight");
  Names order;
  auto rename = net.norm.register_load_state_dict_pre_hook([&](ModuleBase& m, LoadingState& loading) {
    order.push_back(fmt::format("{} {} {}", m.type_name(), loading.prefix, *loading.version));
    loading.state_dict.set(loading.prefix + "weight", loading.state_dict[loading.prefix + "old_name"]);
    loading.state_dict.erase(loading.prefix + "old_name");
  });
  auto forgive = net.register_load_state_dict_post_hook([&](ModuleBase&, LoadReport& report) {
    order.push_back(fmt::format("missing {}, weight {}", report.missing.at(0), net.norm.weight.to_vector<int>()[0]));
    report.missing.clear();
  });
  EXPECT_TRUE(net.load_state_dict(dict).missing.empty());
  EXPECT_EQ(order, (Names{"Norm norm. 2", "missing gain, weight 3"}));
  EXPECT_TRUE(dict.contains("norm.old_name")) << "the caller's dict is not changed";
  forgive.remove();
  EXPECT_TRUE(says(error_of([&] { net.load_state_dict(dict); }), "Missing key(s) in state_dict: \"gain\". "));
  rename.remove();
  EXPECT_TRUE(says(error_of([&] { net.load_state_dict(dict); }), "\"norm.weight\""));
}

TEST(semantics, 27_a_load_hook_may_add_errors) {
  Net net;
  net.norm.register_load_state_dict_pre_hook(
      [](ModuleBase&, LoadingState& loading) { loading.errors.push_back("too old"); });
  EXPECT_TRUE(says(error_of([&] { net.load_state_dict(net.state_dict()); }),
                   "Error(s) in loading state_dict for Net:\n\ttoo old"));
}

TEST(semantics, 27_extra_state_is_saved_and_set) {
  Counter a, b;
  a.count = 9;
  const Dict dict = a.state_dict();
  b.load_state_dict(dict);
  EXPECT_EQ(b.count, 9);
  Dict without = dict;
  without.erase("_extra_state");
  EXPECT_TRUE(says(error_of([&] { b.load_state_dict(without); }), "Missing key(s) in state_dict: \"_extra_state\". "));
  Scale scale(1);
  Dict with = scale.state_dict();
  with.set("_extra_state", 1);
  EXPECT_TRUE(
      says(error_of([&] { scale.load_state_dict(with); }), "Unexpected key(s) in state_dict: \"_extra_state\". "));
}

TEST(semantics, 27_extra_state_that_cannot_be_set_is_an_error) {
  struct Half : Module<Half> {
    std::optional<Value> get_extra_state() const override { return Value(1); }
    TENON_MODULE(Half)
  } half;
  EXPECT_TRUE(says(error_of([&] { half.load_state_dict(half.state_dict()); }),
                   "[Half] this class overrides get_extra_state()"));
}

}  // namespace
}  // namespace tenon::nn::semantics::semantics_state_dict_test
