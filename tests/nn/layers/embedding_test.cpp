// Embedding and EmbeddingBag. Against PyTorch's answers: tests/parity/modules/embedding.cpp.
#include <tenon/nn.h>

#include "tensor/check.h"

namespace tenon::nn::layers_embedding_test {
namespace {

using test::error_of;

TEST(Embedding, StartsAsPyTorchsWithZerosForThePadding) {
  manual_seed(7);  // torch.manual_seed(7); torch.nn.Embedding(3, 2, padding_idx=1).weight
  Embedding e(3, 2, {.padding_idx = -2});
  test::expect_values(e.weight, {3, 2}, {-0.146795094, 0.786141276, 0, 0, 1.690790176, -0.894827902}, 1e-6);
  EXPECT_EQ(e.padding_idx, 1);
  EXPECT_EQ(e.named_parameters()[0].name, "weight");
  e(tensor<int64_t>({0, 1, 1})).sum().backward();
  test::expect_values(e.weight.grad(), {3, 2}, {1, 1, 0, 0, 0, 0});
}

TEST(Embedding, PrintsAsPyTorch) {
  EXPECT_EQ(Embedding(4, 3).to_string(), "Embedding(4, 3)");
  EXPECT_EQ(
      Embedding(4, 3, {.padding_idx = -1, .max_norm = 1.5, .norm_type = 1, .scale_grad_by_freq = true, .sparse = true})
          .to_string(),
      "Embedding(4, 3, padding_idx=3, max_norm=1.5, norm_type=1.0, scale_grad_by_freq=True, sparse=True)");
  EXPECT_EQ(EmbeddingBag(4, 3).to_string(), "EmbeddingBag(4, 3, mode='mean')");
  EXPECT_EQ(EmbeddingBag(4, 3,
                         {.max_norm = 1.5,
                          .norm_type = 1,
                          .scale_grad_by_freq = true,
                          .mode = functional::BagMode::sum,
                          .padding_idx = 0})
                .to_string(),
            "EmbeddingBag(4, 3, max_norm=1.5, norm_type=1.0, scale_grad_by_freq=True, mode='sum', padding_idx=0)");
}

TEST(Embedding, FromPretrainedSharesTheRowsAndIsFrozen) {
  const Tensor rows = test::noise({4, 3});
  Embedding e = Embedding::from_pretrained(rows, {.padding_idx = 1});
  EXPECT_TRUE(e.weight.shares_storage_with(rows));
  EXPECT_FALSE(e.weight.requires_grad());
  EXPECT_TRUE(equal(e(tensor<int64_t>({1}))[0], rows[1]));
  EXPECT_TRUE(Embedding::from_pretrained(rows, {.freeze = false}).weight.requires_grad());
  EmbeddingBag bag = EmbeddingBag::from_pretrained(rows);
  EXPECT_FALSE(bag.weight.requires_grad());
  EXPECT_TRUE(allclose(bag(tensor<int64_t>({{1, 0}}))[0], (rows[0] + rows[1]) / 2, 1e-6, 1e-7));
  EXPECT_EQ(error_of([&] { Embedding::from_pretrained(rows[0]); }),
            "[Embedding] expected embeddings of shape (num_embeddings, embedding_dim), got (3,)");
}

TEST(Embedding, RefusesSizesAndPaddingsThatCannotBe) {
  EXPECT_EQ(error_of([] { Embedding(-1, 3); }),
            "[Embedding] expected sizes of 0 or more, got num_embeddings=-1, embedding_dim=3");
  EXPECT_EQ(error_of([] { Embedding(4, 3, {.padding_idx = 4}); }),
            "[Embedding] expected a padding_idx within num_embeddings=4, got 4");
  EXPECT_EQ(error_of([] { EmbeddingBag(4, 3, {.padding_idx = -5}); }),
            "[EmbeddingBag] expected a padding_idx within num_embeddings=4, got -5");
}

TEST(EmbeddingBag, TakesOffsetsAndWeightsOfSamples) {
  EmbeddingBag bag(4, 3, {.mode = functional::BagMode::sum, .dtype = float64});
  const Tensor y = bag(tensor<int64_t>({1, 2, 3}), tensor<int64_t>({0, 2}), tensor({2.0, 3.0, 4.0}, {float64}));
  EXPECT_TRUE(allclose(y[0], bag.weight[1] * 2 + bag.weight[2] * 3));
  EXPECT_TRUE(allclose(y[1], bag.weight[3] * 4));
}

TEST(Bilinear, StartsAsPyTorchs) {
  manual_seed(7);  // torch.manual_seed(7); torch.nn.Bilinear(2, 3, 1)
  Bilinear b(2, 3, 1);
  test::expect_values(b.weight, {1, 2, 3},
                      {0.049387928, -0.425956607, 0.225159332, 0.221876353, -0.377932221, -0.105979174}, 1e-6);
  test::expect_values(b.bias, {1}, {-0.414242893}, 1e-6);
  EXPECT_EQ(b.to_string(), "Bilinear(in1_features=2, in2_features=3, out_features=1, bias=True)");
  EXPECT_FALSE(Bilinear(2, 3, 1, {.bias = false}).bias.defined());
  EXPECT_EQ(error_of([] { Bilinear(0, 3, 1); }),
            "[Bilinear] expected in1_features above 0 and other sizes of 0 or more, got 0, 3 and 1");
}

}  // namespace
}  // namespace tenon::nn::layers_embedding_test
