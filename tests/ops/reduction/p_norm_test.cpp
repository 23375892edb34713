// p-norms, against loops; their gradients at 0 and elsewhere.
#include "autograd/gradcheck.h"
#include "ops/groups.h"

namespace tenon::p_norm_test {
namespace {

using test::error_of;
using test::expect_values;
using test::infinity;
using test::nan;

double norm_of(const std::vector<double>& v, double p) {
  double total = p == -infinity ? infinity : 0;
  for (const double x : v) {
    const double a = std::abs(x);
    if (p == infinity) total = std::max(total, a);
    else if (p == -infinity) total = std::min(total, a);
    else if (p == 0) total += a != 0;
    else total += std::pow(a, p);
  }
  return std::isinf(p) || p == 0 ? total : std::pow(total, 1 / p);
}

TEST(Norms, EveryOrderTypeLayoutAndSetOfDimensions) {
  for (const DType type : test::real_types)
    for (const double p : {0.0, 0.5, 1.0, 1.5, 2.0, 3.0, infinity, -infinity, -1.0})
      test::for_many(type, [&](const Tensor& x, const Shape& dims) {
        const Tensor y = x.norm(p, dims);
        ASSERT_EQ(y.dtype(), type);
        ASSERT_EQ(x.norm(p, dims, true).dim(), x.dim());
        test::expect_of_groups(y, x, dims, test::tolerance(type), 0, [&](const auto& v) { return norm_of(v, p); });
      });
}

TEST(Norms, OfNothingAndOfNan) {
  for (const double p : {0.0, 1.0, 2.0, 3.0}) EXPECT_EQ(zeros({0}).norm(p).item<double>(), 0);
  for (const double p : {infinity, -infinity, -2.0}) EXPECT_NE(error_of([&] { zeros({0}).norm(p); }), "");
  EXPECT_EQ(zeros({3, 0}).norm(infinity, {0}).shape(), (Shape{0}));
  EXPECT_TRUE(std::isnan(tensor({1.0, nan}).norm(infinity).item<double>()));
  EXPECT_EQ(tensor({1.0, nan}).norm(0).item<double>(), 2);
  EXPECT_EQ(tensor({0.0, 2.0}).norm(-1).item<double>(), 0);
  EXPECT_TRUE(std::isnan(tensor({0.0, 2.0}).norm(nan).item<double>()));
  EXPECT_EQ(tensor(-3.0).norm(1, {0}).item<double>(), 3);
}

TEST(Norms, Errors) {
  EXPECT_EQ(error_of([] { arange(3).norm(); }),
            "[norm] expected a floating-point tensor, got int64: convert with to(float32)");
  EXPECT_EQ(error_of([] { ones({2, 3}).norm(2, {0, -2}); }), "[norm] dimension 0 is named twice: (0, -2)");
}

TEST(Norms, OfADifference) {
  const Tensor a = tensor({1.0, 2.0}), b = tensor({{2.0, 2.0}, {1.0, 1.0}});
  EXPECT_FLOAT_EQ(dist(a, b).item<float>(), std::sqrt(2.0F));
  EXPECT_EQ(dist(a, b, infinity).item<double>(), 1);
  EXPECT_EQ(dist(a, b, 0).item<double>(), 2);
  const Tensor x = test::leaf({3, 4}, 1), y = test::leaf({4}, 2);
  test::gradchecks([](const auto& v) { return dist(v[0], v[1]); }, {x, y});
}

TEST(Norms, Gradients) {
  for (const double p : {1.0, 2.0, infinity, -infinity})
    for (const Tensor& x : test::leaves({3, 4})) {
      test::gradchecks([p](const auto& v) { return v[0].norm(p); }, {x});
      test::gradchecks([p](const auto& v) { return v[0].norm(p, {0}, true); }, {x});
      test::gradchecks([p](const auto& v) { return v[0].norm(p, {-1}); }, {x});
    }
}

TEST(Norms, GradientsOfOtherOrders) {
  for (const double p : {0.5, 1.5, 3.0, -1.0})
    for (const Tensor& x : {test::leaf({3, 4}, 1, 2), test::leaf({3, 4}, 1, -2)}) {
      test::gradchecks([p](const auto& v) { return v[0].norm(p); }, {x});
      test::gradchecks([p](const auto& v) { return v[0].norm(p, {0}, true); }, {x});
    }
}

TEST(Norms, TheGradientAtZeroIsZero) {
  for (const double p : {0.5, 1.5, 3.0}) {
    const Tensor x = tensor({0.0, 3.0, -3.0}, {.requires_grad = true});
    x.norm(p).backward();
    const double share = std::pow(2.0, 1 / p - 1);
    expect_values(x.grad(), {3}, {0, share, -share}, 1e-6);
  }
  for (const double p : {0.0, 0.5, 1.0, 1.5, 2.0, 3.0}) {
    const Tensor x = zeros({3}, {.requires_grad = true});
    x.norm(p).backward();
    expect_values(x.grad(), {3}, {0, 0, 0});
  }
}

TEST(Norms, GradientsNeitherOverflowNorVanishOnTheWay) {  // by definition: sign(x)·(|x| / norm)^(p − 1)
  for (const double size : {1e-30, 1e30})
    for (const double p : {1.5, 3.0, 4.0}) {
      const Tensor x = tensor({3 * size, -4 * size, 0.0}, {float32}).requires_grad_();
      x.norm(p).backward();
      const Tensor plain = tensor({3.0, -4.0, 0.0}).requires_grad_();
      plain.norm(p).backward();
      test::expect_values(x.grad(), {3}, plain.grad().to_vector<double>(), 1e-5);
    }
}

TEST(Norms, ANanHasNoGradientWhereItIsTheLargest) {  // torch.linalg.vector_norm(x, inf)
  for (const double p : {infinity, -infinity}) {
    const Tensor x = tensor({-1.0, nan, 2.0}).requires_grad_();
    x.norm(p).backward();
    test::expect_values(x.grad(), {3}, {0, 0, 0});
  }
  const Tensor x = tensor({{-3.0, 3.0, 1.0}, {0.0, -2.0, 1.0}}).requires_grad_();
  x.norm(infinity, {1}, true).sum().backward();  // those that are the norm share it
  test::expect_values(x.grad(), {2, 3}, {-0.5, 0.5, 0, 0, -1, 0});
}

}  // namespace
}  // namespace tenon::p_norm_test
