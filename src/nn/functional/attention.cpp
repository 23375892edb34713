// Scaled dot-product attention, made of products and a softmax.
#include <cmath>
#include <limits>

#include <tenon/nn/functional/attention.h>
#include <tenon/nn/functional/dropout.h>
#include <tenon/ops.h>

#include "ops/common.h"

namespace tenon::nn::functional {
namespace {

constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

void check(const Tensor& query, const Tensor& key, const Tensor& value, const AttentionOptions& o) {
  const auto refuse = [&] {
    fail("scaled_dot_product_attention", "expected query (*, L, E), key (*, S, E), value (*, S, V), got {}, {}, {}",
         query.shape().to_string(), key.shape().to_string(), value.shape().to_string());
  };
  if (query.dim() < 2 || key.dim() < 2 || value.dim() < 2) refuse();
  if (query.size(-1) != key.size(-1) || key.size(-2) != value.size(-2)) refuse();
  if (query.dtype() != key.dtype() || key.dtype() != value.dtype())
    fail("scaled_dot_product_attention", "expected one data type, got {}, {}, {}", query.dtype(), key.dtype(),
         value.dtype());
  if (!is_floating_point(query.dtype()))
    fail("scaled_dot_product_attention", "expected floating-point tensors, got {}", query.dtype());
  if (o.is_causal && o.attn_mask.defined())
    fail("scaled_dot_product_attention", "expected either attn_mask or is_causal, got both");
  if (o.attn_mask.defined() && o.attn_mask.dtype() != boolean && o.attn_mask.dtype() != query.dtype())
    fail("scaled_dot_product_attention", "expected an attn_mask of bool or {}, got {}", query.dtype(),
         o.attn_mask.dtype());
}

}  // namespace

Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& o) {
  check(query, key, value, o);
  const double scale = o.scale.value_or(1 / std::sqrt(static_cast<double>(query.size(-1))));
  Tensor scores = matmul(query * scale, key.mT());  // (*, L, S)
  Tensor mask = o.attn_mask;
  if (o.is_causal) mask = ones({query.size(-2), key.size(-2)}, {.dtype = boolean, .device = query.device()}).tril();
  if (!mask.defined()) return matmul(dropout(scores.softmax(-1), o.dropout_p), value);
  scores = mask.dtype() == boolean ? scores.masked_fill(mask.logical_not(), minus_infinity) : scores + mask;
  // A query that may attend to nothing gets zeros, not the NaN of a softmax over nothing. Its scores are hidden from
  // the softmax too: its backward would make NaN of them.
  const Tensor nothing = (scores == minus_infinity).all({-1}, true);
  const Tensor weights = scores.masked_fill(nothing, 0).softmax(-1).masked_fill(nothing, 0);
  return matmul(dropout(weights, o.dropout_p), value);
}

}  // namespace tenon::nn::functional
