// CTC against the sum over all alignments. What PyTorch answers: answers_test.cpp.
#include <tenon/device.h>
#include <tenon/nn/functional.h>

#include "autograd/gradcheck.h"

namespace tenon::ctc_test {
namespace {

namespace F = nn::functional;
using test::error_of;

/// −log of the sum of the probabilities of all paths (T) that say the target once repeats and blanks (0) are left out.
double by_all_paths(const Tensor& log_probs, const std::vector<int64_t>& target) {
  const int64_t steps = log_probs.size(0), classes = log_probs.size(1);
  int64_t paths = 1;
  for (int64_t t = 0; t < steps; ++t) paths *= classes;
  double sum = 0;
  for (int64_t path = 0; path < paths; ++path) {
    std::vector<int64_t> said;
    int64_t rest = path, before = 0;
    double log = 0;
    for (int64_t t = 0; t < steps; ++t) {
      const int64_t c = rest % classes;
      rest /= classes;
      log += log_probs[t][c].item<double>();
      if (c != 0 && c != before) said.push_back(c);
      before = c;
    }
    if (said == target) sum += std::exp(log);
  }
  return -std::log(sum);
}

TEST(CtcLoss, IsTheSumOverAllAlignments) {
  const Tensor log_probs = (test::noise({5, 3}, float64) * 2).log_softmax(1);
  for (const std::vector<int64_t>& target :
       std::vector<std::vector<int64_t>>{{}, {1}, {1, 1}, {1, 2}, {2, 2, 1}, {1, 2, 1, 2, 1}}) {
    const Tensor labels = target.empty() ? zeros({0}, {int64}) : tensor(target);
    const Tensor loss =
        F::ctc_loss(log_probs, labels, {5}, {static_cast<int64_t>(target.size())}, {.reduction = F::Reduction::none});
    EXPECT_EQ(loss.shape(), Shape());
    EXPECT_NEAR(loss.item<double>(), by_all_paths(log_probs, target), 1e-12);
  }
}

TEST(CtcLoss, BehindLogSoftmaxItsGradientIsThatOfDifferences) {
  const Tensor labels = tensor<int64_t>({1, 2, 2, 3});
  test::gradcheck(
      [&](const std::vector<Tensor>& x) {
        return F::ctc_loss(x[0].log_softmax(2), labels, {6, 4}, {3, 1});
      },
      {test::leaf({6, 2, 4})});
}

TEST(CtcLoss, LengthsAreListsVectorsOrTensorsAndTargetsPaddedOrNot) {
  const Tensor x = test::noise({6, 2, 4}).log_softmax(2);
  const Tensor padded = tensor<int64_t>({{1, 2, 2}, {3, 0, 0}}), joined = tensor<int64_t>({1, 2, 2, 3});
  const float wanted = F::ctc_loss(x, padded, {6, 5}, {3, 1}).item<float>();
  EXPECT_EQ(F::ctc_loss(x, joined, {6, 5}, {3, 1}).item<float>(), wanted);
  EXPECT_EQ(F::ctc_loss(x, padded.to(int32), tensor<int64_t>({6, 5}), tensor<int64_t>({3, 1}).to(int32)).item<float>(),
            wanted);
  EXPECT_EQ(F::ctc_loss(x, joined, std::vector<int64_t>{6, 5}, std::vector<int64_t>{3, 1}).item<float>(), wanted);
  EXPECT_EQ(F::ctc_loss(x.transpose(0, 1).contiguous().transpose(0, 1), joined, {6, 5}, {3, 1}).item<float>(), wanted);
  const Tensor one = x.select(1, 0), labels = tensor<int64_t>({1, 2, 2});
  EXPECT_EQ(F::ctc_loss(one, labels, full({}, 6, {int64}), full({}, 3, {int64})).item<float>(),
            F::ctc_loss(one, labels, {6}, {3}).item<float>());
}

TEST(CtcLoss, TooShortAnInputIsInfiniteAndItsGradientNaNOrNothing) {
  const Tensor x = test::noise({3, 2, 4}).log_softmax(2).detach().requires_grad_();
  const Tensor labels = tensor<int64_t>({{1, 1, 1}, {1, 0, 0}});
  const Tensor losses = F::ctc_loss(x, labels, {3, 2}, {3, 1}, {.reduction = F::Reduction::none});
  EXPECT_EQ(losses[0].item<float>(), test::infinity);
  losses.sum().backward();
  EXPECT_TRUE(x.grad().select(1, 0).isnan().all().item<bool>());
  EXPECT_TRUE(x.grad().select(1, 1).isfinite().all().item<bool>());
  EXPECT_TRUE((x.grad()[2][1] == 0).all().item<bool>());  // beyond the item's input
  x.set_grad({});
  F::ctc_loss(x, labels, {3, 2}, {3, 1}, {.reduction = F::Reduction::sum, .zero_infinity = true}).backward();
  EXPECT_TRUE((x.grad().select(1, 0) == 0).all().item<bool>());
  EXPECT_FALSE((x.grad().select(1, 1) == 0).all().item<bool>());
  // An input of no steps tells the empty target for certain, and no other.
  test::expect_values(F::ctc_loss(x, labels, {0, 0}, {1, 0}, {.reduction = F::Reduction::none}), {2},
                      {test::infinity, 0});
}

TEST(CtcLoss, HalfTypesAreComputedInFloat) {
  const Tensor x = test::noise({6, 2, 4}).log_softmax(2).to(bfloat16).requires_grad_();
  const Tensor loss = F::ctc_loss(x, tensor<int64_t>({1, 2}), {6, 5}, {1, 1});
  EXPECT_EQ(loss.dtype(), bfloat16);
  loss.backward();
  EXPECT_EQ(x.grad().dtype(), bfloat16);
}

TEST(CtcLoss, HasNoSecondDerivativeAsInPyTorch) {
  const Tensor x = test::noise({6, 1, 4}).log_softmax(2).detach().requires_grad_();
  const Tensor loss = F::ctc_loss(x, tensor<int64_t>({1, 2}), {6}, {2});
  const Tensor first = autograd::grad({loss}, {x}, {.create_graph = true})[0];
  EXPECT_EQ(error_of([&] { first.sum().backward(); }),
            "backward of ctc_loss_backward: [ctc_loss] the second derivative is not implemented, as in PyTorch");
}

TEST(CtcLossParallel, BitsDoNotDependOnTheNumberOfThreads) {
  const Tensor x = test::noise({60, 16, 20}).log_softmax(2).detach().requires_grad_();
  Tensor labels = (arange(16 * 20) % 19 + 1).reshape({16, 20});
  const F::Lengths inputs(std::vector<int64_t>(16, 60)), targets(std::vector<int64_t>(16, 20));
  const int before = num_threads();
  std::vector<Tensor> all;
  for (const int threads : {1, 3}) {
    set_num_threads(threads);
    x.set_grad({});
    const Tensor loss = F::ctc_loss(x, labels, inputs, targets);
    loss.backward();
    all.push_back(loss.detach());
    all.push_back(x.grad());
  }
  set_num_threads(before);
  EXPECT_TRUE(test::identical(all[0], all[2]));
  EXPECT_TRUE(test::identical(all[1], all[3]));
}

TEST(CtcLoss, OnTheMetaDeviceHasAShape) {
  const Tensor x = empty({6, 2, 4}, {.device = kMeta}).requires_grad_();
  const Tensor loss = F::ctc_loss(x, empty({2, 3}, {.dtype = int64, .device = kMeta}), {6, 6}, {3, 2});
  EXPECT_EQ(loss.shape(), Shape());
  loss.backward();
  EXPECT_EQ(x.grad().shape(), Shape({6, 2, 4}));
}

TEST(CtcLoss, RefusesWhatDoesNotFit) {
  const Tensor x = zeros({5, 2, 4}), labels = tensor<int64_t>({{1, 2}, {3, 1}});
  EXPECT_EQ(error_of([&] {
              F::ctc_loss(x, labels, {5, 6}, {2, 1});
            }),
            "[ctc_loss] expected input lengths between 0 and 5, got 6");
  EXPECT_EQ(error_of([&] {
              F::ctc_loss(x, labels, {5, -1}, {2, 1});
            }),
            "[ctc_loss] expected input lengths between 0 and 5, got -1");
  EXPECT_EQ(error_of([&] {
              F::ctc_loss(x, labels, {5}, {2, 1});
            }),
            "[ctc_loss] expected 2 input lengths, one for each item, got 1");
  EXPECT_EQ(error_of([&] {
              F::ctc_loss(x, labels, {5, 5}, {2, 3});
            }),
            "[ctc_loss] expected target lengths between 0 and 2, got 3");
  EXPECT_EQ(error_of([&] {
              F::ctc_loss(x, tensor<int64_t>({1, 2, 3}), {5, 5}, {2, 2});
            }),
            "[ctc_loss] expected as many targets as the target lengths sum up to, 4, got 3");
  EXPECT_EQ(error_of([&] {
              F::ctc_loss(x, labels, {5, 5}, {2, 1}, {.blank = 4});
            }),
            "[ctc_loss] expected a blank between 0 and 3, got 4");
  EXPECT_EQ(error_of([&] {
              F::ctc_loss(x, labels + 2, {5, 5}, {2, 1});
            }),
            "[ctc_loss] target 4 of item 0 is out of range: there are 4 classes");
  EXPECT_EQ(error_of([&] {
              F::ctc_loss(x, labels.to(float32), {5, 5}, {2, 1});
            }),
            "[ctc_loss] expected targets of type int64, got float32: convert with to(int64)");
  EXPECT_EQ(error_of([&] {
              F::ctc_loss(x, zeros({3, 2}, {int64}), {5, 5}, {2, 1});
            }),
            "[ctc_loss] expected targets of shape (N, S) with N = 2, or a vector of all, got (3, 2)");
  EXPECT_EQ(error_of([&] {
              F::ctc_loss(zeros({5, 0, 4}), zeros({0, 2}, {int64}), std::vector<int64_t>(), std::vector<int64_t>());
            }),
            "[ctc_loss] expected log-probabilities of shape (T, N, C) or (T, C), none of them 0, got (5, 0, 4)");
  EXPECT_EQ(error_of([&] {
              F::ctc_loss(x, labels, ones({2}), {2, 1});
            }),
            "[ctc_loss] expected lengths as a vector of integers, got float32 of shape (2,)");
}

}  // namespace
}  // namespace tenon::ctc_test
