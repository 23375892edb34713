// Scaled dot-product attention.
#include <cmath>
#include <limits>

#include <tenon/nn/functional/attention.h>
#include <tenon/nn/functional/dropout.h>

#include "backend/attention.h"
#include "ops/autocast.h"
#include "ops/fused.h"

namespace tenon::nn::functional {
namespace {

constexpr const char* name = "scaled_dot_product_attention";
constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

/// Sizes of a call: leading dimensions (where key and value have fewer heads, those of the query), L and S.
struct Sizes {
  Shape leading;
  int64_t queries, keys;
  /// The leading dimensions of a tensor with other heads.
  Shape leading_with(int64_t heads) const {
    Shape s = leading;
    s.back() = heads;
    return s;
  }
};

Shape leading_of(const Tensor& x) { return {x.shape().begin(), x.shape().end() - std::min<int64_t>(x.dim(), 2)}; }
Shape joined(const Shape& leading, int64_t rows, int64_t columns) {
  Shape s = leading;
  s.push_back(rows);
  s.push_back(columns);
  return s;
}

void check_heads(const Tensor& query, const Tensor& key, const Tensor& value) {
  for (const Tensor* x : {&query, &key, &value})
    if (x->dim() < 3)
      fail(name, "expected tensors (*, heads, length, features) with enable_gqa, got {}", x->shape().to_string());
  for (const Tensor* x : {&key, &value})
    if (x->size(-3) == 0 || query.size(-3) % x->size(-3) != 0)
      fail(name, "expected numbers of heads that divide the query's {}, got {} of keys and {} of values",
           query.size(-3), key.size(-3), value.size(-3));
}

Sizes checked(const Tensor& query, const Tensor& key, const Tensor& value, const AttentionOptions& o) {
  const auto refuse = [&] {
    fail(name, "expected query (*, L, E), key (*, S, E), value (*, S, V), got {}, {}, {}", query.shape().to_string(),
         key.shape().to_string(), value.shape().to_string());
  };
  if (query.dim() < 2 || key.dim() < 2 || value.dim() < 2) refuse();
  if (query.size(-1) != key.size(-1) || key.size(-2) != value.size(-2)) refuse();
  if (query.dtype() != key.dtype() || key.dtype() != value.dtype())
    fail(name, "expected one data type, got {}, {}, {}", query.dtype(), key.dtype(), value.dtype());
  if (!is_floating_point(query.dtype())) fail(name, "expected floating-point tensors, got {}", query.dtype());
  check_same_device(query, key, name);
  check_same_device(key, value, name);
  if (o.enable_gqa) check_heads(query, key, value);

  Sizes sizes{leading_of(query), query.size(-2), key.size(-2)};
  for (const Tensor* x : {&key, &value}) {
    Shape leading = leading_of(*x);
    if (o.enable_gqa) leading.back() = query.size(-3);
    sizes.leading = broadcast_shapes(sizes.leading, leading, name);
  }
  const Tensor& mask = o.attn_mask;
  if (!mask.defined()) return sizes;
  if (o.is_causal) fail(name, "expected either attn_mask or is_causal, got both");
  check_same_device(query, mask, name);
  if (mask.dtype() != boolean && mask.dtype() != query.dtype())
    fail(name, "expected an attn_mask of bool or {}, got {}", query.dtype(), mask.dtype());
  const auto fits = [&](int64_t d, int64_t n) { return mask.dim() < -d || mask.size(d) == 1 || mask.size(d) == n; };
  if (!fits(-1, sizes.keys) || !fits(-2, sizes.queries))
    fail(name, "expected an attn_mask that broadcasts to {}, got {}",
         joined(sizes.leading, sizes.queries, sizes.keys).to_string(), mask.shape().to_string());
  sizes.leading = broadcast_shapes(sizes.leading, leading_of(mask), name);
  return sizes;
}

/// The same made of operations; heads of keys are repeated for those of queries.
Tensor composed(const Tensor& query, const Tensor& given_key, const Tensor& given_value, Tensor mask, double scale,
                const AttentionOptions& o) {
  const auto for_queries = [&](const Tensor& x) {
    return o.enable_gqa ? x.repeat_interleave(query.size(-3) / x.size(-3), -3) : x;
  };
  const Tensor key = for_queries(given_key), value = for_queries(given_value);
  Tensor scores = matmul(query * scale, key.mT());  // (*, L, S)
  if (o.is_causal) mask = ones({query.size(-2), key.size(-2)}, {.dtype = boolean, .device = query.device()}).tril();
  if (!mask.defined()) return matmul(dropout(scores.softmax(-1), o.dropout_p), value);
  scores = mask.dtype() == boolean ? scores.masked_fill(mask.logical_not(), minus_infinity) : scores + mask;
  // A query that may attend to nothing gets zeros, not the NaN of a softmax over nothing. Its scores are hidden from
  // the softmax too: its backward would make NaN of them.
  const Tensor nothing = (scores == minus_infinity).all({-1}, true);
  const Tensor weights = scores.masked_fill(nothing, 0).softmax(-1).masked_fill(nothing, 0);
  return matmul(dropout(weights, o.dropout_p), value);
}

/// x with these leading dimensions, as (N, H, rows, columns).
Tensor by_heads(const Tensor& x, const Shape& leading, int64_t rows, int64_t columns) {
  const Shape whole = joined(leading, rows, columns);
  Tensor y = x.shape() == whole ? x : x.expand(whole);
  while (y.dim() < 4) y = y.unsqueeze(0);
  if (y.dim() == 4) return y;
  return y.reshape({y.numel() / (leading.back() * rows * columns), leading.back(), rows, columns});
}

/// All of four dimensions, of float or double.
Tensor by_kernel(const std::array<Tensor, 4>& inputs, double scale, const AttentionOptions& o, bool like_query) {
  const bool causal = o.is_causal;
  const auto args = [scale, causal](const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask) {
    return AttentionArgs{q, k, v, mask, scale, causal};
  };
  const auto forward = [&] {
    const auto& [q, k, v, mask] = inputs;
    const Shape shape{q.size(0), q.size(1), q.size(2), v.size(3)};
    FusedResult r{like_query ? new_like(q, q.dtype()) : new_tensor(shape, q.dtype(), q.device()),
                  new_tensor({shape[0], shape[1], shape[2]}, q.dtype(), q.device()), true};
    on<AttentionKernels>(q.device()).attention(r.y, r.kept, args(q, k, v, mask));
    return r;
  };
  const auto backward = [args](Grads& g) {
    const auto like = [&](std::size_t i) {
      const Tensor x = g.saved(i);
      return g.needs(i) ? new_tensor(x.shape(), x.dtype(), x.device()) : Tensor();
    };
    const Tensor dquery = like(0), dkey = like(1), dvalue = like(2), products = (g.in() * g.saved(5)).sum({-1});
    on<AttentionKernels>(products.device())
        .attention_backward(dquery, dkey, dvalue, g.in(), g.saved(4), products.contiguous(),
                            args(g.saved(0), g.saved(1), g.saved(2), g.saved(3)));
    g.give(0, dquery);
    g.give(1, dkey);
    g.give(2, dvalue);
  };
  AttentionOptions plain;
  plain.is_causal = causal;
  plain.enable_gqa = o.enable_gqa;
  return fused(name, inputs, forward, backward, [scale, plain](const std::array<Tensor, 4>& in) {
    return composed(in[0], in[1], in[2], in[3], scale, plain);
  });
}

}  // namespace

Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& o) {
  if (autocasts()) [[unlikely]]
    return in_lower_type(
        [&](const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask) {
          AttentionOptions lower = o;
          lower.attn_mask = mask;
          return scaled_dot_product_attention(q, k, v, lower);
        },
        query, key, value, o.attn_mask);
  const Sizes sizes = checked(query, key, value, o);
  const double scale = o.scale.value_or(1 / std::sqrt(static_cast<double>(query.size(-1))));
  const bool empty = query.numel() == 0 || key.numel() == 0 || value.numel() == 0 || sizes.leading.numel() == 0;
  if (o.dropout_p != 0 || empty || needs_grad(o.attn_mask) || (o.enable_gqa && key.size(-3) != value.size(-3)))
    return composed(query, key, value, o.attn_mask, scale, o);
  if (is_half(query.dtype())) {  // in float, rounded once
    AttentionOptions wide = o;
    if (o.attn_mask.defined() && o.attn_mask.dtype() != boolean) wide.attn_mask = o.attn_mask.to(float32);
    wide.scale = scale;
    return scaled_dot_product_attention(query.to(float32), key.to(float32), value.to(float32), wide).to(query.dtype());
  }
  const Shape kv_leading = o.enable_gqa ? sizes.leading_with(key.size(-3)) : sizes.leading;
  const Tensor mask =
      o.attn_mask.defined() ? by_heads(o.attn_mask, sizes.leading, sizes.queries, sizes.keys) : Tensor();
  // PyTorch's own kernel, where it is used, gives what lies as the query does.
  const bool like_query = query.size(-1) == value.size(-1) && leading_of(query) == sizes.leading &&
                          leading_of(key) == kv_leading && leading_of(value) == kv_leading;
  const Tensor y = by_kernel({by_heads(query, sizes.leading, sizes.queries, query.size(-1)),
                              by_heads(key, kv_leading, sizes.keys, key.size(-1)),
                              by_heads(value, kv_leading, sizes.keys, value.size(-1)), mask},
                             scale, o, like_query);
  const Shape shape = joined(sizes.leading, sizes.queries, value.size(-1));
  return y.shape() == shape ? y : y.reshape(shape);
}

}  // namespace tenon::nn::functional
