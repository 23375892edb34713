// Attention of several heads.
#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "autograd/gradcheck.h"
#include "tensor/check.h"

namespace tenon::nn::attention_layer_test {
namespace {

using test::error_of;
using test::noise;

/// The same call with the weights asked for, which is made of other operations.
void expect_same_with_weights(MultiheadAttention& attention, const Tensor& query, const Tensor& key,
                              const Tensor& value, AttentionCallOptions options) {
  options.need_weights = true;
  const Tensor wanted = attention(query, key, value, options).output;
  options.need_weights = false;
  const AttentionOutput got = attention(query, key, value, options);
  EXPECT_FALSE(got.weights.defined());
  EXPECT_TRUE(got.output.allclose(wanted, 1e-10, 1e-12));
}

TEST(MultiheadAttention, GivesTheSameWithAndWithoutWeightsForEachKindOfMask) {
  const Tensor x = noise({5, 3, 8}, float64, 1), other = noise({5, 3, 8}, float64, 2);
  const Tensor causal = ones({5, 5}, {.dtype = boolean}).triu(1);
  const Tensor added = noise({12, 5, 5}, float64, 3), padding = noise({3, 5}, float64, 4) > 0.7;
  for (const bool extra : {false, true}) {
    MultiheadAttention attention(8, 4, {.add_bias_kv = extra, .add_zero_attn = extra, .dtype = float64});
    for (const AttentionCallOptions& options :
         std::vector<AttentionCallOptions>{{},
                                           {.attn_mask = causal},
                                           {.attn_mask = causal, .is_causal = true},
                                           {.attn_mask = added},
                                           {.key_padding_mask = padding},
                                           {.key_padding_mask = padding, .attn_mask = causal, .is_causal = true},
                                           {.key_padding_mask = padding, .attn_mask = added},
                                           {.key_padding_mask = noise({3, 5}, float64, 5), .attn_mask = causal}}) {
      expect_same_with_weights(attention, x, x, x, options);
      expect_same_with_weights(attention, x, other, other, options);
      expect_same_with_weights(attention, x, other, x, options);
    }
  }
}

TEST(MultiheadAttention, OneTensorAsSeveralIsProjectedAtOnceAndCountsAsSeveral) {
  MultiheadAttention attention(8, 2, {.dtype = float64});
  const Tensor x = noise({4, 3, 8}, float64, 1).requires_grad_();
  const auto gradients = [&](const Tensor& q, const Tensor& k, const Tensor& v) {
    const Tensor y = attention(q, k, v, {.need_weights = false}).output;
    return autograd::grad({y}, {x, attention.in_proj_weight, attention.in_proj_bias},
                          {.grad_outputs = {noise(y.shape(), float64, 2)}});
  };
  const auto apart = gradients(x.view_as(x), x.view_as(x), x.view_as(x));
  for (const auto& together : {gradients(x, x, x), gradients(x.view_as(x), x, x)})
    for (std::size_t i = 0; i < apart.size(); ++i) EXPECT_TRUE(together[i].allclose(apart[i], 1e-10, 1e-12)) << i;
}

TEST(MultiheadAttention, Gradients) {
  MultiheadAttention attention(4, 2, {.batch_first = true, .dtype = float64});
  const Tensor padding = tensor({{false, false, true}, {false, false, false}});
  const auto self = [&](const auto& in) {
    return attention(in[0], in[0], in[0], {.key_padding_mask = padding, .need_weights = false}).output;
  };
  test::gradchecks(self, {test::leaf({2, 3, 4}, 1)});
  const auto cross = [&](const auto& in) { return attention(in[0], in[1], in[1], {.need_weights = false}).output; };
  test::gradchecks(cross, {test::leaf({2, 3, 4}, 1), test::leaf({2, 5, 4}, 2)});
}

TEST(MultiheadAttention, ALearnedMaskHasAGradient) {
  MultiheadAttention attention(4, 2);
  const Tensor x = noise({3, 2, 4}), mask = noise({3, 3}).requires_grad_();
  attention(x, x, x, {.need_weights = false, .attn_mask = mask}).output.pow(2).sum().backward();
  EXPECT_NE(mask.grad().abs().sum().item<float>(), 0);
}

TEST(MultiheadAttention, ItsResultLiesInMemoryAsPyTorchsDoes) {
  const MultiheadAttention attention(4, 2, {.batch_first = true});
  const Tensor x = noise({2, 3, 4});
  EXPECT_EQ(attention(x, x, x, {.need_weights = false}).output.strides(), (Shape{4, 8, 1}));
}

TEST(MultiheadAttention, RefusesWhatDoesNotFit) {
  const MultiheadAttention attention(4, 2);
  const Tensor x = zeros({3, 2, 4});
  const auto refusal = [&](const AttentionCallOptions& options) {
    return error_of([&] { attention(x, x, x, options); });
  };
  EXPECT_NE(refusal({.attn_mask = zeros({3, 2})})
                .find("[MultiheadAttention] expected an attn_mask of shape (3, 3) or (4, 3, 3), got (3, 2)"),
            std::string::npos);
  EXPECT_NE(refusal({.key_padding_mask = zeros({3, 2})})
                .find("[MultiheadAttention] expected a key_padding_mask of shape (2, 3), got (3, 2)"),
            std::string::npos);
  EXPECT_NE(refusal({.attn_mask = zeros({3, 3}, {.dtype = int64})})
                .find("[MultiheadAttention] expected attn_mask of bool or real numbers, got int64"),
            std::string::npos);
  EXPECT_NE(refusal({.is_causal = true}).find("give attn_mask too"), std::string::npos);
}

}  // namespace
}  // namespace tenon::nn::attention_layer_test
