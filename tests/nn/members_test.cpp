// What a member's type means.
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <tenon/nn/layers/linear.h>
#include <tenon/ops.h>

#include "tensor/check.h"

namespace tenon::nn::members_test {
namespace {

using test::error_of;

using Names = std::vector<std::string>;

Names parameter_names(const ModuleBase& m) {
  Names out;
  for (auto& [name, parameter] : m.named_parameters()) out.push_back(name);
  return out;
}

struct Scale : Module<Scale> {
  Parameter w;
  explicit Scale(int64_t n = 1) : w(ones({n})) {}
  Tensor forward(const Tensor& x) { return x * w; }
  TENON_MODULE(Scale, w)
};

TEST(Members, AVectorsElementsAreNamedByIndex) {
  struct M : Module<M> {
    std::vector<Scale> layers;
    TENON_MODULE(M, layers)
  } m;
  m.layers.emplace_back();
  m.layers.emplace_back();
  EXPECT_EQ(parameter_names(m), (Names{"layers.0.w", "layers.1.w"}));
  EXPECT_EQ(&m.children()[1], &m.layers[1]);
}

TEST(Members, AnArraysElementsAreNamedByIndex) {
  struct M : Module<M> {
    std::array<Scale, 2> a;
    Scale plain[2];
    TENON_MODULE(M, a, plain)
  } m;
  EXPECT_EQ(parameter_names(m), (Names{"a.0.w", "a.1.w", "plain.0.w", "plain.1.w"}));
}

TEST(Members, AMapsElementsAreNamedByKey) {
  struct M : Module<M> {
    std::map<std::string, Scale> heads;
    std::map<int, Scale> levels;
    TENON_MODULE(M, heads, levels)
  } m;
  m.heads.try_emplace("b");
  m.heads.try_emplace("a");
  m.levels.try_emplace(7);
  EXPECT_EQ(parameter_names(m), (Names{"heads.a.w", "heads.b.w", "levels.7.w"}));
}

TEST(Members, AMapsKeyMustBeAName) {
  struct M : Module<M> {
    std::map<std::string, Scale> heads;
    TENON_MODULE(M, heads)
  } m;
  m.heads.try_emplace("a.b");
  EXPECT_EQ(error_of([&] { m.parameters(); }),
            "[heads] expected keys that are not empty and have no dot, since they become part of a path; got \"a.b\"");
  m.heads.clear();
  m.heads.try_emplace("");
  EXPECT_EQ(error_of([&] { m.parameters(); }),
            "[heads] expected keys that are not empty and have no dot, since they become part of a path; got \"\"");
}

TEST(Members, PointersAndOptionalsAddNoLevel) {
  struct M : Module<M> {
    std::unique_ptr<Scale> unique = std::make_unique<Scale>();
    std::shared_ptr<Scale> shared = std::make_shared<Scale>();
    std::optional<Scale> optional = Scale();
    std::unique_ptr<ModuleBase> any = std::make_unique<Linear>(1, 1, LinearOptions{.bias = false});
    TENON_MODULE(M, unique, shared, optional, any)
  } m;
  EXPECT_EQ(parameter_names(m), (Names{"unique.w", "shared.w", "optional.w", "any.weight"}));
}

TEST(Members, EmptySlotsAreSkippedAndPrintedAsNone) {
  struct M : Module<M> {
    std::unique_ptr<Scale> pointer;
    std::optional<Scale> optional;
    Parameter parameter;
    Buffer buffer;
    TENON_MODULE(M, pointer, optional, parameter, buffer)
  } m;
  EXPECT_TRUE(m.parameters().empty());
  EXPECT_TRUE(m.buffers().empty());
  EXPECT_TRUE(m.children().empty());
  EXPECT_EQ(m.modules().size(), 1u);
  EXPECT_EQ(m.to_string(), "M(\n  (pointer): None\n  (optional): None\n)");
}

TEST(Members, ContainersMayHoldContainersAndParameters) {
  struct M : Module<M> {
    std::vector<std::vector<Scale>> grid;
    std::vector<Parameter> parameters_;
    std::map<std::string, std::unique_ptr<Scale>> heads;
    TENON_MODULE(M, grid, TENON_AS(parameters_, "p"), heads)
  } m;
  m.grid.resize(2);
  m.grid[1].emplace_back();
  m.parameters_.emplace_back(ones({1}));
  m.heads["x"] = std::make_unique<Scale>();
  EXPECT_EQ(parameter_names(m), (Names{"p.0", "grid.1.0.w", "heads.x.w"}));
}

TEST(Members, PlainValuesAreKeptAndNotListed) {
  struct M : Module<M> {
    Scale scale;
    int64_t n = 3;
    const bool flag = true;
    std::string name = "plain";
    std::vector<double> rates{0.1, 0.2};
    TENON_MODULE(M, scale, n, flag, name, rates)
  } m;
  EXPECT_EQ(parameter_names(m), (Names{"scale.w"}));
  const M moved = std::move(m);
  EXPECT_EQ(moved.name, "plain");
  EXPECT_EQ(moved.rates.size(), 2u);
}

TEST(Members, UntrackedMembersAreUsedButNotListed) {
  struct M : Module<M> {
    Untracked<Tensor> scratch;
    Untracked<std::vector<Tensor>> cache;
    Untracked<Scale> other;
    Untracked<Scale*> pointer;
    TENON_MODULE(M, scratch, cache, other, pointer)
  } m;
  Scale elsewhere;
  m.scratch = ones({2});
  m.cache.push_back(m.scratch);
  m.pointer = &elsewhere;
  EXPECT_EQ(m.scratch.numel(), 2);
  EXPECT_EQ(m.pointer->w.numel(), 1);
  EXPECT_EQ(m.other(ones({2})).numel(), 2);
  EXPECT_TRUE(m.parameters().empty());
  EXPECT_TRUE(m.buffers().empty());
  EXPECT_TRUE(m.children().empty());
  m.scratch = {};
  EXPECT_FALSE(m.scratch.defined());
}

TEST(Members, ALocalOrPrivateOrTemplateClassIsAModuleToo) {
  EXPECT_EQ(Scale().type_name(), "Scale");
  class Private : public Module<Private> {
    Scale scale;
    Tensor forward(const Tensor& x) { return scale(x); }
    TENON_MODULE(Private, scale)
  };
  EXPECT_EQ(Private()(ones({3})).numel(), 3);
  EXPECT_EQ(parameter_names(Private()), (Names{"scale.w"}));
}

struct RecursiveTree : Module<RecursiveTree> {
  Parameter w{ones({1})};
  std::vector<RecursiveTree> below;
  TENON_MODULE(RecursiveTree, w, below)
};

TEST(Members, AClassMayContainItself) {
  RecursiveTree tree;
  tree.below.emplace_back();
  tree.below[0].below.emplace_back();
  EXPECT_EQ(parameter_names(tree), (Names{"w", "below.0.w", "below.0.below.0.w"}));
}

}  // namespace
}  // namespace tenon::nn::members_test
