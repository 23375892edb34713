// AttaCut's word splitter: two embeddings, three dilated convolutions with batch normalisation, of which the largest
// counts, two linear layers.
#include <tenon/nn/functional.h>
#include <tenon/tenon.h>

#include "real.h"

namespace tenon::parity {
namespace {

struct ConvBN : nn::Module<ConvBN> {
  nn::Conv1d conv;
  nn::BatchNorm1d bn{64};

  ConvBN(int64_t size, int64_t dilation) : conv(48, 64, size, {.padding = size / 2 * dilation, .dilation = dilation}) {}
  Tensor forward(const Tensor& x) { return bn(conv(x)); }
  TENON_MODULE(ConvBN, conv, bn)
};

struct Splitter : nn::Module<Splitter> {
  nn::Embedding ch_embeddings{139, 32, {.padding_idx = 0}}, sy_embeddings{6227, 16, {.padding_idx = 0}};
  nn::Dropout dropout{0.0};
  ConvBN conv1{3, 1}, conv2{5, 3}, conv3{9, 2};
  nn::Linear linear1{64, 32}, linear2{32, 1};

  Tensor embed(const Tensor& tokens) {  // (B, 2, T) → (B, T, C)
    return cat({ch_embeddings(tokens.select(1, 0)), sy_embeddings(tokens.select(1, 1))}, 2);
  }
  Tensor forward(const Tensor& embedding) {
    const Tensor x = embedding.permute({0, 2, 1});
    const auto branch = [&](ConvBN& conv) { return dropout(conv(x).permute({0, 2, 1})); };
    const Tensor best = stack({branch(conv1), branch(conv2), branch(conv3)}, 3).max(3).values;
    return linear2(linear1(best).relu()).view(-1);
  }
  TENON_MODULE(Splitter, ch_embeddings, sy_embeddings, dropout, conv1, conv2, conv3, linear1, linear2)
};

}  // namespace

RealModel thai_conv1d() {
  const auto model = std::make_shared<Splitter>();
  return {model, [model](const std::vector<Value>& files) { model->load_state_dict(files.at(0)); },
          [model](const Dict& data) -> RealModel::Run {
            const Tensor embedding = model->embed(data["input.tokens"].as<Tensor>());
            return {{{"logits", (*model)(embedding)}, {"embedding", embedding}}, {{"embedding", embedding}}};
          }};
}

}  // namespace tenon::parity
