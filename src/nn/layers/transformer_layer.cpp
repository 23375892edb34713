#include <tenon/nn/layers/transformer_layer.h>

#include <tenon/nn/functional/activation.h>
#include <tenon/nn/layers/activation.h>
#include <tenon/ops.h>

namespace tenon::nn {
namespace {

MultiheadAttention attention(int64_t d_model, int64_t nhead, const TransformerLayerOptions& o) {
  return {d_model,
          nhead,
          {.dropout = o.dropout, .bias = o.bias, .batch_first = o.batch_first, .dtype = o.dtype, .device = o.device}};
}
Linear linear(int64_t in, int64_t out, const TransformerLayerOptions& o) {
  return {in, out, {.bias = o.bias, .dtype = o.dtype, .device = o.device}};
}
LayerNorm norm(int64_t d_model, const TransformerLayerOptions& o) {
  return {{d_model}, {.eps = o.layer_norm_eps, .bias = o.bias, .dtype = o.dtype, .device = o.device}};
}

/// Attention of x to `to`, which may be x itself.
Tensor attended(const MultiheadAttention& attention, const Tensor& x, const Tensor& to, const Tensor& padding,
                const Tensor& mask, bool is_causal) {
  return attention(x, to, to,
                   {.key_padding_mask = padding, .need_weights = false, .attn_mask = mask, .is_causal = is_causal})
      .output;
}

/// x and what `part` makes of it, with a norm before or after.
template <class Part>
Tensor with_residual(const Tensor& x, const LayerNorm& norm, bool norm_first, Part part) {
  return norm_first ? x + part(norm(x)) : norm(x + part(x));
}

}  // namespace

TransformerActivation::TransformerActivation(const char* name) : named_(true) {
  const std::string_view given(name);
  if (given == "relu") function_ = [](const Tensor& x) { return functional::relu(x); };
  else if (given == "gelu") function_ = [](const Tensor& x) { return functional::gelu(x); };
  else fail("Transformer", "expected the activation \"relu\" or \"gelu\", or a function, got \"{}\"", given);
}

TransformerActivation::TransformerActivation(AnyModule module) { module_.add("activation", std::move(module)); }

Tensor TransformerActivation::operator()(const Tensor& x) const {
  return function_ ? function_(x) : module_.handles.front()(x);
}

bool TransformerActivation::is_relu_or_gelu() const {
  if (function_) return named_;
  const ModuleBase& module = *module_.handles.front();
  return dynamic_cast<const ReLU*>(&module) || dynamic_cast<const GELU*>(&module);
}

TransformerActivation TransformerActivation::tenon_clone(detail::Cloner& cloner) {
  TransformerActivation copy(*this);
  copy.module_ = module_.tenon_clone(cloner);
  return copy;
}

TransformerEncoderLayer::TransformerEncoderLayer(int64_t d_model, int64_t nhead, const TransformerLayerOptions& o)
    : self_attn(attention(d_model, nhead, o)),
      linear1(linear(d_model, o.dim_feedforward, o)),
      dropout(o.dropout),
      linear2(linear(o.dim_feedforward, d_model, o)),
      norm_first(o.norm_first),
      norm1(norm(d_model, o)),
      norm2(norm(d_model, o)),
      dropout1(o.dropout),
      dropout2(o.dropout),
      activation(o.activation) {}

Tensor TransformerEncoderLayer::attend(const Tensor& x, const EncoderLayerCallOptions& o) const {
  return dropout1(attended(self_attn, x, x, o.src_key_padding_mask, o.src_mask, o.is_causal));
}

Tensor TransformerEncoderLayer::feed_forward(const Tensor& x) const {
  return dropout2(linear2(dropout(activation(linear1(x)))));
}

Tensor TransformerEncoderLayer::forward(const Tensor& src, const EncoderLayerCallOptions& o) const {
  const Tensor x = with_residual(src, norm1, norm_first, [&](const Tensor& y) { return attend(y, o); });
  return with_residual(x, norm2, norm_first, [&](const Tensor& y) { return feed_forward(y); });
}

TransformerDecoderLayer::TransformerDecoderLayer(int64_t d_model, int64_t nhead, const TransformerLayerOptions& o)
    : self_attn(attention(d_model, nhead, o)),
      multihead_attn(attention(d_model, nhead, o)),
      linear1(linear(d_model, o.dim_feedforward, o)),
      dropout(o.dropout),
      linear2(linear(o.dim_feedforward, d_model, o)),
      norm_first(o.norm_first),
      norm1(norm(d_model, o)),
      norm2(norm(d_model, o)),
      norm3(norm(d_model, o)),
      dropout1(o.dropout),
      dropout2(o.dropout),
      dropout3(o.dropout),
      activation(o.activation) {}

Tensor TransformerDecoderLayer::attend(const Tensor& x, const DecoderLayerCallOptions& o) const {
  return dropout1(attended(self_attn, x, x, o.tgt_key_padding_mask, o.tgt_mask, o.tgt_is_causal));
}

Tensor TransformerDecoderLayer::attend_to(const Tensor& memory, const Tensor& x,
                                          const DecoderLayerCallOptions& o) const {
  return dropout2(attended(multihead_attn, x, memory, o.memory_key_padding_mask, o.memory_mask, o.memory_is_causal));
}

Tensor TransformerDecoderLayer::feed_forward(const Tensor& x) const {
  return dropout3(linear2(dropout(activation(linear1(x)))));
}

Tensor TransformerDecoderLayer::forward(const Tensor& tgt, const Tensor& memory,
                                        const DecoderLayerCallOptions& o) const {
  Tensor x = with_residual(tgt, norm1, norm_first, [&](const Tensor& y) { return attend(y, o); });
  x = with_residual(x, norm2, norm_first, [&](const Tensor& y) { return attend_to(memory, y, o); });
  return with_residual(x, norm3, norm_first, [&](const Tensor& y) { return feed_forward(y); });
}

}  // namespace tenon::nn
