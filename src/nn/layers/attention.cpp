#include <tenon/nn/layers/attention.h>

#include <cmath>
#include <limits>
#include <vector>

#include <tenon/nn/functional/attention.h>
#include <tenon/nn/functional/dropout.h>
#include <tenon/nn/functional/linear.h>
#include <tenon/nn/init.h>
#include <tenon/nn/layers/linear.h>
#include <tenon/ops.h>

#include "nn/extra_repr.h"
#include "nn/layers/factory.h"
#include "ops/common.h"

namespace tenon::nn {
namespace {

constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

/// Masks of one call, before their heads: bool, true where not to attend, or numbers; undefined where there is none.
struct Masks {
  Tensor attn;     ///< (1, L, S) or (N·num_heads, L, S)
  Tensor padding;  ///< (N, S)
};

/// The mask if it is of bool, or else its numbers in this type.
Tensor checked(const Tensor& mask, DType dtype, const char* what) {
  if (!mask.defined() || mask.dtype() == boolean) return mask;
  if (!is_floating_point(mask.dtype()))
    fail("MultiheadAttention", "expected {} of bool or real numbers, got {}", what, mask.dtype());
  return mask.to(dtype);
}

/// Those of a call; `each` is (N·num_heads, L, S).
Masks masks_of(const AttentionCallOptions& o, int64_t batch, const Shape& each, DType dtype) {
  Masks m{checked(o.attn_mask, dtype, "attn_mask"), checked(o.key_padding_mask, dtype, "key_padding_mask")};
  if (m.attn.defined() && m.attn.dim() == 2) m.attn = m.attn.unsqueeze(0);
  if (m.attn.defined() && m.attn.shape() != each && m.attn.shape() != Shape{1, each[1], each[2]})
    fail("MultiheadAttention", "expected an attn_mask of shape ({}, {}) or {}, got {}", each[1], each[2],
         each.to_string(), o.attn_mask.shape().to_string());
  if (m.padding.defined() && m.padding.shape() != Shape{batch, each[2]})
    fail("MultiheadAttention", "expected a key_padding_mask of shape ({}, {}), got {}", batch, each[2],
         m.padding.shape().to_string());
  return m;
}

Tensor as_numbers(const Tensor& mask, DType dtype) {
  if (mask.dtype() != boolean) return mask;
  return zeros(mask.shape(), {.dtype = dtype, .device = mask.device()}).masked_fill(mask, minus_infinity);
}

/// Both as one that broadcasts to (N, num_heads, L, S): bool, true where to attend, or numbers.
Tensor together(const Masks& m, int64_t num_heads, DType dtype) {
  Tensor attn = m.attn, padding = m.padding;
  if (attn.defined())
    attn = attn.reshape({attn.size(0) == 1 ? 1 : attn.size(0) / num_heads, attn.size(0) == 1 ? 1 : num_heads,
                         attn.size(1), attn.size(2)});
  if (padding.defined()) padding = padding.reshape({padding.size(0), 1, 1, padding.size(1)});
  if (attn.defined() && padding.defined()) {
    const bool truth = attn.dtype() == boolean && padding.dtype() == boolean;
    attn = truth ? attn.logical_or(padding) : as_numbers(attn, dtype) + as_numbers(padding, dtype);
  } else if (padding.defined()) {
    attn = padding;
  }
  return attn.defined() && attn.dtype() == boolean ? attn.logical_not() : attn;
}

/// A column of zeros more: for a key that nothing forbids.
Tensor one_more(const Tensor& mask) {
  if (!mask.defined()) return mask;
  Shape column = mask.shape();
  column.back() = 1;
  return cat({mask, zeros(column, {.dtype = mask.dtype(), .device = mask.device()})}, -1);
}

/// n equal pieces of the last dimension. They are not views, so that their gradients are put together and not each
/// filled up with zeros.
std::vector<Tensor> pieces(const Tensor& packed, int64_t n) {
  Shape shape = packed.shape();
  shape.back() /= n;
  std::vector<Tensor> parts;
  for (int64_t i = 0; i < n; ++i)
    parts.push_back(new_alias(packed, shape, packed.strides(), packed.storage_offset() + i * shape.back()));
  if (needs_grad(packed))
    record_outputs("split", parts, {&packed}, {},
                   [n, shape, dtype = packed.dtype(), device = packed.device()](Grads& g) {
                     std::vector<Tensor> all;
                     for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i)
                       all.push_back(g.in(i).defined() ? g.in(i) : zeros(shape, {.dtype = dtype, .device = device}));
                     g.give(0, cat(all, -1));
                   });
  return parts;
}

bool is_same(const Tensor& a, const Tensor& b) { return a.impl() == b.impl(); }

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
  const auto part = [&](const Tensor& packed, int64_t first, int64_t n) {
    return packed.defined() && n < 3 ? packed.narrow(0, first * embed_dim, n * embed_dim) : packed;
  };
  const auto by_packed = [&](const Tensor& x, int64_t first, int64_t n) {
    return functional::linear(x, part(in_proj_weight, first, n), part(in_proj_bias, first, n));
  };
  if (in_proj_weight.defined() && is_same(key, value)) {  // one product for what is of one tensor
    if (is_same(query, key)) {
      const auto all = pieces(by_packed(query, 0, 3), 3);
      return {all[0], all[1], all[2]};
    }
    const auto both = pieces(by_packed(key, 1, 2), 2);
    return {by_packed(query, 0, 1), both[0], both[1]};
  }
  const auto by_own = [&](const Tensor& x, const Parameter& own, int64_t i) {
    return own.defined() ? functional::linear(x, own, part(in_proj_bias, i, 1)) : by_packed(x, i, 1);
  };
  return {by_own(query, q_proj_weight, 0), by_own(key, k_proj_weight, 1), by_own(value, v_proj_weight, 2)};
}

