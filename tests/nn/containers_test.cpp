// The interfaces of nn's containers, beyond what tests/nn/semantics/ states.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::nn::nn_containers_test {
namespace {

using Names = std::vector<std::string>;
using test::error_of;

struct Scale : Module<Scale> {
  Parameter w;
  explicit Scale(double value = 1) : w(full({}, value)) {}
  int value() const { return w.item<int>(); }
  Tensor forward(const Tensor& x) { return x * w; }
  TENON_MODULE(Scale, w)
};

Names parameter_names(const ModuleBase& m) {
  Names out;
  for (auto& [name, parameter] : m.named_parameters()) out.push_back(name);
  return out;
}
std::vector<int> values(const ModuleList<Scale>& list) {
  std::vector<int> out;
  for (const Scale& s : list) out.push_back(s.value());
  return out;
}
ModuleList<Scale> scales(int n) {
  ModuleList<Scale> list;
  for (int i = 0; i < n; ++i) list.emplace_back(i);
  return list;
}

// ---------------------------------------------------------------- ModuleList
TEST(ModuleList, IsUsedAsAVectorIs) {
  ModuleList<Scale> list;
  EXPECT_TRUE(list.empty());
  list.reserve(4);
  list.push_back(Scale(1)).append(Scale(3));
  list.emplace(1, 2);
  list.insert(0, Scale(0)).insert(-1, Scale(9));
  EXPECT_EQ(values(list), (std::vector<int>{0, 1, 2, 9, 3}));
  EXPECT_EQ(list.front().value(), 0);
  EXPECT_EQ(list.back().value(), 3);
  EXPECT_EQ(list.at(-2).value(), 9);
  list.pop_back();
  list.erase(1, 3);
  EXPECT_EQ(values(list), (std::vector<int>{0, 9}));
  EXPECT_EQ(list.pop(0)->value(), 0);
  list[0] = Scale(4);
  EXPECT_EQ(values(list), (std::vector<int>{4}));
  list.clear();
  EXPECT_EQ(list.size(), 0);
}

TEST(ModuleList, SlicesAndSumsShareModulesAndNumberThemAnew) {
  ModuleList<Scale> list = scales(5);
  ModuleList<Scale> middle = list[{1, -1}];
  EXPECT_EQ(values(middle), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(&middle[0], &list[1]);
  EXPECT_EQ(parameter_names(middle), (Names{"0.w", "1.w", "2.w"}));
  EXPECT_EQ(values(list[{{}, {}, 2}]), (std::vector<int>{0, 2, 4}));
  EXPECT_EQ(values(list[{3, 100}]), (std::vector<int>{3, 4}));
  EXPECT_EQ(values(list[{4, 1}]), (std::vector<int>{}));
  EXPECT_EQ(values(middle + list[{0, 1}]), (std::vector<int>{1, 2, 3, 0}));
  middle += middle;
  EXPECT_EQ(values(middle), (std::vector<int>{1, 2, 3, 1, 2, 3}));
}

TEST(ModuleList, WorksWithTheStandardsAlgorithms) {
  ModuleList<Scale> list = scales(5);
  const auto it = std::find_if(list.begin(), list.end(), [](const Scale& s) { return s.value() == 3; });
  EXPECT_EQ(it - list.begin(), 3);
  EXPECT_EQ(list.begin()[2].value(), 2);
  EXPECT_EQ((list.end() - 1)->value(), 4);
  EXPECT_EQ(std::count_if(list.begin(), list.end(), [](Scale& s) { return s.w.requires_grad(); }), 5);
}

TEST(ModuleList, OfAnyModulesTakesAllKindsAndGivesThemAsWhatTheyAre) {
  ModuleList<> list{Linear(2, 3), ReLU()};
  Linear& last = list.emplace_back<Linear>(3, 1);
  EXPECT_EQ(list[0].as<Linear>().out_features, 3);
  Tensor x = ones({4, 2});
  for (auto& layer : list) x = layer(x);
  EXPECT_EQ(x.shape(), (Shape{4, 1}));
  EXPECT_EQ(parameter_names(list), (Names{"0.weight", "0.bias", "2.weight", "2.bias"}));
  list[1] = Dropout(0.5);
  EXPECT_EQ(list[1]->type_name(), "Dropout");
  EXPECT_EQ(&list[2].as<Linear>(), &last);
  EXPECT_NE(error_of([&] { list[1].as<Linear>(); }), "");
}

TEST(ModuleList, ErasesNothingWhereFirstIsNotBeforeLast) {
  ModuleList<Scale> list = scales(3);
  list.erase(2, 1).erase(3, 3);
  EXPECT_EQ(list.size(), 3);
  EXPECT_EQ(error_of([&] { list.erase(0, 4); }), "[ModuleList] index 4 is out of range: the size is 3");
}

TEST(ModuleList, ModesAndMovesReachItsModules) {
  struct Net : Module<Net> {
    ModuleList<Sequential> blocks;
    Net() { blocks.push_back(Sequential{Linear(2, 2), Dropout(0.5)}); }
    TENON_MODULE(Net, blocks)
  } net;
  net.eval();
  const ModuleBase* dropout = &net.blocks[0][1];
  EXPECT_FALSE(dropout->training());
  const Net moved = std::move(net);
  EXPECT_EQ(&moved.blocks[0][1], dropout);
  EXPECT_EQ(parameter_names(moved), (Names{"blocks.0.0.weight", "blocks.0.0.bias"}));
}

// ---------------------------------------------------------------- ModuleDict
TEST(ModuleDict, IsUsedAsAnOrderedMapIs) {
  ModuleDict<Scale> dict{{"b", Scale(1)}, {"a", Scale(2)}};
  dict.insert("c", Scale(3)).insert_or_assign("b", Scale(4));
  Names keys;
  std::vector<int> found;
  for (auto& [name, scale] : dict) {
    keys.push_back(name);
    found.push_back(scale(ones({})).item<int>());
  }
  EXPECT_EQ(keys, (Names{"b", "a", "c"})) << "what is assigned to stays where it was";
  EXPECT_EQ(found, (std::vector<int>{4, 2, 3}));
  EXPECT_EQ(dict.keys(), keys);
  int sum = 0;
  for (Scale& scale : dict.values()) sum += scale.value();
  EXPECT_EQ(sum, 9);
  EXPECT_TRUE(dict.contains("a"));
  EXPECT_EQ(dict.find("a")->value.value(), 2);
  EXPECT_EQ(dict.find("z"), dict.end());
  EXPECT_EQ(dict.pop("a")->value(), 2);
  dict.erase("b");
  EXPECT_EQ(parameter_names(dict), (Names{"c.w"}));
  EXPECT_EQ(error_of([&] { dict.pop("b"); }), "[ModuleDict] \"b\" is not there: there are c");
  dict.clear();
  EXPECT_EQ(error_of([&] { dict.at("b"); }), "[ModuleDict] \"b\" is not there: it is empty");
}

TEST(ModuleDict, UpdateSharesTheOthersModules) {
  ModuleDict<> dict{{"b", ReLU()}, {"a", Linear(1, 1)}};
  ModuleDict<> other{{"z", ReLU()}, {"b", Dropout(0.5)}, {"c", ReLU()}};
  dict.update(other).update(dict);
  EXPECT_EQ(dict.keys(), (Names{"b", "a", "z", "c"}));
  EXPECT_EQ(&dict["b"].as<Dropout>(), &other["b"].as<Dropout>());
}

// ---------------------------------------------------------------- parameters
TEST(ParameterList, HoldsParametersThatTrain) {
  ParameterList list{Parameter(ones({2}))};
  list.append(ones({3})).emplace_back(ones({4}), {.requires_grad = false});
  list.insert(1, Parameter(ones({5})));
  EXPECT_EQ(parameter_names(list), (Names{"0", "1", "2", "3"}));
  EXPECT_EQ(trainable(list.parameters()).size(), 3u);
  EXPECT_EQ(list.pop().numel(), 4);
  Tensor sum = zeros({});
  for (const Parameter& p : list) sum = sum + p.sum();
  sum.backward();
  EXPECT_TRUE(list[1].grad().defined());
  EXPECT_TRUE((list[{0, 1}])[0].is_same(list[0]));
  EXPECT_EQ((list + list).size(), 6);
}

TEST(ParameterDict, HoldsParametersUnderNames) {
  ParameterDict dict{{"left", Parameter(ones({1}))}};
  EXPECT_EQ(dict.emplace("right", ones({2})).numel(), 2);
  EXPECT_EQ(dict.setdefault("right", ones({9})).numel(), 2);
  EXPECT_EQ(dict.setdefault("keys", ones({9})).numel(), 9);
  for (auto& [name, parameter] : dict) parameter.requires_grad_(name == "left");
  EXPECT_EQ(trainable(dict.parameters()).size(), 1u);
  EXPECT_EQ(parameter_names(dict), (Names{"left", "right", "keys"}));
  EXPECT_EQ(dict.pop("left").numel(), 1);
}

TEST(ParameterDict, PrintsEveryTypeAsPyTorchNamesIt) {
  ParameterDict dict;
  const ParameterOptions frozen{.requires_grad = false};
  dict.emplace("a", ones({2}, {.dtype = bfloat16}));
  dict.emplace("b", ones({2}, {.dtype = int64}), frozen);
  dict.emplace("c", ones({2}, {.dtype = float16}));
  dict.emplace("d", ones({2}, {.dtype = boolean}), frozen);
  dict.emplace("e", ones({2}, {.dtype = int8}), frozen);
  dict.emplace("f", ones({2}, {.dtype = uint8}), frozen);
  dict.emplace("g", ones({2}, {.dtype = int16}), frozen);
  dict.emplace("h", ones({2}, {.dtype = int32}), frozen);
  dict.emplace("i", ones({2}, {.device = kMeta}));
  EXPECT_EQ(dict.to_string(), R"(ParameterDict(
    (a): Parameter containing: [torch.BFloat16Tensor of size 2]
    (b): Parameter containing: [torch.LongTensor of size 2]
    (c): Parameter containing: [torch.HalfTensor of size 2]
    (d): Parameter containing: [torch.BoolTensor of size 2]
    (e): Parameter containing: [torch.CharTensor of size 2]
    (f): Parameter containing: [torch.ByteTensor of size 2]
    (g): Parameter containing: [torch.ShortTensor of size 2]
    (h): Parameter containing: [torch.IntTensor of size 2]
    (i): Parameter containing: [torch.meta.FloatTensor of size 2]
))");
}

// ---------------------------------------------------------------- shared modules
TEST(Sequential, MayShareALayerWithItsNeighbours) {
  Shared<Linear> tied{Linear(2, 2)};
  Sequential s{tied, ReLU(), tied};
  EXPECT_EQ(s.parameters().size(), 2u);
  EXPECT_EQ(&s[0], &s[2]);
  EXPECT_EQ(s.to_string(), R"(Sequential(
  (0): Linear(in_features=2, out_features=2, bias=True)
  (1): ReLU()
  (2): Linear(in_features=2, out_features=2, bias=True)
))");
}

