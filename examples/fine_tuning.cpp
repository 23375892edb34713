// Training a part of a model: freezing the rest, or giving each part a rate of its own.
#include <locale>
#include <string>

#include <tenon/tenon.h>

using namespace tenon;

struct Model : nn::Module<Model> {
  nn::Linear encoder{784, 256};
  nn::ReLU activation;
  nn::Linear classifier{256, 10};

  Tensor forward(const Tensor& x) { return classifier(activation(encoder(x))); }

  TENON_MODULE(Model, encoder, activation, classifier)
};

/// Digits in groups of three: what {:L} prints is the locale's, and the default one has no groups.
struct Thousands : std::numpunct<char> {
  char do_thousands_sep() const override { return ','; }
  std::string do_grouping() const override { return "\3"; }
};

int main() {
  std::locale::global(std::locale(std::locale(), new Thousands));
  tenon::manual_seed(0);
  Model model;
  model.requires_grad_(false);  // freeze all, unfreeze the head
  model.classifier.requires_grad_(true);
  fmt::print("Total: {:L} | Trainable: {:L}\n", nn::count(model.parameters()),
             nn::count(nn::trainable(model.parameters())));

  const Tensor x = tenon::randn({32, 784}), y = tenon::randint(0, 10, {32});
  const auto step = [&](optim::Optimizer& optimizer) {
    optimizer.zero_grad();
    const Tensor loss = nn::functional::cross_entropy(model(x), y);
    loss.backward();
    optimizer.step();
    return loss.item<float>();
  };

  const Tensor encoder_before = model.encoder.weight.detach().clone();
  optim::Adam optimizer(nn::trainable(model.parameters()), {.lr = 1e-4});
  for (int i = 0; i < 3; ++i) fmt::print("head only: {:.4f}\n", step(optimizer));
  fmt::print("encoder as it was: {}\n", model.encoder.weight.equal(encoder_before));

  model.requires_grad_(true);
  optim::Adam layered({{model.encoder.parameters(), {.lr = 1e-5}}, {model.classifier.parameters(), {.lr = 1e-3}}});
  for (int i = 0; i < 3; ++i) fmt::print("layered: {:.4f}\n", step(layered));
  fmt::print("encoder as it was: {}\n", model.encoder.weight.equal(encoder_before));
}
