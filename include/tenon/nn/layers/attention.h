#pragma once
#include <optional>

#include <tenon/nn/layers/options.h>
#include <tenon/nn/module.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// The Linear at the end of a MultiheadAttention, under the name by which PyTorch prints it: x·weightᵀ + bias.
class NonDynamicallyQuantizableLinear : public Module<NonDynamicallyQuantizableLinear> {
 public:
  int64_t in_features, out_features;
  Parameter weight;
  Parameter bias;  ///< an empty slot with bias = false

  NonDynamicallyQuantizableLinear(int64_t in_features, int64_t out_features, bool bias, const TensorOptions& options);
  std::string extra_repr() const override;

 protected:
  Tensor forward(const Tensor& x) const;

  TENON_MODULE(NonDynamicallyQuantizableLinear, in_features, out_features, weight, bias)
};

struct MultiheadAttentionOptions {
  double dropout = 0;  ///< of the attention weights, in training
  bool bias = true;
  bool add_bias_kv = false;          ///< a learned key and value at the end of each sequence
  bool add_zero_attn = false;        ///< a key and value of zeros at the end
  std::optional<int64_t> kdim = {};  ///< of keys; default: embed_dim
  std::optional<int64_t> vdim = {};  ///< of values; default: embed_dim
  bool batch_first = false;          ///< (N, L, E) instead of (L, N, E)
  TENON_FACTORY_OPTIONS;
};

/// What a call may be told.
struct AttentionCallOptions {
  Tensor key_padding_mask = {};  ///< (N, S) or (S): bool, true for keys to leave out; or a number added to their scores
  bool need_weights = true;
  /// (L, S) or (N·num_heads, L, S): bool, true where not to attend; or a number added to the scores.
  Tensor attn_mask = {};
  bool average_attn_weights = true;  ///< false: the weights of each head
  bool is_causal = false;            ///< says that attn_mask is the causal mask, which must be given too
};
struct AttentionOutput {
  Tensor output;   ///< as the query
  Tensor weights;  ///< (N, L, S), or (N, num_heads, L, S) where not averaged; undefined without need_weights
};

/// Attention of num_heads heads: query (L, N, E), key (S, N, kdim), value (S, N, vdim), or without N, or with N first.
///
/// in_proj_weight (3·E, E), or q_, k_, v_proj_weight where kdim or vdim differ from E, start xavier-uniform; biases at
/// zero; bias_k and bias_v xavier-normal. E must be a multiple of num_heads. Source: torch.nn.MultiheadAttention
/// (Vaswani et al. 2017, "Attention is all you need").
class MultiheadAttention : public Module<MultiheadAttention> {
 public:
  int64_t embed_dim, num_heads;
  double dropout;
  bool batch_first, add_zero_attn;
  Parameter in_proj_weight;
  Parameter q_proj_weight, k_proj_weight, v_proj_weight;
  Parameter in_proj_bias;
  Parameter bias_k, bias_v;
  NonDynamicallyQuantizableLinear out_proj;

  MultiheadAttention(int64_t embed_dim, int64_t num_heads, const MultiheadAttentionOptions& options = {});

 protected:
  AttentionOutput forward(const Tensor& query, const Tensor& key, const Tensor& value,
                          const AttentionCallOptions& options = {}) const;

 private:
  struct Projected {
    Tensor query, key, value;
  };
  Projected project(const Tensor& query, const Tensor& key, const Tensor& value) const;
  AttentionOutput attend(const Tensor& query, const Tensor& key, const Tensor& value,
                         const AttentionCallOptions& options) const;

  TENON_MODULE(MultiheadAttention, embed_dim, num_heads, dropout, batch_first, add_zero_attn, in_proj_weight,
               q_proj_weight, k_proj_weight, v_proj_weight, in_proj_bias, bias_k, bias_v, out_proj)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
