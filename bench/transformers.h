#pragma once
// Transformers, as bench/peers/torch_anchor.py has them.
#include <utility>
#include <vector>

#include <tenon/nn/functional.h>
#include <tenon/tenon.h>

namespace bench {

using tenon::Tensor;
namespace nn = tenon::nn;

/// Norms first, gelu: (N, T, d) → the same.
struct Block : nn::Module<Block> {
  nn::LayerNorm norm1;
  nn::MultiheadAttention attn;
  nn::LayerNorm norm2;
  nn::Sequential ff;
  nn::Dropout dropout;

  Block(int64_t d, int64_t heads)
      : norm1(d),
        attn(d, heads, {.batch_first = true}),
        norm2(d),
        ff{nn::Linear(d, 4 * d), nn::GELU(), nn::Linear(4 * d, d)},
        dropout(0) {}

  Tensor forward(Tensor x) {
    const Tensor h = norm1(x);
    x = x + dropout(attn(h, h, h, {.need_weights = false}).output);
    return x + dropout(ff(norm2(x)));
  }

  TENON_MODULE(Block, norm1, attn, norm2, ff, dropout)
};

struct Encoder : nn::Module<Encoder> {
  nn::ModuleList<Block> layers;
  nn::LayerNorm norm;

  Encoder(int n, int64_t d, int64_t heads) : norm(d) {
    for (int i = 0; i < n; ++i) layers.emplace_back(d, heads);
  }

  Tensor forward(Tensor x) {
    for (Block& layer : layers) x = layer(x);
    return norm(x);
  }

  TENON_MODULE(Encoder, layers, norm)
};

/// The keys and values of the tokens so far, (1, heads, T, d/heads).
struct Cache {
  Tensor key, value;
};

/// A layer of GPT-2: (N, T, d) → the same.
struct GptBlock : nn::Module<GptBlock> {
  int64_t heads;
  nn::LayerNorm l1;
  nn::Linear qkv, o;
  nn::LayerNorm l2;
  nn::Linear f1, f2;

  GptBlock(int64_t d, int64_t h) : heads(h), l1(d), qkv(d, 3 * d), o(d, d), l2(d), f1(d, 4 * d), f2(4 * d, d) {}

  /// Causal; with a cache, one token that follows it.
  Tensor forward(Tensor x, const Cache& cache = {}) {
    const int64_t batch = x.size(0), length = x.size(1), d = x.size(2);
    const auto parts = qkv(l1(x))
                           .view({batch, length, 3, heads, d / heads})
                           .permute({2, 0, 3, 1, 4})
                           .unbind(0);  // each (N, h, T, d/h)
    const bool cached = cache.key.defined();
    const Tensor key = cached ? tenon::cat({cache.key, parts[1]}, 2) : parts[1],
                 value = cached ? tenon::cat({cache.value, parts[2]}, 2) : parts[2];
    const Tensor y = nn::functional::scaled_dot_product_attention(parts[0], key, value, {.is_causal = !cached});
    x = x + o(y.transpose(1, 2).reshape({batch, length, d}));
    return x + f2(nn::functional::gelu(f1(l2(x)), nn::functional::GELUApproximation::tanh));
  }

  TENON_MODULE(GptBlock, heads, l1, qkv, o, l2, f1, f2)
};

/// GPT-2: tokens (N, T) → logits (N, T, 50257).
struct Gpt : nn::Module<Gpt> {
  nn::Embedding wte{50257, 768}, wpe{1024, 768};
  nn::ModuleList<GptBlock> h;
  nn::LayerNorm ln{768};

  Gpt() {
    for (int i = 0; i < 12; ++i) h.emplace_back(768, 12);
  }

  Tensor forward(const Tensor& tokens, const std::vector<Cache>& cache = {}) {
    const int64_t before = cache.empty() ? 0 : cache[0].key.size(2);
    Tensor y = wte(tokens) + wpe(tenon::arange(before, before + tokens.size(1)));
    for (int64_t i = 0; i < h.size(); ++i) y = h[i](y, cache.empty() ? Cache() : cache[static_cast<std::size_t>(i)]);
    return tenon::matmul(ln(y), wte.weight.t());
  }

  TENON_MODULE(Gpt, wte, wpe, h, ln)
};

}  // namespace bench
