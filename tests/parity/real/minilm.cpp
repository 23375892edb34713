// all-MiniLM-L6-v2: BERT of six layers, whose kept positions' mean is a sentence's embedding.
#include <cmath>
#include <limits>

#include <tenon/creation.h>
#include <tenon/nn/functional.h>
#include <tenon/tenon.h>

#include "real.h"

namespace tenon::parity {
namespace {

constexpr int64_t width = 384, heads = 12, inner = 1536, layers = 6;
nn::LayerNormOptions norm_options() { return {.eps = 1e-12}; }

/// Rows of a table: (*) → (*, width).
struct Table : nn::Module<Table> {
  nn::Parameter weight;
  Table(int64_t rows) : weight(zeros({rows, width})) {}
  Tensor forward(const Tensor& numbers) {
    Shape shape = numbers.shape();
    shape.push_back(width);
    return weight.index_select(0, numbers.reshape({-1})).view(shape);
  }
  TENON_MODULE(Table, weight)
};

struct Embeddings : nn::Module<Embeddings> {
  nn::Buffer position_ids{arange(512).view({1, 512})};
  Table word_embeddings{30522}, position_embeddings{512}, token_type_embeddings{2};
  nn::LayerNorm LayerNorm{{width}, norm_options()};
  Tensor forward(const Tensor& tokens) {  // (B, T) → (B, T, C), before the norm
    const Tensor positions = position_ids.slice(1, {0, tokens.size(1)});
    return word_embeddings(tokens) + token_type_embeddings(zeros_like(tokens)) + position_embeddings(positions);
  }
  TENON_MODULE(Embeddings, position_ids, word_embeddings, position_embeddings, token_type_embeddings, LayerNorm)
};

struct SelfAttention : nn::Module<SelfAttention> {
  nn::Linear query{width, width}, key{width, width}, value{width, width};
  Tensor forward(const Tensor& x, const Tensor& mask) {
    const auto split = [](const Tensor& t) { return t.unflatten(-1, {heads, width / heads}).transpose(1, 2); };
    const Tensor q = split(query(x)), k = split(key(x)), v = split(value(x));  // (B, H, T, C / H)
    const Tensor scores = q.matmul(k.transpose(-1, -2)) / std::sqrt(static_cast<double>(width / heads)) + mask;
    return scores.softmax(-1).matmul(v).transpose(1, 2).flatten(2);
  }
  TENON_MODULE(SelfAttention, query, key, value)
};

struct Projection : nn::Module<Projection> {  // and what is added to it
  nn::Linear dense;
  nn::LayerNorm LayerNorm{{width}, norm_options()};
  Projection(int64_t from) : dense(from, width) {}
  Tensor forward(const Tensor& y, const Tensor& x) { return LayerNorm(dense(y) + x); }
  TENON_MODULE(Projection, dense, LayerNorm)
};

struct Attention : nn::Module<Attention> {
  SelfAttention self;
  Projection output{width};
  Tensor forward(const Tensor& x, const Tensor& mask) { return output(self(x, mask), x); }
  TENON_MODULE(Attention, self, output)
};

struct Dense : nn::Module<Dense> {
  nn::Linear dense;
  Dense(int64_t to) : dense(width, to) {}
  Tensor forward(const Tensor& x) { return dense(x); }
  TENON_MODULE(Dense, dense)
};

struct Layer : nn::Module<Layer> {
  Attention attention;
  Dense intermediate{inner};
  Projection output{inner};
  Tensor forward(const Tensor& x, const Tensor& mask) {
    const Tensor y = attention(x, mask);
    return output(nn::functional::gelu(intermediate(y)), y);
  }
  TENON_MODULE(Layer, attention, intermediate, output)
};

struct Layers : nn::Module<Layers> {
  nn::ModuleList<Layer> layer;
  Layers() {
    for (int64_t i = 0; i < layers; ++i) layer.emplace_back();
  }
  Tensor forward(Tensor x, const Tensor& mask) {
    for (auto& one : layer) x = one(x, mask);
    return x;
  }
  TENON_MODULE(Layers, layer)
};

struct Encoder : nn::Module<Encoder> {
  Embeddings embeddings;
  Layers encoder;
  Dense pooler{width};                                           // in the file; a sentence's embedding does without
  Tensor forward(const Tensor& embedding, const Tensor& kept) {  // (B, T, C), (B, T)
    const Tensor mask = (1.0 - kept.to(float32).unsqueeze(1).unsqueeze(1)) * std::numeric_limits<float>::lowest();
    return encoder(embeddings.LayerNorm(embedding), mask);
  }
  TENON_MODULE(Encoder, embeddings, encoder, pooler)
};

}  // namespace

RealModel minilm() {
  const auto model = std::make_shared<Encoder>();
  return {model, [model](const std::vector<Value>& files) { model->load_state_dict(files.at(0)); },
          [model](const Dict& data) -> RealModel::Run {
            const Tensor kept = data["input.kept"].as<Tensor>(), weight = kept.to(float32).unsqueeze(2);
            const Tensor embedding = model->embeddings(data["input.tokens"].as<Tensor>());
            const Tensor hidden = (*model)(embedding, kept);
            const Tensor mean = (hidden * weight).sum({1}) / weight.sum({1}).clamp(1e-9);
            const Tensor sentence = mean / mean.norm(2, {1}, true).clamp(1e-12);
            return {{{"hidden", hidden}, {"sentence", sentence}}, {{"embedding", embedding}}};
          }};
}

}  // namespace tenon::parity
