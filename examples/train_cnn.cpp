// Trains a small convolutional network on Fashion-MNIST: build/examples/train_cnn --help
#include <tenon/tenon.h>

#include <string>

#include "support/evaluate.h"
#include "support/options.h"
#include "support/output.h"

using tenon::Tensor;
namespace nn = tenon::nn;
namespace optim = tenon::optim;
namespace data = tenon::data;
namespace training = tenon::training;

struct CNN : nn::Module<CNN> {
  nn::Sequential features{nn::Conv2d(1, 32, 3, {.padding = 1}),  nn::BatchNorm2d(32), nn::ReLU(), nn::MaxPool2d(2),
                          nn::Conv2d(32, 64, 3, {.padding = 1}), nn::BatchNorm2d(64), nn::ReLU(), nn::MaxPool2d(2)};
  nn::Sequential classifier{nn::Flatten(), nn::Linear(64 * 7 * 7, 128), nn::ReLU(), nn::Dropout(0.25),
                            nn::Linear(128, 10)};

  Tensor forward(const Tensor& x) { return classifier(features(x.view({-1, 1, 28, 28}))); }  // (B, 784) → (B, 10)

  TENON_MODULE(CNN, features, classifier)
};

struct Settings {
  int64_t epochs = 3, batch = 64;
  double lr = 1e-3;
  uint64_t seed = 0;
  std::string data = data::fashion_mnist_folder, save;
  int threads = tenon::num_threads();
};

void train(const Settings& s) {
  tenon::set_num_threads(s.threads);
  tenon::manual_seed(s.seed);
  const support::Stopwatch total;
  if (!s.save.empty()) support::check_place(s.save);
  const data::FashionMNIST train_set(s.data, true), test_set(s.data, false);
  const data::DataLoader loader(train_set, {.batch_size = s.batch, .shuffle = true});
  const data::DataLoader test_loader(test_set, {.batch_size = 1000});
  CNN model;
  optim::AdamW optimizer(model.parameters(), {.lr = s.lr});
  optim::CosineAnnealingLR scheduler(optimizer, s.epochs);
  fmt::print("{}\nParameters: {}\n\n", model, training::grouped(nn::count(model.parameters())));

  for (int64_t epoch = 1; epoch <= s.epochs; ++epoch) {
    const std::string title = fmt::format("Epoch {}/{}", epoch, s.epochs);
    training::Progress progress(train_set.size(), support::of_images(title));
    int64_t images = 0;
    double loss_sum = 0;
    model.train();
    for (auto& [x, y] : loader) {
      optimizer.zero_grad();
      const Tensor loss = nn::functional::cross_entropy(model(x), y);
      loss.backward();
      optimizer.step();
      images += y.numel();
      loss_sum += loss.item<double>() * static_cast<double>(y.numel());
      progress.update(images, fmt::format("loss {:.4f}", loss_sum / static_cast<double>(images)));
    }
    scheduler.step();
    const double seconds = progress.seconds();
    const int64_t speed = static_cast<int64_t>(progress.rate());
    const support::Result test = support::evaluate(model, test_loader);
    progress.clear();
    fmt::print("{}  train loss {:.4f}  test loss {:.4f}  accuracy {:.4f}  {:.2f} s  {} images/s\n", title,
               loss_sum / static_cast<double>(images), test.loss, test.accuracy, seconds, training::grouped(speed));
    support::check_output();
  }
  if (!s.save.empty()) tenon::save(model.state_dict(), s.save);
  fmt::print("\nTotal time: {:.2f} s\n", total.seconds());
  support::check_output();
}

int main(int argc, char** argv) {
  support::end_line_on_interrupt();
  Settings s;
  CLI::App app(
      "Trains a small convolutional network with batch normalisation to tell the clothes of Fashion-MNIST apart.");
  app.option_defaults()->always_capture_default();
  app.add_option("--epochs", s.epochs, "How often the 60,000 images are gone through")->check(support::from(1));
  app.add_option("--batch", s.batch, "Images a step")->check(support::from(1));
  app.add_option("--lr", s.lr, "Learning rate, which falls to 0 along a cosine")->check(support::from(0));
  app.add_option("--seed", s.seed, "The same seed gives the same weights, batches and losses");
  app.add_option("--data", s.data, "Folder with the four .gz files (apt-get install dataset-fashion-mnist)");
  app.add_option("--threads", s.threads, "Threads; the results do not depend on it")->check(support::from(1));
  app.add_option("--save", s.save, "Write the trained weights here at the end, which torch.load reads, too");
  return support::run(app, argc, argv, "train_cnn", [&] { train(s); });
}
