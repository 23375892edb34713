#include <tenon/nn/functional.h>
#include <tenon/nn/layers/attention.h>

#include "autograd/gradcheck.h"

namespace tenon::attention_test {
namespace {

using nn::functional::scaled_dot_product_attention;
using test::element;
using test::error_of;
using test::noise;

/// One element by the definition: softmax over the keys that may be attended to.
double attended(const Tensor& q, const Tensor& k, const Tensor& v, const Shape& at, double scale,
                const std::function<double(int64_t, int64_t)>& added) {
  double top = 0, bottom = 0;
  for (int64_t s = 0; s < k.size(1); ++s) {
    double score = 0;
    for (int64_t e = 0; e < q.size(2); ++e) score += element(q, {at[0], at[1], e}) * element(k, {at[0], s, e});
    const double weight = std::exp(score * scale + added(at[1], s));
    top += weight * element(v, {at[0], s, at[2]});
    bottom += weight;
  }
  return bottom == 0 ? 0 : top / bottom;
}

TEST(Attention, WeighsTheValuesByTheSoftmaxOfTheScores) {
  const Tensor q = noise({2, 3, 4}, float64, 1), k = noise({2, 5, 4}, float64, 2), v = noise({2, 5, 6}, float64, 3);
  test::expect_elements(scaled_dot_product_attention(q, k, v), 1e-12, 1e-12,
                        [&](const Shape& i) { return attended(q, k, v, i, 0.5, [](auto, auto) { return 0; }); });
  test::expect_elements(scaled_dot_product_attention(q, k, v, {.scale = 2.0}), 1e-12, 1e-12,
                        [&](const Shape& i) { return attended(q, k, v, i, 2, [](auto, auto) { return 0; }); });
}

TEST(Attention, MasksByTruthValuesAndByNumbers) {
  const Tensor q = noise({2, 3, 4}, float64, 1), k = noise({2, 5, 4}, float64, 2), v = noise({2, 5, 6}, float64, 3);
  const Tensor scores = noise({3, 5}, float64, 4), allowed = scores > 0;
  test::expect_elements(
      scaled_dot_product_attention(q, k, v, {.attn_mask = scores}), 1e-12, 1e-12, [&](const Shape& i) {
        return attended(q, k, v, i, 0.5, [&](int64_t l, int64_t s) { return element(scores, {l, s}); });
      });
  test::expect_elements(scaled_dot_product_attention(q, k, v, {.attn_mask = allowed}), 1e-12, 1e-12,
                        [&](const Shape& i) {
                          return attended(q, k, v, i, 0.5, [&](int64_t l, int64_t s) {
                            return element(allowed, {l, s}) != 0 ? 0 : -test::infinity;
                          });
                        });
}

TEST(Attention, CausalQueriesSeeNoLaterKeys) {
  const Tensor q = noise({2, 4, 4}, float64, 1), k = noise({2, 4, 4}, float64, 2), v = noise({2, 4, 6}, float64, 3);
  test::expect_elements(scaled_dot_product_attention(q, k, v, {.is_causal = true}), 1e-12, 1e-12, [&](const Shape& i) {
    return attended(q, k, v, i, 0.5, [](int64_t l, int64_t s) { return s <= l ? 0 : -test::infinity; });
  });
}

TEST(Attention, AQueryThatMayAttendToNothingGetsZeros) {
  const Tensor x = noise({1, 2, 3});
  const Tensor y = scaled_dot_product_attention(x, x, x, {.attn_mask = tensor({{true, true}, {false, false}})});
  for (int64_t e = 0; e < 3; ++e) EXPECT_EQ(element(y, {0, 1, e}), 0);
}

TEST(Attention, WhatAttendsToNothingHasGradientsOfZero) {
  const Tensor allowed = tensor({{true, true}, {false, false}});
  const Tensor added = zeros({2, 2}, {float64}).masked_fill(allowed.logical_not(), -test::infinity);
  for (const Tensor& mask : {allowed, added}) {
    const std::vector<Tensor> in{test::leaf({1, 2, 3}, 1), test::leaf({1, 2, 3}, 2), test::leaf({1, 2, 3}, 3)};
    scaled_dot_product_attention(in[0], in[1], in[2], {.attn_mask = mask}).sum().backward();
    for (int64_t e = 0; e < 3; ++e) EXPECT_EQ(element(in[0].grad(), {0, 1, e}), 0);
    for (const Tensor& x : in) EXPECT_TRUE(x.grad().isfinite().all().item<bool>());
    test::gradchecks([&](const auto& v) { return scaled_dot_product_attention(v[0], v[1], v[2], {.attn_mask = mask}); },
                     in);
  }
  const Tensor learned = added.clone().requires_grad_();
  const Tensor x = noise({1, 2, 3}, float64);
  scaled_dot_product_attention(x, x, x, {.attn_mask = learned}).sum().backward();
  EXPECT_TRUE(learned.grad().isfinite().all().item<bool>());
}

TEST(Attention, AMultiheadLayerWithoutWeightsTrainsBesidePaddingOnly) {
  nn::MultiheadAttention attention(4, 2, {.batch_first = true});
  const Tensor x = noise({2, 3, 4}).requires_grad_();
  const Tensor padding = tensor({{false, false, true}, {true, true, true}});  // the second is nothing but padding
  const Tensor y = attention(x, x, x, {.key_padding_mask = padding, .need_weights = false}).output;
  EXPECT_TRUE(y.isfinite().all().item<bool>());
  y.sum().backward();
  EXPECT_TRUE(x.grad().isfinite().all().item<bool>());
  for (const Tensor& p : attention.parameters()) EXPECT_TRUE(p.grad().isfinite().all().item<bool>());
}

TEST(Attention, Gradients) {
  const auto causal = [](const auto& in) {
    return scaled_dot_product_attention(in[0], in[1], in[2], {.is_causal = true});
  };
  test::gradchecks(causal, {test::leaf({2, 3, 4}, 1), test::leaf({2, 3, 4}, 2), test::leaf({2, 3, 2}, 3)});
}

TEST(Attention, RefusesWhatDoesNotFit) {
  const Tensor x = zeros({2, 3, 4});
  EXPECT_NE(error_of([&] { scaled_dot_product_attention(x, zeros({2, 3, 5}), x); }), "");
  EXPECT_NE(error_of([&] { scaled_dot_product_attention(x, x, zeros({2, 2, 4})); }), "");
  EXPECT_NE(error_of([&] {
              scaled_dot_product_attention(x, x, x, {.attn_mask = ones({3, 3}), .is_causal = true});
            }),
            "");
  EXPECT_NE(error_of([&] {
              scaled_dot_product_attention(x, x, x, {.attn_mask = zeros({3, 3}, {.dtype = int64})});
            }),
            "");
}

}  // namespace
}  // namespace tenon::attention_test
