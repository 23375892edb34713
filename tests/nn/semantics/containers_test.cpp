// What nn's containers do, statement by statement.
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::nn::semantics_containers_test {
namespace {

using Names = std::vector<std::string>;

Names child_names(ModuleBase& m) {
  Names out;
  for (auto& [name, child] : m.named_children()) out.push_back(name);
  return out;
}
Names parameter_names(const ModuleBase& m) {
  Names out;
  for (auto& [name, parameter] : m.named_parameters()) out.push_back(name);
  return out;
}
Names child_types(ModuleBase& m) {
  Names out;
  for (ModuleBase& child : m.children()) out.emplace_back(child.type_name());
  return out;
}

struct Scale : Module<Scale> {
  Parameter w;
  explicit Scale(double value = 1) : w(full({}, value)) {}
  Tensor forward(const Tensor& x) { return x * w; }
  TENON_MODULE(Scale, w)
};

// What does not compile is in tests/must_not_compile/: forgotten.cpp and member_types.cpp.
TEST(semantics, 23_standard_containers_of_modules_are_registered_and_a_plain_tensor_is_marked) {
  struct M : Module<M> {
    std::vector<Scale> list;
    std::array<Scale, 2> pair;
    std::optional<Scale> maybe = Scale();
    std::unique_ptr<Scale> pointer = std::make_unique<Scale>();
    std::map<std::string, Scale> named;
    Untracked<Tensor> scratch;
    TENON_MODULE(M, list, pair, maybe, pointer, named, scratch)
  } m;
  m.list.emplace_back();
  m.named.try_emplace("key");
  m.scratch = ones({1});
  EXPECT_EQ(parameter_names(m), (Names{"list.0.w", "pair.0.w", "pair.1.w", "maybe.w", "pointer.w", "named.key.w"}));
  EXPECT_TRUE(m.buffers().empty());
}

TEST(semantics, 44_a_module_list_folds_equal_neighbours_when_printed_and_a_sequential_does_not) {
  ModuleList<> list{Linear(1, 2), Linear(1, 2), Sequential{ReLU(), ReLU()}, Sequential{ReLU(), ReLU()}, ReLU()};
  EXPECT_EQ(fmt::format("{}", list), R"(ModuleList(
  (0-1): 2 x Linear(in_features=1, out_features=2, bias=True)
  (2-3): 2 x Sequential(
    (0): ReLU()
    (1): ReLU()
  )
  (4): ReLU()
))");
  EXPECT_EQ(fmt::format("{}", ModuleList<>()), "ModuleList()");
  EXPECT_EQ(fmt::format("{}", Sequential{ReLU(), ReLU()}), "Sequential(\n  (0): ReLU()\n  (1): ReLU()\n)");

  struct M : Module<M> {
    ModuleList<Linear> layers;
    TENON_MODULE(M, layers)
  } m;
  for (int i = 0; i < 6; ++i) m.layers.emplace_back(1, 1);
  EXPECT_EQ(fmt::format("{}", m), R"(M(
  (layers): ModuleList(
    (0-5): 6 x Linear(in_features=1, out_features=1, bias=True)
  )
))");
}

TEST(semantics, 45_lists_and_dicts_of_parameters_print_as_pytorchs) {
  EXPECT_EQ(fmt::format("{}", ParameterList{Parameter(ones({2, 3})), Parameter(ones({4}))}), R"(ParameterList(
    (0): Parameter containing: [torch.float32 of size 2x3]
    (1): Parameter containing: [torch.float32 of size 4]
))");
  EXPECT_EQ(fmt::format("{}", ParameterList{Parameter(ones({2, 3}))}),
            "ParameterList(  (0): Parameter containing: [torch.float32 of size 2x3])");
  EXPECT_EQ(fmt::format("{}", ParameterDict{{"a", Parameter(ones({2, 3}))}}),
            "ParameterDict(  (a): Parameter containing: [torch.FloatTensor of size 2x3])");
  EXPECT_EQ(fmt::format("{}", ParameterDict{{"a", Parameter(ones({2}))},
                                            {"b", Parameter(ones({3, 1, 2}, {.dtype = float64}))}}),
            R"(ParameterDict(
    (a): Parameter containing: [torch.FloatTensor of size 2]
    (b): Parameter containing: [torch.DoubleTensor of size 3x1x2]
))");
  EXPECT_EQ(fmt::format("{} {}", ParameterDict(), ParameterList()), "ParameterDict() ParameterList()");
  EXPECT_EQ(fmt::format("{}", ParameterList{Parameter(ones({}))}),
            "ParameterList(  (0): Parameter containing: [torch.float32 of size ])");

  struct W : Module<W> {
    ParameterList l;
    ParameterDict d;
    TENON_MODULE(W, l, d)
  } w;
  w.l.append(ones({2})).append(ones({2}));
  w.d.emplace("x", ones({1}));
  EXPECT_EQ(fmt::format("{}", w), R"(W(
  (l): ParameterList(
      (0): Parameter containing: [torch.float32 of size 2]
      (1): Parameter containing: [torch.float32 of size 2]
  )
  (d): ParameterDict(  (x): Parameter containing: [torch.FloatTensor of size 1])
))");
}