TEST(Containers, AreClonedWithWhatTheyShare) {
  struct Net : Module<Net> {
    ModuleList<Scale> list;
    ModuleList<Scale> tail;
    ModuleDict<> dict{{"a", Linear(1, 1)}};
    Sequential sequence{Linear(1, 1), ReLU()};
    ParameterList weights{Parameter(ones({1}))};
    Net() {
      list = scales(3);
      tail = list[{1, {}}];
    }
    TENON_MODULE(Net, list, tail, dict, sequence, weights)
  } net;
  Net copy = net.clone();
  EXPECT_EQ(&copy.tail[0], &copy.list[1]);
  EXPECT_NE(&copy.list[0], &net.list[0]);
  EXPECT_EQ(parameter_names(copy), parameter_names(net));
  EXPECT_EQ(copy.to_string(), net.to_string());
  for (std::size_t i = 0; i < net.parameters().size(); ++i)
    EXPECT_FALSE(copy.parameters()[i].is_same(net.parameters()[i]));
}

TEST(Containers, TakeAnotherModuleAtAPath) {
  struct Net : Module<Net> {
    ModuleDict<> dict{{"a", Linear(1, 1)}};
    Sequential sequence{Linear(1, 1), ReLU()};
    TENON_MODULE(Net, dict, sequence)
  } net;
  net.set_submodule("dict.a", ReLU());
  net.set_submodule("sequence.1", Dropout(0.5));
  EXPECT_EQ(net.dict["a"]->type_name(), "ReLU");
  EXPECT_EQ(net.sequence[1].type_name(), "Dropout");
}

