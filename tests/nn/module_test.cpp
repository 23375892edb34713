// The tree of modules: what it lists, in which order and under which names, and what is done to all of it.
#include <tenon/nn/module.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <tenon/ops.h>

#include "tensor/check.h"

namespace tenon::nn::module_test {
namespace {

using test::error_of;
using Names = std::vector<std::string>;

struct Leaf : Module<Leaf> {
  Parameter weight{ones({2, 3})};
  Parameter absent;
  Buffer mean{zeros({2})};
  TENON_MODULE(Leaf, weight, absent, mean)
};

struct Branch : Module<Branch> {
  Leaf first;
  Parameter scale{ones({1})};
  Leaf second;
  Buffer steps{tensor(int64_t{0})};
  TENON_MODULE(Branch, first, scale, TENON_AS(second, "head"), steps)
};

struct Root : Module<Root> {
  Branch branch;
  Leaf leaf;
  TENON_MODULE(Root, branch, leaf)
};

template <class List>
Names names(const List& list) {
  Names out;
  for (const auto& entry : list) out.push_back(entry.name);
  return out;
}

TEST(ModuleTree, ParametersOfItsOwnComeBeforeThoseOfChildren) {
  EXPECT_EQ(names(Branch().named_parameters()), (Names{"scale", "first.weight", "head.weight"}));
  EXPECT_EQ(Branch().parameters().size(), 3u);
}

TEST(ModuleTree, BuffersOfItsOwnComeBeforeThoseOfChildren) {
  EXPECT_EQ(names(Branch().named_buffers()), (Names{"steps", "first.mean", "head.mean"}));
  EXPECT_EQ(Branch().buffers().size(), 3u);
}

TEST(ModuleTree, NamesArePathsThroughAllLevels) {
  EXPECT_EQ(names(Root().named_parameters()),
            (Names{"branch.scale", "branch.first.weight", "branch.head.weight", "leaf.weight"}));
}

TEST(ModuleTree, APrefixStandsBeforeEveryName) {
  Branch branch;
  EXPECT_EQ(names(branch.named_parameters({.prefix = "net"})),
            (Names{"net.scale", "net.first.weight", "net.head.weight"}));
  EXPECT_EQ(names(branch.named_modules({.prefix = "net"})), (Names{"net", "net.first", "net.head"}));
}

TEST(ModuleTree, WithoutRecursionOnlyItsOwnEntriesAreListed) {
  EXPECT_EQ(names(Branch().named_parameters({.recurse = false})), (Names{"scale"}));
  EXPECT_EQ(Branch().parameters(false).size(), 1u);
  EXPECT_EQ(Branch().buffers(false).size(), 1u);
}

TEST(ModuleTree, ModulesAreListedParentsFirst) {
  Root root;
  EXPECT_EQ(names(root.named_modules()), (Names{"", "branch", "branch.first", "branch.head", "leaf"}));
  const ModuleRefs modules = root.modules();
  ASSERT_EQ(modules.size(), 5u);
  EXPECT_EQ(&modules[0], &root);
  EXPECT_EQ(&modules[3], &root.branch.second);
}

TEST(ModuleTree, ChildrenAreThoseDirectlyBelow) {
  Root root;
  EXPECT_EQ(names(root.named_children()), (Names{"branch", "leaf"}));
  std::vector<std::string> types;
  for (ModuleBase& child : root.children()) types.emplace_back(child.type_name());
  EXPECT_EQ(types, (Names{"Branch", "Leaf"}));
  EXPECT_TRUE(root.leaf.children().empty());
}

TEST(ModuleTree, ATiedParameterIsListedOnceUnderItsFirstName) {
  Root root;
  root.leaf.weight = root.branch.first.weight;
  EXPECT_EQ(names(root.named_parameters()), (Names{"branch.scale", "branch.first.weight", "branch.head.weight"}));
  EXPECT_EQ(count(root.parameters()), 1 + 6 + 6);
}

TEST(ModuleTree, EveryNameOfATiedParameterIsListedOnDemand) {
  Root root;
  root.leaf.weight = root.branch.first.weight;
  EXPECT_EQ(names(root.named_parameters({.remove_duplicate = false})),
            (Names{"branch.scale", "branch.first.weight", "branch.head.weight", "leaf.weight"}));
}

struct Sharing : Module<Sharing> {
  std::shared_ptr<Leaf> a = std::make_shared<Leaf>();
  std::shared_ptr<Leaf> b = a;
  TENON_MODULE(Sharing, a, b)
};

TEST(ModuleTree, ASharedModuleIsListedOnceUnlessEveryNameIsAskedFor) {
  Sharing sharing;
  EXPECT_EQ(names(sharing.named_modules()), (Names{"", "a"}));
  EXPECT_EQ(names(sharing.named_children()), (Names{"a"}));
  EXPECT_EQ(names(sharing.named_modules({.remove_duplicate = false})), (Names{"", "a", "b"}));
}

TEST(ModuleTree, ListedParametersAreHandlesOfTheModel) {
  Leaf leaf;
  for (auto& [name, parameter] : leaf.named_parameters()) parameter.requires_grad_(false).fill_(7);
  EXPECT_FALSE(leaf.weight.requires_grad());
  EXPECT_EQ(leaf.weight.to_vector<int>(), std::vector<int>(6, 7));
}

TEST(ModuleTree, AConstModelCanBeRead) {
  const Root root;
  EXPECT_EQ(root.named_parameters().size(), 4u);
  EXPECT_EQ(root.buffers().size(), 4u);
  EXPECT_TRUE(root.training());
  EXPECT_FALSE(root.to_string().empty());
}

TEST(ModuleTree, CountAddsElementsAndTrainableLeavesOutTheFrozen) {
  Root root;
  EXPECT_EQ(count(root.parameters()), 19);
  root.branch.requires_grad_(false);
  EXPECT_EQ(count(trainable(root.parameters())), 6);
}

TEST(ModuleTree, ApplyVisitsChildrenFirst) {
  Root root;
  Names order;
  root.apply([&](ModuleBase& m) { order.emplace_back(m.type_name()); });
  EXPECT_EQ(order, (Names{"Leaf", "Leaf", "Branch", "Leaf", "Root"}));
}

TEST(ModuleMode, TrainAndEvalReachEveryDescendant) {
  Root root;
  EXPECT_TRUE(root.branch.second.training());
  root.eval();
  for (ModuleBase& m : root.modules()) EXPECT_FALSE(m.training());
  root.branch.train();
  EXPECT_TRUE(root.branch.second.training());
  EXPECT_FALSE(root.leaf.training());
  EXPECT_FALSE(root.training());
}

TEST(ModuleMode, RequiresGradChangesParametersAndNoBuffer) {
  Root root;
  root.requires_grad_(false);
  for (const Parameter& p : root.parameters()) EXPECT_FALSE(p.requires_grad());
  root.requires_grad_();
  for (const Parameter& p : root.parameters()) EXPECT_TRUE(p.requires_grad());
  for (const Buffer& b : root.buffers()) EXPECT_FALSE(b.requires_grad());
}

TEST(ModuleMode, ZeroGradDropsGradients) {
  Leaf leaf;
  leaf.weight.sum().backward();
  ASSERT_TRUE(leaf.weight.grad().defined());
  leaf.zero_grad();
  EXPECT_FALSE(leaf.weight.grad().defined());
}

TEST(ModuleMode, ZeroGradFillsWithZerosWhenToldTo) {
  Leaf leaf;
  leaf.weight.sum().backward();
  const Tensor grad = leaf.weight.grad();
  leaf.zero_grad(false);
  EXPECT_TRUE(leaf.weight.grad().is_same(grad));
  EXPECT_EQ(grad.to_vector<float>(), std::vector<float>(6, 0));
}

TEST(ModuleMode, EvalDoesNotTouchGradients) {
  Leaf leaf;
  leaf.weight.sum().backward();
  leaf.eval();
  EXPECT_TRUE(leaf.weight.grad().defined());
  EXPECT_TRUE(leaf.weight.requires_grad());
}

TEST(ModuleMove, AMovedModuleKeepsItsTensorsAndMode) {
  Leaf leaf;
  leaf.eval();
  const Tensor weight = leaf.weight;
  Leaf moved = std::move(leaf);
  EXPECT_TRUE(moved.weight.is_same(weight));
  EXPECT_FALSE(moved.training());
  static_assert(!std::is_copy_constructible_v<Leaf> && !std::is_copy_assignable_v<Leaf>);
  static_assert(std::is_nothrow_move_constructible_v<Leaf>, "vectors of modules move them");
}

struct SwappedTypes : Module<SwappedTypes> {
  Leaf a, b;
  TENON_MODULE(SwappedTypes, b, a)
};

TEST(ModuleList, MembersOfOneTypeInTheWrongOrderAreFoundAtTheFirstVisit) {
  EXPECT_EQ(error_of([] { SwappedTypes().parameters(); }),
            "[SwappedTypes] TENON_MODULE lists a too late: list the members in the order of their declaration");
}

struct DerivedWithoutAList : Leaf {
  Parameter forgotten{ones({1})};
};

TEST(ModuleList, AClassDerivedFromAModuleIsFoundAtTheFirstVisit) {
  EXPECT_EQ(error_of([] { DerivedWithoutAList().parameters(); }),
            "[Leaf] this class was derived from, and TENON_MODULE does not list the derived members: make it a member");
}

struct WithReference : Module<WithReference> {
  Leaf& leaf;
  explicit WithReference(Leaf& l) : leaf(l) {}
  TENON_MODULE(WithReference, leaf)
};

TEST(ModuleList, AReferenceIsFoundAtTheFirstVisit) {
  Leaf leaf;
  EXPECT_NE(error_of([&] { WithReference(leaf).parameters(); }).find("lists leaf, a reference"), std::string::npos);
}

}  // namespace
}  // namespace tenon::nn::module_test
