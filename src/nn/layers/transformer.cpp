#include <tenon/nn/layers/transformer.h>

#include <algorithm>
#include <limits>

#include <tenon/grad_mode.h>
#include <tenon/nn/init.h>
#include <tenon/ops.h>

namespace tenon::nn {
namespace {

/// Puts that many deep copies of a layer, and the norm if there is one, into a stack.
template <class Layer>
void fill(ModuleList<Layer>& layers, detail::NamedHandles<AnyModule>& norm, Layer& layer, int64_t n,
          const AnyModule& given, std::string_view name) {
  if (n < 0) fail(name, "expected a num_layers of 0 or more, got {}", n);
  for (int64_t i = 0; i < n; ++i) layers.emplace_back(layer.clone());
  if (given) norm.add("norm", given);
}

template <class Layer>
void check_layers(const ModuleList<Layer>& layers, std::string_view name) {
  if (layers.empty()) fail(name, "expected layers to call, got num_layers=0");
}

AnyModule child(const detail::NamedHandles<AnyModule>& norm) {
  return norm.size() == 0 ? AnyModule() : norm.handles.front();
}

/// Whether `mask` is the causal mask for x: as was said, or else by its elements.
bool is_causal(const Tensor& mask, const std::optional<bool>& said, const Tensor& x, bool batch_first) {
  if (said || !mask.defined() || mask.is_meta()) return said.value_or(false);
  const int64_t length = x.size(x.dim() == 2 || !batch_first ? 0 : 1);
  return mask.shape() == Shape{length, length} &&
         (mask ==
          Transformer::generate_square_subsequent_mask(length, {.dtype = mask.dtype(), .device = mask.device()}))
             .all()
             .item<bool>();
}

TransformerLayerOptions of_layers(const TransformerOptions& o) {
  return {.dim_feedforward = o.dim_feedforward,
          .dropout = o.dropout,
          .activation = o.activation,
          .layer_norm_eps = o.layer_norm_eps,
          .batch_first = o.batch_first,
          .norm_first = o.norm_first,
          .bias = o.bias,
          .dtype = o.dtype,
          .device = o.device};
}

/// A stack of layers of the options, with a LayerNorm at its end.
template <class Stack, class Layer>
Shared<Stack> stack(const TransformerOptions& o, int64_t num_layers) {
  Layer layer(o.d_model, o.nhead, of_layers(o));
  LayerNorm norm({o.d_model}, {.eps = o.layer_norm_eps, .bias = o.bias, .dtype = o.dtype, .device = o.device});
  return Stack(layer, num_layers, {.norm = std::move(norm)});
}

}  // namespace

TransformerEncoder::TransformerEncoder(TransformerEncoderLayer& layer, int64_t n, const TransformerEncoderOptions& o)
    : num_layers(n), enable_nested_tensor(o.enable_nested_tensor), mask_check(o.mask_check) {
  fill(layers, norm_, layer, n, o.norm, "TransformerEncoder");
}

AnyModule TransformerEncoder::norm() const { return child(norm_); }

Tensor TransformerEncoder::forward(const Tensor& src, const EncoderCallOptions& o) const {
  check_layers(layers, "TransformerEncoder");
  const bool causal = is_causal(o.mask, o.is_causal, src, layers[0].self_attn.batch_first);
  Tensor x = src;
  for (const TransformerEncoderLayer& layer : layers)
    x = layer(x, {.src_mask = o.mask, .src_key_padding_mask = o.src_key_padding_mask, .is_causal = causal});
  if (clears_padding(src, o)) x = x.masked_fill(o.src_key_padding_mask.to(boolean).unsqueeze(-1), 0);
  return norm() ? norm()(x) : x;
}

bool TransformerEncoder::clears_padding(const Tensor& src, const EncoderCallOptions& o) const {
  const TransformerEncoderLayer& first = layers[0];
  if (!enable_nested_tensor || first.training() || src.dim() != 3 || o.mask.defined() ||
      !o.src_key_padding_mask.defined() || src.is_meta())
    return false;
  if (first.norm_first || !first.self_attn.batch_first || !first.self_attn.in_proj_bias.defined() ||
      first.self_attn.num_heads % 2 == 1 || first.norm1.eps != first.norm2.eps || !first.activation.is_relu_or_gelu())
    return false;
  const auto of_layer = first.parameters();
  const bool recorded = src.requires_grad() || std::any_of(of_layer.begin(), of_layer.end(),
                                                           [](const Tensor& p) { return p.requires_grad(); });
  if (is_grad_enabled() && recorded) return false;
  const Tensor padding = o.src_key_padding_mask.to(boolean);
  const int64_t length = padding.size(1);
  if (!mask_check || length < 2) return true;
  return !padding.narrow(1, 0, length - 1)
              .logical_and(padding.narrow(1, 1, length - 1).logical_not())
              .any()
              .item<bool>();
}

TransformerDecoder::TransformerDecoder(TransformerDecoderLayer& layer, int64_t n, const TransformerDecoderOptions& o)
    : num_layers(n) {
  fill(layers, norm_, layer, n, o.norm, "TransformerDecoder");
}

AnyModule TransformerDecoder::norm() const { return child(norm_); }

Tensor TransformerDecoder::forward(const Tensor& tgt, const Tensor& memory, const DecoderCallOptions& o) const {
  check_layers(layers, "TransformerDecoder");
  const bool causal = is_causal(o.tgt_mask, o.tgt_is_causal, tgt, layers[0].self_attn.batch_first);
  Tensor x = tgt;
  for (const TransformerDecoderLayer& layer : layers)
    x = layer(x, memory,
              {.tgt_mask = o.tgt_mask,
               .memory_mask = o.memory_mask,
               .tgt_key_padding_mask = o.tgt_key_padding_mask,
               .memory_key_padding_mask = o.memory_key_padding_mask,
               .tgt_is_causal = causal,
               .memory_is_causal = o.memory_is_causal});
  return norm() ? norm()(x) : x;
}

Transformer::Transformer(const TransformerOptions& o)
    : encoder(o.custom_encoder ? o.custom_encoder
                               : stack<TransformerEncoder, TransformerEncoderLayer>(o, o.num_encoder_layers)),
      decoder(o.custom_decoder ? o.custom_decoder
                               : stack<TransformerDecoder, TransformerDecoderLayer>(o, o.num_decoder_layers)),
      d_model(o.d_model),
      nhead(o.nhead),
      batch_first(o.batch_first) {
  for (Parameter& p : parameters())
    if (p.dim() > 1) init::xavier_uniform_(p);
}

Tensor Transformer::generate_square_subsequent_mask(int64_t sz, const TensorOptions& options) {
  return full({sz, sz}, -std::numeric_limits<double>::infinity(), options).triu(1);
}

Tensor Transformer::forward(const Tensor& src, const Tensor& tgt, const TransformerCallOptions& o) const {
  if ((src.dim() != 2 && src.dim() != 3) || tgt.dim() != src.dim())
    fail("Transformer", "expected src and tgt of 3 dimensions (or 2, without a batch), got {} and {}",
         src.shape().to_string(), tgt.shape().to_string());
  const int64_t batch = batch_first ? 0 : 1;
  if (src.dim() == 3 && src.size(batch) != tgt.size(batch))
    fail("Transformer", "expected src and tgt of one batch size, dimension {}, got {} and {}", batch,
         src.shape().to_string(), tgt.shape().to_string());
  if (src.size(-1) != d_model || tgt.size(-1) != d_model)
    fail("Transformer", "expected src and tgt of d_model={} features, got {} and {}", d_model, src.shape().to_string(),
         tgt.shape().to_string());
  const Tensor memory = (*encoder)(
      src, {.mask = o.src_mask, .src_key_padding_mask = o.src_key_padding_mask, .is_causal = o.src_is_causal});
  return (*decoder)(tgt, memory,
                    {.tgt_mask = o.tgt_mask,
                     .memory_mask = o.memory_mask,
                     .tgt_key_padding_mask = o.tgt_key_padding_mask,
                     .memory_key_padding_mask = o.memory_key_padding_mask,
                     .tgt_is_causal = o.tgt_is_causal,
                     .memory_is_causal = o.memory_is_causal});
}

}  // namespace tenon::nn