// PyTorch: add_module() on a Sequential is append() with a name.
TEST(Containers, AModuleThatIsRegisteredIsAnElement) {
  Sequential sequence{Scale(1), Scale(2)};
  sequence.register_module("2", Scale(3));
  sequence.append(Scale(5));
  EXPECT_EQ(parameter_names(sequence), (Names{"0.w", "1.w", "2.w", "3.w"}));
  EXPECT_EQ(sequence(ones({})).item<int>(), 30);
  sequence.set_submodule("extra", Scale(7));
  EXPECT_EQ(sequence(ones({})).item<int>(), 210);
  EXPECT_EQ(sequence.size(), 5);
  sequence.unregister_module("extra");
  EXPECT_EQ(sequence(ones({})).item<int>(), 30);
  EXPECT_EQ(error_of([&] { sequence.register_module("2", Scale()); }).rfind("[register_module] Sequential has a", 0),
            0U);
  EXPECT_EQ(error_of([&] { sequence.register_module("9", std::shared_ptr<Scale>()); }),
            "[Sequential] expected a module as \"9\", got an empty handle");
  EXPECT_EQ(error_of([&] { sequence.append(std::shared_ptr<Scale>()); }),
            "[Sequential] expected a module as \"4\", got an empty handle");
  EXPECT_EQ(sequence.state_dict().size(), 4U);

  ModuleList<Scale> list = scales(2);
  list.register_module("2", Scale(2));
  list.emplace_back(3);
  EXPECT_EQ(values(list), (std::vector{0, 1, 2, 3}));
  EXPECT_EQ(parameter_names(list), (Names{"0.w", "1.w", "2.w", "3.w"}));
  EXPECT_EQ(error_of([&] { list.register_module("4", ReLU()); }), "[ModuleList] expected a Scale as \"4\", got a ReLU");
  EXPECT_EQ(list.size(), 4);

  ModuleDict<> dict;
  dict.register_module("a", Scale(4));
  EXPECT_EQ(dict["a"].as<Scale>().value(), 4);
  EXPECT_NE(error_of([&] { dict.emplace<Scale>("a"); }).find("a name that is not taken"), std::string::npos);
}

