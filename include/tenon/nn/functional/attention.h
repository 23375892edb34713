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
  /// query (*, H, L, E), and key and value of fewer heads, whose numbers divide H: each is for neighbouring heads.
  bool enable_gqa = false;
};
/// softmax(query·keyᵀ·scale + mask)·value: (*, L, E), (*, S, E), (*, S, V) → (*, L, V), the leading dimensions
/// broadcast. A query that may attend to nothing gets zeros.
///
/// The scores (L, S) are never held as a whole, but with dropout, with a mask that requires grad, and where the
/// backward pass is itself recorded. Half types are computed in float and rounded once. Source:
/// torch.nn.functional.scaled_dot_product_attention (Dao et al. 2022, "FlashAttention").
Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& options = {});

}  // namespace tenon::nn::functional

#pragma GCC visibility pop
