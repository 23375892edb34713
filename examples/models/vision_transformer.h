#pragma once
// Vision Transformer (Dosovitskiy et al. 2020, "An image is worth 16x16 words"), with torchvision's keys: its files
// load.
#include <tenon/tenon.h>

namespace models {

using tenon::Tensor;
namespace nn = tenon::nn;

/// By default the base size with patches of 16, ViT-B/16.
struct VisionTransformerOptions {
  int64_t image_size = 224;
  int64_t patch_size = 16;  ///< divides image_size
  int64_t num_layers = 12;
  int64_t num_heads = 12;
  int64_t hidden_dim = 768;
  int64_t mlp_dim = 3072;
  double dropout = 0;
  int64_t num_classes = 1000;
};

struct ViTBlock : nn::Module<ViTBlock> {
  nn::LayerNorm ln_1;
  nn::MultiheadAttention self_attention;
  nn::Dropout dropout;
  nn::LayerNorm ln_2;
  nn::Sequential mlp;

  explicit ViTBlock(const VisionTransformerOptions& o)
      : ln_1({o.hidden_dim}, {.eps = 1e-6}),
        self_attention(o.hidden_dim, o.num_heads, {.batch_first = true}),
        dropout(o.dropout),
        ln_2({o.hidden_dim}, {.eps = 1e-6}),
        mlp{nn::Linear(o.hidden_dim, o.mlp_dim), nn::GELU(), nn::Dropout(o.dropout),
            nn::Linear(o.mlp_dim, o.hidden_dim), nn::Dropout(o.dropout)} {
    for (const std::string_view linear : {"0", "3"}) {
      auto& layer = mlp.get_submodule<nn::Linear>(linear);
      nn::init::xavier_uniform_(layer.weight);
      nn::init::normal_(layer.bias, 0, 1e-6);
    }
  }

  Tensor forward(Tensor x) {  // (B, T, C)
    const Tensor h = ln_1(x);
    x = x + dropout(self_attention(h, h, h, {.need_weights = false}).output);
    return x + mlp(ln_2(x));
  }

  TENON_MODULE(ViTBlock, ln_1, self_attention, dropout, ln_2, mlp)
};

struct ViTEncoder : nn::Module<ViTEncoder> {
  nn::Parameter pos_embedding;  // (1, T, C)
  nn::Dropout dropout;
  nn::Sequential layers;
  nn::LayerNorm ln;

  ViTEncoder(int64_t places, const VisionTransformerOptions& o)
      : pos_embedding(tenon::empty({1, places, o.hidden_dim})), dropout(o.dropout), ln({o.hidden_dim}, {.eps = 1e-6}) {
    nn::init::normal_(pos_embedding, 0, 0.02);
    for (int64_t i = 0; i < o.num_layers; ++i)
      layers.append(nn::named(fmt::format("encoder_layer_{}", i), ViTBlock(o)));
  }

  Tensor forward(const Tensor& x) { return ln(layers(dropout(x + pos_embedding))); }

  TENON_MODULE(ViTEncoder, pos_embedding, dropout, layers, ln)
};

/// Images (N, 3, image_size, image_size) → scores (N, num_classes).
struct VisionTransformer : nn::Module<VisionTransformer> {
  nn::Parameter class_token;  // (1, 1, C), before the patches
  nn::Conv2d conv_proj;
  ViTEncoder encoder;
  nn::Sequential heads;

  explicit VisionTransformer(const VisionTransformerOptions& o = {})
      : class_token(tenon::zeros({1, 1, o.hidden_dim})),
        conv_proj(3, o.hidden_dim, o.patch_size, {.stride = o.patch_size}),
        encoder(1 + (o.image_size / o.patch_size) * (o.image_size / o.patch_size), o),
        heads{nn::named("head", nn::Linear(o.hidden_dim, o.num_classes))} {
    nn::init::trunc_normal_(conv_proj.weight, 0, 1 / std::sqrt(3.0 * static_cast<double>(o.patch_size * o.patch_size)));
    nn::init::zeros_(conv_proj.bias);
    auto& head = heads.get_submodule<nn::Linear>("head");
    nn::init::zeros_(head.weight);
    nn::init::zeros_(head.bias);
  }

  Tensor forward(const Tensor& images) {
    const Tensor patches = conv_proj(images).flatten(2).transpose(1, 2);  // (N, T − 1, C)
    const Tensor first = class_token.expand({images.size(0), -1, -1});
    return heads(encoder(tenon::cat({first, patches}, 1)).select(1, 0));
  }

  TENON_MODULE(VisionTransformer, class_token, conv_proj, encoder, heads)
};

}  // namespace models
