// Statements 15 to 21: what a module holds, in which order, under which names.
#include <map>
#include <memory>
#include <optional>

#include "nn/semantics/models.h"

namespace tenon::nn::semantics::registration_test {
namespace {

TEST(semantics, 15_three_ordered_tables_own_entries_before_childrens) {
  Net net;
  EXPECT_EQ(names(net.named_parameters()),
            (Names{"gain", "first.weight", "first.bias", "norm.weight", "norm.bias", "last.weight"}));
  EXPECT_EQ(names(net.named_buffers()), (Names{"mask", "norm.running_mean", "norm.num_batches_tracked"}));
  EXPECT_EQ(names(net.named_children()), (Names{"first", "norm", "last"}));
  net.register_module("extra", Scale(2));
  net.register_parameter("late", Parameter(ones({1})));
  net.register_buffer("later", Buffer(ones({1})));
  EXPECT_EQ(names(net.named_children()), (Names{"first", "norm", "last", "extra"}));
  EXPECT_EQ(names(net.named_parameters({.recurse = false})), (Names{"gain", "late"}));
  EXPECT_EQ(names(net.named_buffers({.recurse = false})), (Names{"mask", "later"}));
}

TEST(semantics, 16_a_name_that_is_empty_has_a_dot_or_is_taken_is_refused_with_module_and_name) {
  Net net;
  const Parameter p(ones({1}));
  EXPECT_TRUE(says(error_of([&] { net.register_parameter("", p); }), "part of Net"));
  const std::string dot = error_of([&] { net.register_buffer("a.b", Buffer(ones({1}))); });
  EXPECT_TRUE(says(dot, "Net") && says(dot, "\"a.b\""));
  for (const char* taken : {"gain", "mask", "first"}) {
    EXPECT_TRUE(says(error_of([&] { net.register_parameter(taken, p); }), std::string("\"") + taken + "\""));
    EXPECT_TRUE(says(error_of([&] { net.register_buffer(taken, Buffer(ones({1}))); }), "[register_buffer] Net has a"));
    EXPECT_TRUE(says(error_of([&] { net.register_module(taken, Scale()); }), "[register_module] Net has a"));
  }
  net.register_parameter("p", p);
  EXPECT_TRUE(says(error_of([&] { net.register_module("p", Scale()); }), "Net has a parameter \"p\" already"));
  EXPECT_EQ(net.parameters(false).size(), 2u);
}

TEST(semantics, 16_the_first_name_of_a_containers_elements_is_taken) {
  struct M : Module<M> {
    std::vector<Scale> layers;
    TENON_MODULE(M, layers)
  } m;
  m.layers.emplace_back();
  EXPECT_TRUE(says(error_of([&] { m.register_module("layers", Scale()); }), "M has a child \"layers\" already"));
}

TEST(semantics, 16_the_name_of_a_plain_member_and_of_an_empty_container_is_taken) {
  struct M : Module<M> {
    int64_t width = 3;
    std::vector<Scale> layers;
    Untracked<Tensor> scratch;
    Scale renamed;
    TENON_MODULE(M, width, layers, scratch, TENON_AS(renamed, "key"))
  } m;
  for (const char* taken : {"width", "layers", "scratch"}) {
    EXPECT_TRUE(says(error_of([&] { m.register_parameter(taken, Parameter(ones({1}))); }),
                     std::string("M has a member \"") + taken + "\" already"));
    EXPECT_TRUE(says(error_of([&] { m.register_module(taken, Scale()); }), "take another name"));
    EXPECT_TRUE(says(error_of([&] { m.set_submodule(taken, Scale()); }), "take another name"));
  }
  m.register_module("renamed", Scale());  // which is no name in the tree
  EXPECT_EQ(names(m.named_children()), (Names{"key", "renamed"}));
}

TEST(semantics, 17_a_slot_may_be_empty_and_is_skipped_but_printed_as_None) {
  struct M : Module<M> {
    Parameter parameter;
    Buffer buffer;
    std::unique_ptr<Scale> pointer;
    std::optional<Scale> optional;
    Shared<Scale> shared;
    TENON_MODULE(M, parameter, buffer, pointer, optional, shared)
  } m;
  m.register_parameter("registered", Parameter());
  m.register_module("child", nullptr);
  EXPECT_TRUE(m.parameters().empty());
  EXPECT_TRUE(m.buffers().empty());
  EXPECT_TRUE(m.state_dict().empty());
  EXPECT_EQ(m.modules().size(), 1u);
  m.to(float64).to(kCPU).to_empty(kCPU).zero_grad();
  m.load_state_dict(Dict());
  EXPECT_EQ(m.to_string(), "M(\n  (pointer): None\n  (optional): None\n  (shared): None\n  (child): None\n)");
  EXPECT_FALSE(m.get_parameter("parameter").defined());
  m.set_submodule("child", Scale(1, false));
  EXPECT_EQ(names(m.named_parameters()), (Names{"child.weight"}));
}

TEST(semantics, 18_a_parameter_must_be_a_leaf) {
  const Tensor computed = Parameter(ones({2})) * 2;
  EXPECT_TRUE(says(error_of([&] { Parameter{computed}; }), "with a history; detach() it first"));
  Parameter grown(zeros({2}), {.requires_grad = false});
  grown.add_(computed);  // in place: no leaf any more
  Net net;
  EXPECT_TRUE(says(error_of([&] { net.register_parameter("computed", grown); }), "expected a leaf as computed of Net"));
  EXPECT_EQ(net.parameters(false).size(), 1u);
}

TEST(semantics, 19_a_buffer_is_persistent_unless_said_and_keeps_its_flag_when_assigned) {
  Net net;
  net.mask = zeros({2});
  net.norm.running_mean = ones({2});
  EXPECT_FALSE(net.mask.persistent());
  Buffer& table = net.register_buffer("table", Buffer(ones({1}), {.persistent = false}));
  table = zeros({3});
  Buffer& kept = net.register_buffer("kept", Buffer(ones({1})));
  kept = zeros({3});
  const Dict dict = net.state_dict();
  EXPECT_TRUE(dict.contains("norm.running_mean") && dict.contains("kept"));
  EXPECT_FALSE(dict.contains("mask") || dict.contains("table"));
  EXPECT_EQ(dict["kept"].as<Tensor>().numel(), 3);
}

struct Twice : Module<Twice> {
  Shared<Scale> a{Scale(2)};
  Shared<Scale> b = a;
  Buffer counts{zeros({1})};
  Buffer same = counts;
  TENON_MODULE(Twice, a, b, counts, same)
};

TEST(semantics, 20_what_is_shared_is_visited_once_under_its_first_name_or_under_all_on_demand) {
  Twice twice;
  EXPECT_EQ(names(twice.named_modules()), (Names{"", "a"}));
  EXPECT_EQ(names(twice.named_parameters()), (Names{"a.weight", "a.bias"}));
  EXPECT_EQ(names(twice.named_buffers()), (Names{"counts"}));
  EXPECT_EQ(names(twice.named_modules({.remove_duplicate = false})), (Names{"", "a", "b"}));
  EXPECT_EQ(names(twice.named_parameters({.remove_duplicate = false})),
            (Names{"a.weight", "a.bias", "b.weight", "b.bias"}));
  EXPECT_EQ(names(twice.named_buffers({.remove_duplicate = false})), (Names{"counts", "same"}));
  Net net;
  net.last.weight = net.first.weight;
  EXPECT_EQ(names(net.named_parameters()), (Names{"gain", "first.weight", "first.bias", "norm.weight", "norm.bias"}));
  EXPECT_EQ(names(net.named_modules()), (Names{"", "first", "norm", "last"}));
}

TEST(semantics, 21_all_ways_to_list_the_tree_are_there) {
  Net net;
  EXPECT_EQ(net.children().size(), 3u);
  EXPECT_EQ(net.named_children().size(), 3u);
  EXPECT_EQ(net.modules().size(), 4u);
  EXPECT_EQ(net.named_modules().size(), 4u);
  EXPECT_EQ(net.parameters().size(), 6u);
  EXPECT_EQ(net.named_parameters().size(), 6u);
  EXPECT_EQ(net.buffers().size(), 3u);
  EXPECT_EQ(net.named_buffers().size(), 3u);
}

TEST(semantics, 21_parts_are_found_by_their_paths_and_errors_say_what_is_missing) {
  struct Outer : Module<Outer> {
    Net net;
    std::vector<Scale> layers;
    std::unique_ptr<Scale> none;
    TENON_MODULE(Outer, net, layers, none)
  } outer;
  outer.layers.emplace_back();
  EXPECT_EQ(&outer.get_submodule(""), &outer);
  EXPECT_EQ(&outer.get_submodule("net.first"), &outer.net.first);
  EXPECT_EQ(&outer.get_submodule<Scale>("layers.0"), &outer.layers[0]);
  EXPECT_EQ(&outer.get_parameter("net.first.weight"), &outer.net.first.weight);
  EXPECT_EQ(&outer.get_buffer("net.mask"), &outer.net.mask);
  outer.get_parameter("layers.0.weight") = Parameter(zeros({7}));
  EXPECT_EQ(outer.layers[0].weight.numel(), 7);

  EXPECT_TRUE(says(error_of([&] { outer.get_submodule("nett.first"); }),
                   "no child \"nett\" of this Outer; it has: net, layers.0, none"));
  EXPECT_TRUE(says(error_of([&] { outer.get_submodule("net.firs.x"); }),
                   "no child \"firs\" of \"net\", a Net; it has: first, norm, last"));
  EXPECT_TRUE(says(error_of([&] { outer.get_submodule("layers.3.x"); }), "no child \"layers.3\" of this Outer"));
  EXPECT_TRUE(
      says(error_of([&] { outer.get_submodule("none"); }), "the child \"none\" of this Outer is an empty slot"));
  EXPECT_TRUE(
      says(error_of([&] { outer.get_parameter("none.weight"); }), "the child \"none\" of this Outer is an empty slot"));
  EXPECT_TRUE(says(error_of([&] { outer.get_parameter("net.first.wait"); }),
                   "no parameter \"wait\" of \"net.first\", a Scale; it has: weight, bias"));
  EXPECT_TRUE(says(error_of([&] { outer.get_parameter("net.first"); }),
                   "no parameter \"first\" of \"net\", a Net; it has: gain"));
  EXPECT_TRUE(
      says(error_of([&] { outer.get_buffer("net.gain"); }), "no buffer \"gain\" of \"net\", a Net; it has: mask"));
  EXPECT_TRUE(says(error_of([&] { outer.get_submodule<Norm>("net.first"); }), "net.first is a Scale"));
}

TEST(semantics, 21_set_submodule_takes_the_same_type_and_names_both_types_otherwise) {
  struct M : Module<M> {
    Scale value;
    std::optional<Scale> optional;
    std::unique_ptr<Scale> pointer;
    std::vector<Scale> list;
    TENON_MODULE(M, value, optional, pointer, list)
  } m;
  m.list.emplace_back();
  for (const char* name : {"value", "optional", "pointer", "list.0"}) {
    Scale& now = m.set_submodule(name, Scale(5));
    EXPECT_EQ(&now, &m.get_submodule(name));
    EXPECT_EQ(now.weight.numel(), 5);
    const std::string error = error_of([&] { m.set_submodule(name, Norm()); });
    EXPECT_TRUE(says(error, std::string("the place of \"") + name + "\" of this M is for a Scale, got a Norm"));
  }
  EXPECT_EQ(m.value.weight.numel(), 5);
  EXPECT_TRUE(says(error_of([&] { m.set_submodule("", Scale()); }), "expected the path of a child"));
  EXPECT_TRUE(says(error_of([&] { m.set_submodule("nowhere.x", Scale()); }), "no child \"nowhere\""));
}

TEST(semantics, 21_set_submodule_takes_any_type_where_the_slot_does) {
  struct M : Module<M> {
    AnyModule any{Scale(1)};
    std::unique_ptr<ModuleBase> pointer;
    Sequential layers{Scale(2), ReLU()};
    TENON_MODULE(M, any, pointer, layers)
  } m;
  m.register_module("registered", Scale(3));
  for (const char* path : {"any", "pointer", "layers.1", "registered", "added"}) {
    m.set_submodule(path, Norm(4));
    EXPECT_EQ(m.get_submodule<Norm>(path).weight.numel(), 4);
  }
  EXPECT_EQ(m.layers.to_string(), "Sequential(\n  (0): Scale()\n  (1): Norm()\n)");
  EXPECT_EQ(m.any(ones({1, 4})).shape(), (Shape{1, 4}));
  EXPECT_EQ(m.any.as<Norm>().weight.numel(), 4);
}

TEST(semantics, 21_a_live_model_can_be_changed) {
  Net net;
  Scale& extra = net.register_module("extra", Scale(3));
  Parameter& p = net.register_parameter("p", Parameter(ones({2})));
  net.register_buffer("b", Buffer(ones({2})));
  const std::shared_ptr<Scale> both = std::make_shared<Scale>(1);
  net.register_module("both", both);
  extra.weight = Parameter(full({3}, 2.0));
  EXPECT_EQ(net.get_parameter("extra.weight").to_vector<int>(), (std::vector<int>{2, 2, 2}));
  EXPECT_EQ(&net.get_parameter("p"), &p);
  EXPECT_EQ(&net.get_submodule("both"), both.get());
  net.eval();
  EXPECT_FALSE(extra.training());
  net.replace_module("extra", Norm(3));
  EXPECT_EQ(net.get_submodule("extra").type_name(), "Norm");
  EXPECT_TRUE(says(error_of([&] { net.replace_module("absent", Norm(3)); }), "no child \"absent\""));
  net.unregister_module("extra");
  net.unregister_module("both");
  net.unregister_parameter("p");
  net.unregister_buffer("b");
  EXPECT_EQ(names(net.named_modules()), (Names{"", "first", "norm", "last"}));
  EXPECT_EQ(net.parameters(false).size(), 1u);
  EXPECT_EQ(net.buffers(false).size(), 1u);
  EXPECT_TRUE(says(error_of([&] { net.unregister_module("first"); }),
                   "\"first\" is not among what was registered with this Net"));
  EXPECT_TRUE(says(error_of([&] { net.unregister_parameter("gain"); }), "a member of the class cannot be taken away"));
  Net moved = std::move(net);
  moved.register_module("again", Scale(1));
  EXPECT_EQ(moved.children().size(), 4u);
}

TEST(semantics, 21_a_registered_module_dies_with_its_slot) {
  struct M : Module<M> {
    TENON_MODULE(M)
  } m;
  const auto scale = std::make_shared<Scale>();
  m.register_module("x", scale);
  EXPECT_EQ(scale.use_count(), 2);
  m.unregister_module("x");
  EXPECT_EQ(scale.use_count(), 1);
}

}  // namespace
}  // namespace tenon::nn::semantics::registration_test
