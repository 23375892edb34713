// Losses of orders and distances. What PyTorch answers: answers_test.cpp.
#include <tenon/nn/functional.h>

#include "tensor/check.h"

namespace tenon::ranking_test {
namespace {

namespace F = nn::functional;
using test::error_of;

TEST(RankingLosses, RefuseWhatDoesNotFit) {
  const Tensor x = zeros({3, 4}), v = zeros({3});
  EXPECT_EQ(error_of([&] {
              F::margin_ranking_loss(v, v, zeros({3, 1}));
            }),
            "[margin_ranking_loss] expected tensors of one number of dimensions, got shapes (3,), (3,) and (3, 1)");
  EXPECT_EQ(
      error_of([&] { F::cosine_embedding_loss(x, x, zeros({})); }),
      "[cosine_embedding_loss] expected inputs (N, D) and a target (N), or (D) and (), got (3, 4), (3, 4) and ()");
  EXPECT_NE(error_of([&] { F::cosine_embedding_loss(x, x, zeros({4})); }).find("[cosine_embedding_loss]"),
            std::string::npos);
  EXPECT_NE(error_of([&] { F::hinge_embedding_loss(v, zeros({4})); }).find("[hinge_embedding_loss]"),
            std::string::npos);
  EXPECT_EQ(error_of([&] { F::triplet_margin_loss(x, v, x); }),
            "[triplet_margin_loss] expected tensors of one number of dimensions, got shapes (3, 4), (3,) and (3, 4)");
  EXPECT_EQ(error_of([&] { F::triplet_margin_loss(x, x, x, {.margin = 0}); }),
            "[triplet_margin_loss] expected a margin above 0, got 0");
}

TEST(TripletMarginWithDistanceLoss, TakesADistanceOfOnesOwn) {
  const Tensor a = test::noise({3, 4}), p = test::noise({3, 4}, float32, 2), n = test::noise({3, 4}, float32, 3);
  const Tensor loss = F::triplet_margin_with_distance_loss(
      a, p, n, {.distance_function = [](const Tensor& x, const Tensor& y) { return (x - y).abs().sum({1}); }});
  EXPECT_NEAR(loss.item<float>(), F::triplet_margin_loss(a, p, n, {.p = 1, .eps = 0}).item<float>(), 1e-6);
}

TEST(HingeEmbeddingLoss, OfAnEmptyBatchIsNaNOrNothing) {
  const Tensor none = zeros({0});
  EXPECT_TRUE(std::isnan(F::hinge_embedding_loss(none, none).item<float>()));
  EXPECT_EQ(F::hinge_embedding_loss(none, none, {.reduction = F::Reduction::none}).shape(), Shape{0});
}

}  // namespace
}  // namespace tenon::ranking_test
