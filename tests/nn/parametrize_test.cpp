// Numbers are PyTorch 2.15's for the same seed.
#include <gtest/gtest.h>

#include <tenon/autograd.h>
#include <tenon/nn.h>
#include <tenon/optim.h>

#include "tensor/check.h"

namespace parametrize_test {
using namespace tenon;
using test::error_of;
using test::expect_values;

namespace {

struct Symmetric : nn::Module<Symmetric> {
  Tensor forward(const Tensor& x) { return x.triu() + x.triu(1).mT(); }
  TENON_MODULE(Symmetric)
};

struct Scaled : nn::Module<Scaled> {
  nn::Parameter factor{tensor(2.0)};

  Tensor forward(const Tensor& x) { return x * factor; }
  Tensor right_inverse(const Tensor& x) { return x / factor; }
  TENON_MODULE(Scaled, factor)
};

struct LowRank : nn::Module<LowRank> {
  Tensor forward(const Tensor& a, const Tensor& b) { return a.matmul(b); }
  std::vector<Tensor> right_inverse(const Tensor& x) { return {x.slice(1, Slice(0, 1)), x.slice(0, Slice(0, 1))}; }
  TENON_MODULE(LowRank)
};

struct Transposed : nn::Module<Transposed> {
  Tensor forward(const Tensor& x) { return x.mT(); }
  TENON_MODULE(Transposed)
};

std::vector<std::string> names_of(const nn::ModuleBase& module) {
  std::vector<std::string> names;
  for (const auto& [name, parameter] : module.named_parameters()) names.push_back(name);
  return names;
}
std::vector<std::string> keys_of(const nn::ModuleBase& module) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : module.state_dict()) keys.push_back(key.string());
  return keys;
}

using Names = std::vector<std::string>;

}  // namespace

TEST(Parametrize, TheOriginalIsWhatIsListedTrainedAndSaved) {
  nn::Linear layer(3, 3);
  const nn::Parameter before = layer.weight;
  nn::parametrize::register_parametrization(layer, "weight", Symmetric());
  EXPECT_EQ(names_of(layer), (Names{"bias", "parametrizations.weight.original"}));
  EXPECT_EQ(keys_of(layer), (Names{"bias", "parametrizations.weight.original"}));
  EXPECT_TRUE(layer.get_parameter("parametrizations.weight.original").is_same(before));
  EXPECT_TRUE(layer.weight.equal(layer.weight.mT()));
  layer(ones({1, 3})).sum().backward();
  EXPECT_TRUE(before.grad().defined());
  EXPECT_TRUE(nn::parametrize::is_parametrized(layer));
  EXPECT_TRUE(nn::parametrize::is_parametrized(layer, "weight"));
  EXPECT_FALSE(nn::parametrize::is_parametrized(layer, "bias"));
}

TEST(Parametrize, EachCallComputesTheParameterAnew) {
  nn::Linear layer(2, 2, {.bias = false});
  nn::parametrize::register_parametrization(layer, "weight", Symmetric());
  optim::SGD optimizer(layer.parameters(), {.lr = 0.5});
  for (int step = 0; step < 3; ++step) {
    optimizer.zero_grad();
    layer(tensor({{1.0, 2.0}})).square().sum().backward();
    optimizer.step();
  }
  const Tensor original = layer.get_parameter("parametrizations.weight.original").detach();
  const Tensor y = layer(eye(2));
  EXPECT_TRUE(y.equal((original.triu() + original.triu(1).mT()).mT()));
  original.fill_(7);
  nn::parametrize::compute(layer);
  expect_values(layer.weight, {2, 2}, {7, 7, 7, 7});
}

TEST(Parametrize, SeveralAreAppliedInTurnAndPrintedAsPyTorchDoes) {
  nn::Linear layer(3, 3);
  nn::parametrize::register_parametrization(layer, "weight", Symmetric());
  nn::parametrize::register_parametrization(layer, "weight", Scaled());
  EXPECT_EQ(names_of(layer), (Names{"bias", "parametrizations.weight.original", "parametrizations.weight.1.factor"}));
  EXPECT_EQ(layer.to_string(),
            "ParametrizedLinear(\n"
            "  in_features=3, out_features=3, bias=True\n"
            "  (parametrizations): ModuleDict(\n"
            "    (weight): ParametrizationList(\n"
            "      (0): Symmetric()\n"
            "      (1): Scaled()\n"
            "    )\n"
            "  )\n"
            ")");
  const Tensor original = layer.get_parameter("parametrizations.weight.original").detach();
  EXPECT_TRUE(layer.weight.equal((original.triu() + original.triu(1).mT()) * 2));
}

