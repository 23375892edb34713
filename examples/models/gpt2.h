#pragma once
// GPT-2 (Radford et al. 2019, "Language models are unsupervised multitask learners"), with Hugging Face's keys: GPT2's
// are those of GPT2LMHeadModel, GPT2Model's those of the published files.
#include "models/key_value_cache.h"

namespace models {

struct GPT2Options {
  int64_t vocab_size = 50257;
  int64_t n_positions = 1024;
  int64_t n_embd = 768;
  int64_t n_layer = 12;
  int64_t n_head = 12;
  double dropout = 0.1;
};

/// A linear layer whose weight lies as (in, out), which is how GPT-2's files have it.
struct Conv1D : nn::Module<Conv1D> {
  nn::Parameter weight, bias;

  Conv1D(int64_t out, int64_t in) : weight(tenon::empty({in, out})), bias(tenon::zeros({out})) {
    nn::init::normal_(weight, 0, 0.02);
  }

  Tensor forward(const Tensor& x) { return nn::functional::linear(x, weight.t(), bias); }

  TENON_MODULE(Conv1D, weight, bias)
};

struct GPT2Attention : nn::Module<GPT2Attention> {
  int64_t heads;
  Conv1D c_attn, c_proj;
  nn::Dropout attn_dropout, resid_dropout;

  explicit GPT2Attention(const GPT2Options& o)
      : heads(o.n_head),
        c_attn(3 * o.n_embd, o.n_embd),
        c_proj(o.n_embd, o.n_embd),
        attn_dropout(o.dropout),
        resid_dropout(o.dropout) {}

  Tensor forward(const Tensor& x, KeyValueCache* cache, std::size_t layer) {  // (B, T, C)
    const auto parts = c_attn(x).split(x.size(2), 2);
    Tensor keys = split_heads(parts[1], heads), values = split_heads(parts[2], heads);
    if (cache) std::tie(keys, values) = cache->append(layer, keys, values);
    const double p = training() ? attn_dropout.p : 0;
    return resid_dropout(c_proj(join_heads(causal_attention(split_heads(parts[0], heads), keys, values, p))));
  }

  TENON_MODULE(GPT2Attention, heads, c_attn, c_proj, attn_dropout, resid_dropout)
};

struct GPT2MLP : nn::Module<GPT2MLP> {
  Conv1D c_fc, c_proj;
  nn::Dropout dropout;

  explicit GPT2MLP(const GPT2Options& o)
      : c_fc(4 * o.n_embd, o.n_embd), c_proj(o.n_embd, 4 * o.n_embd), dropout(o.dropout) {}

  Tensor forward(const Tensor& x) {
    return dropout(c_proj(nn::functional::gelu(c_fc(x), nn::functional::GELUApproximation::tanh)));
  }

  TENON_MODULE(GPT2MLP, c_fc, c_proj, dropout)
};

struct GPT2Block : nn::Module<GPT2Block> {
  nn::LayerNorm ln_1;
  GPT2Attention attn;
  nn::LayerNorm ln_2;
  GPT2MLP mlp;

  explicit GPT2Block(const GPT2Options& o) : ln_1(o.n_embd), attn(o), ln_2(o.n_embd), mlp(o) {}

  Tensor forward(Tensor x, KeyValueCache* cache, std::size_t layer) {
    x = x + attn(ln_1(x), cache, layer);
    return x + mlp(ln_2(x));
  }

  TENON_MODULE(GPT2Block, ln_1, attn, ln_2, mlp)
};

/// Numbers of tokens (B, T) → what the last block makes of them (B, T, n_embd).
struct GPT2Model : nn::Module<GPT2Model> {
  nn::Embedding wte, wpe;
  nn::Dropout drop;
  nn::ModuleList<GPT2Block> h;
  nn::LayerNorm ln_f;

  explicit GPT2Model(const GPT2Options& o)
      : wte(o.vocab_size, o.n_embd), wpe(o.n_positions, o.n_embd), drop(o.dropout), ln_f(o.n_embd) {
    for (nn::Embedding* table : {&wte, &wpe}) nn::init::normal_(table->weight, 0, 0.02);
    for (int64_t i = 0; i < o.n_layer; ++i) {
      GPT2Block& block = h.emplace_back(o);
      // What is added to the residual stream 2·n_layer times starts smaller.
      for (Conv1D* last : {&block.attn.c_proj, &block.mlp.c_proj})
        nn::init::normal_(last->weight, 0, 0.02 / std::sqrt(2.0 * static_cast<double>(o.n_layer)));
    }
  }

  Tensor forward(const Tensor& tokens, KeyValueCache* cache = nullptr) {
    const int64_t before = cache ? cache->length() : 0;
    const Tensor places = tenon::arange(before, before + tokens.size(1), 1, {.device = tokens.device()});
    Tensor x = drop(wte(tokens) + wpe(places));
    for (std::size_t layer = 0; GPT2Block & block : h) x = block(x, cache, layer++);
    return ln_f(x);
  }

  TENON_MODULE(GPT2Model, wte, wpe, drop, h, ln_f)
};

/// Numbers of tokens (B, T) → scores of the next one (B, T, vocab_size), by the table that embeds them.
struct GPT2 : nn::Module<GPT2> {
  GPT2Model transformer;
  nn::Linear lm_head;

  explicit GPT2(const GPT2Options& o = {})
      : transformer(o), lm_head(o.n_embd, o.vocab_size, {.bias = false, .device = tenon::kMeta}) {
    lm_head.weight = transformer.wte.weight;
  }

  Tensor forward(const Tensor& tokens, KeyValueCache* cache = nullptr) { return lm_head(transformer(tokens, cache)); }

  TENON_MODULE(GPT2, transformer, lm_head)
};

}  // namespace models