TEST(Containers, TheNameOfWhatWasRegisteredIsTaken) {
  const std::string taken = "] the name \"2\" is taken, by a ";
  const auto expect_taken = [&](const std::string& error) { EXPECT_NE(error.find(taken), error.npos) << error; };
  Sequential sequence{Scale(), Scale()};
  sequence.register_buffer("2", Buffer(ones({})));
  expect_taken(error_of([&] { sequence.append(Scale()); }));
  expect_taken(error_of([&] { sequence.insert(0, Scale()); }));
  expect_taken(error_of([&] { sequence.insert(0, named("first", Scale())); }));  // whose neighbour would be "2"
  EXPECT_EQ(parameter_names(sequence), (Names{"0.w", "1.w"}));
  sequence.append(named("last", Scale()));
  sequence.unregister_buffer("2");
  sequence.erase(0);
  EXPECT_EQ(parameter_names(sequence), (Names{"0.w", "1.w"}));
}

TEST(Containers, TheNameOfARegisteredParameterIsTaken) {
  const std::string taken = "] the name \"1\" is taken, by a ";
  const auto expect_taken = [&](const std::string& error) { EXPECT_NE(error.find(taken), error.npos) << error; };
  ParameterList list{Parameter(ones({}))};
  list.register_parameter("1", Parameter(ones({})));
  expect_taken(error_of([&] { list.append(Parameter(ones({}))); }));
  EXPECT_EQ(parameter_names(list), (Names{"0", "1"}));
  ParameterDict dict;
  dict.register_parameter("1", Parameter(ones({})));
  expect_taken(error_of([&] { dict.insert("1", Parameter(ones({}))); }));
  expect_taken(error_of([&] { dict.insert_or_assign("1", Parameter(ones({}))); }));
  expect_taken(error_of([&] { dict.emplace("1", ones({})); }));
  expect_taken(error_of([&] { dict.update(ParameterDict{{"1", Parameter(ones({}))}}); }));
  ModuleDict<Scale> modules;
  modules.register_buffer("1", Buffer(ones({})));
  expect_taken(error_of([&] { modules.emplace("1"); }));
  ModuleList<Scale> modules_in_order = scales(1);
  modules_in_order.register_parameter("1", Parameter(ones({})));
  expect_taken(error_of([&] { modules_in_order.emplace_back(); }));
  expect_taken(error_of([&] { modules_in_order.extend(scales(1)); }));
}

