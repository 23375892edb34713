#pragma once
// Keys and values of the tokens that a language model has seen, so that the next token costs one row, not all of them.
#include <utility>
#include <vector>

#include <tenon/tenon.h>

namespace models {

using tenon::Tensor;
namespace nn = tenon::nn;

class KeyValueCache {
 public:
  /// How many tokens it holds.
  int64_t length() const { return layers_.empty() ? 0 : layers_.front().first.size(2); }

  /// Appends (B, H, T, D) to a layer's, and gives all of them: (B, H, length, D). Layers come in order.
  std::pair<Tensor, Tensor> append(std::size_t layer, const Tensor& keys, const Tensor& values) {
    if (layer == layers_.size()) return layers_.emplace_back(keys, values);
    auto& [all_keys, all_values] = layers_.at(layer);
    all_keys = tenon::cat({all_keys, keys}, 2);
    all_values = tenon::cat({all_values, values}, 2);
    return {all_keys, all_values};
  }

 private:
  std::vector<std::pair<Tensor, Tensor>> layers_;
};

/// Attention of new tokens (B, H, T, D) to themselves and to all before them, (B, K, S, D), S ≥ T; K divides H.
inline Tensor causal_attention(const Tensor& query, const Tensor& keys, const Tensor& values, double dropout = 0) {
  const int64_t targets = query.size(2), sources = keys.size(2);
  nn::functional::AttentionOptions options{.dropout_p = dropout, .is_causal = targets == sources, .enable_gqa = true};
  if (targets != sources && targets > 1)  // the first of them does not see the others
    options.attn_mask =
        tenon::ones({targets, sources}, {.dtype = tenon::boolean, .device = query.device()}).tril(sources - targets);
  return nn::functional::scaled_dot_product_attention(query, keys, values, options);
}

/// (B, T, H·D) → (B, H, T, D).
inline Tensor split_heads(const Tensor& x, int64_t heads) {
  return x.reshape({x.size(0), x.size(1), heads, x.size(2) / heads}).transpose(1, 2);
}
/// (B, H, T, D) → (B, T, H·D).
inline Tensor join_heads(const Tensor& x) {
  return x.transpose(1, 2).reshape({x.size(0), x.size(2), x.size(1) * x.size(3)});
}

}  // namespace models
