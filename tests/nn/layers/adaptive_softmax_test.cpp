// Softmax over many classes. Expected numbers are PyTorch 2.15's.
#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::nn::adaptive_softmax_test {
namespace {

using test::error_of;
using test::expect_values;

/// torch.manual_seed(3); AdaptiveLogSoftmaxWithLoss(8, 12, [3, 7], div_value=2.)
AdaptiveLogSoftmaxWithLoss layer() {
  manual_seed(3);
  return {8, 12, {3, 7}, {.div_value = 2}};
}
/// torch.arange(32.).view(4, 8) / 16 - 1
Tensor input() { return arange(32.0).reshape({4, 8}) / 16 - 1; }
Tensor target() { return tensor({0, 5, 11, 2}).to(int64); }

TEST(AdaptiveLogSoftmaxWithLoss, PrintsAsPyTorchDoes) {
  EXPECT_EQ(AdaptiveLogSoftmaxWithLoss(8, 20, {5, 10}, {.div_value = 2, .head_bias = true}).to_string(),
            R"(AdaptiveLogSoftmaxWithLoss(
  (head): Linear(in_features=8, out_features=7, bias=True)
  (tail): ModuleList(
    (0): Sequential(
      (0): Linear(in_features=8, out_features=4, bias=False)
      (1): Linear(in_features=4, out_features=5, bias=False)
    )
    (1): Sequential(
      (0): Linear(in_features=8, out_features=2, bias=False)
      (1): Linear(in_features=2, out_features=10, bias=False)
    )
  )
))");
}

TEST(AdaptiveLogSoftmaxWithLoss, GivesTheTargetsLogProbabilitiesAndTheirGradients) {
  AdaptiveLogSoftmaxWithLoss module = layer();
  const AdaptiveSoftmaxOutput out = module(input(), target());
  expect_values(out.output, {4}, {-1.348086, -2.80791, -3.434475, -0.9851177}, 1e-5);
  EXPECT_NEAR(out.loss.item<double>(), 2.143897294998169, 1e-5);
  out.loss.backward();
  expect_values(module.head.weight.grad().sum({1}), {5}, {1.335691, 0.1870893, -0.9627275, 0.3892921, -0.9493444},
                1e-5);
  expect_values(module.tail[1].get<Linear>(1).weight.grad().sum({1}), {5},
                {0.004662347, 0.004487986, 0.004813661, 0.004716188, -0.01868018}, 1e-4);
}

TEST(AdaptiveLogSoftmaxWithLoss, OneRowHasNoBatch) {
  AdaptiveLogSoftmaxWithLoss module = layer();
  const AdaptiveSoftmaxOutput out = module(input()[1], target()[1]);
  expect_values(out.output, {}, {-2.80791}, 1e-5);
  expect_values(out.loss, {}, {2.80791}, 1e-5);
}

TEST(AdaptiveLogSoftmaxWithLoss, KnowsAllClassesAndTheLikeliest) {
  const AdaptiveLogSoftmaxWithLoss module = layer();
  expect_values(module.log_prob(input())[1], {12},
                {-1.388387, -1.965933, -2.08128, -2.928658, -2.938499, -2.80791, -2.905549, -2.927002, -2.995081,
                 -2.890864, -2.842893, -3.059986},
                1e-5);
  const Tensor scaled = input() * tensor({{1.0}, {-3.0}, {5.0}, {-9.0}});
  expect_values(module.predict(scaled), {4}, {0, 2, 2, 10});
  EXPECT_TRUE(test::identical(module.predict(scaled), module.log_prob(scaled).argmax(1)));
}

TEST(AdaptiveLogSoftmaxWithLoss, RefusesWhatDoesNotFit) {
  EXPECT_EQ(error_of([] {
              AdaptiveLogSoftmaxWithLoss(8, 12, {7, 3});
            }),
            "[AdaptiveLogSoftmaxWithLoss] expected cutoffs that rise between 1 and n_classes - 1 = 11, got [7, 3]");
  EXPECT_EQ(error_of([] { AdaptiveLogSoftmaxWithLoss(8, 12, {}); }),
            "[AdaptiveLogSoftmaxWithLoss] expected cutoffs that rise between 1 and n_classes - 1 = 11, got []");
  EXPECT_EQ(error_of([] {
              AdaptiveLogSoftmaxWithLoss(8, 12, {3, 12});
            }),
            "[AdaptiveLogSoftmaxWithLoss] expected cutoffs that rise between 1 and n_classes - 1 = 11, got [3, 12]");
  AdaptiveLogSoftmaxWithLoss module = layer();
  EXPECT_EQ(error_of([&] { module(input(), target() + 1); }),
            "[AdaptiveLogSoftmaxWithLoss] expected targets from 0 to 11, got some from 1 to 12");
  EXPECT_EQ(
      error_of([&] { module(input(), target()[0]); }),
      "[AdaptiveLogSoftmaxWithLoss] expected an input of shape (N, 8) and a target of shape (N,), or (8,) and (), "
      "got (4, 8) and ()");
  EXPECT_EQ(error_of([&] { module(input(), target().to(int32)); }),
            "[AdaptiveLogSoftmaxWithLoss] expected a target of type int64, got int32");
}

}  // namespace
}  // namespace tenon::nn::adaptive_softmax_test
