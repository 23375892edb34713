// A list of blocks: pre-norm, attention and feed-forward with residuals.
#include <tenon/tenon.h>

using namespace tenon;

struct TransformerBlock : nn::Module<TransformerBlock> {
  nn::LayerNorm norm1;
  nn::MultiheadAttention attn;
  nn::LayerNorm norm2;
  nn::Sequential ff;
  nn::Dropout dropout;

  TransformerBlock(int64_t d_model, int64_t n_heads, double p = 0.0)
      : norm1(d_model),
        attn(d_model, n_heads, {.batch_first = true}),
        norm2(d_model),
        ff{nn::Linear(d_model, 4 * d_model), nn::GELU(), nn::Linear(4 * d_model, d_model)},
        dropout(p) {}

  Tensor forward(Tensor x, const Tensor& mask = {}) {  // (B, T, C)
    Tensor h = norm1(x);
    x = x + dropout(attn(h, h, h, {.attn_mask = mask}).output);
    return x + dropout(ff(norm2(x)));
  }

  TENON_MODULE(TransformerBlock, norm1, attn, norm2, ff, dropout)
};

struct TransformerEncoder : nn::Module<TransformerEncoder> {
  nn::ModuleList<TransformerBlock> layers;
  nn::LayerNorm norm;

  TransformerEncoder(int num_layers, int64_t d_model, int64_t n_heads) : norm(d_model) {
    for (int i = 0; i < num_layers; ++i) layers.emplace_back(d_model, n_heads);
  }

  Tensor forward(Tensor x) {
    for (auto& layer : layers) x = layer(x);
    return norm(x);
  }

  TENON_MODULE(TransformerEncoder, layers, norm)
};

int main() {
  tenon::manual_seed(0);
  TransformerEncoder model(6, 64, 4);
  fmt::print("{}\n", model);
  fmt::print("{} parameters\n", nn::count(model.parameters()));
  Tensor x = tenon::randn({2, 16, 64});
  fmt::print("{}\n", model(x).shape());

  // The last block alone, with a mask: true where a place must not be looked at.
  const Tensor mask = tenon::ones({16, 16}, {.dtype = boolean}).triu(1);
  const Tensor masked = model.layers[-1](x, mask);
  fmt::print("{:.3f}\n", masked.select(1, 0).norm().item<float>());
  fmt::print("{}\n", masked.allclose(model.layers[-1](x)));
}
