#include "modules/layers.h"

namespace tenon::parity {
namespace {

Built attention(const Given& a) {
  auto module = std::make_shared<nn::MultiheadAttention>(
      a.i("embed_dim"), a.i("num_heads"),
      nn::MultiheadAttentionOptions{.dropout = a.d("dropout", 0),
                                    .bias = a.flag("bias", true),
                                    .add_bias_kv = a.flag("add_bias_kv", false),
                                    .add_zero_attn = a.flag("add_zero_attn", false),
                                    .kdim = a.maybe_i("kdim"),
                                    .vdim = a.maybe_i("vdim"),
                                    .batch_first = a.flag("batch_first", false)});
  return {module, [module](const Inputs& x, const Given& named) {
            const nn::AttentionOutput out = (*module)(x.at(0), x.at(1), x.at(2),
                                                      {.key_padding_mask = named.tensor("key_padding_mask"),
                                                       .need_weights = named.flag("need_weights", true),
                                                       .attn_mask = named.tensor("attn_mask")});
            return std::vector{out.output, out.weights};
          }};
}

Built function(const Given&) {
  return {
      nullptr, [](const Inputs& x, const Given& named) {
        return std::vector{nn::functional::scaled_dot_product_attention(x.at(0), x.at(1), x.at(2),
                                                                        {.attn_mask = named.tensor("attn_mask"),
                                                                         .is_causal = named.flag("is_causal", false),
                                                                         .scale = named.maybe_d("scale")})};
      }};
}

const Layers attention_layers{
    {"scaled_dot_product_attention", function},
    {"MultiheadAttention", attention},
};

}  // namespace
}  // namespace tenon::parity
