#include <tenon/nn/functional.h>
#include <tenon/nn/layers/attention.h>
#include <tenon/random.h>

#include "autograd/gradcheck.h"
#include "ops/fused.h"

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

/// The result, and the gradients by query, key and value.
std::vector<Tensor> with_gradients(const std::vector<Tensor>& in, const nn::functional::AttentionOptions& options) {
  const Tensor y = scaled_dot_product_attention(in[0], in[1], in[2], options);
  std::vector<Tensor> all{y.detach()};
  for (const Tensor& g : autograd::grad({y}, in, {.grad_outputs = {noise(y.shape(), y.dtype(), 9)}})) all.push_back(g);
  return all;
}
std::vector<Tensor> leaves(const Shape& query, const Shape& key, const Shape& value, DType dtype) {
  return {noise(query, dtype, 1).requires_grad_(), noise(key, dtype, 2).requires_grad_(),
          noise(value, dtype, 3).requires_grad_()};
}

TEST(Attention, TakesMasksOfEveryShapeThatBroadcasts) {
  const auto in = leaves({2, 3, 20, 4}, {2, 3, 33, 4}, {2, 3, 33, 4}, float64);
  for (const Shape& shape : std::vector<Shape>{{},
                                               {1},
                                               {33},
                                               {20, 1},
                                               {1, 33},
                                               {20, 33},
                                               {3, 1, 33},
                                               {3, 20, 33},
                                               {3, 1, 1},
                                               {2, 1, 1, 33},
                                               {1, 3, 20, 1},
                                               {2, 1, 20, 33},
                                               {2, 3, 20, 33}})
    for (const Tensor& numbers : test::layouts(noise(shape, float64, 4)))
      for (const Tensor& mask : {numbers, numbers > -0.3}) {
        const auto got = with_gradients(in, {.attn_mask = mask});
        const ComposedOnly guard;
        const auto wanted = with_gradients(in, {.attn_mask = mask});
        for (std::size_t i = 0; i < got.size(); ++i)
          EXPECT_TRUE(got[i].allclose(wanted[i], 1e-10, 1e-12)) << shape.to_string() << ' ' << i;
      }
}

TEST(Attention, ManyKeysAndQueriesAreTakenInBlocksWithTheSameResult) {
  for (const auto& [queries, keys] : std::vector<std::pair<int64_t, int64_t>>{
           {1, 5000}, {16, 4097}, {17, 513}, {127, 512}, {129, 511}, {300, 1030}, {1030, 40}}) {
    const auto in = leaves({2, queries, 5}, {2, keys, 5}, {2, keys, 3}, float64);
    for (const bool causal : {false, true}) {
      const auto got = with_gradients(in, {.is_causal = causal});
      const ComposedOnly guard;
      const auto wanted = with_gradients(in, {.is_causal = causal});
      for (std::size_t i = 0; i < got.size(); ++i)
        EXPECT_TRUE(got[i].allclose(wanted[i], 1e-9, 1e-11)) << queries << ' ' << keys << ' ' << causal << ' ' << i;
    }
  }
}

TEST(AttentionParallel, TheSameBitsForAnyNumberOfThreads) {
  const int before = num_threads();
  const Tensor mask = noise({300, 700}, float32, 5) > -0.5;
  for (const nn::functional::AttentionOptions& options : std::vector<nn::functional::AttentionOptions>{
           {}, {.is_causal = true}, {.attn_mask = mask}, {.is_causal = true, .enable_gqa = true}})
    for (const int64_t heads : {2, 4, 12}) {  // of 2 and 4 some threads would have none
      const auto in = leaves({1, heads, 300, 16}, {1, options.enable_gqa ? heads / 2 : heads, 700, 16},
                             {1, options.enable_gqa ? heads / 2 : heads, 700, 16}, float32);
      std::vector<Tensor> first;
      for (const int threads : {1, 2, 3}) {
        set_num_threads(threads);
        const auto all = with_gradients(in, options);
        if (first.empty()) first = all;
        for (std::size_t i = 0; i < all.size(); ++i)
          EXPECT_TRUE(test::identical(all[i], first[i])) << threads << ' ' << heads << ' ' << i;
      }
    }
  set_num_threads(before);
}

