// Trains the tutorial's MLP on Fashion-MNIST: build/examples/train_fashion_mnist --help
#include <tenon/tenon.h>

#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "support/progress.h"

using tenon::Tensor;
namespace nn = tenon::nn;
namespace optim = tenon::optim;
namespace data = tenon::data;

struct MLP : nn::Module<MLP> {
  nn::Linear fc1;
  nn::ReLU relu;
  nn::Linear fc2;

  MLP(int64_t input, int64_t hidden, int64_t output) : fc1(input, hidden), fc2(hidden, output) {}

  Tensor forward(const Tensor& x) { return fc2(relu(fc1(x))); }

  TENON_MODULE(MLP, fc1, relu, fc2)
};

struct Settings {
  int64_t epochs = 3, batch = 64;
  double lr = 1e-3;
  std::string optimizer = "adam";
  uint64_t seed = 0;
  std::string data = data::fashion_mnist_folder;
  int threads = tenon::num_threads();
};

std::unique_ptr<optim::Optimizer> make_optimizer(const Settings& s, const MLP& model) {
  if (s.optimizer == "sgd")
    return std::make_unique<optim::SGD>(model.parameters(), optim::SGDOptions{.lr = s.lr, .momentum = 0.9});
  if (s.optimizer == "adamw")
    return std::make_unique<optim::AdamW>(model.parameters(), optim::AdamWOptions{.lr = s.lr});
  return std::make_unique<optim::Adam>(model.parameters(), optim::AdamOptions{.lr = s.lr});
}

struct Result {
  double loss, accuracy;
};

Result evaluate(MLP& model, const data::DataLoader<data::FashionMNIST>& loader) {
  model.eval();
  const tenon::NoGrad guard;
  double loss = 0, correct = 0;
  for (auto& [x, y] : loader) {
    const Tensor output = model(x);
    loss += nn::functional::cross_entropy(output, y).item<double>() * static_cast<double>(y.numel());
    correct += (output.argmax(1) == y).sum().item<double>();
  }
  const auto n = static_cast<double>(loader.dataset().size());
  return {loss / n, correct / n};
}

void train(const Settings& s) {
  tenon::set_num_threads(s.threads);
  tenon::manual_seed(s.seed);
  const support::Stopwatch total;
  const data::FashionMNIST train_set(s.data, true), test_set(s.data, false);
  MLP model(784, 256, 10);
  fmt::print("{}\nParameters: {}\n\n", model, support::grouped(nn::count(model.parameters())));

  const auto optimizer = make_optimizer(s, model);
  const data::DataLoader train_loader(train_set, {.batch_size = s.batch, .shuffle = true});
  const data::DataLoader test_loader(test_set, {.batch_size = 1000});
  for (int64_t epoch = 1; epoch <= s.epochs; ++epoch) {
    support::Progress progress(fmt::format("Epoch {}/{}", epoch, s.epochs), train_set.size());
    model.train();
    for (auto& [x, y] : train_loader) {
      optimizer->zero_grad();
      const Tensor loss = nn::functional::cross_entropy(model(x), y);
      loss.backward();
      optimizer->step();
      progress.advance(y.numel(), loss.item<double>());
    }
    const double seconds = progress.seconds();
    const int64_t speed = progress.images_per_second();
    const Result test = evaluate(model, test_loader);
    progress.clear();
    fmt::print("Epoch {}/{}  train loss {:.4f}  test loss {:.4f}  accuracy {:.4f}  {:.2f} s  {} images/s\n", epoch,
               s.epochs, progress.mean_loss(), test.loss, test.accuracy, seconds, support::grouped(speed));
  }
  fmt::print("\nTotal time: {:.2f} s\n", total.seconds());
}

int main(int argc, char** argv) {
  Settings s;
  CLI::App app("Trains a small network, 784 → 256 → 10, to tell the clothes of Fashion-MNIST apart.");
  app.option_defaults()->always_capture_default();
  app.add_option("--epochs", s.epochs, "How often the 60,000 images are gone through")->check(CLI::PositiveNumber);
  app.add_option("--batch", s.batch, "Images a step")->check(CLI::PositiveNumber);
  app.add_option("--lr", s.lr, "Learning rate")->check(CLI::NonNegativeNumber);
  app.add_option("--optimizer", s.optimizer, "How steps are made (sgd has momentum 0.9)")
      ->check(CLI::IsMember({"adam", "sgd", "adamw"}));
  app.add_option("--seed", s.seed, "The same seed gives the same weights, batches and losses");
  app.add_option("--data", s.data, "Folder with the four .gz files (apt-get install dataset-fashion-mnist)");
  app.add_option("--threads", s.threads, "Threads; the results do not depend on it")->check(CLI::PositiveNumber);
  app.footer("Exit codes: 0 trained, 1 failed (why is on stderr), 2 wrong usage.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  try {
    train(s);
  } catch (const std::exception& e) {
    fmt::print(stderr, "train_fashion_mnist: {}\n", e.what());
    return 1;
  }
}
