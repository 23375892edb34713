// What classifiers reach. Expected numbers are those of torchmetrics 1.9.
#include <tenon/metrics.h>
#include <tenon/ops.h>

#include "tensor/check.h"

namespace tenon::metrics_classification_test {
namespace {

using namespace metrics;
using test::error_of;
using test::expect_values;

Tensor scores() {
  return tensor(
      {{.1, .6, .2, .1}, {.7, .1, .1, .1}, {.2, .2, .5, .1}, {.3, .3, .3, .1}, {.1, .2, .3, .4}, {.25, .25, .2, .3}});
}
Tensor targets() { return tensor({1, 0, 1, 2, 3, 0}); }

/// In batches of two.
template <class M>
M gathered(M metric, const Tensor& predictions = scores(), const Tensor& target = targets()) {
  for (int64_t i = 0; i < target.size(0); i += 2)
    metric.update(predictions.narrow(0, i, std::min<int64_t>(2, target.size(0) - i)),
                  target.narrow(0, i, std::min<int64_t>(2, target.size(0) - i)));
  return metric;
}

TEST(Accuracy, IsTheShareOfTargetsAmongTheHighestScores) {
  EXPECT_DOUBLE_EQ(gathered(Accuracy()).compute(), 0.5);
  EXPECT_DOUBLE_EQ(gathered(Accuracy(2)).compute(), 4.0 / 6);  // of the three equal scores, the first two come first
  EXPECT_DOUBLE_EQ(gathered(Accuracy(3)).compute(), 1);
  EXPECT_DOUBLE_EQ(gathered(Accuracy(), tensor({1, 0, 2, 2, 3, 3})).compute(), 4.0 / 6);
  EXPECT_TRUE(std::isnan(Accuracy().compute()));
}

TEST(Accuracy, LeavesOutWhatIsIgnoredAndTakesPlacesOfAnyShape) {
  Accuracy accuracy(1, {.ignore_index = 0});
  accuracy.update(scores(), targets());
  EXPECT_DOUBLE_EQ(accuracy.compute(), 0.5);
  accuracy.reset();
  accuracy.update(scores().reshape({2, 3, 4}).transpose(1, 2), targets().reshape({2, 3}));
  EXPECT_DOUBLE_EQ(accuracy.compute(), 0.5);
}

TEST(Accuracy, GoesOnFromAState) {
  Accuracy first, second;
  first.update(scores(), targets());
  second.load_state_dict(first.state_dict());
  second.update(scores().narrow(0, 0, 2), targets().narrow(0, 0, 2));
  EXPECT_DOUBLE_EQ(second.compute(), 5.0 / 8);
}

TEST(ConfusionMatrix, CountsTargetsInRowsAndPredictionsInColumns) {
  expect_values(gathered(ConfusionMatrix(4)).compute(), {4, 4}, {1, 0, 0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1});
}

TEST(PrecisionRecallAndF1, AreTorchmetricsInEveryAverage) {
  const Precision precision = gathered(Precision(4));
  const Recall recall = gathered(Recall(4));
  const F1Score f1 = gathered(F1Score(4));
  expect_values(precision.per_class(), {4}, {0.5, 1, 0, 0.5});
  expect_values(recall.per_class(), {4}, {0.5, 0.5, 0, 1});
  expect_values(f1.per_class(), {4}, {0.5, 2.0 / 3, 0, 2.0 / 3});
  EXPECT_DOUBLE_EQ(precision.compute(), 0.5);
  EXPECT_DOUBLE_EQ(recall.compute(), 0.5);
  EXPECT_NEAR(f1.compute(), 0.4583333, 1e-6);
  for (const double micro :
       {precision.compute(Average::micro), recall.compute(Average::micro), f1.compute(Average::micro)})
    EXPECT_DOUBLE_EQ(micro, 0.5);
  EXPECT_NEAR(precision.compute(Average::weighted), 0.5833333, 1e-6);
  EXPECT_NEAR(recall.compute(Average::weighted), 0.5, 1e-6);
  EXPECT_NEAR(f1.compute(Average::weighted), 0.5, 1e-6);
}

TEST(PrecisionRecallAndF1, LeaveClassesThatNeverOccurOutOfTheMean) {
  const Tensor target = tensor({1, 0, 1, 0, 0, 0});
  EXPECT_NEAR(gathered(Precision(5), scores(), target).compute(), 0.5, 1e-6);
  EXPECT_NEAR(gathered(Recall(5), scores(), target).compute(), 0.25, 1e-6);
  EXPECT_NEAR(gathered(F1Score(5), scores(), target).compute(), 1.0 / 3, 1e-6);
}

TEST(AUROC, CountsPairsInTheRightOrder) {
  const Tensor s = tensor({.1, .4, .35, .8, .4});
  EXPECT_DOUBLE_EQ(gathered(AUROC(), s, tensor({0, 0, 1, 1, 1})).compute(), 0.75);
  const AUROC classes = gathered(AUROC(4));
  expect_values(classes.per_class(), {4}, {0.875, 0.6875, 0.7, 1});
  EXPECT_NEAR(classes.compute(), 0.815625, 1e-9);
}

TEST(AUROC, OfAClassThatIsAlwaysOrNeverThereIsNoNumberAndDoesNotCount) {
  const AUROC classes = gathered(AUROC(4), scores(), tensor({1, 0, 1, 0, 0, 0}));
  expect_values(classes.per_class(), {4}, {0.8125, 0.6875, test::nan, test::nan});
  EXPECT_DOUBLE_EQ(classes.compute(), 0.75);
  EXPECT_TRUE(std::isnan(AUROC().compute()));
}

TEST(Metrics, RefuseWhatDoesNotFitAndStayAsTheyAre) {
  Accuracy accuracy;
  EXPECT_EQ(error_of([&] { accuracy.update(scores(), ones({6})); }),
            "[Accuracy] expected targets of type int64, got float32");
  EXPECT_EQ(error_of([&] {
              accuracy.update(scores(), tensor({1, 2}));
            }),
            "[Accuracy] expected scores of shape (N, C, …) or classes (N, …) of type int64, and targets (N, …), got "
            "float32 (6, 4) "
            "and (2,)");
  EXPECT_EQ(error_of([] { Accuracy(0); }), "[Accuracy] expected top_k of 1 or more, got 0");
  EXPECT_EQ(error_of([] { Accuracy(2).update(tensor({1}), tensor({1})); }),
            "[Accuracy] top_k of 2 takes scores (N, C, …), got classes");
  ConfusionMatrix matrix(3);
  EXPECT_EQ(error_of([&] { matrix.update(scores(), targets()); }),
            "[ConfusionMatrix] expected classes between 0 and 2, got 3");
  expect_values(matrix.compute().sum(), {}, {0});
  EXPECT_EQ(error_of([&] {
              matrix.load_state_dict({{"counts", ones({2, 2})}});
            }),
            "[ConfusionMatrix] expected counts int64 (3, 3), got float32 (2, 2)");
  EXPECT_EQ(error_of([] {
              AUROC().update(ones({3}), tensor({1, 0}));
            }),
            "[AUROC] expected floating-point scores of shape (N), as the targets, got float32 (3,) and targets of "
            "shape (2,)");
}

}  // namespace
}  // namespace tenon::metrics_classification_test
