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

}  // namespace
}  // namespace tenon::nn::loss_test