// A layer that cannot take what the one before gives does not compile: tests/must_not_compile/sequential.cpp.
TEST(semantics, 48_a_sequential_is_positional_or_named_and_can_be_cut_joined_and_repeated) {
  Sequential s{Scale(2), named("plus", [](const Tensor& x) { return x + 1; }), Scale(3)};
  EXPECT_EQ(s(ones({})).item<int>(), 9);
  EXPECT_EQ(child_names(s), (Names{"0", "plus", "2"}));
  EXPECT_EQ(&s.get<Scale>(-1), &s[2]);

  s.append(ReLU()).insert(0, Scale(5)).insert(-1, named("last but one", ReLU()));
  EXPECT_EQ(child_names(s), (Names{"0", "1", "plus", "3", "last but one", "5"}));
  EXPECT_EQ(s(ones({})).item<int>(), 33);

  Sequential slice = s[{1, 3}];
  EXPECT_EQ(child_names(slice), (Names{"1", "plus"})) << "a slice keeps its names";
  EXPECT_EQ(&slice[0], &s[1]) << "a slice shares its modules";
  EXPECT_EQ((s[{{}, {}, 2}]).size(), 3);
  slice.append(ReLU());
  EXPECT_EQ(slice.size(), 3);

  const std::shared_ptr<ModuleBase> taken = s.pop(-2);
  EXPECT_EQ(taken->type_name(), "ReLU");
  EXPECT_EQ(child_names(s), (Names{"0", "1", "2", "3", "4"})) << "removing renumbers, as in PyTorch";

  Sequential a{named("a", Scale(2))}, b{Scale(3), Scale(5)};
  Sequential joined = a + b;
  EXPECT_EQ(child_names(joined), (Names{"0", "1", "2"}));
  EXPECT_EQ(&joined[0], &a[0]);
  a += b;
  EXPECT_EQ(child_names(a), (Names{"a", "1", "2"}));
  EXPECT_EQ(a.extend(b).size(), 5);
  EXPECT_EQ(&a[-1], &b[-1]);
  Sequential thrice = 3 * b;
  EXPECT_EQ(thrice(ones({})).item<int>(), 3375);
  EXPECT_EQ(thrice.parameters().size(), 2u) << "the repeated layers are the same ones";
  b *= 2;
  EXPECT_EQ(b.size(), 4);
  EXPECT_EQ(test::error_of([&] { b * 0; }), "[Sequential] expected a factor of 1 or more, got 0");
}