TEST(Parametrize, WhatIsComputedFromSeveralHasSeveralOriginals) {
  nn::Linear layer(3, 2, {.bias = false});
  layer.weight.detach().copy_(tensor({{1.0, 2.0, 3.0}, {2.0, 4.0, 6.0}}));
  nn::parametrize::register_parametrization(layer, "weight", LowRank());
  EXPECT_EQ(names_of(layer), (Names{"parametrizations.weight.original0", "parametrizations.weight.original1"}));
  expect_values(layer.weight, {2, 3}, {1, 2, 3, 2, 4, 6});
  EXPECT_EQ(
      error_of([&] { nn::parametrize::remove_parametrizations(layer, "weight", false); }),
      "[remove_parametrizations] \"weight\" of Linear is computed from 2 tensors, of which none is the parameter: "
      "leave it parametrized");
  nn::parametrize::remove_parametrizations(layer, "weight");
  EXPECT_EQ(names_of(layer), Names{"weight"});
  EXPECT_TRUE(layer.weight.is_leaf() && layer.weight.requires_grad());
}

TEST(Parametrize, RemovingLeavesTheVeryParameter) {
  nn::Linear layer(3, 3);
  const nn::Parameter before = layer.weight;
  const Tensor value = before.detach().clone();
  nn::parametrize::register_parametrization(layer, "weight", Symmetric());
  nn::parametrize::remove_parametrizations(layer, "weight");
  EXPECT_TRUE(layer.weight.is_same(before));
  EXPECT_TRUE(layer.weight.equal(value.triu() + value.triu(1).mT()));
  EXPECT_EQ(layer.to_string(), "Linear(in_features=3, out_features=3, bias=True)");
  EXPECT_EQ(keys_of(layer), (Names{"weight", "bias"}));
  nn::parametrize::register_parametrization(layer, "weight", Scaled());
  nn::parametrize::remove_parametrizations(layer, "weight", false);
  EXPECT_TRUE(layer.weight.equal((value.triu() + value.triu(1).mT()) / 2));
}

TEST(Parametrize, AssigningGoesThroughTheInverse) {
  nn::Linear layer(2, 2);
  nn::parametrize::register_parametrization(layer, "weight", Scaled());
  nn::parametrize::assign(layer, "weight", full({2, 2}, 6.0));
  expect_values(layer.weight, {2, 2}, {6, 6, 6, 6});
  expect_values(layer.get_parameter("parametrizations.weight.original"), {2, 2}, {3, 3, 3, 3});
  nn::Linear other(2, 2);
  nn::parametrize::register_parametrization(other, "weight", Symmetric());
  EXPECT_EQ(error_of([&] {
              nn::parametrize::assign(other, "weight", zeros({2, 2}));
            }),
            "[assign] Symmetric has no right_inverse(), so that its result cannot be assigned");
}

TEST(Parametrize, ACopyHasOriginalsOfItsOwn) {
  nn::Linear layer(2, 2, {.bias = false});
  nn::parametrize::register_parametrization(layer, "weight", Symmetric());
  nn::Linear copy = layer.clone();
  copy.get_parameter("parametrizations.weight.original").detach().fill_(3);
  expect_values(copy(eye(2)), {2, 2}, {3, 3, 3, 3});
  EXPECT_FALSE(layer(eye(2)).equal(copy(eye(2))));
  nn::parametrize::remove_parametrizations(copy, "weight");
  EXPECT_TRUE(nn::parametrize::is_parametrized(layer));
}

TEST(Parametrize, LoadsWhatItSaved) {
  nn::Linear layer(3, 3), other(3, 3);
  nn::parametrize::register_parametrization(layer, "weight", Symmetric());
  nn::parametrize::register_parametrization(other, "weight", Symmetric());
  other.load_state_dict(layer.state_dict());
  EXPECT_TRUE(other(eye(3)).equal(layer(eye(3))));
}

