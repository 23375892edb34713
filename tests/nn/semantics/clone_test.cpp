// Statement 42: a deep copy.
#include <array>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>

#include "nn/semantics/models.h"

namespace tenon::nn::semantics::clone_test {
namespace {

TEST(semantics, 42_clone_copies_deeply_and_leaves_the_original_alone) {
  Net net;
  net.first.weight.set_grad(ones({2}));
  net.last.requires_grad_(false);
  net.eval();
  const std::string text = net.to_string();
  const Parameter gain = net.gain;
  const ModuleBase* first = &net.first;
  Net copy = net.clone();
  EXPECT_EQ(copy.to_string(), text);
  EXPECT_EQ(net.to_string(), text);
  EXPECT_TRUE(net.gain.is_same(gain));
  EXPECT_EQ(&net.children()[0], first);
  EXPECT_TRUE(net.first.weight.grad().defined());
  EXPECT_FALSE(copy.first.weight.grad().defined());
  EXPECT_EQ(names(copy.named_parameters()), names(net.named_parameters()));
  for (std::size_t i = 0; i < copy.parameters().size(); ++i) {
    EXPECT_FALSE(copy.parameters()[i].shares_storage_with(net.parameters()[i]));
    EXPECT_EQ(copy.parameters()[i].requires_grad(), net.parameters()[i].requires_grad());
    EXPECT_TRUE(copy.parameters()[i].is_leaf());
    EXPECT_EQ(copy.parameters()[i].to_vector<float>(), net.parameters()[i].to_vector<float>());
  }
  EXPECT_FALSE(copy.mask.persistent());
  EXPECT_FALSE(copy.training() || copy.norm.training());
  const NoGrad guard;
  copy.gain.fill_(9);
  EXPECT_EQ(net.gain.item<int>(), 1);
  EXPECT_EQ(copy(ones({1, 2})).to_vector<float>()[0], 9);
}

TEST(semantics, 42_what_is_tied_or_shared_stays_so_inside_the_copy) {
  struct M : Module<M> {
    Scale a{2, false};
    Scale b{2, false};
    Shared<Scale> shared{Scale(1)};
    Shared<Scale> same = shared;
    std::shared_ptr<Scale> pointer = shared;
    Buffer buffer{ones({1})};
    Buffer twin = buffer;
    M() { b.weight = a.weight; }
    TENON_MODULE(M, a, b, shared, same, pointer, buffer, twin)
  } m;
  M copy = m.clone();
  EXPECT_TRUE(copy.a.weight.is_same(copy.b.weight));
  EXPECT_FALSE(copy.a.weight.is_same(m.a.weight));
  EXPECT_EQ(&*copy.shared, &*copy.same);
  EXPECT_EQ(&*copy.shared, copy.pointer.get());
  EXPECT_NE(&*copy.shared, &*m.shared);
  EXPECT_TRUE(copy.buffer.is_same(copy.twin));
  EXPECT_EQ(copy.parameters().size(), m.parameters().size());
}

TEST(semantics, 42_every_kind_of_member_is_copied_constants_and_lambdas_too) {
  struct M : Module<M> {
    const int64_t n = 3;
    const std::vector<double> rates{0.5, 0.25};
    std::string name = "a name that is too long to be stored inside the string itself";
    std::function<int()> function = [k = 4] { return k; };
    std::unique_ptr<Scale> unique = std::make_unique<Scale>(1);
    std::unique_ptr<ModuleBase> any = std::make_unique<Norm>(2);
    std::unique_ptr<Scale> none;
    std::optional<Scale> optional{Scale(3)};
    std::vector<Scale> list;
    std::deque<Scale> deque;
    std::list<Parameter> parameters_;
    std::array<Scale, 2> array{Scale(4), Scale(5)};
    Scale plain_array[2] = {Scale(6), Scale(7)};
    int dims[2] = {1, 2};
    std::map<std::string, std::unique_ptr<Scale>> heads;
    std::unique_ptr<Parameter> lonely = std::make_unique<Parameter>(ones({1}));
    AnyModule holder{Scale(8)};
    Sequential layers{Scale(9), [f = 2.0](const Tensor& x) { return x * f; }};
    Untracked<Tensor> scratch{zeros({2})};
    Untracked<Scale> untracked{Scale(2)};
    Untracked<Scale*> pointer{nullptr};
    M() {
      list.emplace_back(1);
      list.emplace_back(2);
      deque.emplace_back(3);
      parameters_.emplace_back(ones({1}));
      heads["x"] = std::make_unique<Scale>(2);
    }
    Tensor forward(const Tensor& x) { return layers(x); }
    TENON_MODULE(M, n, rates, name, function, unique, any, none, optional, list, deque, parameters_, array, plain_array,
                 dims, heads, lonely, holder, layers, scratch, untracked, pointer)
  } m;
  M copy = m.clone();
  EXPECT_EQ(names(copy.named_parameters()), names(m.named_parameters()));
  EXPECT_EQ(copy.to_string(), m.to_string());
  const auto expect_whole = [](M& one) {
    EXPECT_EQ(one.n, 3);
    EXPECT_EQ(one.rates, (std::vector<double>{0.5, 0.25}));
    EXPECT_EQ(one.name, "a name that is too long to be stored inside the string itself");
    EXPECT_EQ(one.function(), 4);
    EXPECT_EQ(one.list.size(), 2u);
    EXPECT_EQ(one.dims[1], 2);
    EXPECT_EQ(one.scratch.numel(), 2);
    EXPECT_EQ(one.untracked.weight.numel(), 2);
    EXPECT_EQ(one(ones({9})).to_vector<int>()[0], 2);
  };
  expect_whole(m);
  expect_whole(copy);
  for (std::size_t i = 0; i < m.parameters().size(); ++i)
    EXPECT_FALSE(copy.parameters()[i].shares_storage_with(m.parameters()[i])) << m.named_parameters()[i].name;
  EXPECT_FALSE(copy.scratch.is_same(m.scratch));
  EXPECT_FALSE(copy.untracked.weight.is_same(m.untracked.weight));
}

TEST(semantics, 42_hooks_are_kept_and_see_the_module_that_was_called) {
  Net net;
  std::vector<const ModuleBase*> called;
  auto handle = net.first.register_forward_hook([&](ModuleBase& m, Tensors, Tensors) { called.push_back(&m); });
  auto saved =
      net.register_state_dict_post_hook([](ModuleBase&, Dict& dict, const std::string&) { dict.set("note", 1); });
  Net copy = net.clone();
  copy(ones({1, 2}));
  net(ones({1, 2}));
  EXPECT_EQ(called, (std::vector<const ModuleBase*>{&copy.first, &net.first}));
  handle.remove();
  saved.remove();
  copy(ones({1, 2}));
  net(ones({1, 2}));
  EXPECT_EQ(called.size(), 3u) << "the handle is the first module's";
  EXPECT_TRUE(copy.state_dict().contains("note"));
  EXPECT_FALSE(net.state_dict().contains("note"));
}

TEST(semantics, 42_what_was_registered_is_cloned) {
  Net net;
  net.register_module("extra", Scale(1));
  net.register_parameter("p", net.gain);
  Net copy = net.clone();
  EXPECT_EQ(names(copy.named_modules()), names(net.named_modules()));
  EXPECT_TRUE(copy.get_parameter("p").is_same(copy.gain));
  EXPECT_NE(&copy.get_submodule("extra"), &net.get_submodule("extra"));
  copy.unregister_module("extra");
  EXPECT_EQ(net.children().size(), 4u);
}

TEST(semantics, 42_a_module_of_unknown_class_is_cloned_too) {
  Sequential layers{Scale(2), Norm(2)};
  const std::unique_ptr<ModuleBase> copy = layers[1].clone();
  EXPECT_EQ(copy->type_name(), "Norm");
  EXPECT_FALSE(copy->parameters()[0].is_same(layers[1].parameters()[0]));
}

TEST(semantics, 42_a_member_that_cannot_be_copied_is_a_clear_error) {
  struct M : Module<M> {
    Scale scale{1};
    Untracked<std::unique_ptr<int>> handle{std::make_unique<int>(3)};
    TENON_MODULE(M, scale, handle)
  } m;
  EXPECT_TRUE(says(error_of([&] { m.clone(); }), "[M] clone() cannot copy handle"));
  EXPECT_EQ(*m.handle, 3);
  EXPECT_TRUE(m.scale.weight.defined());
}

TEST(semantics, 42_copying_by_assignment_does_not_compile) {
  static_assert(!std::is_copy_constructible_v<Net> && !std::is_copy_assignable_v<Net>);
  static_assert(std::is_nothrow_move_constructible_v<Net>);
}

}  // namespace
}  // namespace tenon::nn::semantics::clone_test
