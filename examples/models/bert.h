#pragma once
// BERT's encoder (Devlin et al. 2018, "BERT: pre-training of deep bidirectional Transformers for language
// understanding"), with Hugging Face's keys, those of BertModel.
#include "models/key_value_cache.h"

namespace models {

struct BertOptions {
  int64_t vocab_size = 30522;
  int64_t hidden_size = 768;
  int64_t num_hidden_layers = 12;
  int64_t num_attention_heads = 12;
  int64_t intermediate_size = 3072;
  int64_t max_position_embeddings = 512;
  int64_t type_vocab_size = 2;
  double dropout = 0.1;
  double layer_norm_eps = 1e-12;
};

struct BertEmbeddings : nn::Module<BertEmbeddings> {
  nn::Embedding word_embeddings, position_embeddings, token_type_embeddings;
  nn::LayerNorm LayerNorm;
  nn::Dropout dropout;

  explicit BertEmbeddings(const BertOptions& o)
      : word_embeddings(o.vocab_size, o.hidden_size, {.padding_idx = 0}),
        position_embeddings(o.max_position_embeddings, o.hidden_size),
        token_type_embeddings(o.type_vocab_size, o.hidden_size),
        LayerNorm({o.hidden_size}, {.eps = o.layer_norm_eps}),
        dropout(o.dropout) {}

  Tensor forward(const Tensor& tokens, const Tensor& types) {  // (B, T)
    const Tensor places = tenon::arange(0, tokens.size(1), 1, {.device = tokens.device()});
    const Tensor type = types.defined() ? types : tenon::zeros_like(tokens);
    return dropout(LayerNorm(word_embeddings(tokens) + token_type_embeddings(type) + position_embeddings(places)));
  }

  TENON_MODULE(BertEmbeddings, word_embeddings, position_embeddings, token_type_embeddings, LayerNorm, dropout)
};

struct BertSelfAttention : nn::Module<BertSelfAttention> {
  int64_t heads;
  nn::Linear query, key, value;
  nn::Dropout dropout;

  explicit BertSelfAttention(const BertOptions& o)
      : heads(o.num_attention_heads),
        query(o.hidden_size, o.hidden_size),
        key(o.hidden_size, o.hidden_size),
        value(o.hidden_size, o.hidden_size),
        dropout(o.dropout) {}

  Tensor forward(const Tensor& x, const Tensor& mask) {  // (B, T, C)
    return join_heads(nn::functional::scaled_dot_product_attention(
        split_heads(query(x), heads), split_heads(key(x), heads), split_heads(value(x), heads),
        {.attn_mask = mask, .dropout_p = training() ? dropout.p : 0}));
  }

  TENON_MODULE(BertSelfAttention, heads, query, key, value, dropout)
};

/// A linear layer, added to what went round it, normalised.
struct BertOutput : nn::Module<BertOutput> {
  nn::Linear dense;
  nn::LayerNorm LayerNorm;
  nn::Dropout dropout;

  BertOutput(int64_t in, const BertOptions& o)
      : dense(in, o.hidden_size), LayerNorm({o.hidden_size}, {.eps = o.layer_norm_eps}), dropout(o.dropout) {}

  Tensor forward(const Tensor& x, const Tensor& round) { return LayerNorm(dropout(dense(x)) + round); }

  TENON_MODULE(BertOutput, dense, LayerNorm, dropout)
};

struct BertAttention : nn::Module<BertAttention> {
  BertSelfAttention self;
  BertOutput output;

  explicit BertAttention(const BertOptions& o) : self(o), output(o.hidden_size, o) {}

  Tensor forward(const Tensor& x, const Tensor& mask) { return output(self(x, mask), x); }

  TENON_MODULE(BertAttention, self, output)
};

struct BertIntermediate : nn::Module<BertIntermediate> {
  nn::Linear dense;

  explicit BertIntermediate(const BertOptions& o) : dense(o.hidden_size, o.intermediate_size) {}

  Tensor forward(const Tensor& x) { return nn::functional::gelu(dense(x)); }

  TENON_MODULE(BertIntermediate, dense)
};

struct BertLayer : nn::Module<BertLayer> {
  BertAttention attention;
  BertIntermediate intermediate;
  BertOutput output;

  explicit BertLayer(const BertOptions& o) : attention(o), intermediate(o), output(o.intermediate_size, o) {}

  Tensor forward(const Tensor& x, const Tensor& mask) {
    const Tensor y = attention(x, mask);
    return output(intermediate(y), y);
  }

  TENON_MODULE(BertLayer, attention, intermediate, output)
};

struct BertEncoder : nn::Module<BertEncoder> {
  nn::ModuleList<BertLayer> layer;

  explicit BertEncoder(const BertOptions& o) {
    for (int64_t i = 0; i < o.num_hidden_layers; ++i) layer.emplace_back(o);
  }

  Tensor forward(Tensor x, const Tensor& mask) {
    for (BertLayer& each : layer) x = each(x, mask);
    return x;
  }

  TENON_MODULE(BertEncoder, layer)
};

struct BertPooler : nn::Module<BertPooler> {
  nn::Linear dense;

  explicit BertPooler(const BertOptions& o) : dense(o.hidden_size, o.hidden_size) {}

  Tensor forward(const Tensor& x) { return dense(x.select(1, 0)).tanh(); }

  TENON_MODULE(BertPooler, dense)
};

struct BertResult {
  Tensor last_hidden_state;  ///< (B, T, hidden_size)
  Tensor pooler_output;      ///< (B, hidden_size), of the first token
};

/// Numbers of tokens (B, T); attention_mask (B, T) is 0 where a token is only there to fill the row; token_type_ids
/// (B, T) tell one sentence from the other.
struct Bert : nn::Module<Bert> {
  BertEmbeddings embeddings;
  BertEncoder encoder;
  BertPooler pooler;

  explicit Bert(const BertOptions& o = {}) : embeddings(o), encoder(o), pooler(o) {
    for (nn::ModuleBase& m : modules()) {
      if (auto* linear = dynamic_cast<nn::Linear*>(&m)) {
        nn::init::normal_(linear->weight, 0, 0.02);
        nn::init::zeros_(linear->bias);
      }
      if (auto* table = dynamic_cast<nn::Embedding*>(&m)) nn::init::normal_(table->weight, 0, 0.02);
    }
    nn::init::zeros_(embeddings.word_embeddings.weight.detach()[0]);
  }

  BertResult forward(const Tensor& tokens, const Tensor& attention_mask = {}, const Tensor& token_type_ids = {}) {
    const Tensor mask =
        attention_mask.defined() ? (attention_mask != 0).unsqueeze(1).unsqueeze(1) : Tensor();  // (B, 1, 1, T)
    const Tensor x = encoder(embeddings(tokens, token_type_ids), mask);
    return {x, pooler(x)};
  }

  TENON_MODULE(Bert, embeddings, encoder, pooler)
};

}  // namespace models
