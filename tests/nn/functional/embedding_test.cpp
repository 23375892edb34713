// Embeddings, bags of them, and one-hot vectors. What PyTorch answers: answers_test.cpp.
#include <tenon/device.h>
#include <tenon/nn/functional.h>

#include "tensor/check.h"

namespace tenon::functional_embedding_test {
namespace {

namespace F = nn::functional;
using test::error_of;

TEST(Embedding, TakesAnyShapeAndLayout) {
  const Tensor index = tensor<int64_t>({{3, 0, 2}, {1, 1, 3}});
  for (const Tensor& w : test::layouts(test::noise({4, 5}))) {
    const Tensor y = F::embedding(index, w);
    EXPECT_EQ(y.shape(), Shape({2, 3, 5}));
    EXPECT_TRUE(equal(y[1][2], w[3]));
    EXPECT_TRUE(equal(F::embedding(index.t().to(int32), w), y.transpose(0, 1)));
  }
  EXPECT_EQ(F::embedding(zeros({0, 2}, {int64}), ones({4, 5})).shape(), Shape({0, 2, 5}));
  EXPECT_EQ(F::embedding(zeros({}, {int64}), ones({4, 5})).shape(), Shape{5});
}

TEST(Embedding, MaxNormScalesTheRowsThatAreReadInPlace) {
  // w = tensor([[3., 4], [6, 8], [0.3, 0.4]]); torch.nn.functional.embedding(tensor([1, 1, 2]), w, max_norm=5)
  const Tensor w = tensor({{30.f, 40.f}, {6.f, 8.f}, {0.3f, 0.4f}}).requires_grad_();
  const Tensor y = F::embedding(tensor<int64_t>({1, 1, 2}), w, {.max_norm = 5});
  test::expect_values(w, {3, 2}, {30, 40, 3, 4, 0.3, 0.4}, 1e-6);
  test::expect_values(y, {3, 2}, {3, 4, 3, 4, 0.3, 0.4}, 1e-6);
  EXPECT_TRUE(w.is_leaf());
}

TEST(Embedding, ATableThatIsReadTwiceAndScaledInBetweenHasGradients) {
  const Tensor w = (ones({3, 2}) * 4).requires_grad_(), index = tensor<int64_t>({{0, 1}});
  const Tensor loss = F::embedding(index, w, {.max_norm = 3}).sum() +
                      F::embedding_bag(index, w, {.max_norm = 2}).sum() +
                      F::embedding_bag(index, w, {.max_norm = 1, .mode = F::BagMode::max}).sum();
  loss.backward();
  test::expect_values(w.grad(), {3, 2}, {2.5, 2.5, 1.5, 1.5, 0, 0});
}

TEST(EmbeddingParallel, BitsOfTheGradientDoNotDependOnTheNumberOfThreads) {
  const Tensor w = test::noise({50, 33}).requires_grad_(), g = test::noise({5000, 33}, float32, 2);
  const Tensor index = arange(5000) * 7 % 50;
  const int before = num_threads();
  std::vector<Tensor> all;
  for (const int threads : {1, 3}) {
    set_num_threads(threads);
    for (const bool bags : {false, true}) {
      w.set_grad({});
      if (bags)
        F::embedding_bag(index.reshape({500, 10}), w, {.mode = F::BagMode::sum}).backward(g.slice(0, Slice(0, 500)));
      else F::embedding(index, w).backward(g);
      all.push_back(w.grad());
    }
  }
  set_num_threads(before);
  EXPECT_TRUE(test::identical(all[0], all[2]));
  EXPECT_TRUE(test::identical(all[1], all[3]));
}

TEST(Embedding, RefusesWhatDoesNotFit) {
  const Tensor w = ones({9, 4});
  EXPECT_EQ(error_of([&] {
              F::embedding(tensor<int64_t>({1, 9}), w);
            }),
            "[embedding] index 9 is out of range: the weight has 9 rows");
  EXPECT_EQ(error_of([&] { F::embedding(tensor<int64_t>({-1}), w); }),
            "[embedding] index -1 is out of range: the weight has 9 rows");
  EXPECT_EQ(error_of([&] { F::embedding(ones({2}), w); }),
            "[embedding] expected indices of type int64, got float32: convert with to(int64)");
  EXPECT_EQ(error_of([&] { F::embedding(tensor<int64_t>({1}), w[0]); }),
            "[embedding] expected a weight of shape (rows, D), got (4,)");
  EXPECT_EQ(error_of([&] { F::embedding(tensor<int64_t>({1}), w, {.padding_idx = 9}); }),
            "[embedding] expected a padding_idx between -9 and 8, as the weight has 9 rows, got 9");
}

TEST(EmbeddingBag, EmptyBagsAreZerosAndWhatFollowsTheLastOffsetCountsForNothing) {
  const Tensor w = test::noise({4, 3}).requires_grad_(), index = tensor<int64_t>({1, 2, 3});
  for (const F::BagMode mode : {F::BagMode::sum, F::BagMode::mean, F::BagMode::max}) {
    const Tensor y =
        F::embedding_bag(index, w, {.offsets = tensor<int64_t>({0, 0, 2}), .mode = mode, .include_last_offset = true});
    ASSERT_EQ(y.shape(), Shape({2, 3}));
    EXPECT_TRUE((y[0] == 0).all().item<bool>());
    w.set_grad({});
    y.sum().backward();
    EXPECT_TRUE((w.grad()[3] == 0).all().item<bool>());
    EXPECT_FALSE((w.grad()[1] == 0).all().item<bool>());
    const Tensor none = F::embedding_bag(index, w, {.offsets = zeros({0}, {int64}), .mode = mode});
    EXPECT_EQ(none.shape(), Shape({0, 3}));
    none.sum().backward();
    EXPECT_EQ(F::embedding_bag(zeros({3, 0}, {int64}), w, {.mode = mode}).sum().item<float>(), 0.f);
    EXPECT_EQ(F::embedding_bag(empty({3, 2}, {.dtype = int64, .device = kMeta}), empty({4, 5}, {.device = kMeta}),
                               {.mode = mode})
                  .shape(),
              Shape({3, 5}));
  }
}

TEST(EmbeddingBag, APaddingOfInfinitiesDoesNotCount) {
  const Tensor w = tensor({{1.f, 2.f}, {static_cast<float>(test::infinity), 0.f}});
  for (const F::BagMode mode : {F::BagMode::sum, F::BagMode::mean, F::BagMode::max})
    test::expect_values(F::embedding_bag(tensor<int64_t>({{1, 0}}), w, {.mode = mode, .padding_idx = 1}), {1, 2},
                        {1, 2});
}

TEST(EmbeddingBag, RefusesWhatDoesNotFit) {
  const Tensor w = ones({9, 4}), index = tensor<int64_t>({1, 2});
  const auto error = [&](const Tensor& input, const F::EmbeddingBagOptions& o) {
    return error_of([&] { F::embedding_bag(input, w, o); });
  };
  EXPECT_EQ(error(index, {.offsets = tensor<int64_t>({1})}),
            "[embedding_bag] expected the first offset to be 0, got 1");
  EXPECT_EQ(error(index, {.offsets = tensor<int64_t>({0, 3})}),
            "[embedding_bag] expected offsets in ascending order and at most 2, the input's length; got 3 after 0");
  EXPECT_EQ(error(index, {.offsets = tensor<int64_t>({0, 2, 1})}),
            "[embedding_bag] expected offsets in ascending order and at most 2, the input's length; got 1 after 2");
  EXPECT_EQ(error(index, {}), "[embedding_bag] expected offsets for an input of one dimension");
  EXPECT_EQ(error(index, {.offsets = zeros({0}, {int64}), .include_last_offset = true}),
            "[embedding_bag] expected one offset or more with include_last_offset, got none");
  EXPECT_EQ(error(index.reshape({1, 2}), {.offsets = tensor<int64_t>({0})}),
            "[embedding_bag] expected no offsets for an input of two dimensions, whose rows are the bags");
  EXPECT_EQ(error(tensor<int64_t>({{9}}), {}), "[embedding_bag] index 9 is out of range: the weight has 9 rows");
  EXPECT_EQ(error(zeros({}, {int64}), {}), "[embedding_bag] expected an input of one or two dimensions, got ()");
  EXPECT_EQ(error(index.reshape({1, 2}), {.scale_grad_by_freq = true, .mode = F::BagMode::max}),
            "[embedding_bag] the largest elements of a bag have neither scale_grad_by_freq nor sparse");
  EXPECT_EQ(error(index.reshape({1, 2}), {.per_sample_weights = ones({1, 2})}),
            "[embedding_bag] per_sample_weights go with BagMode::sum only");
  EXPECT_EQ(error(index.reshape({1, 2}), {.mode = F::BagMode::sum, .per_sample_weights = ones({2})}),
            "[embedding_bag] expected per_sample_weights of the input's shape (1, 2), got (2,)");
  EXPECT_EQ(error(index.reshape({1, 2}), {.mode = F::BagMode::sum, .per_sample_weights = ones({1, 2}, {float64})}),
            "[embedding_bag] expected per_sample_weights of the weight's type float32, got float64");
}

TEST(OneHot, HasOnesAndZeros) {
  test::expect_values(F::one_hot(tensor<int64_t>({2, 0})), {2, 3}, {0, 0, 1, 1, 0, 0});
  EXPECT_EQ(F::one_hot(tensor<int64_t>({{1, 2}}), 4).shape(), Shape({1, 2, 4}));
  EXPECT_EQ(F::one_hot(zeros({0}, {int64}), 3).shape(), Shape({0, 3}));
  EXPECT_EQ(error_of([] {
              F::one_hot(tensor<int64_t>({1, -1}));
            }),
            "[one_hot] class -1 is out of range: there are 2 classes");
  EXPECT_EQ(error_of([] {
              F::one_hot(tensor<int64_t>({1, 2}), 2);
            }),
            "[one_hot] class 2 is out of range: there are 2 classes");
  EXPECT_EQ(error_of([] { F::one_hot(zeros({0}, {int64})); }),
            "[one_hot] expected num_classes, as an empty tensor tells none");
  EXPECT_EQ(error_of([] { F::one_hot(tensor({1.f})); }),
            "[one_hot] expected class indices of type int64, got float32: convert with to(int64)");
  EXPECT_EQ(error_of([] { F::one_hot(zeros({0}, {int64}), 0); }), "[one_hot] expected one class or more, got 0");
}

}  // namespace
}  // namespace tenon::functional_embedding_test
