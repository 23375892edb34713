#include <tenon/nn/utils.h>

#include "tensor/check.h"

namespace tenon::nn::clip_grad_test {
namespace {

using test::error_of;

using test::infinity;

Tensor with_gradient(const std::vector<float>& values, DType type = float32) {
  const Tensor p = zeros({static_cast<int64_t>(values.size())}, {.dtype = type, .requires_grad = true});
  p.set_grad(tensor(values).to(type));
  return p;
}

TEST(ClipGradNorm, ScalesAllGradientsTogether) {
  const Tensor a = with_gradient({3, 0}), b = with_gradient({0, 4}), without = zeros({2}, {.requires_grad = true});
  const Tensor norm = clip_grad_norm_({a, without, b}, 1.0);
  EXPECT_EQ(norm.shape(), Shape{});
  EXPECT_FLOAT_EQ(norm.item<float>(), 5);
  test::expect_values(a.grad(), {2}, {0.6, 0}, 1e-6);
  test::expect_values(b.grad(), {2}, {0, 0.8}, 1e-6);
  EXPECT_FALSE(without.grad().defined());
}

TEST(ClipGradNorm, LeavesSmallGradientsAsTheyAre) {
  const Tensor a = with_gradient({3, 4});
  EXPECT_FLOAT_EQ(clip_grad_norm_({a}, 6).item<float>(), 5);
  test::expect_values(a.grad(), {2}, {3, 4});
}

TEST(ClipGradNorm, KnowsOtherNorms) {
  const auto norm = [](double p) {
    return clip_grad_norm_({with_gradient({3, -4}), with_gradient({-12})}, 100, {.norm_type = p}).item<float>();
  };
  EXPECT_FLOAT_EQ(norm(1), 19);
  EXPECT_FLOAT_EQ(norm(2), 13);
  EXPECT_FLOAT_EQ(norm(3), std::cbrt(27.f + 64.f + 1728.f));
  EXPECT_FLOAT_EQ(norm(infinity), 12);
  EXPECT_FLOAT_EQ(norm(-infinity), 3);
  EXPECT_FLOAT_EQ(norm(0), 2);  // of the two norms, which are 2 and 1
  EXPECT_FLOAT_EQ(norm(-1), 1 / (1 / (1 / (1 / 3.f + 1 / 4.f)) + 1 / 12.f));
}

TEST(ClipGradNorm, ComputesInTheTypeThatAllGradientsPromoteTo) {  // torch.nn.utils.clip_grad_norm_
  const std::vector<std::vector<DType>> pairs{{float16, float32}, {bfloat16, float32}, {float16, bfloat16}};
  for (const auto& types : pairs)
    for (const bool turned : {false, true}) {
      const Tensor a = with_gradient({3, 0}, types[0]), b = with_gradient({0, 4}, types[1]);
      const Tensor norm = turned ? clip_grad_norm_({b, a}, 1) : clip_grad_norm_({a, b}, 1);
      EXPECT_EQ(norm.dtype(), float32);
      EXPECT_FLOAT_EQ(norm.item<float>(), 5);
      EXPECT_EQ(a.grad().dtype(), types[0]);
      test::expect_values(a.grad(), {2}, {0.6, 0}, 4e-3);
      test::expect_values(b.grad(), {2}, {0, 0.8}, 4e-3);
    }
  EXPECT_FLOAT_EQ(clip_grad_norm_({with_gradient({60000}, float16), with_gradient({100000})}, 1).item<float>(),
                  std::hypot(60000.F, 100000.F));  // more than a float16 holds
  EXPECT_EQ(clip_grad_norm_({with_gradient({3}), with_gradient({4}, float64)}, 1).dtype(), float64);
}

TEST(ClipGradNorm, HasTheTypeOfTheGradients) {
  const Tensor norm = clip_grad_norm_({with_gradient({3, 4}, float64)}, 1);
  EXPECT_EQ(norm.dtype(), float64);
  EXPECT_EQ(clip_grad_norm_(std::vector<Tensor>{}, 1).item<float>(), 0);
}

TEST(ClipGradNorm, PassesNonFiniteNumbersOnOrRefusesThem) {
  const Tensor p = with_gradient({1, static_cast<float>(test::nan)});
  EXPECT_EQ(
      error_of([&] { clip_grad_norm_({p}, 1, {.error_if_nonfinite = true}); }),
      "[clip_grad_norm_] the gradients' norm of order 2 is nan: they cannot be clipped (error_if_nonfinite is set)");
  EXPECT_EQ(test::elements(p.grad())[0], 1);
  EXPECT_TRUE(std::isnan(clip_grad_norm_({p}, 1).item<float>()));
  EXPECT_TRUE(std::isnan(test::elements(p.grad())[0]));
  const Tensor q = with_gradient({1, static_cast<float>(infinity)});
  clip_grad_norm_({q}, 1);
  EXPECT_EQ(test::elements(q.grad())[0], 0);
}

}  // namespace
}  // namespace tenon::nn::clip_grad_test
