// Masks are PyTorch 2.15's for the same seed.
#include <gtest/gtest.h>

#include <tenon/autograd.h>
#include <tenon/nn.h>

#include "tensor/check.h"

namespace prune_test {
using namespace tenon;
using test::error_of;
using test::expect_values;

namespace prune = nn::prune;

TEST(Prune, TheSmallestElementsGo) {
  manual_seed(1);
  nn::Linear layer(4, 3);
  prune::l1_unstructured(layer, "weight", 5);
  expect_values(layer.get_buffer("weight_mask"), {3, 4}, {1, 1, 0, 1, 1, 1, 0, 1, 0, 0, 1, 0});
  std::vector<std::string> keys;
  for (const auto& [key, value] : layer.state_dict()) keys.push_back(key.string());
  EXPECT_EQ(keys, (std::vector<std::string>{"bias", "weight_orig", "weight_mask"}));
  EXPECT_TRUE(prune::is_pruned(layer));
  EXPECT_EQ(layer.to_string(), "Linear(in_features=4, out_features=3, bias=True)");
}

TEST(Prune, PruningAgainTakesFromWhatIsLeft) {
  manual_seed(1);
  nn::Linear layer(4, 3);
  prune::l1_unstructured(layer, "weight", 5);
  prune::ln_structured(layer, "weight", 1, 2, 0);
  expect_values(layer.get_buffer("weight_mask"), {3, 4}, {1, 1, 0, 1, 1, 1, 0, 1, 0, 0, 0, 0});
  prune::l1_unstructured(layer, "weight", 0.5);  // of six
  EXPECT_EQ(layer.get_buffer("weight_mask").sum().item<int>(), 3);
}

TEST(Prune, AtRandomAsPyTorchDraws) {
  manual_seed(3);
  nn::Linear layer(4, 3);
  prune::random_unstructured(layer, "weight", 0.3);
  expect_values(layer.get_buffer("weight_mask"), {3, 4}, {1, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1});
  nn::Linear other(4, 3);
  prune::random_structured(other, "weight", 0.5, 1);
  expect_values(other.get_buffer("weight_mask"), {3, 4}, {1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0});
}

TEST(Prune, SeveralParametersAsOneVector) {
  manual_seed(4);
  nn::Linear a(2, 3), b(3, 2);
  prune::global_l1_unstructured({{a, "weight"}, {b, "weight"}}, 0.5);
  expect_values(a.get_buffer("weight_mask"), {3, 2}, {0, 0, 1, 1, 1, 1});
  expect_values(b.get_buffer("weight_mask"), {2, 3}, {1, 0, 0, 1, 0, 0});
}

TEST(Prune, WhatIsPrunedGetsNoGradientAndStaysZero) {
  nn::Linear layer(2, 1, {.bias = false});
  const nn::Parameter before = layer.weight;
  prune::custom_from_mask(layer, "weight", tensor({{0, 1}}));
  layer(ones({1, 2})).sum().backward();
  expect_values(before.grad(), {1, 2}, {0, 1});
  before.detach().fill_(4);
  expect_values(layer(ones({1, 2})), {1, 1}, {4});
  prune::remove(layer, "weight");
  EXPECT_TRUE(layer.weight.is_same(before));
  expect_values(layer.weight, {1, 2}, {0, 4});
  EXPECT_FALSE(prune::is_pruned(layer));
}

TEST(Prune, ImportanceStandsForTheElements) {
  nn::Linear layer(2, 2);
  prune::l1_unstructured(layer, "weight", 2, tensor({{1.0, 4.0}, {3.0, 2.0}}));
  expect_values(layer.get_buffer("weight_mask"), {2, 2}, {0, 1, 1, 0});
  nn::Linear other(2, 2);
  prune::identity(other, "weight");
  expect_values(other.get_buffer("weight_mask"), {2, 2}, {1, 1, 1, 1});
}

TEST(Prune, WrongAmountsAndNamesChangeNothing) {
  nn::Linear layer(2, 2);
  EXPECT_EQ(error_of([&] { prune::l1_unstructured(layer, "weight", 5); }),
            "[l1_unstructured] the amount is 5, and there are only 4 to prune");
  EXPECT_EQ(error_of([&] { prune::l1_unstructured(layer, "weight", -1); }),
            "[l1_unstructured] expected an amount of 0 or more, got -1");
  EXPECT_EQ(error_of([&] { prune::l1_unstructured(layer, "weight", 1.5); }),
            "[l1_unstructured] expected a fraction between 0 and 1 or a whole number, got 1.5");
  EXPECT_EQ(error_of([&] { prune::ln_structured(layer, "bias", 1, 2, 0); }),
            "[ln_structured] channels can be pruned of two dimensions or more, and \"bias\" has shape (2,)");
  EXPECT_EQ(error_of([&] { prune::custom_from_mask(layer, "weight", ones({3})); }),
            "[custom_from_mask] expected a mask of shape (2, 2), got (3,)");
  EXPECT_EQ(error_of([&] { prune::remove(layer, "weight"); }), "[remove] \"weight\" of Linear is not pruned");
  EXPECT_EQ(error_of([&] { prune::identity(layer, "w"); }), "[identity] Linear has no parameter \"w\" of its own");
  EXPECT_FALSE(prune::is_pruned(layer));
}
}  // namespace prune_test