TEST(semantics, 49_removing_an_element_renumbers_and_a_wrong_index_says_index_and_size) {
  ModuleList<Scale> list;
  for (int i = 0; i < 4; ++i) list.emplace_back(i);
  const Scale* third = &list[2];
  list.erase(1);
  EXPECT_EQ(parameter_names(list), (Names{"0.w", "1.w", "2.w"}));
  EXPECT_EQ(&list[1], third);
  EXPECT_EQ(test::error_of([&] { list[3]; }), "[ModuleList] index 3 is out of range: the size is 3");
  EXPECT_EQ(test::error_of([&] { list.insert(-4, Scale()); }), "[ModuleList] index -4 is out of range: the size is 3");

  ParameterList parameters{Parameter(ones({1})), Parameter(ones({2})), Parameter(ones({3}))};
  parameters.erase(0);
  EXPECT_EQ(parameter_names(parameters), (Names{"0", "1"}));
  EXPECT_EQ(parameters[0].numel(), 2);
  EXPECT_EQ(test::error_of([&] { parameters.at(-3); }), "[ParameterList] index -3 is out of range: the size is 2");

  ModuleDict<Scale> dict;
  dict.emplace("b");
  dict.emplace("a");
  EXPECT_EQ(dict.keys(), (Names{"b", "a"})) << "in the order in which they came";
  EXPECT_EQ(test::error_of([&] { dict["c"]; }), "[ModuleDict] \"c\" is not there: there are b, a");
  ParameterDict named{{"x", Parameter(ones({1}))}};
  EXPECT_EQ(test::error_of([&] { named.insert("x", Parameter(ones({2}))); }),
            "[ParameterDict] expected a name that is not taken, got \"x\": there are x");
  named.insert_or_assign("x", Parameter(ones({2})));
  EXPECT_EQ(named["x"].numel(), 2);
  named.update({{"y", Parameter(ones({3}))}, {"x", Parameter(ones({4}))}});
  EXPECT_EQ(named.keys(), (Names{"x", "y"}));
  EXPECT_EQ(named.pop("x").numel(), 4);
  EXPECT_FALSE(named.contains("x"));
}

TEST(semantics, 49_lists_are_used_as_vectors_and_dicts_as_maps) {
  ModuleList<Scale> list;
  list.append(Scale()).append(Scale());
  const Scale* last = &list.back();
  list.insert(0, Scale());
  EXPECT_EQ(&list[2], last);
  EXPECT_EQ(&*list.pop(), last);
  list.extend(list);
  EXPECT_EQ(list.size(), 4);
  EXPECT_EQ(&list[0], &list[2]) << "extended by itself: the modules are shared";
  EXPECT_EQ((list[{1, 3}]).size(), 2);
  int visited = 0;
  for (Scale& scale : list) visited += static_cast<int>(scale.w.numel());
  EXPECT_EQ(visited, 4 * static_cast<int>(list[0].w.numel()));
  list.clear();
  EXPECT_TRUE(list.empty());

  ModuleDict<Scale> dict;
  Scale& a = dict.emplace("a");
  for (auto& [name, scale] : dict) {
    EXPECT_EQ(name, "a");
    EXPECT_EQ(&scale, &a);
  }
  EXPECT_TRUE(dict.find("b") == dict.end());
  dict.erase("a");
  EXPECT_TRUE(dict.empty());
}

TEST(semantics, 50_a_dicts_key_may_be_any_name_without_a_dot_and_modules_keep_their_addresses) {
  ModuleDict<Scale> dict;
  for (const char* key : {"keys", "size", "training", "forward", "type name", "0"}) dict.emplace(key);
  EXPECT_EQ(dict.size(), 6);
  EXPECT_EQ(parameter_names(dict)[0], "keys.w");
  EXPECT_EQ(test::error_of([&] { dict.emplace("a.b"); }), "[ModuleDict] expected a name without a dot, got \"a.b\"");
  EXPECT_EQ(test::error_of([&] { dict.emplace(""); }), "[ModuleDict] expected a name that is not empty");

  ModuleList<Scale> list;
  ModuleList<> any;
  Sequential sequential;
  const Scale* in_dict = &dict["keys"];
  const Scale* in_list = &list.emplace_back();
  const Scale* in_any = &any.emplace_back<Scale>();
  sequential.append(Scale());
  const ModuleBase* in_sequential = &sequential[0];
  for (int i = 0; i < 100; ++i) {
    dict.emplace(std::to_string(100 + i));
    list.emplace_back();
    any.push_back(ReLU());
    sequential.append(ReLU());
  }
  EXPECT_EQ(&dict["keys"], in_dict);
  EXPECT_EQ(&list[0], in_list);
  EXPECT_EQ(&any[0].as<Scale>(), in_any);
  EXPECT_EQ(&sequential[0], in_sequential);
}

Tensor twice(const Tensor& x) { return x * 2; }

TEST(semantics, 51_lambdas_and_free_functions_may_stand_in_a_sequential) {
  int shift = 3;
  Sequential s{twice, [shift](const Tensor& x) { return x + shift; }, functional::relu};
  EXPECT_EQ(s(full({}, -1)).item<int>(), 1);
  EXPECT_EQ(child_types(s), (Names{"Lambda", "Lambda", "Lambda"}));
}

}  // namespace
}  // namespace tenon::nn::semantics_containers_test