TEST(Attention, OnlyWhatSeesAnInfiniteOrMissingScoreIsLost) {
  const Tensor q = noise({3, 4}, float64, 1), k = noise({5, 4}, float64, 2), v = noise({5, 4}, float64, 3);
  const Tensor wanted = scaled_dot_product_attention(q, k, v);
  for (const double wrong : {test::nan, test::infinity}) {
    const Tensor lost = q.clone();
    lost[1].fill_(wrong);
    const Tensor y = scaled_dot_product_attention(lost, k, v);
    EXPECT_TRUE(y[1].isnan().all().item<bool>());
    EXPECT_TRUE(y[0].allclose(wanted[0]) && y[2].allclose(wanted[2]));
    const Tensor hidden = k.clone();
    hidden[4].fill_(wrong);
    const Tensor allowed = tensor({{true, true, true, true, false}});
    EXPECT_TRUE(scaled_dot_product_attention(q, hidden, v, {.attn_mask = allowed})
                    .allclose(scaled_dot_product_attention(q, k, v, {.attn_mask = allowed})));
  }
}

TEST(Attention, DropsWeightsWherePyTorchDoes) {
  manual_seed(3);  // x = torch.sin(torch.arange(12.) * 0.7).view(1, 2, 3, 2); (x, x, x, dropout_p=0.4)
  const Tensor x = (arange(12.0) * 0.7).sin().reshape({1, 2, 3, 2});
  test::expect_values(scaled_dot_product_attention(x, x, x, {.dropout_p = 0.4}), {1, 2, 3, 2},
                      {0.6621919, 0.9718443, 0.0, 0.2711811, 0.7644781, 0.5540509, -0.2252409, 0.1146355, -0.9928149,
                       -0.6643231, 0.4429705, 1.034762},
                      1e-5, 1e-6);
  test::expect_values(tenon::rand({1}), {1}, {0.3686}, 0, 1e-4);
}

TEST(Attention, GroupedQueriesShareKeysAsInPyTorch) {
  const auto wave = [](const Shape& shape) {
    return (arange(static_cast<double>(shape.numel())) * 0.7).sin().reshape(shape);
  };  // (wave(4, 2, 2), wave(2, 3, 2), wave(2, 3, 2) * 2, enable_gqa=True)
  test::expect_values(
      scaled_dot_product_attention(wave({4, 2, 2}), wave({2, 3, 2}), wave({2, 3, 2}) * 2, {.enable_gqa = true}),
      {4, 2, 2},
      {0.9500087, 1.003509, 1.247043, 1.193869, 0.9173737, 0.6648611, 0.6501649, 0.3095515, -0.9111788, -0.3757423,
       0.5315647, 1.241714, 0.2493373, 0.9170451, -1.245911, -0.9150392},
      1e-5, 1e-6);
}

TEST(Attention, ItsResultLiesInMemoryAsPyTorchsDoes) {
  const Tensor x = noise({2, 5, 3, 8}).transpose(1, 2), v = noise({2, 3, 5, 4});
  EXPECT_EQ(scaled_dot_product_attention(x, x, x).strides(), x.strides());
  EXPECT_EQ(scaled_dot_product_attention(x[0], x[0], x[0]).strides(), (Shape{8, 24, 1}));
  EXPECT_EQ(scaled_dot_product_attention(x, x, v).strides(), (Shape{60, 20, 4, 1}));
}

TEST(Attention, HalfTypesAreComputedInFloatAndRoundedOnce) {
  for (const DType type : {float16, bfloat16}) {
    const Tensor q = noise({2, 5, 4}, type, 1), k = noise({2, 7, 4}, type, 2), v = noise({2, 7, 4}, type, 3);
    const Tensor mask = noise({5, 7}, type, 4);
    const auto wide = [](const Tensor& x) { return x.to(float32); };
    EXPECT_TRUE(
        test::identical(scaled_dot_product_attention(q, k, v, {.attn_mask = mask}),
                        scaled_dot_product_attention(wide(q), wide(k), wide(v), {.attn_mask = wide(mask)}).to(type)));
  }
}

TEST(Attention, HasAShapeOnTheMetaDevice) {
  const Tensor q = empty({2, 3, 5, 4}, {.device = kMeta}).requires_grad_(), k = empty({2, 3, 7, 4}, {.device = kMeta}),
               v = empty({2, 3, 7, 6}, {.device = kMeta});
  const Tensor y = scaled_dot_product_attention(q, k, v, {.attn_mask = empty({5, 7}, {.device = kMeta})});
  EXPECT_EQ(y.shape(), (Shape{2, 3, 5, 6}));
  y.sum().backward();
  EXPECT_EQ(q.grad().shape(), q.shape());
}

