#pragma once
// How well a classifier does on images that it was not trained on.
#include <tenon/tenon.h>

namespace support {

struct Result {
  double loss, accuracy;
};

template <class Model, class Loader>
Result evaluate(Model& model, const Loader& loader) {
  model.eval();
  const tenon::NoGrad guard;
  double loss = 0, correct = 0;
  for (auto& [x, y] : loader) {
    const tenon::Tensor output = model(x);
    loss += tenon::nn::functional::cross_entropy(output, y).template item<double>() * static_cast<double>(y.numel());
    correct += (output.argmax(1) == y).sum().template item<double>();
  }
  const auto n = static_cast<double>(loader.dataset().size());
  return {loss / n, correct / n};
}

}  // namespace support
