#pragma once
// Llama (Touvron et al. 2023, "LLaMA: open and efficient foundation language models"), with Hugging Face's keys. Places
// are told by turning queries and keys (Su et al. 2021, "RoFormer").
#include "models/key_value_cache.h"

namespace models {

struct LlamaOptions {
  int64_t vocab_size = 32000;
  int64_t hidden_size = 4096;
  int64_t intermediate_size = 11008;
  int64_t num_hidden_layers = 32;
  int64_t num_attention_heads = 32;
  int64_t num_key_value_heads = 32;  ///< divides num_attention_heads: each serves several queries
  double rms_norm_eps = 1e-6;
  double rope_theta = 10000;
  bool tie_word_embeddings = false;
};

/// Angles of places first … first + count − 1: cosines and sines, (count, head_dim).
inline std::pair<Tensor, Tensor> rotary_angles(int64_t first, int64_t count, int64_t head_dim, double theta) {
  const tenon::TensorOptions as{.dtype = tenon::float32};
  const Tensor frequency =
      tenon::pow(theta, tenon::arange(0, head_dim, 2, as) / static_cast<double>(head_dim)).reciprocal();
  const Tensor half = tenon::outer(tenon::arange(first, first + count, 1, as), frequency);
  const Tensor angle = tenon::cat({half, half}, 1);
  return {angle.cos(), angle.sin()};
}

/// Pairs (i, i + D/2) of x (B, H, T, D), turned by the angles (T, D).
inline Tensor rotate(const Tensor& x, const Tensor& cosine, const Tensor& sine) {
  const auto halves = x.chunk(2, -1);
  return x * cosine + tenon::cat({-halves[1], halves[0]}, -1) * sine;
}

struct LlamaAttention : nn::Module<LlamaAttention> {
  int64_t heads, key_value_heads;
  double theta;
  nn::Linear q_proj, k_proj, v_proj, o_proj;

  explicit LlamaAttention(const LlamaOptions& o)
      : heads(o.num_attention_heads),
        key_value_heads(o.num_key_value_heads),
        theta(o.rope_theta),
        q_proj(o.hidden_size, o.hidden_size, {.bias = false}),
        k_proj(o.hidden_size, o.hidden_size / heads * key_value_heads, {.bias = false}),
        v_proj(o.hidden_size, o.hidden_size / heads * key_value_heads, {.bias = false}),
        o_proj(o.hidden_size, o.hidden_size, {.bias = false}) {}

  Tensor forward(const Tensor& x, int64_t before, KeyValueCache* cache, std::size_t layer) {  // (B, T, C)
    const auto [cosine, sine] = rotary_angles(before, x.size(1), x.size(2) / heads, theta);
    const Tensor query = rotate(split_heads(q_proj(x), heads), cosine, sine);
    Tensor keys = rotate(split_heads(k_proj(x), key_value_heads), cosine, sine);
    Tensor values = split_heads(v_proj(x), key_value_heads);
    if (cache) std::tie(keys, values) = cache->append(layer, keys, values);
    return o_proj(join_heads(causal_attention(query, keys, values)));
  }

  TENON_MODULE(LlamaAttention, heads, key_value_heads, theta, q_proj, k_proj, v_proj, o_proj)
};

/// SwiGLU (Shazeer 2020, "GLU variants improve Transformer").
struct LlamaMLP : nn::Module<LlamaMLP> {
  nn::Linear gate_proj, up_proj, down_proj;

  explicit LlamaMLP(const LlamaOptions& o)
      : gate_proj(o.hidden_size, o.intermediate_size, {.bias = false}),
        up_proj(o.hidden_size, o.intermediate_size, {.bias = false}),
        down_proj(o.intermediate_size, o.hidden_size, {.bias = false}) {}

  Tensor forward(const Tensor& x) { return down_proj(nn::functional::silu(gate_proj(x)) * up_proj(x)); }

  TENON_MODULE(LlamaMLP, gate_proj, up_proj, down_proj)
};

struct LlamaLayer : nn::Module<LlamaLayer> {
  LlamaAttention self_attn;
  LlamaMLP mlp;
  nn::RMSNorm input_layernorm, post_attention_layernorm;

  explicit LlamaLayer(const LlamaOptions& o)
      : self_attn(o),
        mlp(o),
        input_layernorm({o.hidden_size}, {.eps = o.rms_norm_eps}),
        post_attention_layernorm({o.hidden_size}, {.eps = o.rms_norm_eps}) {}

  Tensor forward(Tensor x, int64_t before, KeyValueCache* cache, std::size_t layer) {
    x = x + self_attn(input_layernorm(x), before, cache, layer);
    return x + mlp(post_attention_layernorm(x));
  }

  TENON_MODULE(LlamaLayer, self_attn, mlp, input_layernorm, post_attention_layernorm)
};

/// Numbers of tokens (B, T) → what the last layer makes of them (B, T, hidden_size).
struct LlamaModel : nn::Module<LlamaModel> {
  nn::Embedding embed_tokens;
  nn::ModuleList<LlamaLayer> layers;
  nn::RMSNorm norm;

  explicit LlamaModel(const LlamaOptions& o)
      : embed_tokens(o.vocab_size, o.hidden_size), norm({o.hidden_size}, {.eps = o.rms_norm_eps}) {
    for (int64_t i = 0; i < o.num_hidden_layers; ++i) layers.emplace_back(o);
  }

  Tensor forward(const Tensor& tokens, KeyValueCache* cache = nullptr) {
    const int64_t before = cache ? cache->length() : 0;
    Tensor x = embed_tokens(tokens);
    for (std::size_t layer = 0; LlamaLayer & each : layers) x = each(x, before, cache, layer++);
    return norm(x);
  }

  TENON_MODULE(LlamaModel, embed_tokens, layers, norm)
};

/// Numbers of tokens (B, T) → scores of the next one (B, T, vocab_size).
struct Llama : nn::Module<Llama> {
  LlamaModel model;
  nn::Linear lm_head;

  explicit Llama(const LlamaOptions& o = {}) : model(o), lm_head(o.hidden_size, o.vocab_size, {.bias = false}) {
    for (nn::ModuleBase& m : modules())
      if (auto* linear = dynamic_cast<nn::Linear*>(&m)) nn::init::normal_(linear->weight, 0, 0.02);
    nn::init::normal_(model.embed_tokens.weight, 0, 0.02);
    if (o.tie_word_embeddings) lm_head.weight = model.embed_tokens.weight;
  }

  Tensor forward(const Tensor& tokens, KeyValueCache* cache = nullptr) { return lm_head(model(tokens, cache)); }

  TENON_MODULE(Llama, model, lm_head)
};

}  // namespace models
