// Cross-entropy against PyTorch's answers (cross_entropy.py), and its checks.
#include <fstream>

#include <nlohmann/json.hpp>

#include <tenon/nn/functional.h>

#include "tensor/check.h"
#include "tests_folder.h"

namespace tenon::cross_entropy_test {
namespace {

using nn::functional::cross_entropy;
using nn::functional::CrossEntropyOptions;
using nn::functional::Reduction;
using test::error_of;

TEST(CrossEntropy, EveryCombinationOfOptionsGivesPyTorchsLossAndGradient) {
  const auto data = nlohmann::json::parse(std::ifstream(test::tests_folder() + "/nn/functional/cross_entropy.json"));
  std::vector<double> flat;
  for (const auto& row : data["logits"]) flat.insert(flat.end(), row.begin(), row.end());
  const Tensor target = tensor(data["target"].get<std::vector<int64_t>>());
  int cases = 0;
  for (const auto& c : data["cases"])
    for (const DType type : test::real_types) {
      const Tensor x = tensor(flat, {float64}).reshape({4, 5}).to(type).requires_grad_();
      CrossEntropyOptions o{.ignore_index = c["ignore_index"], .label_smoothing = c["label_smoothing"]};
      if (c["weighted"]) o.weight = tensor(data["weight"].get<std::vector<double>>(), {type});
      o.reduction = c["reduction"] == "none"   ? Reduction::none
                    : c["reduction"] == "mean" ? Reduction::mean
                                               : Reduction::sum;
      const Tensor gradient = tensor(data["gradient"].get<std::vector<double>>(), {type});
      const double near = test::tolerance(type);
      for (const bool create_graph : {false, true}) {
        x.set_grad({});
        const Tensor loss = cross_entropy(x, target, o);
        ASSERT_EQ(loss.dtype(), type);
        loss.backward(o.reduction == Reduction::none ? gradient : gradient[0], {.create_graph = create_graph});
        test::expect_values(loss, o.reduction == Reduction::none ? Shape{4} : Shape{},
                            c["loss"].get<std::vector<double>>(), near, near);
        test::expect_values(x.grad(), {4, 5}, c["grad"].get<std::vector<double>>(), near, 2 * near);
        x.set_grad({});  // a recorded gradient would hold x
      }
      if (HasFailure()) FAIL() << name(type) << " " << c.dump();
      ++cases;
    }
  EXPECT_EQ(cases, 4 * 54);
}

TEST(CrossEntropy, StridedLogitsAreTheSame) {
  const Tensor x = test::noise({6, 9}), target = arange(6);
  const double wanted = cross_entropy(x, target).item<double>();
  for (const Tensor& y : test::layouts(x)) {
    y.requires_grad_();
    const Tensor loss = cross_entropy(y, target);
    EXPECT_EQ(loss.item<double>(), wanted);
    loss.backward();
    for (int64_t i = 0; i < 6; ++i) EXPECT_NEAR(y.grad()[i].sum().item<double>(), 0, 1e-7);
  }
}

TEST(CrossEntropy, LargeLogitsDoNotOverflow) {
  const Tensor x = tensor({{1e4, 0.0}, {-1e4, 0.0}}).requires_grad_();
  const Tensor loss = cross_entropy(x, tensor(std::vector<int64_t>{1, 1}), {.reduction = Reduction::none});
  test::expect_values(loss, {2}, {1e4, 0});
  loss.sum().backward();
  test::expect_values(x.grad(), {2, 2}, {1, -1, 0, 0});
}

TEST(CrossEntropy, BFloat16KeepsTheGradientOfManyClasses) {
  const int64_t classes = 10000;
  const Tensor x = zeros({1, classes}, {.dtype = bfloat16, .requires_grad = true});
  cross_entropy(x, tensor(std::vector<int64_t>{7})).backward();
  EXPECT_NEAR(test::element(x.grad(), {0, 0}) * static_cast<double>(classes), 1, 4e-3);
}

TEST(CrossEntropy, ALongBatchOfHalfNumbersKeepsItsMean) {
  const Tensor x = zeros({100000, 2}, {float16});
  EXPECT_NEAR(cross_entropy(x, zeros({100000}, {int64})).item<double>(), std::log(2.0), 1e-3);
}

TEST(CrossEntropy, OneSampleHasNoBatchDimension) {
  const Tensor x = tensor({1.0, 2.0, 3.0}), target = tensor(int64_t{2});
  const double wanted = std::log(std::exp(-2.0) + std::exp(-1.0) + 1);
  EXPECT_NEAR(cross_entropy(x, target).item<double>(), wanted, 1e-6);
  EXPECT_EQ(cross_entropy(x, target, {.reduction = Reduction::none}).dim(), 0);
}

TEST(CrossEntropy, WhereNoRowCountsTheMeanIsNanAndTheSumZero) {
  const Tensor x = zeros({2, 3}), target = full({2}, -100);
  EXPECT_TRUE(std::isnan(cross_entropy(x, target).item<double>()));
  EXPECT_EQ(cross_entropy(x, target, {.reduction = Reduction::sum}).item<double>(), 0);
  EXPECT_TRUE(std::isnan(cross_entropy(zeros({0, 3}), zeros({0}, {int64})).item<double>()));
  EXPECT_EQ(cross_entropy(zeros({0, 3}), zeros({0}, {int64}), {.reduction = Reduction::none}).shape(), (Shape{0}));
}

TEST(CrossEntropy, ANanComesThrough) {
  EXPECT_TRUE(
      std::isnan(cross_entropy(tensor({{1.0, test::nan, 2.0}}), tensor(std::vector<int64_t>{0})).item<double>()));
}

TEST(CrossEntropy, FurtherDimensionsAreFurtherSamples) {
  const Tensor x = test::noise({2, 3, 4}, float64), target = tensor({{0, 2, 1, 1}, {2, 2, 0, -100}}).to(int64);
  const Tensor flat = x.movedim({1}, {2}).reshape({8, 3});
  for (const Reduction reduction : {Reduction::mean, Reduction::sum})
    EXPECT_DOUBLE_EQ(cross_entropy(x, target, {.reduction = reduction}).item<double>(),
                     cross_entropy(flat, target.flatten(), {.reduction = reduction}).item<double>());
  EXPECT_EQ(cross_entropy(x, target, {.reduction = Reduction::none}).shape(), (Shape{2, 4}));
}

TEST(CrossEntropy, ProbabilitiesOfTheClassesMayBeTheTarget) {
  const Tensor x = test::noise({4, 3}, float64), target = tensor({0, 2, 1, 1}).to(int64);
  const Tensor certain = (target.unsqueeze(1) == arange(3)).to(float64);
  for (const double smoothing : {0.0, 0.25})
    EXPECT_NEAR(cross_entropy(x, certain, {.label_smoothing = smoothing}).item<double>(),
                cross_entropy(x, target, {.label_smoothing = smoothing}).item<double>(), 1e-14);
}

TEST(CrossEntropy, ChecksSayWhatIsWrong) {
  const Tensor x = zeros({2, 3}), target = zeros({2}, {int64});
  EXPECT_EQ(error_of([&] {
              cross_entropy(x, tensor(std::vector<int64_t>{0, 3}));
            }),
            "[cross_entropy] target 3 of row 1 is out of range: there are 3 classes");
  EXPECT_NE(error_of([&] { cross_entropy(x, tensor(std::vector<int64_t>{-1, 0})); }), "");
  EXPECT_EQ(error_of([&] { cross_entropy(x, zeros({2})); }),
            "[cross_entropy] expected class indices of type int64, got float32: convert with to(int64)");
  EXPECT_EQ(error_of([&] { cross_entropy(x, zeros({3}, {int64})); }),
            "[cross_entropy] expected a target of shape (2,) for logits of shape (2, 3), got (3,)");
  EXPECT_EQ(error_of([&] {
              cross_entropy(zeros({2, 3, 4}), target);
            }),
            "[cross_entropy] expected a target of shape (2, 4) for logits of shape (2, 3, 4), got (2,)");
  EXPECT_NE(error_of([&] { cross_entropy(x.to(int64), target); }), "");
  EXPECT_EQ(error_of([&] { cross_entropy(x, target, {.weight = ones({2})}); }),
            "[cross_entropy] expected a weight for each of the 3 classes, got shape (2,)");
  EXPECT_NE(error_of([&] { cross_entropy(x, target, {.weight = ones({3}, {float64})}); }), "");
  EXPECT_EQ(error_of([&] { cross_entropy(x, target, {.label_smoothing = 1.5}); }),
            "[cross_entropy] label_smoothing must lie between 0 and 1, got 1.5");
  EXPECT_NE(error_of([&] { cross_entropy(x, target, {.label_smoothing = test::nan}); }), "");
}

TEST(CrossEntropy, GradientsOfLargeLogitsKeepTheirDigits) {
  const Tensor small = test::noise({5, 40}, float64) * 3, target = arange(5);
  const auto gradient = [&](const Tensor& logits) {
    const Tensor x = logits.detach().requires_grad_();
    nn::functional::cross_entropy(x, target, {.label_smoothing = 0.1}).backward();
    return x.grad();
  };
  const Tensor x = (small + 10000).to(float32), wanted = gradient(x.to(float64));
  const Tensor got = gradient(x);
  test::expect_elements(got, 2e-6, 1e-8, [&](const Shape& i) { return test::element(wanted, i); });
}

// Products with numbers that are too small for a normal one take a hundred times as long.
TEST(CrossEntropy, GradientsTooSmallForANormalNumberAreZero) {
  const Tensor x = tensor({{0.0, -86.0, -95.0}}).requires_grad_();
  nn::functional::cross_entropy(x, tensor({0})).backward();
  EXPECT_NEAR(x.grad().select(1, 1).item<double>() / std::exp(-86.0), 1, 1e-5);
  EXPECT_EQ(x.grad().select(1, 2).item<double>(), 0);
}

}  // namespace
}  // namespace tenon::cross_entropy_test
