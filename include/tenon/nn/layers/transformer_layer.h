#pragma once
#include <concepts>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <tenon/nn/layers/attention.h>
#include <tenon/nn/layers/dropout.h>
#include <tenon/nn/layers/linear.h>
#include <tenon/nn/layers/normalization.h>
#include <tenon/nn/named_handles.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

/// What stands between the two linear layers of a Transformer's layer: "relu", "gelu", a function of one tensor, or a
/// module, which is then listed as the layer's "activation". An error for another name.
class TransformerActivation {
 public:
  TransformerActivation(const char* name);
  template <class F>
  requires std::is_invocable_r_v<Tensor, F&, const Tensor&> &&(!std::derived_from<F, ModuleBase>)  //
      TransformerActivation(F function)
      : function_(std::move(function)) {}
  template <std::derived_from<ModuleBase> M>
  TransformerActivation(M module) : TransformerActivation(AnyModule(std::move(module))) {}
  TransformerActivation(AnyModule module);

  Tensor operator()(const Tensor& x) const;
  /// Whether it is one of the two, by its name or as a module.
  bool is_relu_or_gelu() const;

  void tenon_visit(Visitor& visitor) { module_.tenon_visit(visitor); }
  TransformerActivation tenon_clone(detail::Cloner& cloner);

 private:
  std::function<Tensor(const Tensor&)> function_;
  bool named_ = false;
  detail::NamedHandles<AnyModule> module_;  ///< the one, where there is no function
};

struct TransformerLayerOptions {
  int64_t dim_feedforward = 2048;  ///< size between the two linear layers
  double dropout = 0.1;            ///< of the attention weights, between the linear layers, and of what each part adds
  TransformerActivation activation = "relu";
  double layer_norm_eps = 1e-5;
  bool batch_first = false;  ///< (N, T, E) instead of (T, N, E)
  bool norm_first = false;   ///< LayerNorm before each part instead of after its sum with its input
  bool bias = true;          ///< of all linear layers and norms
  TENON_FACTORY_OPTIONS;
};

// Masks are MultiheadAttention's: bool, true where not to attend; or numbers that are added to the scores.

/// What a call of a TransformerEncoderLayer may be told.
struct EncoderLayerCallOptions {
  Tensor src_mask = {};              ///< (S, S) or (N·nhead, S, S)
  Tensor src_key_padding_mask = {};  ///< (N, S) or (S)
  bool is_causal = false;            ///< says that src_mask is the causal mask, which must be given too
};

/// x + self-attention of x, then that + a network of two linear layers of it, with a LayerNorm for each:
/// (S, N, d_model), or (N, S, d_model) with batch_first, or (S, d_model) → the same.
///
/// d_model must be a multiple of nhead. Source: torch.nn.TransformerEncoderLayer (Vaswani et al. 2017, "Attention is
/// all you need").
class TransformerEncoderLayer : public Module<TransformerEncoderLayer> {
 public:
  MultiheadAttention self_attn;
  Linear linear1;
  Dropout dropout;
  Linear linear2;
  bool norm_first;
  LayerNorm norm1, norm2;
  Dropout dropout1, dropout2;
  TransformerActivation activation;

  TransformerEncoderLayer(int64_t d_model, int64_t nhead, const TransformerLayerOptions& options = {});

 protected:
  Tensor forward(const Tensor& src, const EncoderLayerCallOptions& options = {}) const;

  TENON_MODULE(TransformerEncoderLayer, self_attn, linear1, dropout, linear2, norm_first, norm1, norm2, dropout1,
               dropout2, activation)

 private:
  Tensor attend(const Tensor& x, const EncoderLayerCallOptions& options) const;
  Tensor feed_forward(const Tensor& x) const;
};

/// What a call of a TransformerDecoderLayer may be told.
struct DecoderLayerCallOptions {
  Tensor tgt_mask = {};                 ///< (T, T) or (N·nhead, T, T)
  Tensor memory_mask = {};              ///< (T, S) or (N·nhead, T, S)
  Tensor tgt_key_padding_mask = {};     ///< (N, T) or (T)
  Tensor memory_key_padding_mask = {};  ///< (N, S) or (S)
  bool tgt_is_causal = false;           ///< says that tgt_mask is the causal mask, which must be given too
  bool memory_is_causal = false;        ///< the same of memory_mask
};

/// As TransformerEncoderLayer, with attention to an encoder's result, `memory`, between the two parts:
/// tgt (T, N, d_model) and memory (S, N, d_model), or N first with batch_first, or without N → as tgt.
///
/// Source: torch.nn.TransformerDecoderLayer.
class TransformerDecoderLayer : public Module<TransformerDecoderLayer> {
 public:
  MultiheadAttention self_attn, multihead_attn;
  Linear linear1;
  Dropout dropout;
  Linear linear2;
  bool norm_first;
  LayerNorm norm1, norm2, norm3;
  Dropout dropout1, dropout2, dropout3;
  TransformerActivation activation;

  TransformerDecoderLayer(int64_t d_model, int64_t nhead, const TransformerLayerOptions& options = {});

 protected:
  Tensor forward(const Tensor& tgt, const Tensor& memory, const DecoderLayerCallOptions& options = {}) const;

  TENON_MODULE(TransformerDecoderLayer, self_attn, multihead_attn, linear1, dropout, linear2, norm_first, norm1, norm2,
               norm3, dropout1, dropout2, dropout3, activation)

 private:
  Tensor attend(const Tensor& x, const DecoderLayerCallOptions& options) const;
  Tensor attend_to(const Tensor& memory, const Tensor& x, const DecoderLayerCallOptions& options) const;
  Tensor feed_forward(const Tensor& x) const;
};

}  // namespace tenon::nn

#pragma GCC visibility pop
