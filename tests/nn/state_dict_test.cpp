// What the statements of tests/nn/semantics leave out: corners of saving, loading and copying.
#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "nn/semantics/models.h"
#include "nn/similar_names.h"

namespace tenon::nn::nn_state_dict_test {
namespace {

using namespace semantics;

TEST(StateDict, ADictInsideACheckpointIsLoadedAsItStands) {
  Net a, b;
  const NoGrad guard;
  a.gain.fill_(4);
  Dict checkpoint{{"epoch", 3}, {"model", a.state_dict()}};
  EXPECT_NE(checkpoint["model"].as<Dict>().metadata(), nullptr);
  b.load_state_dict(checkpoint["model"]);
  EXPECT_EQ(b.gain.item<int>(), 4);
  EXPECT_EQ(error_of([&] { b.load_state_dict(checkpoint["epoch"]); }),
            "[Value] expected dict for the key 'epoch', found int");
}

TEST(StateDict, ValuesOfAnotherTypeAreConvertedAndRoundedToTheModels) {
  Scale scale(1, false);
  scale.load_state_dict(Dict{{"weight", full({1}, 0.1, {.dtype = float64})}});
  EXPECT_EQ(scale.weight.item<float>(), 0.1f);
  scale.load_state_dict(Dict{{"weight", full({1}, 7, {.dtype = int64})}});
  EXPECT_EQ(scale.weight.item<float>(), 7);
}

TEST(StateDict, AModelLoadsItsOwn) {
  Net net;
  EXPECT_TRUE(net.load_state_dict(net.state_dict()).missing.empty());
  EXPECT_TRUE(net.load_state_dict(net.state_dict(), {.assign = true}).missing.empty());
  EXPECT_TRUE(net.load_state_dict(net.state_dict({.keep_vars = true})).missing.empty());
}

TEST(StateDict, LoadingIsNotRecordedAndChangesTheVersion) {
  Scale scale(1, false);
  const uint32_t version = scale.weight.version();
  scale.load_state_dict(Dict{{"weight", Parameter(ones({1}))}});
  EXPECT_TRUE(scale.weight.is_leaf());
  EXPECT_GT(scale.weight.version(), version);
}

TEST(StateDict, ARegisteredPartIsSavedAndLoadedAsAMemberIs) {
  Net a, b;
  for (Net* net : {&a, &b}) {
    net->register_parameter("late", Parameter(zeros({1})));
    net->register_module("extra", Scale(1));
  }
  const NoGrad guard;
  a.get_parameter("late").fill_(2);
  a.get_parameter("extra.weight").fill_(3);
  b.load_state_dict(a.state_dict());
  EXPECT_EQ(b.get_parameter("late").item<int>(), 2);
  EXPECT_EQ(b.get_parameter("extra.weight").item<int>(), 3);
}

TEST(StateDict, HooksDieWithTheirModuleAndHandlesDoNotMind) {
  HookHandle handle;
  {
    Scale scale;
    handle = scale.register_state_dict_pre_hook([](ModuleBase&, const std::string&, bool) {});
    Scale moved = std::move(scale);
    moved.state_dict();
  }
  handle.remove();
}

TEST(StateDict, AHookMayRemoveItself) {
  Scale scale;
  int calls = 0;
  HookHandle handle;
  handle = scale.register_state_dict_pre_hook([&](ModuleBase&, const std::string&, bool) {
    ++calls;
    handle.remove();
  });
  scale.state_dict();
  scale.state_dict();
  EXPECT_EQ(calls, 1);
}

TEST(SimilarNames, AreThoseThatDifferInFewLetters) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(suggest_names({"fc1.weigth"}, {"fc2.weight", "fc1.weight"}),
            (Lines{"fc1.weigth: did you mean fc1.weight?"}));
  EXPECT_EQ(suggest_names({"fc1.wieght"}, {"fc1.weight"}), (Lines{"fc1.wieght: did you mean fc1.weight?"}));
  EXPECT_EQ(suggest_names({"a"}, {"b"}), (Lines{"a: did you mean b?"}));
  EXPECT_EQ(suggest_names({"encoder.layers.0"}, {"head.bias"}), Lines{});
  EXPECT_EQ(suggest_names({"x"}, {}), Lines{});
}

TEST(DictClone, CopiesWhatLiesInListsAndDicts) {
  const Tensor x = ones({2});
  const Dict dict{{"list", std::vector<Value>{x, 1}}, {"dict", Dict{{"x", x}}}, {"row", x.narrow(0, 0, 1)}};
  const Dict copy = dict.clone();
  x.fill_(5);
  const Tensor& in_list = copy["list"].as<Value::List>()[0].as<Tensor>();
  EXPECT_EQ(in_list.to_vector<int>(), (std::vector<int>{1, 1}));
  EXPECT_TRUE(copy["dict"]["x"].as<Tensor>().shares_storage_with(in_list)) << "one tensor stays one";
  EXPECT_EQ(copy["row"].as<Tensor>().item<int>(), 1);
  EXPECT_EQ(copy["list"].as<Value::List>()[1].as<int>(), 1);
}

}  // namespace
}  // namespace tenon::nn::nn_state_dict_test
