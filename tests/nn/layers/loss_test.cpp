// Losses as layers. Against PyTorch's answers: tests/parity/modules/loss.cpp.
#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::nn::loss_test {
namespace {

namespace F = functional;
using test::error_of;

TEST(CrossEntropyLoss, PassesItsOptionsOn) {
  const Tensor logits = tensor({{1.f, 2.f}, {3.f, 0.f}}), target = tensor<int64_t>({0, 1});
  const functional::CrossEntropyOptions options{.weight = tensor({1.f, 3.f}), .label_smoothing = 0.1};
  CrossEntropyLoss loss(options);
  EXPECT_EQ(loss(logits, target).item<float>(), functional::cross_entropy(logits, target, options).item<float>());
  EXPECT_NE(loss(logits, target).item<float>(), functional::cross_entropy(logits, target).item<float>());
  EXPECT_EQ(loss.named_buffers()[0].name, "weight");
  EXPECT_TRUE(CrossEntropyLoss().buffers().empty());
}

TEST(LossLayers, WeightsAreBuffersWithPyTorchsKeys) {
  BCEWithLogitsLoss loss({.weight = ones({3}), .pos_weight = ones({3})});
  ASSERT_EQ(loss.named_buffers().size(), 2u);
  EXPECT_EQ(loss.named_buffers()[0].name, "weight");
  EXPECT_EQ(loss.named_buffers()[1].name, "pos_weight");
  EXPECT_EQ(loss.to_string(), "BCEWithLogitsLoss()");
  EXPECT_EQ(MultiMarginLoss({.weight = ones({3})}).named_buffers()[0].name, "weight");
  EXPECT_TRUE(BCELoss().buffers().empty());
}

TEST(LossLayers, RefuseOptionsThatNoCallCouldUse) {
  EXPECT_EQ(error_of([] { MultiMarginLoss({.p = 3}); }), "[MultiMarginLoss] expected p of 1 or 2, got 3");
  EXPECT_EQ(error_of([] {
              MultiMarginLoss({.weight = ones({3, 1})});
            }),
            "[MultiMarginLoss] expected a weight of shape (C), got (3, 1)");
  EXPECT_EQ(error_of([] { TripletMarginLoss({.margin = 0}); }), "[TripletMarginLoss] expected a margin above 0, got 0");
  EXPECT_EQ(error_of([] { TripletMarginWithDistanceLoss({.margin = -1}); }),
            "[TripletMarginWithDistanceLoss] expected a margin above 0, got -1");
}

TEST(TripletMarginWithDistanceLoss, ShowsItsDistanceAsPyTorchDoes) {
  TripletMarginWithDistanceLoss loss;
  EXPECT_EQ(loss.to_string(), "TripletMarginWithDistanceLoss(\n  (distance_function): PairwiseDistance()\n)");
  const Tensor a = test::noise({3, 4}), p = test::noise({3, 4}, float32, 2), n = test::noise({3, 4}, float32, 3);
  EXPECT_EQ(loss(a, p, n).item<float>(), TripletMarginLoss()(a, p, n).item<float>());
  TripletMarginWithDistanceLoss own(
      {.distance_function = [](const Tensor& x, const Tensor& y) { return (x - y).abs().sum({1}); }, .swap = true});
  EXPECT_EQ(own.to_string(), "TripletMarginWithDistanceLoss()");
  EXPECT_NEAR(own(a, p, n).item<float>(), TripletMarginLoss({.p = 1, .eps = 0, .swap = true})(a, p, n).item<float>(),
              1e-6);
}

TEST(CTCLoss, TakesLengthsInBraces) {
  CTCLoss loss({.blank = 3, .reduction = F::Reduction::sum});
  const Tensor x = test::noise({6, 2, 4}).log_softmax(2), labels = tensor<int64_t>({1, 2, 2, 0});
  EXPECT_EQ(loss(x, labels, {6, 5}, {3, 1}).item<float>(),
            F::ctc_loss(x, labels, {6, 5}, {3, 1}, {.blank = 3, .reduction = F::Reduction::sum}).item<float>());
}

// nn.LinearCrossEntropyLoss(3, 4, out_features=(2,), bias=True, weight=…, label_smoothing=0.1, ignore_index=1)
TEST(LinearCrossEntropyLoss, IsCrossEntropyOfALinearLayerAtSeveralPlaces) {
  const LinearCrossEntropyLoss loss(3, 4,
                                    {.out_features = {2},
                                     .bias = true,
                                     .weight = tensor({1.0, 2.0, 0.5, 1.0}),
                                     .ignore_index = 1,
                                     .label_smoothing = 0.1});
  EXPECT_EQ(fmt::format("{}", loss),
            "LinearCrossEntropyLoss(\n"
            "  in_features=3, num_classes=4, out_features=(2,), bias=True, reduction=mean, ignore_index=1, "
            "label_smoothing=0.1, options=None\n"
            "  (linear): Linear(in_features=3, out_features=8, bias=True)\n)");
  std::vector<std::string> keys;
  for (const auto& [key, value] : loss.state_dict()) keys.push_back(key.string());
  EXPECT_EQ(keys, (std::vector<std::string>{"weight", "linear.weight", "linear.bias"}));
  {
    const NoGrad guard;
    loss.linear.weight.copy_(arange(24).to(float32).reshape({8, 3}).cos());
    loss.linear.bias.copy_(arange(8).to(float32).sin());
  }
  const Tensor x = (arange(6).to(float32).reshape({2, 3}) / 5).requires_grad_();
  const Tensor value = loss(x, tensor({0, 1, 3, 2}, {int64}).reshape({2, 2}));
  test::expect_values(value, {}, {1.8459963}, 1e-6);
  value.backward();
  test::expect_values(x.grad(), {2, 3}, {-0.0382, 0.0869, 0.1321, 0.0532, -0.0276, -0.0831}, 0, 5e-5);
  test::expect_values(loss.linear.bias.grad(), {8}, {-0.2565, 0.1159, 0.3626, 0.0227, 0.0869, -0.1743, -0.1930, 0.0357},
                      0, 5e-5);
}

TEST(LinearCrossEntropyLoss, TakesAnItemWithoutABatchAndProbabilities) {
  const LinearCrossEntropyLoss loss(3, 4);
  {
    const NoGrad guard;
    loss.linear.weight.copy_(arange(12).to(float32).reshape({4, 3}).cos());
  }
  const Tensor x = tensor({1.0, 2.0, 3.0});
  test::expect_values(loss(x, tensor(2, {int64})), {}, {0.29435122}, 1e-6);
  test::expect_values(loss(x, tensor({0.1, 0.2, 0.3, 0.4})), {}, {2.9528241}, 1e-6);
}

TEST(LinearCrossEntropyLoss, RefusesWhatDoesNotFit) {
  const Tensor x = ones({2, 3}), weight = ones({4, 3}), target = zeros({2}, {int64});
  const auto error = [&](const Tensor& input, const Tensor& linear_weight, const Tensor& wanted,
                         const F::LinearCrossEntropyOptions& o = {}) {
    return test::error_of([&] { F::linear_cross_entropy(input, linear_weight, wanted, o); });
  };
  const std::string name = "[linear_cross_entropy] ";
  EXPECT_EQ(error(ones({2, 5, 3}), weight, target),
            name + "expected an input of shape (N, in_features) or (in_features), got (2, 5, 3)");
  EXPECT_EQ(error(x, ones({3}), target), name + "expected a linear_weight of shape (C, …, in_features), got (3,)");
  EXPECT_EQ(error(ones({2, 4}), weight, target),
            name + "expected an input of shape (*, 3) for a linear_weight of shape (4, 3), got (2, 4)");
  EXPECT_EQ(error(x, weight, target, {.linear_bias = ones({3})}),
            name + "expected a linear_bias of shape (4,), got (3,)");
  EXPECT_EQ(error(ones({3}), ones({4, 2, 3}), target),
            name + "expected a batch (N, 3) for a linear_weight of shape (4, 2, 3), got (3,)");
  EXPECT_EQ(error(x, weight, ones({2, 4}), {.ignore_index = 1}),
            name + "ignore_index counts for class indices only, and the target has the logits' shape (2, 4)");
  EXPECT_EQ(test::error_of([] { LinearCrossEntropyLoss(3, 4, {.weight = ones({3})}); }),
            "[LinearCrossEntropyLoss] expected a weight of shape (4,), got (3,)");
  EXPECT_EQ(test::error_of([] { LinearCrossEntropyLoss(3, 4, {.label_smoothing = 1.5}); }),
            "[LinearCrossEntropyLoss] label_smoothing must lie between 0 and 1, got 1.5");
}

}  // namespace
}  // namespace tenon::nn::loss_test
