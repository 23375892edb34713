// Anomaly mode: who made the first NaN.
#include "tensor/check.h"

namespace tenon::anomaly_test {
namespace {

using test::error_of;

TEST(AnomalyMode, NamesTheOperationWhoseBackwardMadeTheFirstNan) {
  const Tensor x = tensor({0.0, 1.0}, {.requires_grad = true});
  const Tensor y = ((x * 0).sqrt() * 0).sum();  // 0 · ∞
  const autograd::AnomalyMode guard;
  EXPECT_TRUE(autograd::is_anomaly_enabled());
  EXPECT_EQ(error_of([&] { y.backward(); }),
            "[backward] the backward of sqrt has made a NaN: the gradient of its input 0, float32 (2,)");
  EXPECT_FALSE(x.grad().defined());
}

TEST(AnomalyMode, LetsSoundGradientsPass) {
  const Tensor x = tensor({2.0, 1.0}, {.requires_grad = true});
  const autograd::AnomalyMode guard;
  x.sqrt().sum().backward();
  EXPECT_TRUE(x.grad().defined());
}

TEST(AnomalyMode, IsOffByDefaultAndNests) {
  const Tensor x = tensor({0.0}, {.requires_grad = true});
  EXPECT_FALSE(autograd::is_anomaly_enabled());
  {
    const autograd::AnomalyMode on;
    const autograd::AnomalyMode off(false);
    (x.sqrt() * 0).sum().backward();
  }
  EXPECT_FALSE(autograd::is_anomaly_enabled());
  EXPECT_TRUE(std::isnan(x.grad().item<double>()));
}

}  // namespace
}  // namespace tenon::anomaly_test
