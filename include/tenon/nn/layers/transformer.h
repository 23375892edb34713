#pragma once
#include <optional>

#include <tenon/nn/layers/transformer_layer.h>
#include <tenon/nn/module_list.h>

#pragma GCC visibility push(default)

namespace tenon::nn {

struct TransformerEncoderOptions {
  AnyModule norm = {};  ///< of the last layer's result: a LayerNorm, as a rule
  /// In eval mode, where nothing is recorded and padding but no mask is given, what belongs to padding is 0 before the
  /// norm. As in PyTorch, which uses nested tensors then, it takes layers with batch_first and bias, without
  /// norm_first, with relu or gelu and an even nhead.
  bool enable_nested_tensor = true;
  bool mask_check = true;  ///< not where padding stands before what is none
};

/// What a call of a TransformerEncoder may be told; masks as a TransformerEncoderLayer takes them.
struct EncoderCallOptions {
  Tensor mask = {};                    ///< (S, S) or (N·nhead, S, S)
  Tensor src_key_padding_mask = {};    ///< (N, S) or (S)
  std::optional<bool> is_causal = {};  ///< whether `mask` is the causal mask; default: it is looked at
};

/// num_layers deep copies of a TransformerEncoderLayer, one after the other, and a norm of the result: the shapes are
/// the layer's.
///
/// As they are copies, all layers start with the same weights. Source: torch.nn.TransformerEncoder.
class TransformerEncoder : public Module<TransformerEncoder> {
 public:
  ModuleList<TransformerEncoderLayer> layers;
  int64_t num_layers;
  bool enable_nested_tensor, mask_check;

  TransformerEncoder(TransformerEncoderLayer& encoder_layer, int64_t num_layers,
                     const TransformerEncoderOptions& options = {});
  TransformerEncoder(TransformerEncoderLayer&& encoder_layer, int64_t copies,
                     const TransformerEncoderOptions& options = {})
      : TransformerEncoder(encoder_layer, copies, options) {}

  /// The module "norm"; empty where there is none.
  AnyModule norm() const;

 protected:
  Tensor forward(const Tensor& src, const EncoderCallOptions& options = {}) const;

 private:
  bool clears_padding(const Tensor& src, const EncoderCallOptions& options) const;

  detail::NamedHandles<AnyModule> norm_;  ///< none or one

  TENON_MODULE(TransformerEncoder, layers, num_layers, enable_nested_tensor, mask_check, norm_)
};

struct TransformerDecoderOptions {
  AnyModule norm = {};  ///< of the last layer's result: a LayerNorm, as a rule
};

/// What a call of a TransformerDecoder may be told; masks as a TransformerDecoderLayer takes them.
struct DecoderCallOptions {
  Tensor tgt_mask = {};                    ///< (T, T) or (N·nhead, T, T)
  Tensor memory_mask = {};                 ///< (T, S) or (N·nhead, T, S)
  Tensor tgt_key_padding_mask = {};        ///< (N, T) or (T)
  Tensor memory_key_padding_mask = {};     ///< (N, S) or (S)
  std::optional<bool> tgt_is_causal = {};  ///< whether tgt_mask is the causal mask; default: it is looked at
  bool memory_is_causal = false;           ///< says that memory_mask is the causal mask
};

/// num_layers deep copies of a TransformerDecoderLayer, one after the other, and a norm of the result: the shapes are
/// the layer's.
///
/// As they are copies, all layers start with the same weights. Source: torch.nn.TransformerDecoder.
class TransformerDecoder : public Module<TransformerDecoder> {
 public:
  ModuleList<TransformerDecoderLayer> layers;
  int64_t num_layers;

  TransformerDecoder(TransformerDecoderLayer& decoder_layer, int64_t num_layers,
                     const TransformerDecoderOptions& options = {});
  TransformerDecoder(TransformerDecoderLayer&& decoder_layer, int64_t copies,
                     const TransformerDecoderOptions& options = {})
      : TransformerDecoder(decoder_layer, copies, options) {}

  /// The module "norm"; empty where there is none.
  AnyModule norm() const;

 protected:
  Tensor forward(const Tensor& tgt, const Tensor& memory, const DecoderCallOptions& options = {}) const;

 private:
  detail::NamedHandles<AnyModule> norm_;  ///< none or one

  TENON_MODULE(TransformerDecoder, layers, num_layers, norm_)
};

struct TransformerOptions {
  int64_t d_model = 512;
  int64_t nhead = 8;
  int64_t num_encoder_layers = 6;
  int64_t num_decoder_layers = 6;
  int64_t dim_feedforward = 2048;  ///< from here on as TransformerLayerOptions
  double dropout = 0.1;
  TransformerActivation activation = "relu";
  Shared<TransformerEncoder> custom_encoder = {};  ///< instead of one that is made of these options
  Shared<TransformerDecoder> custom_decoder = {};  ///< instead of one that is made of these options
  double layer_norm_eps = 1e-5;
  bool batch_first = false;
  bool norm_first = false;
  bool bias = true;
  TENON_FACTORY_OPTIONS;
};

/// What a call of a Transformer may be told.
struct TransformerCallOptions {
  Tensor src_mask = {};                    ///< (S, S) or (N·nhead, S, S)
  Tensor tgt_mask = {};                    ///< (T, T) or (N·nhead, T, T)
  Tensor memory_mask = {};                 ///< (T, S) or (N·nhead, T, S)
  Tensor src_key_padding_mask = {};        ///< (N, S) or (S)
  Tensor tgt_key_padding_mask = {};        ///< (N, T) or (T)
  Tensor memory_key_padding_mask = {};     ///< (N, S) or (S)
  std::optional<bool> src_is_causal = {};  ///< whether src_mask is the causal mask; default: it is looked at
  std::optional<bool> tgt_is_causal = {};  ///< the same of tgt_mask
  bool memory_is_causal = false;           ///< says that memory_mask is the causal mask
};

/// An encoder of `src` and a decoder of `tgt` that attends to the encoder's result, each with a LayerNorm at its end:
/// src (S, N, d_model) and tgt (T, N, d_model), or N first with batch_first, or without N → as tgt.
///
/// Parameters of two dimensions and more start xavier-uniform. Source: torch.nn.Transformer (Vaswani et al. 2017,
/// "Attention is all you need").
class Transformer : public Module<Transformer> {
 public:
  Shared<TransformerEncoder> encoder;
  Shared<TransformerDecoder> decoder;
  int64_t d_model, nhead;
  bool batch_first;

  explicit Transformer(const TransformerOptions& options = {});

  /// The causal mask (sz, sz): −∞ (of bool: true) above the diagonal, else 0.
  static Tensor generate_square_subsequent_mask(int64_t sz, const TensorOptions& options = {});

 protected:
  Tensor forward(const Tensor& src, const Tensor& tgt, const TransformerCallOptions& options = {}) const;

  TENON_MODULE(Transformer, encoder, decoder, d_model, nhead, batch_first)
};

}  // namespace tenon::nn

#pragma GCC visibility pop
