// Losses of numbers. What PyTorch answers: answers_test.cpp; fused against composed: tests/ops/fused_test.cpp.
#include <tenon/device.h>
#include <tenon/nn/functional.h>

#include "tensor/check.h"

namespace tenon::regression_test {
namespace {

namespace F = nn::functional;
using test::error_of;

TEST(MseLoss, TensorsOfAnyLayoutGiveTheSame) {
  const Tensor x = test::noise({6, 9, 4}), t = test::noise({6, 9, 4}, float32, 2);
  const double wanted = F::mse_loss(x, t).item<double>();
  for (const Tensor& a : test::layouts(x))
    for (const Tensor& b : test::layouts(t)) {
      const Tensor leaf = a.detach().requires_grad_();
      const Tensor loss = F::mse_loss(leaf, b);
      EXPECT_NEAR(loss.item<double>(), wanted, 1e-6);
      loss.backward();
      EXPECT_TRUE(allclose(leaf.grad(), (x - t) * (2.0 / 216), 1e-6, 1e-8));
    }
}

TEST(MseLoss, PromotesAndBroadcasts) {
  EXPECT_EQ(F::mse_loss(zeros({3}), zeros({3}, {float64})).dtype(), float64);
  EXPECT_EQ(F::mse_loss(zeros({3}), ones({3}).to(int64)).item<float>(), 1.f);
  EXPECT_EQ(F::mse_loss(zeros({3}), zeros({3, 1}), {.reduction = F::Reduction::none}).shape(), Shape({3, 3}));
}

TEST(MseLoss, OfHalfNumbersIsRoundedOnce) {
  // The squares do not fit in float16, and neither does their sum.
  const Tensor x = full({1000}, 300.f, {float16}).requires_grad_();
  const Tensor loss = F::mse_loss(x, zeros({1000}, {float16}));
  EXPECT_EQ(loss.item<double>(), test::infinity);
  const Tensor small = full({70000}, 2.f, {float16}).requires_grad_(), mean = F::mse_loss(small, small.detach() * 2);
  EXPECT_EQ(mean.item<double>(), 4);
}

TEST(MseLoss, OfNothing) {
  const Tensor x = zeros({0, 3}).requires_grad_();
  EXPECT_TRUE(std::isnan(F::mse_loss(x, x).item<float>()));
  const Tensor sum = F::mse_loss(x, zeros({0, 3}), {.reduction = F::Reduction::sum});
  EXPECT_EQ(sum.item<float>(), 0.f);
  sum.backward();
  EXPECT_EQ(x.grad().shape(), Shape({0, 3}));
}

TEST(RegressionLosses, OnTheMetaDeviceHaveAShape) {
  const Tensor x = empty({2, 4}, {.device = kMeta}).requires_grad_(), t = empty({2, 4}, {.device = kMeta});
  for (const Tensor& y : {F::mse_loss(x, t), F::huber_loss(x, t), F::poisson_nll_loss(x, t), F::kl_div(x, t),
                          F::gaussian_nll_loss(x, t, t), F::binary_cross_entropy(x, t)}) {
    EXPECT_EQ(y.shape(), Shape());
    x.set_grad({});
    y.backward();
    EXPECT_EQ(x.grad().shape(), Shape({2, 4}));
  }
}

TEST(RegressionLossesParallel, BitsDoNotDependOnTheNumberOfThreads) {
  const Tensor x = test::noise({300001}).requires_grad_(), t = test::noise({300001}, float32, 2);
  const int before = num_threads();
  std::vector<Tensor> all;
  for (const int threads : {1, 3}) {
    set_num_threads(threads);
    x.set_grad({});
    const Tensor loss = F::smooth_l1_loss(x, t, {.beta = 0.3});
    loss.backward();
    all.push_back(loss.detach());
    all.push_back(x.grad());
  }
  set_num_threads(before);
  EXPECT_TRUE(test::identical(all[0], all[2]));
  EXPECT_TRUE(test::identical(all[1], all[3]));
}

TEST(RegressionLosses, RefuseWhatDoesNotFit) {
  const Tensor x = ones({2, 3});
  EXPECT_EQ(error_of([&] {
              F::mse_loss(x, ones({2, 2}));
            }),
            error_of([&] {
              broadcast_shapes({2, 3}, {2, 2}, "mse_loss");
            }));
  EXPECT_EQ(error_of([&] { F::l1_loss(x.to(int64), x.to(int64)); }),
            "[l1_loss] expected floating-point tensors, got int64 and int64: convert one with to(float32)");
  EXPECT_EQ(error_of([&] { F::mse_loss(x, x, {.weight = ones({3})}); }),
            "[mse_loss] expected a weight of the input's shape (2, 3), got (3,)");
  EXPECT_EQ(error_of([&] { F::smooth_l1_loss(x, x, {.beta = -1}); }),
            "[smooth_l1_loss] expected a beta of 0 or more, got -1");
  EXPECT_EQ(error_of([&] { F::huber_loss(x, x, {.delta = 0}); }), "[huber_loss] expected a delta above 0, got 0");
  EXPECT_EQ(error_of([&] { F::gaussian_nll_loss(x, x, -x); }),
            "[gaussian_nll_loss] expected a var of 0 or more, got a negative one");
  EXPECT_EQ(error_of([&] { F::gaussian_nll_loss(x, x, -1.0); }),
            "[gaussian_nll_loss] expected a var of 0 or more, got -1");
  EXPECT_EQ(error_of([&] { F::gaussian_nll_loss(x, x, ones({3})); }),
            "[gaussian_nll_loss] expected a var of the input's shape (2, 3), without its last dimension, or of size 1 "
            "in one of them; got (3,)");
  EXPECT_EQ(error_of([&] { F::kl_div(x, x.to(int64)); }),
            "[kl_div] expected floating-point tensors, got float32 and int64");
}

TEST(GaussianNllLoss, TakesOneVarianceForAll) {
  const Tensor x = test::noise({3, 2}), t = test::noise({3, 2}, float32, 2);
  EXPECT_EQ(F::gaussian_nll_loss(x, t, 0.5).item<float>(),
            F::gaussian_nll_loss(x, t, full({3, 2}, 0.5f)).item<float>());
}

}  // namespace
}  // namespace tenon::regression_test
