#include <tenon/nn/sequential.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::nn::sequential_test {
namespace {

using test::error_of;
using Names = std::vector<std::string>;

Tensor twice(const Tensor& x) { return x * 2; }

TEST(Sequential, CallsItsLayersInOrder) {
  Sequential s{twice, [](const Tensor& x) { return x + 1; }, twice};
  EXPECT_EQ(s(ones({})).item<int>(), 6);
}

TEST(Sequential, WithoutLayersGivesItsInput) {
  const Tensor x = ones({2});
  EXPECT_TRUE(Sequential()(x).is_same(x));
}

TEST(Sequential, NamesLayersByIndexOrAsTold) {
  Sequential s{Linear(2, 3), ReLU(), named("head", Linear(3, 1))};
  Names names;
  for (auto& [name, parameter] : s.named_parameters()) names.push_back(name);
  EXPECT_EQ(names, (Names{"0.weight", "0.bias", "head.weight", "head.bias"}));
  EXPECT_EQ(s.size(), 3);
  EXPECT_FALSE(s.empty());
}

TEST(Sequential, PrintsNamesAndFunctions) {
  Sequential s{named("encoder", Linear(1, 2)), twice};
  EXPECT_EQ(s.to_string(),
            "Sequential(\n  (encoder): Linear(in_features=1, out_features=2, bias=True)\n  (1): Lambda()\n)");
}

TEST(Sequential, DrawsWeightsInTheOrderOfTheLayers) {
  manual_seed(0);
  Sequential s{Linear(2, 3), ReLU(), Linear(3, 1)};
  manual_seed(0);
  const Linear first(2, 3), second(3, 1);
  EXPECT_EQ(s.get<Linear>(0).weight.to_vector<float>(), first.weight.to_vector<float>());
  EXPECT_EQ(s.get<Linear>(2).weight.to_vector<float>(), second.weight.to_vector<float>());
}

TEST(Sequential, GivesALayerByNameOrIndexAsItsClass) {
  Sequential s{named("encoder", Linear(4, 2)), ReLU()};
  EXPECT_EQ(s.get<Linear>("encoder").out_features, 2);
  EXPECT_EQ(&s.get<Linear>(0), &s[0]);
  EXPECT_EQ(s[1].type_name(), "ReLU");
  EXPECT_EQ(s[-1].type_name(), "ReLU");
}

TEST(Sequential, SaysWhatItHasWhenAskedForWhatItHasNot) {
  Sequential s{named("encoder", Linear(4, 2)), ReLU()};
  EXPECT_EQ(error_of([&] { s.get<Linear>("decoder"); }), "[Sequential] \"decoder\" is not there: there are encoder, 1");
  EXPECT_EQ(error_of([&] { s.get<ReLU>("encoder"); }), "[ModuleBase] encoder is a Linear, not what was asked for");
  EXPECT_EQ(error_of([&] { s[2]; }), "[Sequential] index 2 is out of range: the size is 2");
  EXPECT_EQ(error_of([&] { s[-3]; }), "[Sequential] index -3 is out of range: the size is 2");
}

TEST(Sequential, RefusesNamesThatAreTakenOrNoNames) {
  EXPECT_EQ(error_of([] {
              Sequential s({named("1", ReLU()), ReLU()});
            }),
            "[Sequential] expected a name that is not taken, got \"1\": there are 1");
  EXPECT_EQ(error_of([] { Sequential s({named("a.b", ReLU())}); }),
            "[Sequential] expected a name without a dot, got \"a.b\"");
  EXPECT_EQ(error_of([] { Sequential s({named("", ReLU())}); }), "[Sequential] expected a name that is not empty");
}

TEST(Sequential, IteratesOverItsModules) {
  Sequential s{Linear(2, 3), ReLU()};
  Tensor x = ones({1, 2});
  Names types;
  for (ModuleBase& layer : s) {
    x = layer(x);
    types.emplace_back(layer.type_name());
  }
  EXPECT_EQ(types, (Names{"Linear", "ReLU"}));
  EXPECT_EQ(x.shape(), (Shape{1, 3}));
}

TEST(Sequential, ModesReachItsLayers) {
  Sequential s{Dropout(0.5), Sequential{Dropout(0.5), ReLU()}};
  s.eval();
  for (ModuleBase& m : s.modules()) EXPECT_FALSE(m.training());
}

TEST(Sequential, KeepsTheAddressesOfItsLayersWhenMoved) {
  Sequential s{Linear(2, 3), ReLU()};
  const ModuleBase* layer = &s[0];
  const Sequential moved = std::move(s);
  EXPECT_EQ(&moved[0], layer);
}

TEST(Sequential, OneInBracesAroundAnotherIsThatOther) {
  Sequential s{Sequential{Linear(2, 3), ReLU()}};
  EXPECT_EQ(s.size(), 2);
  Sequential nested{named("0", Sequential{Linear(2, 3), ReLU()})};
  EXPECT_EQ(nested.size(), 1);
}

TEST(Sequential, MayBeAMemberWrittenInBraces) {
  struct Net : Module<Net> {
    Sequential ff;
    Net() : ff{Linear(2, 4), ReLU(), Linear(4, 2)} {}
    Tensor forward(const Tensor& x) { return x + ff(x); }
    TENON_MODULE(Net, ff)
  } net;
  EXPECT_EQ(net(ones({3, 2})).shape(), (Shape{3, 2}));
  EXPECT_EQ(net.named_parameters()[3].name, "ff.2.bias");
}

}  // namespace
}  // namespace tenon::nn::sequential_test
