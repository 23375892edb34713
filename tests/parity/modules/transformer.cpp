#include <tenon/nn/layers/transformer.h>

#include "modules/layers.h"

namespace tenon::parity {
namespace {

template <class Options>
Options shared_options(const Given& a) {
  Options o;
  o.dim_feedforward = a.i("dim_feedforward");
  o.dropout = a.d("dropout", o.dropout);
  if (a.has("activation")) o.activation = a.text("activation", "").c_str();
  o.layer_norm_eps = a.d("layer_norm_eps", o.layer_norm_eps);
  o.batch_first = a.flag("batch_first", o.batch_first);
  o.norm_first = a.flag("norm_first", o.norm_first);
  o.bias = a.flag("bias", o.bias);
  return o;
}

template <class Layer>
Layer transformer_layer(const Given& a) {
  return {a.i("d_model"), a.i("nhead"), shared_options<nn::TransformerLayerOptions>(a)};
}

Built encoder_layer(const Given& a) {
  auto module = std::make_shared<nn::TransformerEncoderLayer>(transformer_layer<nn::TransformerEncoderLayer>(a));
  return {module, [module](const Inputs& x, const Given& named) {
            return std::vector{(*module)(x.at(0), {.src_mask = named.tensor("src_mask"),
                                                   .src_key_padding_mask = named.tensor("src_key_padding_mask")})};
          }};
}

Built decoder_layer(const Given& a) {
  auto module = std::make_shared<nn::TransformerDecoderLayer>(transformer_layer<nn::TransformerDecoderLayer>(a));
  return {module, [module](const Inputs& x, const Given& named) {
            return std::vector{(*module)(x.at(0), x.at(1),
                                         {.tgt_mask = named.tensor("tgt_mask"),
                                          .memory_mask = named.tensor("memory_mask"),
                                          .tgt_key_padding_mask = named.tensor("tgt_key_padding_mask"),
                                          .memory_key_padding_mask = named.tensor("memory_key_padding_mask")})};
          }};
}

Built encoder(const Given& a) {
  auto module = std::make_shared<nn::TransformerEncoder>(
      transformer_layer<nn::TransformerEncoderLayer>(a.arguments_of("encoder_layer")), a.i("num_layers"));
  return {module, [module](const Inputs& x, const Given& named) {
            return std::vector{(*module)(
                x.at(0), {.mask = named.tensor("mask"), .src_key_padding_mask = named.tensor("src_key_padding_mask")})};
          }};
}

Built transformer(const Given& a) {
  auto o = shared_options<nn::TransformerOptions>(a);
  o.d_model = a.i("d_model");
  o.nhead = a.i("nhead");
  o.num_encoder_layers = a.i("num_encoder_layers");
  o.num_decoder_layers = a.i("num_decoder_layers");
  auto module = std::make_shared<nn::Transformer>(o);
  return {module, [module](const Inputs& x, const Given& named) {
            return std::vector{(*module)(x.at(0), x.at(1),
                                         {.src_mask = named.tensor("src_mask"),
                                          .tgt_mask = named.tensor("tgt_mask"),
                                          .src_key_padding_mask = named.tensor("src_key_padding_mask"),
                                          .tgt_key_padding_mask = named.tensor("tgt_key_padding_mask")})};
          }};
}

const Layers transformer_layers{
    {"TransformerEncoderLayer", encoder_layer},
    {"TransformerDecoderLayer", decoder_layer},
    {"TransformerEncoder", encoder},
    {"Transformer", transformer},
};

}  // namespace
}  // namespace tenon::parity