AttentionOutput MultiheadAttention::attend(const Tensor& query, const Tensor& key, const Tensor& value,
                                           const AttentionCallOptions& o) const {
  const int64_t targets = query.size(0), batch = query.size(1), head_dim = embed_dim / num_heads;
  const DType dtype = query.dtype();
  Masks masks = masks_of(o, batch, {batch * num_heads, targets, key.size(0)}, dtype);
  // The causal mask that is said to be one need not be read, where no key is added to it.
  const bool causal = o.is_causal && !o.need_weights && !masks.padding.defined() && !bias_k.defined() && !add_zero_attn;
  if (causal) masks.attn = {};

  Projected projected = project(query, key, value);  // (L, N, E), (S, N, E)
  const auto join = [&](const Tensor& one_key, const Tensor& one_value) {
    projected.key = cat({projected.key, one_key.expand({1, batch, embed_dim})});
    projected.value = cat({projected.value, one_value.expand({1, batch, embed_dim})});
    masks = {one_more(masks.attn), one_more(masks.padding)};
  };
  if (bias_k.defined()) join(bias_k, bias_v);
  if (add_zero_attn) {
    const Tensor nothing = zeros({1, 1, embed_dim}, {.dtype = dtype, .device = query.device()});
    join(nothing, nothing);
  }
  const auto heads = [&](const Tensor& x) {
    return x.reshape({x.size(0), batch, num_heads, head_dim}).permute({1, 2, 0, 3});
  };  // (N, H, T, E/H)
  const Tensor q = heads(projected.query), k = heads(projected.key), v = heads(projected.value);
  const Tensor mask = together(masks, num_heads, dtype);
  const double p = tenon_state_.training ? dropout : 0;
  const auto finish = [&](const Tensor& x) {  // (N, H, L, E/H) → (L, N, E)
    return out_proj(x.permute({2, 0, 1, 3}).reshape({targets * batch, embed_dim})).reshape({targets, batch, embed_dim});
  };
  if (!o.need_weights)
    return {finish(functional::scaled_dot_product_attention(q, k, v,
                                                            {.attn_mask = mask, .dropout_p = p, .is_causal = causal})),
            {}};
  Tensor scores = matmul(q * std::sqrt(1 / static_cast<double>(head_dim)), k.mT());
  if (mask.defined())
    scores = mask.dtype() == boolean ? scores.masked_fill(mask.logical_not(), minus_infinity) : scores + mask;
  const Tensor weights = functional::dropout(scores.softmax(-1), p);
  return {finish(matmul(weights, v)), o.average_attn_weights ? weights.mean({1}) : weights};
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
  // What is one tensor stays one.
  const Tensor q = batch_second(query), k = is_same(key, query) ? q : batch_second(key),
               v = is_same(value, key)     ? k
                   : is_same(value, query) ? q
                                           : batch_second(value);
  if (k.size(0) != v.size(0) || k.size(1) != v.size(1) || k.size(1) != q.size(1))
    fail("MultiheadAttention", "expected keys and values of one length, and one batch size, got {}, {}, {}",
         query.shape().to_string(), key.shape().to_string(), value.shape().to_string());
  AttentionOutput out = attend(q, k, v, inside);
  if (!batched) return {out.output.squeeze(1), out.weights.defined() ? out.weights.squeeze(0) : Tensor()};
  return {batch_first ? out.output.transpose(0, 1) : out.output, out.weights};
}

}  // namespace tenon::nn