TEST(Containers, ExtendAndUpdateAddAllOrNothing) {
  ModuleList<Scale> list = scales(1);
  list.register_buffer("2", Buffer(ones({})));
  EXPECT_NE(error_of([&] { list.extend(scales(2)); }), "");
  EXPECT_NE(error_of([&] { list += scales(3); }), "");
  EXPECT_EQ(list.size(), 1);
  ModuleList<> any{Scale()};
  any.register_buffer("2", Buffer(ones({})));
  EXPECT_NE(error_of([&] { any.extend(ModuleList<>{Scale(), Scale()}); }), "");
  EXPECT_EQ(any.size(), 1);
  Sequential sequence{Scale()};
  sequence.register_buffer("2", Buffer(ones({})));
  EXPECT_NE(error_of([&] { sequence.extend(Sequential{Scale(), Scale()}); }), "");
  EXPECT_NE(error_of([&] { sequence *= 3; }), "");
  EXPECT_EQ(parameter_names(sequence), (Names{"0.w"}));
  ParameterList parameters{Parameter(ones({}))};
  parameters.register_buffer("2", Buffer(ones({})));
  EXPECT_NE(error_of([&] { parameters.extend(ParameterList{Parameter(ones({})), Parameter(ones({}))}); }), "");
  EXPECT_EQ(parameters.size(), 1);

  ModuleDict<Scale> modules;
  modules.emplace("a", 1);
  modules.register_buffer("c", Buffer(ones({})));
  EXPECT_NE(error_of([&] { modules.update({{"a", Scale(2)}, {"b", Scale(2)}, {"c", Scale(2)}}); }), "");
  EXPECT_EQ(modules.keys(), (Names{"a"}));
  EXPECT_EQ(modules["a"].value(), 1);
  ParameterDict dict{{"a", Parameter(ones({}))}};
  dict.register_buffer("c", Buffer(ones({})));
  EXPECT_NE(error_of([&] { dict.update({{"a", Parameter(zeros({}))}, {"c", Parameter(zeros({}))}}); }), "");
  EXPECT_EQ(dict["a"].item<int>(), 1);
}

TEST(Containers, AnElementOfOneThatIsAboutToGoStays) {
  const auto& parameter = ParameterList{Parameter(full({}, 3.0))}[0];
  const auto& last = ParameterList{Parameter(full({}, 4.0))}.back();
  const auto& named = ParameterDict{{"a", Parameter(full({}, 5.0))}}["a"];
  const auto& any = ModuleList<>{Scale(6)}.at(0);
  EXPECT_EQ(parameter.item<int>() + last.item<int>() + named.item<int>(), 12);
  EXPECT_EQ(any.as<Scale>().value(), 6);
  static_assert(std::is_same_v<decltype(std::declval<ModuleList<Scale>>()[0]), Scale&>);
}

}  // namespace
}  // namespace tenon::nn::nn_containers_test
