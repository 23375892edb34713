// Training with an evaluation after each epoch: in eval mode, and with nothing recorded.
#include <tenon/tenon.h>

using namespace tenon;

struct Classifier : nn::Module<Classifier> {
  nn::Linear encoder{2, 32};
  nn::ReLU activation;
  nn::Dropout dropout{0.1};
  nn::Linear classifier{32, 2};

  Tensor forward(const Tensor& x) { return classifier(dropout(activation(encoder(x)))); }

  TENON_MODULE(Classifier, encoder, activation, dropout, classifier)
};

int main() {
  tenon::manual_seed(0);
  Tensor points = tenon::randn({600, 2});
  Tensor inside = (points.pow(2).sum(1) < 1).to(tenon::int64);  // of the unit circle
  const data::DataLoader loader(data::TensorDataset(points.narrow(0, 0, 500), inside.narrow(0, 0, 500)),
                                {.batch_size = 50, .shuffle = true});
  const data::DataLoader val_loader(data::TensorDataset(points.narrow(0, 500, 100), inside.narrow(0, 500, 100)),
                                    {.batch_size = 50});

  Classifier model;
  optim::Adam optimizer(model.parameters(), {.lr = 1e-2});
  for (int epoch = 1; epoch <= 5; ++epoch) {
    for (auto& [x, y] : loader) {
      optimizer.zero_grad();
      nn::functional::cross_entropy(model(x), y).backward();
      optimizer.step();
    }
    double loss = 0, correct = 0;
    model.eval();
    {
      tenon::NoGrad guard;
      for (auto& [x, y] : val_loader) {
        const Tensor output = model(x);
        loss += nn::functional::cross_entropy(output, y).item<double>();
        correct += (output.argmax(1) == y).sum().item<double>();
      }
    }
    model.train();
    fmt::print("epoch {}: loss {:.3f}, {} of 100\n", epoch, loss / 2, correct);
  }
}
