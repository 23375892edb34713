#include <tenon/nn/functional.h>
#include <tenon/random.h>

#include "tensor/check.h"

namespace tenon {
namespace {

using nn::functional::dropout;
using test::error_of;

TEST(Dropout, KeepsOrScalesEachElement) {
  for (const DType type : test::real_types)
    for (const Tensor& x : test::layouts(test::noise({50, 40}, type) + 2)) {
      manual_seed(3);
      const Tensor y = dropout(x, 0.25);
      int64_t kept = 0;
      test::expect_elements(y, test::tolerance(type), 0, [&](const Shape& i) {
        if (test::element(y, i) == 0) return 0.0;
        ++kept;
        return test::element(x, i) / 0.75;
      });
      EXPECT_NEAR(static_cast<double>(kept) / 2000, 0.75, 0.05);
      EXPECT_EQ(y.dtype(), type);
    }
}

TEST(Dropout, TheSameSeedDropsTheSameElements) {
  const Tensor x = ones({100});
  manual_seed(5);
  const Tensor a = dropout(x, 0.5), b = dropout(x, 0.5);
  manual_seed(5);
  EXPECT_TRUE(test::identical(dropout(x, 0.5), a));
  EXPECT_FALSE(test::identical(a, b));
}

TEST(Dropout, OutsideTrainingAndForZeroItIsTheInputItself) {
  const Tensor x = ones({3});
  EXPECT_TRUE(dropout(x, 0.5, false).is_same(x));
  EXPECT_TRUE(dropout(x, 0.0).is_same(x));
}

TEST(Dropout, ProbabilityOneGivesZeros) { test::expect_values(dropout(ones({3}), 1.0), {3}, {0, 0, 0}); }

TEST(Dropout, ZeroOneAndEvaluationDrawNothing) {
  const Tensor x = ones({64});
  manual_seed(9);
  const Tensor wanted = dropout(x, 0.5);
  manual_seed(9);
  dropout(x, 0.0);
  dropout(x, 1.0);
  dropout(x, 0.5, false);
  dropout(zeros({0}), 0.5);
  EXPECT_TRUE(test::identical(dropout(x, 0.5), wanted));
}

TEST(Dropout, TheGradientHasTheSameMask) {
  const Tensor x = ones({200}, {.requires_grad = true});
  const Tensor y = dropout(x, 0.3);
  y.sum().backward();
  EXPECT_TRUE(test::identical(x.grad(), y.detach()));
}

TEST(Dropout, OtherProbabilitiesAreRefused) {
  EXPECT_EQ(error_of([] { dropout(ones({2}), 1.5); }), "[dropout] the probability must lie between 0 and 1, got 1.5");
  EXPECT_NE(error_of([] { dropout(ones({2}), -0.1); }), "");
  EXPECT_NE(error_of([] { dropout(ones({2}), test::nan); }), "");
  EXPECT_NE(error_of([] { dropout(ones({2}, {int64}), 0.5); }), "");
}

}  // namespace
}  // namespace tenon
