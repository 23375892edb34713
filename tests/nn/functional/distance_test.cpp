// Distances, bilinear forms and draws by Gumbel noise. What PyTorch answers: answers_test.cpp.
#include <tenon/nn/functional.h>
#include <tenon/random.h>

#include "tensor/check.h"

namespace tenon::distance_test {
namespace {

namespace F = nn::functional;
using test::error_of;

TEST(CosineSimilarity, BroadcastsPromotesAndIsZeroOfNothing) {
  const Tensor x = test::noise({3, 4}), y = test::noise({4}, float64, 2);
  EXPECT_EQ(F::cosine_similarity(x, y).dtype(), float64);
  EXPECT_NEAR(F::cosine_similarity(x, x * 3)[0].item<float>(), 1, 1e-6);
  EXPECT_EQ(F::cosine_similarity(zeros({2, 3}), ones({2, 3}))[0].item<float>(), 0.f);
  EXPECT_EQ(F::cosine_similarity(zeros({0, 3}), zeros({0, 3})).shape(), Shape{0});
  for (const Tensor& a : test::layouts(x))
    EXPECT_TRUE(allclose(F::cosine_similarity(a, y.to(float32)), F::cosine_similarity(x, y.to(float32)), 1e-6, 1e-7));
  EXPECT_NE(error_of([&] { F::cosine_similarity(x, ones({3, 2})); }).find("[cosine_similarity]"), std::string::npos);
  EXPECT_NE(error_of([&] { F::cosine_similarity(x, x, 2); }).find("[cosine_similarity]"), std::string::npos);
  EXPECT_EQ(error_of([&] { F::cosine_similarity(x.to(int64), x.to(int64)); }),
            "[cosine_similarity] expected floating-point tensors, got int64 and int64: convert one with to(float32)");
}

TEST(PairwiseDistance, TakesVectorsAndNumbers) {
  EXPECT_NEAR(F::pairwise_distance(tensor({3.f, 0.f}), tensor({0.f, 4.f})).item<float>(), 5, 1e-5);
  EXPECT_NEAR(F::pairwise_distance(full({}, 3.f), full({}, 1.f)).item<float>(), 2, 1e-5);
  EXPECT_NE(error_of([&] {
              F::pairwise_distance(ones({3, 2}), ones({3}));
            }).find("[pairwise_distance]"),
            std::string::npos);
  const Tensor half = test::noise({3, 4}).to(float16);
  EXPECT_EQ(F::pairwise_distance(half, half * 2).dtype(), float16);
}

TEST(BilinearFunction, RefusesWhatDoesNotFit) {
  const Tensor w = ones({5, 2, 4});
  EXPECT_EQ(error_of([&] {
              F::bilinear(ones({3, 2}), ones({3, 3}), w);
            }),
            "[bilinear] expected inputs of shapes (*, 2) and (*, 4) for a weight of shape (5, 2, 4), got (3, 2) and "
            "(3, 3)");
  EXPECT_EQ(error_of([&] {
              F::bilinear(ones({3, 2}), ones({2, 4}), w);
            }),
            "[bilinear] expected inputs (*, in1) and (*, in2), alike but for the last size, got (3, 2) and (2, 4)");
  EXPECT_EQ(error_of([&] {
              F::bilinear(ones({3, 2}), ones({3, 4}), w, ones({4}));
            }),
            "[bilinear] expected a bias of shape (5,), got (4,)");
  EXPECT_EQ(error_of([&] {
              F::bilinear(ones({3, 2}), ones({3, 4}), w[0]);
            }),
            "[bilinear] expected a weight of shape (out, in1, in2), got (2, 4)");
  EXPECT_EQ(F::bilinear(ones({0, 2}), ones({0, 4}), w).shape(), Shape({0, 5}));
  EXPECT_EQ(F::bilinear(ones({3, 2}).to(bfloat16), ones({3, 4}).to(bfloat16), w.to(bfloat16)).dtype(), bfloat16);
}

TEST(GumbelSoftmax, DrawsAsPyTorch) {
  // torch.manual_seed(7); torch.nn.functional.gumbel_softmax(x, tau=0.7, hard=…); gradients of its sum with (1, 2, 3)
  for (const bool hard : {false, true}) {
    const Tensor x = tensor({{1.f, 2.f, 3.f}, {0.f, -1.f, 0.5f}}).requires_grad_();
    manual_seed(7);
    const Tensor y = F::gumbel_softmax(x, {.tau = 0.7, .hard = hard});
    if (hard) test::expect_values(y, {2, 3}, {0, 1, 0, 1, 0, 0}, 0, 1e-6);
    else
      test::expect_values(y, {2, 3}, {0.150338531, 0.649466455, 0.200195074, 0.495792329, 0.034171451, 0.470036238},
                          1e-5);
    (y * tensor({1.f, 2.f, 3.f})).sum().backward();
    test::expect_values(x.grad(), {2, 3},
                        {-0.225477010, -0.046257474, 0.271734327, -0.690032363, 0.001257320, 0.688775063}, 1e-4, 1e-6);
  }
  EXPECT_EQ(error_of([] { F::gumbel_softmax(arange(3)); }),
            "[gumbel_softmax] expected floating-point logits, got int64");
}

}  // namespace
}  // namespace tenon::distance_test
