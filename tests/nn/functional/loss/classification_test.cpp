// Losses of scores. What PyTorch answers: answers_test.cpp.
#include <tenon/nn/functional.h>

#include "tensor/check.h"

namespace tenon::classification_test {
namespace {

namespace F = nn::functional;
using test::error_of;

TEST(NllLoss, TakesBytesAndWhatIsIgnoredMayBeInfinite) {
  const Tensor x = tensor({{-1.f, -2.f}, {-3.f, -4.f}});
  EXPECT_EQ(F::nll_loss(x, tensor<int64_t>({1, 0}).to(uint8)).item<float>(), 2.5f);
  const Tensor infinite = tensor({{-1.0, -2.0}, {-test::infinity, -4.0}}).requires_grad_();
  const Tensor loss = F::nll_loss(infinite, tensor<int64_t>({1, -100}));
  EXPECT_EQ(loss.item<double>(), 2);
  loss.backward();
  test::expect_values(infinite.grad(), {2, 2}, {0, -1, 0, 0});
}

TEST(NllLoss, OfNothingIsNaNAndOfNoPlacesToo) {
  EXPECT_TRUE(std::isnan(F::nll_loss(zeros({0, 4}), zeros({0}, {int64})).item<float>()));
  EXPECT_TRUE(std::isnan(F::nll_loss(zeros({3, 4, 0}), zeros({3, 0}, {int64})).item<float>()));
  EXPECT_TRUE(std::isnan(F::nll_loss(zeros({1, 4}), full({1}, -100, {int64})).item<float>()));
}

TEST(NllLoss, RefusesWhatDoesNotFit) {
  const Tensor x = zeros({3, 4}), t = zeros({3}, {int64});
  EXPECT_EQ(error_of([&] {
              F::nll_loss(x, tensor<int64_t>({0, 1, 4}));
            }),
            "[nll_loss] target 4 is out of range: there are 4 classes");
  EXPECT_EQ(error_of([&] {
              F::nll_loss(x, tensor<int64_t>({0, 1, -4}));
            }),
            "[nll_loss] target -4 is out of range: there are 4 classes");
  EXPECT_EQ(error_of([&] { F::nll_loss(x, zeros({2}, {int64})); }),
            "[nll_loss] expected a target of shape (3,) for an input of shape (3, 4), got (2,)");
  EXPECT_EQ(error_of([&] {
              F::nll_loss(zeros({3, 4, 2}), zeros({3, 3}, {int64}));
            }),
            "[nll_loss] expected a target of shape (3, 2) for an input of shape (3, 4, 2), got (3, 3)");
  EXPECT_EQ(error_of([&] { F::nll_loss(x, t.to(int32)); }),
            "[nll_loss] expected class indices of type int64, got int32: convert with to(int64)");
  EXPECT_EQ(error_of([&] { F::nll_loss(x, t, {.weight = ones({3})}); }),
            "[nll_loss] expected a weight for each of the 4 classes, got shape (3,)");
  EXPECT_EQ(error_of([&] { F::nll_loss(x, t, {.weight = ones({4}, {float64})}); }),
            "[nll_loss] expected the weight in the input's type float32, got float64");
  EXPECT_EQ(error_of([&] { F::nll_loss(x, t, {.weight = ones({4}).requires_grad_()}); }),
            "[nll_loss] there is no gradient by the weight: detach() it");
  EXPECT_EQ(error_of([&] { F::nll_loss(zeros({}), zeros({}, {int64})); }),
            "[nll_loss] expected log-probabilities of shape (N, C, …) or (C), got a 0-dim tensor");
}

TEST(MarginLosses, RefuseWhatDoesNotFit) {
  const Tensor x = zeros({3, 4}), t = zeros({3}, {int64});
  EXPECT_EQ(error_of([&] {
              F::multi_margin_loss(x, tensor<int64_t>({0, 1, 4}));
            }),
            "[multi_margin_loss] target 4 is out of range: there are 4 classes");
  EXPECT_EQ(error_of([&] { F::multi_margin_loss(x, t, {.p = 3}); }), "[multi_margin_loss] expected p of 1 or 2, got 3");
  EXPECT_EQ(error_of([&] { F::multi_margin_loss(x, zeros({2}, {int64})); }),
            "[multi_margin_loss] expected a target of shape (3,) for an input of shape (3, 4), got (2,)");
  EXPECT_EQ(error_of([&] {
              F::multi_margin_loss(zeros({3, 0}), t);
            }),
            "[multi_margin_loss] expected one class or more, got an input of shape (3, 0)");
  EXPECT_EQ(error_of([&] {
              F::multilabel_margin_loss(x, full({3, 4}, 4, {int64}));
            }),
            "[multilabel_margin_loss] target 4 is out of range: there are 4 classes");
  EXPECT_EQ(error_of([&] {
              F::multilabel_margin_loss(x, full({3, 4}, -2, {int64}));
            }),
            "[multilabel_margin_loss] target -2 is out of range: there are 4 classes");
  EXPECT_EQ(error_of([&] { F::multilabel_margin_loss(x, t); }),
            "[multilabel_margin_loss] expected a target of the input's shape (3, 4), got (3,)");
}

TEST(MarginLosses, OfOneItemAndOfNone) {
  const Tensor x = tensor({0.f, 1.f, 0.5f});
  EXPECT_EQ(F::multi_margin_loss(x, tensor<int64_t>({2}), {.reduction = F::Reduction::none}).shape(), Shape{1});
  EXPECT_EQ(F::multi_margin_loss(x, full({}, 2, {int64}), {.reduction = F::Reduction::none}).shape(), Shape());
  EXPECT_EQ(F::multi_margin_loss(zeros({0, 3}), zeros({0}, {int64}), {.reduction = F::Reduction::none}).shape(),
            Shape{0});
  EXPECT_EQ(
      F::multilabel_margin_loss(zeros({0, 3}), zeros({0, 3}, {int64}), {.reduction = F::Reduction::sum}).item<float>(),
      0.f);
}

TEST(BinaryCrossEntropy, LogarithmsAndSlopesAreBoundedAsInPyTorch) {
  // torch.nn.functional.binary_cross_entropy(tensor([0., 1, 0, 1]), tensor([0., 1, 1, 0]), reduction=…)
  const Tensor x = tensor({0.f, 1.f, 0.f, 1.f}).requires_grad_(), t = tensor({0.f, 1.f, 1.f, 0.f}).requires_grad_();
  test::expect_values(F::binary_cross_entropy(x, t, {.reduction = F::Reduction::none}), {4}, {0, 0, 100, 100});
  F::binary_cross_entropy(x, t, {.reduction = F::Reduction::sum}).backward();
  test::expect_values(x.grad(), {4}, {0, 0, -1e12, 1e12}, 1e-6);
  test::expect_values(t.grad(), {4}, {test::infinity, -test::infinity, test::infinity, -test::infinity});
}

TEST(BinaryCrossEntropy, DerivativesOfDerivativesAreFiniteAt0And1AsInPyTorch) {
  const Tensor x = tensor({0.0, 1.0, 0.0, 1.0, 0.3}, {float64}).requires_grad_();
  const Tensor t = tensor({0.0, 1.0, 1.0, 0.0, 0.6}, {float64}).requires_grad_();
  const Tensor loss = F::binary_cross_entropy(x, t, {.reduction = F::Reduction::sum});
  const auto first = autograd::grad({loss}, {x, t}, {.create_graph = true});
  test::expect_values(first[0], {5}, {0, 0, -1e12, 1e12, -1.4285714}, 1e-6);
  test::expect_values(first[1], {5}, {test::infinity, -test::infinity, test::infinity, -test::infinity, 0.8472979},
                      1e-6);
  const auto second = autograd::grad({first[0].sum()}, {x, t}, {.create_graph = true});
  test::expect_values(second[0], {5}, {0, 0, 1e24, 1e24, 7.4829932}, 1e-6);
  test::expect_values(second[1], {5}, {-1e12, -1e12, -1e12, -1e12, -4.7619048}, 1e-6);
  const auto third = autograd::grad({second[0].sum()}, {x, t});
  test::expect_values(third[0], {5}, {0, 0, -2e36, 2e36, -42.1120829}, 1e-6);
  test::expect_values(third[1], {5}, {1e24, -1e24, 1e24, -1e24, 9.0702948}, 1e-6);
}

TEST(BinaryCrossEntropyWithLogits, IsExactForLargeLogits) {
  const Tensor x = tensor({-1000.f, 1000.f, 0.f, 40.f}).requires_grad_(), t = tensor({0.f, 1.f, 0.5f, 0.f});
  test::expect_values(F::binary_cross_entropy_with_logits(x, t, {.reduction = F::Reduction::none}), {4},
                      {0, 0, std::log(2.0), 40}, 1e-6);
  for (const bool create_graph : {false, true}) {
    x.set_grad({});
    F::binary_cross_entropy_with_logits(x, t, {.reduction = F::Reduction::sum})
        .backward({}, {.create_graph = create_graph});
    test::expect_values(x.grad(), {4}, {0, 0, 0, 1}, 1e-6, 1e-12);
  }
  x.set_grad({});
}

TEST(SoftMarginLoss, IsExactWhereExpOverflows) {
  EXPECT_EQ(F::soft_margin_loss(tensor({-1000.f}), tensor({1.f})).item<float>(), 1000.f);
}

TEST(BinaryCrossEntropy, RefusesWhatDoesNotFit) {
  const Tensor x = full({3}, 0.5f);
  EXPECT_EQ(error_of([&] { F::binary_cross_entropy(x, full({2}, 0.5f)); }),
            "[binary_cross_entropy] expected a target of the input's shape (3,), got (2,)");
  EXPECT_EQ(error_of([&] { F::binary_cross_entropy(x, ones({3}).to(int64)); }),
            "[binary_cross_entropy] expected a target of type float32, as the input has, got int64: convert it");
  EXPECT_EQ(error_of([&] { F::binary_cross_entropy(x * 3, x); }),
            "[binary_cross_entropy] expected an input between 0 and 1, got 1.5; of scores, use "
            "binary_cross_entropy_with_logits");
  EXPECT_EQ(error_of([&] { F::binary_cross_entropy(x, -x); }),
            "[binary_cross_entropy] expected a target between 0 and 1, got -0.5; of scores, use "
            "binary_cross_entropy_with_logits");
  EXPECT_NE(error_of([&] { F::binary_cross_entropy(x * test::nan, x); }), "");
  EXPECT_EQ(error_of([&] { F::binary_cross_entropy(x, x, {.weight = ones({3}).requires_grad_()}); }),
            "[binary_cross_entropy] there is no gradient by the weight: detach() it");
  EXPECT_EQ(error_of([&] { F::binary_cross_entropy_with_logits(x, x, {.pos_weight = ones({3}).requires_grad_()}); }),
            "[binary_cross_entropy_with_logits] there is no gradient by the pos_weight: detach() it");
  EXPECT_EQ(error_of([&] { F::multilabel_soft_margin_loss(ones({}), ones({})); }),
            "[multilabel_soft_margin_loss] expected an input of shape (*, C), got a 0-dim one");
}

}  // namespace
}  // namespace tenon::classification_test
