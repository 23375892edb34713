#pragma once
// A training on Fashion-MNIST, whatever the network.
#include <string>
#include <vector>

#include "support/evaluate.h"
#include "support/options.h"
#include "support/output.h"
#include "support/pictures.h"

namespace support {

struct ClassifierSettings : ImageSettings {
  std::string mistakes;
};

inline void add_settings(CLI::App& app, ClassifierSettings& s) {
  add_settings(app, static_cast<ImageSettings&>(s));
  add_mistakes(app, s.mistakes);
}

/// By AdamW, whose learning rate falls to 0 along a cosine.
template <class Model>
void train_classifier(Model& model, const ClassifierSettings& s) {
  using namespace tenon;
  const Stopwatch total;
  const data::FashionMNIST train_set(s.data, true), test_set(s.data, false);
  const data::DataLoader loader(train_set, {.batch_size = s.batch, .shuffle = true});
  const data::DataLoader test_loader(test_set, {.batch_size = 1000});
  optim::AdamW optimizer(model.parameters(), {.lr = s.lr});
  optim::CosineAnnealingLR scheduler(optimizer, s.epochs * loader.size());
  std::vector<training::Curve> curves{{"train", {}, {}}, {"test", {}, {}}};
  fmt::print("{}\nParameters: {}\n\n", model, training::grouped(nn::count(model.parameters())));

  for (int64_t epoch = 1; epoch <= s.epochs; ++epoch) {
    const std::string title = fmt::format("Epoch {}/{}", epoch, s.epochs);
    training::Progress progress(train_set.size(), of_images(title));
    metrics::Mean loss_mean;
    model.train();
    for (auto& [x, y] : loader) {
      optimizer.zero_grad();
      const Tensor loss = nn::functional::cross_entropy(model(x), y);
      loss.backward();
      optimizer.step();
      scheduler.step();
      loss_mean.update(loss.item<double>(), static_cast<double>(y.numel()));
      progress.update(progress.done() + y.numel(), fmt::format("loss {:.4f}", loss_mean.compute()));
    }
    const double seconds = progress.seconds();
    const int64_t speed = static_cast<int64_t>(progress.rate());
    const Result test = evaluate(model, test_loader);
    progress.clear();
    fmt::print("{}  train loss {:.4f}  test loss {:.4f}  accuracy {:.4f}  {:.2f} s  {} images/s\n", title,
               loss_mean.compute(), test.loss, test.accuracy, seconds, training::grouped(speed));
    check_output();
    add_point(curves, epoch, {loss_mean.compute(), test.loss});
    if (!s.chart.empty()) training::save_chart(s.chart, curves, {"Fashion-MNIST", "epoch", "loss"});
  }
  if (!s.save.empty()) tenon::save(model.state_dict(), s.save);
  if (!s.mistakes.empty()) save_mistakes(model, test_loader, 10, 28, s.mistakes);
  fmt::print("\nTotal time: {:.2f} s\n", total.seconds());
  check_output();
}

}  // namespace support
