// Resemblyzer's encoder of voices: three LSTM layers, whose last state a linear layer makes a vector of length 1.
#include <tenon/tenon.h>

#include "real.h"

namespace tenon::parity {
namespace {

struct SpeakerEncoder : nn::Module<SpeakerEncoder> {
  nn::LSTM lstm{40, 256, {.num_layers = 3, .batch_first = true}};
  nn::Linear linear{256, 256};

  Tensor forward(const Tensor& mels) {  // (B, T, 40) → (B, 256)
    const Tensor embedding = linear(lstm(mels).state.h[-1]).relu();
    return embedding / embedding.norm(2, {1}, true);
  }
  TENON_MODULE(SpeakerEncoder, lstm, linear)
};

}  // namespace

RealModel speaker_lstm() {
  const auto model = std::make_shared<SpeakerEncoder>();
  return {model,
          [model](const std::vector<Value>& files) {
            // The file has two numbers more, which a comparison of voices takes.
            model->load_state_dict(files.at(0).as<Dict>()["model_state"], {.strict = false});
          },
          [model](const Dict& data) -> RealModel::Run {
            const Tensor mels = data["input.mels"].as<Tensor>().requires_grad_();
            return {{{"embedding", (*model)(mels)}}, {{"mels", mels}}};
          }};
}

}  // namespace tenon::parity
