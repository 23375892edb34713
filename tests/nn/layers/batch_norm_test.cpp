// Batch and instance normalisation as layers. Expected numbers are PyTorch 2.15's.
#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::nn::batch_norm_test {
namespace {

using test::error_of;
using test::expect_values;

/// (torch.arange(24.) * 7 % 11).view(2, 3, 4) - 4
Tensor numbers() { return (arange(24.0) * 7 % 11).reshape({2, 3, 4}) - 4; }

TEST(BatchNorm, PrintsAsPyTorchDoes) {
  EXPECT_EQ(BatchNorm1d(3).to_string(),
            "BatchNorm1d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)");
  EXPECT_EQ(BatchNorm2d(3, {.momentum = {}, .affine = false, .track_running_stats = false}).to_string(),
            "BatchNorm2d(3, eps=1e-05, momentum=None, affine=False, bias=False, track_running_stats=False)");
  EXPECT_EQ(BatchNorm3d(3, {.bias = false}).to_string(),
            "BatchNorm3d(3, eps=1e-05, momentum=0.1, affine=True, bias=False, track_running_stats=True)");
}

TEST(BatchNorm, KeepsItsStateUnderPyTorchsNamesAndVersion) {
  const Dict state = BatchNorm1d(3, {.dtype = float64}).state_dict();
  std::vector<std::string> keys;
  for (const auto& [key, value] : state) keys.push_back(key.string());
  EXPECT_EQ(keys, (std::vector<std::string>{"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}));
  expect_values(state["weight"].as<Tensor>(), {3}, {1, 1, 1});
  expect_values(state["running_var"].as<Tensor>(), {3}, {1, 1, 1});
  EXPECT_EQ(state["running_var"].as<Tensor>().dtype(), float64);
  EXPECT_EQ(state["num_batches_tracked"].as<Tensor>().dtype(), int64);
  EXPECT_EQ(state["num_batches_tracked"].as<Tensor>().shape(), Shape({}));
  EXPECT_EQ((*state.metadata())[""]["version"].as<int64_t>(), 2);
  EXPECT_EQ(BatchNorm1d(3, {.affine = false, .track_running_stats = false}).state_dict().size(), 0);
}

TEST(BatchNorm, CountsBatchesAndFollowsThem) {
  BatchNorm1d layer(3, {.momentum = {}});  // all batches count the same
  layer(numbers());
  layer(numbers() * 2);
  expect_values(layer.running_mean, {3}, {2.625, 1.3125, 0}, 1e-6, 1e-6);
  expect_values(layer.running_var, {3}, {31.25, 23.88393, 29.28572}, 1e-6);
  EXPECT_EQ(layer.num_batches_tracked.item<int64_t>(), 2);
  layer.reset_running_stats();
  expect_values(layer.running_mean, {3}, {0, 0, 0});
  EXPECT_EQ(layer.num_batches_tracked.item<int64_t>(), 0);
}

TEST(BatchNorm, AFrozenOneStillFollowsInTraining) {
  BatchNorm1d layer(3);
  layer.requires_grad_(false);
  layer(numbers());
  EXPECT_NE(layer.running_mean[0].item<double>(), 0);
}

TEST(BatchNorm, InEvalModeChangesNothing) {
  BatchNorm1d layer(3);
  layer.eval();
  const Tensor x = numbers();
  EXPECT_TRUE(allclose(layer(x), x, 1e-4, 1e-4));
  EXPECT_EQ(layer.num_batches_tracked.item<int64_t>(), 0);
  expect_values(layer.running_mean, {3}, {0, 0, 0});
  EXPECT_EQ(layer(ones({1, 3})).shape(), Shape({1, 3}));
}

TEST(BatchNorm, WithoutRunningStatisticsGoesByTheBatchInEvalModeToo) {
  BatchNorm1d layer(3, {.track_running_stats = false});
  const Tensor trained = layer(numbers());
  layer.eval();
  EXPECT_TRUE(test::identical(layer(numbers()), trained));
}

TEST(BatchNorm, LoadsWhatWasSavedBeforeBatchesWereCounted) {
  BatchNorm2d layer(2);
  Dict state = layer.state_dict();
  state.set("running_mean", Value(tensor({3.0, 4.0})));
  state.erase("num_batches_tracked");
  EXPECT_NE(error_of([&] { layer.load_state_dict(state); }), "");  // of version 2, in which it must not lack
  Dict old;
  for (const auto& [key, value] : state) old.set(key, value);
  layer.load_state_dict(old);
  expect_values(layer.running_mean, {2}, {3, 4});
  EXPECT_EQ(layer.num_batches_tracked.item<int64_t>(), 0);
}

TEST(BatchNorm, AnErrorChangesNothing) {
  BatchNorm1d layer(3);
  EXPECT_EQ(error_of([&] {
              layer(ones({1, 3}));
            }),
            "[batch_norm] expected more than 1 value per channel in training, got an input of shape (1, 3)");
  EXPECT_EQ(layer.num_batches_tracked.item<int64_t>(), 0);
}

TEST(BatchNorm, RefusesInputsThatDoNotFit) {
  BatchNorm1d one(3);
  BatchNorm2d two(3);
  BatchNorm3d three(3);
  EXPECT_EQ(error_of([&] {
              one(ones({3, 4}));
            }),
            "[BatchNorm1d] expected an input of shape (N, 3) or (N, 3, L), got (3, 4)");
  EXPECT_EQ(error_of([&] { one(ones({3})); }),
            "[BatchNorm1d] expected an input of shape (N, 3) or (N, 3, L), got (3,)");
  EXPECT_EQ(error_of([&] {
              two(ones({3, 3, 3}));
            }),
            "[BatchNorm2d] expected an input of shape (N, 3, H, W), got (3, 3, 3)");
  EXPECT_EQ(error_of([&] {
              three(ones({3, 3, 3}));
            }),
            "[BatchNorm3d] expected an input of shape (N, 3, D, H, W), got (3, 3, 3)");
  EXPECT_EQ(error_of([] { BatchNorm1d(-3); }), "[BatchNorm1d] expected a num_features of 0 or more, got -3");
}

TEST(BatchNorm, OfAnEmptyBatchCountsItAndKeepsItsStatistics) {
  BatchNorm1d layer(3, {.momentum = {}});
  EXPECT_EQ(layer(ones({0, 3})).shape(), Shape({0, 3}));
  EXPECT_EQ(layer.num_batches_tracked.item<int64_t>(), 1);
  expect_values(layer.running_var, {3}, {1, 1, 1});
}

TEST(BatchNorm, OnTheMetaDeviceGivesShapes) {
  BatchNorm1d layer(3, {.momentum = {}, .device = kMeta});
  EXPECT_EQ(layer(empty({2, 3}, {.device = kMeta})).shape(), Shape({2, 3}));
}

TEST(BatchNorm, ACopyHasStatisticsOfItsOwn) {
  BatchNorm1d layer(3), copy = layer.clone();
  copy(numbers());
  expect_values(layer.running_mean, {3}, {0, 0, 0});
  EXPECT_NE(copy.running_mean[0].item<double>(), 0);
}

TEST(InstanceNorm, PrintsAsPyTorchDoes) {
  EXPECT_EQ(InstanceNorm1d(3).to_string(),
            "InstanceNorm1d(3, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=False)");
  EXPECT_EQ(InstanceNorm3d(3, {.affine = true, .track_running_stats = true}).to_string(),
            "InstanceNorm3d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)");
}

TEST(InstanceNorm, TakesInputsWithAndWithoutABatch) {
  const Tensor x = test::noise({2, 3, 4, 5});
  InstanceNorm2d layer(3, {.affine = true});
  EXPECT_TRUE(test::identical(layer(x[1]), layer(x)[1]));
  EXPECT_EQ(InstanceNorm1d(7)(ones({2, 3, 4})).shape(), Shape({2, 3, 4}));  // without affine any channels will do
}

TEST(InstanceNorm, WithRunningStatisticsFollowsThemAndGoesByThemInEvalMode) {
  InstanceNorm1d layer(3, {.momentum = 0.2, .track_running_stats = true});
  layer.running_mean.copy_(tensor({0.5, 0.0, -1.0}));
  layer.running_var.copy_(tensor({1.0, 2.0, 0.5}));
  layer(numbers());
  expect_values(layer.running_mean, {3}, {0.75, 0.175, -0.8}, 1e-6);
  expect_values(layer.running_var, {3}, {3.566667, 3.725, 2.983333}, 1e-6);
  EXPECT_EQ(layer.num_batches_tracked.item<int64_t>(), 0);  // as in PyTorch
  layer.eval();
  EXPECT_TRUE(
      allclose(layer(numbers()), functional::batch_norm(numbers(), layer.running_mean, layer.running_var), 1e-6, 1e-6));
  InstanceNorm1d still(3, {.momentum = {}, .track_running_stats = true});
  still(numbers());
  expect_values(still.running_var, {3}, {1, 1, 1});
}

TEST(InstanceNorm, RefusesInputsThatDoNotFit) {
  InstanceNorm1d one(3), affine(3, {.affine = true});
  InstanceNorm2d two(3);
  EXPECT_EQ(error_of([&] { one(ones({3})); }),
            "[InstanceNorm1d] expected an input of shape (N, C, L) or (C, L), got (3,)");
  EXPECT_EQ(error_of([&] {
              two(ones({3, 3, 3, 3, 3}));
            }),
            "[InstanceNorm2d] expected an input of shape (N, C, H, W) or (C, H, W), got (3, 3, 3, 3, 3)");
  EXPECT_EQ(error_of([&] {
              affine(ones({2, 4, 5}));
            }),
            "[InstanceNorm1d] expected an input of shape (N, 3, L) or (3, L), got (2, 4, 5)");
}

TEST(InstanceNorm, SaysWhereAStateDictIsFromBeforeVersions) {
  InstanceNorm1d layer(2);
  Dict state;
  state.set("running_mean", Value(zeros({2})));
  EXPECT_NE(error_of([&] { layer.load_state_dict(state); }).find("Unexpected running stats buffer \"running_mean\""),
            std::string::npos);
}

}  // namespace
}  // namespace tenon::nn::batch_norm_test
