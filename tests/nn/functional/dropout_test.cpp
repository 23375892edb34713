#include <tenon/nn.h>
#include <tenon/random.h>

#include "tensor/check.h"

namespace tenon::functional_dropout_test {
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

TEST(DropoutOfChannels, DrawsAsPyTorchDoes) {
  // torch.manual_seed(42); F.dropout2d(torch.ones(2, 3, 2, 2), 0.4), F.dropout1d(torch.ones(3, 2), 0.4)
  manual_seed(42);
  const Tensor images = nn::functional::dropout2d(ones({2, 3, 2, 2}), 0.4);
  EXPECT_TRUE(test::identical(images, ones({2, 3, 2, 2}) / 0.6));
  test::expect_values(nn::functional::dropout1d(ones({3, 2}), 0.4), {3, 2}, {0, 0, 0, 0, 1 / 0.6, 1 / 0.6}, 1e-6);
}

TEST(DropoutOfChannels, DropsWholeChannelsWhateverTheLayout) {
  manual_seed(1);
  const Tensor x = ones({8, 3, 4, 5}).permute({0, 3, 1, 2});  // (8, 5, 3, 4)
  const Tensor y = nn::functional::dropout2d(x, 0.5);
  EXPECT_TRUE(test::identical(y.amin({2, 3}), y.amax({2, 3})));
  EXPECT_GT((y == 0).sum().item<int64_t>(), 0);
  EXPECT_LT((y == 0).sum().item<int64_t>(), y.numel());
}

TEST(DropoutOfChannels, ShapesWithoutABatch) {
  EXPECT_EQ(nn::functional::dropout1d(ones({3, 2}), 0.4).shape(), Shape({3, 2}));
  EXPECT_EQ(nn::functional::dropout3d(ones({3, 2, 2, 2}), 0.4).shape(), Shape({3, 2, 2, 2}));
  EXPECT_EQ(nn::functional::dropout2d(ones({0, 3, 2, 2}), 0.4).shape(), Shape({0, 3, 2, 2}));
  EXPECT_EQ(error_of([] {
              nn::functional::dropout1d(ones({1, 2, 3, 4}), 0.4);
            }),
            "[dropout1d] expected an input of shape (N, C, L) or (C, L), got (1, 2, 3, 4)");
  EXPECT_EQ(error_of([] { nn::functional::dropout2d(ones({3}), 0.4); }),
            "[dropout2d] expected an input of shape (N, C, …), got (3,)");
}

TEST(DropoutOfChannels, TheModulesAreOneFamily) {
  nn::Dropout2d drop(0.25, {.inplace = true});
  EXPECT_EQ(drop.to_string(), "Dropout2d(p=0.25, inplace=True)");
  EXPECT_EQ(nn::Dropout3d().to_string(), "Dropout3d(p=0.5, inplace=False)");
  EXPECT_EQ(error_of([] { nn::Dropout1d(2.0); }), "[Dropout1d] expected a probability between 0 and 1, got 2");
  const Tensor x = ones({2, 64, 2, 2});
  EXPECT_TRUE(test::identical(drop(x), x));  // in place
  EXPECT_GT((x == 0).sum().item<int64_t>(), 0);
  drop.eval();
  const Tensor y = ones({2, 3, 2, 2});
  EXPECT_TRUE(drop(y).is_same(y));
}

TEST(AlphaDropout, DrawsAsPyTorchDoes) {
  // torch.manual_seed(3); F.alpha_dropout(torch.full((6,), x), 0.3, True)
  const std::vector<double> of_one{1.315045, 1.315045, -1.059548, 1.315045, -1.059548, 1.315045};
  manual_seed(3);
  test::expect_values(nn::functional::alpha_dropout(ones({6}), 0.3, true), {6}, of_one, 1e-6);
  const std::vector<double> of_two{2.175997, 2.175997, -1.059548, 2.175997, -1.059548, 2.175997};
  manual_seed(3);
  test::expect_values(nn::functional::alpha_dropout(full({6}, 2.0, {.dtype = float64}), 0.3, true), {6}, of_two, 1e-6);
  manual_seed(3);
  test::expect_values(nn::functional::alpha_dropout(full({6}, 2.0, {.dtype = bfloat16}), 0.3, true), {6},
                      {2.171875, 2.171875, -1.0625, 2.171875, -1.0625, 2.171875});
  manual_seed(3);
  const Tensor channels = nn::functional::feature_alpha_dropout(ones({2, 3, 2}), 0.3, true);
  test::expect_values(channels.select(2, 0).flatten(), {6}, of_one, 1e-6);
  test::expect_values(channels.select(2, 1).flatten(), {6}, of_one, 1e-6);
}

TEST(AlphaDropout, OutsideTrainingIsTheInputItself) {
  const Tensor x = ones({3, 2});
  EXPECT_TRUE(nn::functional::alpha_dropout(x).is_same(x));
  EXPECT_TRUE(nn::functional::feature_alpha_dropout(x, 0.0, true).is_same(x));
  test::expect_values(nn::functional::alpha_dropout(x, 1.0, true), {3, 2}, {0, 0, 0, 0, 0, 0});
}

TEST(AlphaDropout, Refuses) {
  EXPECT_EQ(error_of([] { nn::functional::alpha_dropout(ones({2}), 1.5); }),
            "[alpha_dropout] the probability must lie between 0 and 1, got 1.5");
  EXPECT_EQ(error_of([] { nn::functional::feature_alpha_dropout(ones({2}), 0.5, true); }),
            "[feature_alpha_dropout] expected an input of shape (N, C, …), got (2,)");
  EXPECT_EQ(error_of([] { nn::functional::alpha_dropout(ones({2}, {int64}), 0.5, true); }),
            "[alpha_dropout] expected a floating-point tensor, got int64");
  EXPECT_EQ(error_of([] { nn::AlphaDropout(2.0); }), "[AlphaDropout] expected a probability between 0 and 1, got 2");
}

TEST(AlphaDropout, TheModulesAreOneFamily) {
  nn::FeatureAlphaDropout drop(0.2, {.inplace = true});
  EXPECT_EQ(drop.to_string(), "FeatureAlphaDropout(p=0.2, inplace=True)");
  EXPECT_EQ(nn::AlphaDropout().to_string(), "AlphaDropout(p=0.5, inplace=False)");
  const Tensor x = ones({2, 64, 2});
  EXPECT_TRUE(test::identical(drop(x), x));  // in place
  EXPECT_GT((x < 0).sum().item<int64_t>(), 0);
  drop.eval();
  EXPECT_TRUE(drop(x).is_same(x));
}

TEST(Dropout, OtherProbabilitiesAreRefused) {
  EXPECT_EQ(error_of([] { dropout(ones({2}), 1.5); }), "[dropout] the probability must lie between 0 and 1, got 1.5");
  EXPECT_NE(error_of([] { dropout(ones({2}), -0.1); }), "");
  EXPECT_NE(error_of([] { dropout(ones({2}), test::nan); }), "");
  EXPECT_NE(error_of([] { dropout(ones({2}, {int64}), 0.5); }), "");
}

}  // namespace
}  // namespace tenon::functional_dropout_test