TEST(Parametrize, AWrongOneChangesNothing) {
  nn::Linear layer(2, 3);
  const nn::Parameter before = layer.weight;
  EXPECT_EQ(
      error_of([&] { nn::parametrize::register_parametrization(layer, "weight", Transposed()); }),
      "[register_parametrization] Transposed makes shape (2, 3) and type float32 of a parameter of shape (3, 2) and "
      "type float32: it must keep both, or be registered with .unsafe = true");
  EXPECT_EQ(error_of([&] { nn::parametrize::register_parametrization(layer, "wieght", Symmetric()); }),
            "[register_parametrization] Linear has no parameter \"wieght\" of its own");
  nn::Linear without(2, 3, {.bias = false});
  EXPECT_EQ(error_of([&] { nn::parametrize::register_parametrization(without, "bias", Symmetric()); }),
            "[register_parametrization] \"bias\" of Linear is an empty slot");
  EXPECT_EQ(error_of([&] { nn::parametrize::remove_parametrizations(layer, "weight"); }),
            "[remove_parametrizations] \"weight\" of Linear is not parametrized");
  EXPECT_TRUE(layer.weight.is_same(before));
  EXPECT_EQ(layer.to_string(), "Linear(in_features=2, out_features=3, bias=True)");
}

TEST(WeightNorm, IsPyTorchsAndTrains) {
  manual_seed(1);
  nn::Linear layer(3, 2);
  nn::parametrizations::weight_norm(layer);
  EXPECT_EQ(keys_of(layer), (Names{"bias", "parametrizations.weight.original0", "parametrizations.weight.original1"}));
  const Tensor length = layer.get_parameter("parametrizations.weight.original0");
  expect_values(length, {2, 1}, {0.40738725662231445, 0.6991116404533386}, 1e-6);
  const Tensor y = layer(arange(6.0).reshape({2, 3}));
  expect_values(y, {2, 2}, {-0.5974573493003845, 0.44267845153808594, -0.8052627444267273, 0.6637738347053528}, 1e-5);
  y.square().sum().backward();
  expect_values(length.grad(), {2, 1}, {4.117922306060791, 0.8913282155990601}, 1e-5);
  expect_values(layer.get_parameter("parametrizations.weight.original1").grad(), {2, 3},
                {-7.838616371154785, -5.061164379119873, -9.311095237731934, 3.637145757675171, 6.888529300689697,
                 7.967006683349609},
                1e-5);
}

TEST(WeightNorm, OneLengthForAll) {
  manual_seed(1);
  nn::Linear layer(3, 2);
  nn::parametrizations::weight_norm(layer, "weight", {});
  expect_values(layer.get_parameter("parametrizations.weight.original0"), {}, {0.8091486096382141}, 1e-6);
  expect_values(layer(arange(6.0).reshape({2, 3})), {2, 2},
                {-0.5974573493003845, 0.44267845153808594, -0.8052627444267273, 0.6637738347053528}, 1e-5);
}

TEST(WeightNorm, OlderNamesLoad) {
  nn::Linear layer(3, 2);
  nn::parametrizations::weight_norm(layer);
  layer.load_state_dict(Dict{
      {"bias", zeros({2})}, {"weight_g", full({2, 1}, 5.0)}, {"weight_v", tensor({{3.0, 0.0, 4.0}, {0.0, 1.0, 0.0}})}});
  expect_values(layer(eye(3)), {3, 2}, {3, 0, 0, 5, 4, 0}, 1e-6);
}

TEST(SpectralNorm, IsPyTorchsInTrainingAndEval) {
  manual_seed(1);
  nn::Linear layer(3, 2);
  nn::parametrizations::spectral_norm(layer);
  EXPECT_EQ(keys_of(layer), (Names{"bias", "parametrizations.weight.original", "parametrizations.weight.0._u",
                                   "parametrizations.weight.0._v"}));
  const Tensor y = layer(arange(6.0).reshape({2, 3}));
  expect_values(y, {2, 2}, {-0.7531391978263855, 0.49112313985824585, -1.028529167175293, 0.7841251492500305}, 1e-4);
  y.square().sum().backward();
  expect_values(layer.get_parameter("parametrizations.weight.original").grad(), {2, 3},
                {-9.180166244506836, -11.269888877868652, -18.357328414916992, 3.9938604831695557, 13.261968612670898,
                 11.351768493652344},
                1e-4);
  layer.eval();
  const Tensor u = layer.get_buffer("parametrizations.weight.0._u").clone();
  layer(ones({1, 3}));
  EXPECT_TRUE(layer.get_buffer("parametrizations.weight.0._u").equal(u));
  EXPECT_EQ(error_of([] {
              nn::Linear other(2, 2);
              nn::parametrizations::spectral_norm(other, "weight", {.n_power_iterations = 0});
            }),
            "[spectral_norm] expected 1 power iteration or more, got 0");
}
}  // namespace parametrize_test
