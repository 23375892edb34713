#include <tenon/nn/layers/attention.h>

#include <cmath>
#include <limits>

#include <tenon/nn/functional/attention.h>
#include <tenon/nn/functional/dropout.h>
#include <tenon/nn/functional/linear.h>
#include <tenon/nn/init.h>
#include <tenon/nn/layers/linear.h>
#include <tenon/ops.h>

#include "nn/extra_repr.h"
#include "nn/layers/factory.h"

namespace tenon::nn {
namespace {

constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

/// A mask as numbers that are added to the scores: −∞ where a bool mask is true.
Tensor as_scores(const Tensor& mask, DType dtype, const char* what) {
  if (!mask.defined()) return mask;
  if (mask.dtype() == boolean)
    return zeros(mask.shape(), {.dtype = dtype, .device = mask.device()}).masked_fill(mask, minus_infinity);
  if (!is_floating_point(mask.dtype()))
    fail("MultiheadAttention", "expected a {} of bool or real numbers, got {}", what, mask.dtype());
  return mask.to(dtype);
}

/// attn_mask as numbers, (1, L, S) or `each`, which is (N·num_heads, L, S); undefined where there is none.
Tensor attn_mask_scores(const Tensor& given, const Shape& each, DType dtype) {
  Tensor mask = as_scores(given, dtype, "attn_mask");
  if (mask.defined() && mask.dim() == 2) mask = mask.unsqueeze(0);
  if (mask.defined() && mask.shape() != each && mask.shape() != Shape{1, each[1], each[2]})
    fail("MultiheadAttention", "expected an attn_mask of shape ({}, {}) or {}, got {}", each[1], each[2],
         each.to_string(), given.shape().to_string());
  return mask;
}

/// key_padding_mask as numbers, `expected` = (N, S); undefined where there is none.
Tensor padding_scores(const Tensor& given, const Shape& expected, DType dtype) {
  const Tensor padding = as_scores(given, dtype, "key_padding_mask");
  if (padding.defined() && padding.shape() != expected)
    fail("MultiheadAttention", "expected a key_padding_mask of shape {}, got {}", expected.to_string(),
         padding.shape().to_string());
  return padding;
}

/// The mask with padding (N, S) added for each head: (N·num_heads, L or 1, S).
Tensor with_padding(const Tensor& mask, const Tensor& padding, int64_t num_heads) {
  if (!padding.defined()) return mask;
  const int64_t batch = padding.size(0), sources = padding.size(1);
  const Tensor by_head = padding.reshape({batch, 1, 1, sources})
                             .expand({batch, num_heads, 1, sources})
                             .reshape({batch * num_heads, 1, sources});
  return mask.defined() ? mask + by_head : by_head;
}

/// A column of zeros more: for a key that nothing forbids.
Tensor one_more(const Tensor& mask) {
  if (!mask.defined()) return mask;
  Shape column = mask.shape();
  column.back() = 1;
  return cat({mask, zeros(column, {.dtype = mask.dtype(), .device = mask.device()})}, -1);
}

}  // namespace

NonDynamicallyQuantizableLinear::NonDynamicallyQuantizableLinear(int64_t in, int64_t out, bool with_bias,
                                                                 const TensorOptions& options)
    : in_features(in), out_features(out) {
  // The bias is drawn, too, although attention then starts it from zero: PyTorch draws it.
  const Linear as_drawn(in, out, {.bias = with_bias, .dtype = options.dtype, .device = options.device});
  weight = as_drawn.weight;
  bias = as_drawn.bias;
}

std::string NonDynamicallyQuantizableLinear::extra_repr() const {
  return extra_repr_of({{"in_features", in_features}, {"out_features", out_features}, {"bias", bias.defined()}});
}

Tensor NonDynamicallyQuantizableLinear::forward(const Tensor& x) const { return functional::linear(x, weight, bias); }

MultiheadAttention::MultiheadAttention(int64_t embed, int64_t heads, const MultiheadAttentionOptions& o)
    : embed_dim(embed),
      num_heads(heads),
      dropout(o.dropout),
      batch_first(o.batch_first),
      add_zero_attn(o.add_zero_attn),
      out_proj(embed, embed, o.bias, factory(o)) {
  if (embed <= 0 || heads <= 0)
    fail("MultiheadAttention", "expected sizes above 0, got embed_dim={}, num_heads={}", embed, heads);
  if (embed % heads != 0)
    fail("MultiheadAttention", "expected embed_dim to be a multiple of num_heads, got {} and {}", embed, heads);
  if (!(dropout >= 0 && dropout <= 1))
    fail("MultiheadAttention", "expected a dropout between 0 and 1, got {}", dropout);
  const TensorOptions options = factory(o);
  const int64_t kdim = o.kdim.value_or(embed), vdim = o.vdim.value_or(embed);
  const auto drawn = [&](const Shape& shape) {
    Parameter p(empty(shape, options));
    init::xavier_uniform_(p);
    return p;
  };
  if (kdim == embed && vdim == embed) {
    in_proj_weight = drawn({3 * embed, embed});
  } else {
    q_proj_weight = drawn({embed, embed});
    k_proj_weight = drawn({embed, kdim});
    v_proj_weight = drawn({embed, vdim});
  }
  if (o.bias) {
    in_proj_bias = Parameter(zeros({3 * embed}, options));
    init::zeros_(out_proj.bias);
  }
  if (!o.add_bias_kv) return;
  for (Parameter* p : {&bias_k, &bias_v}) {
    *p = Parameter(empty({1, 1, embed}, options));
    init::xavier_normal_(*p);
  }
}

MultiheadAttention::Projected MultiheadAttention::project(const Tensor& query, const Tensor& key,
                                                          const Tensor& value) const {
  const auto part = [&](const Tensor& packed, int64_t i) {
    return packed.defined() ? packed.narrow(0, i * embed_dim, embed_dim) : packed;
  };
  const auto weight = [&](const Parameter& own, int64_t i) {
    return own.defined() ? Tensor(own) : part(in_proj_weight, i);
  };
  return {functional::linear(query, weight(q_proj_weight, 0), part(in_proj_bias, 0)),
          functional::linear(key, weight(k_proj_weight, 1), part(in_proj_bias, 1)),
          functional::linear(value, weight(v_proj_weight, 2), part(in_proj_bias, 2))};
}

AttentionOutput MultiheadAttention::attend(const Tensor& query, const Tensor& key, const Tensor& value,
                                           const AttentionCallOptions& o) const {
  const int64_t targets = query.size(0), batch = query.size(1), head_dim = embed_dim / num_heads;
  Tensor mask = attn_mask_scores(o.attn_mask, {batch * num_heads, targets, key.size(0)}, query.dtype());
  Tensor padding = padding_scores(o.key_padding_mask, {batch, key.size(0)}, query.dtype());

  auto [q, k, v] = project(query, key, value);  // (L, N, E), (S, N, E)
  if (bias_k.defined()) {
    k = cat({k, bias_k.expand({1, batch, embed_dim})});
    v = cat({v, bias_v.expand({1, batch, embed_dim})});
    mask = one_more(mask);
    padding = one_more(padding);
  }
  const auto heads = [&](const Tensor& x) {
    return x.reshape({x.size(0), batch * num_heads, head_dim}).transpose(0, 1);
  };  // (N·H, T, E/H)
  q = heads(q);
  k = heads(k);
  v = heads(v);
  if (add_zero_attn) {
    const Tensor nothing = zeros({batch * num_heads, 1, head_dim}, {.dtype = k.dtype(), .device = k.device()});
    k = cat({k, nothing}, 1);
    v = cat({v, nothing}, 1);
    mask = one_more(mask);
    padding = one_more(padding);
  }
  mask = with_padding(mask, padding, num_heads);
  const double p = tenon_state_.training ? dropout : 0;
  const auto finish = [&](const Tensor& x) {  // (N·H, L, E/H) → (L, N, E)
    return out_proj(x.transpose(0, 1).reshape({targets * batch, embed_dim})).reshape({targets, batch, embed_dim});
  };
  if (!o.need_weights)
    return {finish(functional::scaled_dot_product_attention(q, k, v, {.attn_mask = mask, .dropout_p = p})), {}};
  Tensor scores = matmul(q * std::sqrt(1 / static_cast<double>(head_dim)), k.mT());
  if (mask.defined()) scores = scores + mask;
  const Tensor weights = functional::dropout(scores.softmax(-1), p);
  const Tensor by_head = weights.reshape({batch, num_heads, targets, k.size(1)});
  return {finish(matmul(weights, v)), o.average_attn_weights ? by_head.mean({1}) : by_head};
}

AttentionOutput MultiheadAttention::forward(const Tensor& query, const Tensor& key, const Tensor& value,
                                            const AttentionCallOptions& o) const {
  const bool batched = query.dim() == 3;
  if ((query.dim() != 2 && !batched) || key.dim() != query.dim() || value.dim() != query.dim())
    fail("MultiheadAttention", "expected query, key and value of 3 dimensions (or 2, without a batch), got {}, {}, {}",
         query.shape().to_string(), key.shape().to_string(), value.shape().to_string());
  if (query.size(-1) != embed_dim)
    fail("MultiheadAttention", "expected a query of {} features, got {}", embed_dim, query.shape().to_string());
  if (o.is_causal && !o.attn_mask.defined())
    fail("MultiheadAttention", "is_causal says what attn_mask is: give attn_mask too");
  const auto batch_second = [&](const Tensor& x) {
    return !batched ? x.unsqueeze(1) : batch_first ? x.transpose(0, 1) : x;
  };
  AttentionCallOptions inside = o;
  if (!batched && o.key_padding_mask.defined()) inside.key_padding_mask = o.key_padding_mask.unsqueeze(0);
  const Tensor q = batch_second(query), k = batch_second(key), v = batch_second(value);
  if (k.size(0) != v.size(0) || k.size(1) != v.size(1) || k.size(1) != q.size(1))
    fail("MultiheadAttention", "expected keys and values of one length, and one batch size, got {}, {}, {}",
         query.shape().to_string(), key.shape().to_string(), value.shape().to_string());
  AttentionOutput out = attend(q, k, v, inside);
  if (!batched) return {out.output.squeeze(1), out.weights.defined() ? out.weights.squeeze(0) : Tensor()};
  return {batch_first ? out.output.transpose(0, 1) : out.output, out.weights};
}

}  // namespace tenon::nn
