#pragma once
#include <optional>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon::nn::functional {

struct AttentionOptions {
  /// Broadcasts to (*, L, S): bool, true where a query may attend; or a number added to each score.
  Tensor attn_mask = {};
  double dropout_p = 0;
  bool is_causal = false;            ///< a query attends only to keys up to its own place; not together with attn_mask
  std::optional<double> scale = {};  ///< default: 1/√E
};
/// softmax(query·keyᵀ·scale + mask)·value: (*, L, E), (*, S, E), (*, S, V) → (*, L, V). Source:
/// torch.nn.functional.scaled_dot_product_attention.
Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& options = {});

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