TEST(Attention, WhatItKeepsMustNotBeChanged) {
  const auto in = leaves({5, 4}, {7, 4}, {7, 4}, float32);
  const Tensor mask = zeros({5, 7}), y = scaled_dot_product_attention(in[0], in[1], in[2], {.attn_mask = mask});
  mask.fill_(1);
  EXPECT_NE(error_of([&] { y.sum().backward(); }), "");
}

TEST(Attention, Gradients) {
  const auto causal = [](const auto& in) {
    return scaled_dot_product_attention(in[0], in[1], in[2], {.is_causal = true});
  };
  test::gradchecks(causal, {test::leaf({2, 3, 4}, 1), test::leaf({2, 3, 4}, 2), test::leaf({2, 3, 2}, 3)});
}

TEST(Attention, SecondDerivativesOfMasksAndGroups) {
  const Tensor allowed = noise({3, 5}, float64, 7) > 0;
  const auto masked = [&](const auto& in) {
    return scaled_dot_product_attention(in[0], in[1], in[2], {.attn_mask = allowed, .scale = 0.7});
  };
  test::gradchecks(masked, {test::leaf({2, 3, 4}, 1), test::leaf({2, 5, 4}, 2), test::leaf({1, 5, 2}, 3)});
  const auto grouped = [](const auto& in) {
    return scaled_dot_product_attention(in[0], in[1], in[2], {.enable_gqa = true});
  };
  test::gradchecks(grouped, {test::leaf({4, 3, 2}, 1), test::leaf({2, 3, 2}, 2), test::leaf({2, 3, 3}, 3)});
  const auto by_mask = [](const auto& in) {
    return scaled_dot_product_attention(in[0], in[1], in[1], {.attn_mask = in[2]});
  };
  test::gradchecks(by_mask, {test::leaf({2, 3, 2}, 1), test::leaf({2, 3, 2}, 2), test::leaf({3, 3}, 3)});
}

TEST(Attention, RefusesWhatDoesNotFit) {
  const Tensor x = zeros({2, 3, 4});
  const auto refusal = [](const Tensor& q, const Tensor& k, const Tensor& v,
                          const nn::functional::AttentionOptions& options = {}) {
    return error_of([&] { scaled_dot_product_attention(q, k, v, options); });
  };
  const std::string shapes =
      "[scaled_dot_product_attention] expected query (*, L, E), key (*, S, E), value (*, S, V), got ";
  EXPECT_EQ(refusal(x, zeros({2, 3, 5}), x), shapes + "(2, 3, 4), (2, 3, 5), (2, 3, 4)");
  EXPECT_EQ(refusal(x, x, zeros({2, 2, 4})), shapes + "(2, 3, 4), (2, 3, 4), (2, 2, 4)");
  EXPECT_EQ(refusal(x, x, zeros({3})), shapes + "(2, 3, 4), (2, 3, 4), (3,)");
  EXPECT_EQ(refusal(x, x, x.to(float64)),
            "[scaled_dot_product_attention] expected one data type, got float32, float32, float64");
  EXPECT_EQ(refusal(x.to(int64), x.to(int64), x.to(int64)),
            "[scaled_dot_product_attention] expected floating-point tensors, got int64");
  EXPECT_EQ(refusal(x, x, x, {.attn_mask = ones({3, 3}), .is_causal = true}),
            "[scaled_dot_product_attention] expected either attn_mask or is_causal, got both");
  EXPECT_EQ(refusal(x, x, x, {.attn_mask = zeros({3, 3}, {.dtype = int64})}),
            "[scaled_dot_product_attention] expected an attn_mask of bool or float32, got int64");
  EXPECT_EQ(refusal(x, x, x, {.attn_mask = zeros({3, 2})}),
            "[scaled_dot_product_attention] expected an attn_mask that broadcasts to (2, 3, 3), got (3, 2)");
  EXPECT_EQ(refusal(x, zeros({3, 3, 4}), x),
            "[scaled_dot_product_attention] shapes (2,) and (3,) do not broadcast: sizes 2 and 3 meet in dimension 0");
  EXPECT_EQ(refusal(zeros({3, 4}), zeros({3, 4}), zeros({3, 4}), {.enable_gqa = true}),
            "[scaled_dot_product_attention] expected tensors (*, heads, length, features) with enable_gqa, got (3, 4)");
  EXPECT_EQ(
      refusal(zeros({3, 5, 4}), x, x, {.enable_gqa = true}),
      "[scaled_dot_product_attention] expected numbers of heads that divide the query's 3, got 2 of keys and 2 of "
      "values");
}

}  // namespace
}  // namespace tenon::attention_test
