// Fine-tuning: what a network has learned of five kinds of clothes helps with five others, of which there are few
// images: build/examples/train_fine_tuning --help
#include <cmath>

#include "models/small_cnn.h"
#include "support/classifier.h"

using models::SmallCNN;
using tenon::Tensor;
namespace nn = tenon::nn;
namespace optim = tenon::optim;
namespace data = tenon::data;
namespace training = tenon::training;

struct FineTuningSettings : support::ImageSettings {
  int64_t images = 200, passes = 20;
  double decay = 0.5;
};

/// The images of kinds 5·half to 5·half + 4, numbered from 0.
data::TensorDataset<2> half_of(const data::FashionMNIST& all, int64_t half) {
  const Tensor labels = all.labels() - 5 * half, wanted = (labels >= 0).logical_and(labels < 5);
  return data::TensorDataset(all.images().index({wanted}), labels.index({wanted}));
}

struct FineTuning {
  std::vector<training::Curve> curves{};

  /// Trains what the optimizer has. Of what is frozen the statistics stay, too.
  template <class Loader>
  void train(std::string name, SmallCNN& model, optim::Optimizer& optimizer, int64_t passes, const Loader& loader,
             const data::TensorDataset<2>& test_set) {
    const int64_t size = loader.dataset().size();
    training::Progress progress(passes * size, support::of_images(name));
    training::Curve curve{name, {}, {}};
    for (int64_t pass = 1; pass <= passes; ++pass) {
      model.train();
      if (!model.features.parameters().front().requires_grad()) model.features.eval();
      tenon::metrics::Mean mean;
      for (auto& [x, y] : loader) {
        optimizer.zero_grad();
        const Tensor loss = nn::functional::cross_entropy(model(x), y);
        loss.backward();
        optimizer.step();
        mean.update(loss.item<double>(), static_cast<double>(y.numel()));
        progress.update(progress.done() + y.numel(), fmt::format("loss {:.4f}", mean.compute()));
      }
      curve.x.push_back(static_cast<double>(pass));
      curve.y.push_back(mean.compute());
    }
    const auto result = support::evaluate(model, data::DataLoader(test_set, {.batch_size = 1000}));
    progress.clear();
    fmt::print("{:<28}  trained {:>9}  test loss {:.4f}  accuracy {:.4f}  {:.2f} s\n", name,
               training::grouped(nn::count(nn::trainable(model.parameters()))), result.loss, result.accuracy,
               progress.seconds());
    support::check_output();
    if (passes > 1) curves.push_back(std::move(curve));
  }
};

void train(const FineTuningSettings& s) {
  support::begin(s);
  const support::Stopwatch total;
  const data::FashionMNIST train_set(s.data, true), test_set(s.data, false);
  const auto first = half_of(train_set, 0), second = half_of(train_set, 1);
  const auto first_test = half_of(test_set, 0), second_test = half_of(test_set, 1);
  const data::DataLoader many(first, {.batch_size = s.batch, .shuffle = true});
  const data::Subset chosen(second, tenon::arange(std::min(s.images, second.size())));
  const data::DataLoader few(chosen, {.batch_size = s.batch, .shuffle = true});
  FineTuning job;

  SmallCNN pretrained(5);
  optim::AdamW whole(pretrained.parameters(), {.lr = s.lr});
  job.train("five kinds, all images", pretrained, whole, s.epochs, many, first_test);
  fmt::print("\nFive other kinds, {} images:\n", training::grouped(chosen.size()));

  SmallCNN fresh(5);
  optim::AdamW of_fresh(fresh.parameters(), {.lr = s.lr});
  job.train("from nothing", fresh, of_fresh, s.passes, few, second_test);

  SmallCNN model(5);
  model.features.load_state_dict(pretrained.features.state_dict());
  model.features.requires_grad_(false);
  optim::AdamW of_head(nn::trainable(model.parameters()), {.lr = s.lr});
  job.train("new head, frozen features", model, of_head, s.passes, few, second_test);

  // All of it, the slower the farther a layer is from the result.
  model.requires_grad_(true);
  std::vector<optim::AdamW::GroupOf> groups{{model.classifier.parameters(), {.lr = 0.1 * s.lr}}};
  const auto layers = model.features.children();
  for (std::size_t k = layers.size(); k-- > 0;)
    if (auto parameters = layers[k].parameters(); !parameters.empty())
      groups.push_back({parameters, {.lr = 0.1 * s.lr * std::pow(s.decay, groups.size())}});
  optim::AdamW layer_wise(groups);
  job.train("then all, layer-wise rates", model, layer_wise, s.passes, few, second_test);

  if (!s.save.empty()) tenon::save(model.state_dict(), s.save);
  if (!s.chart.empty()) training::save_chart(s.chart, job.curves, {"Fine-tuning", "pass", "loss"});
  fmt::print("\nTotal time: {:.2f} s\n", total.seconds());
  support::check_output();
}

int main(int argc, char** argv) {
  support::end_line_on_interrupt();
  FineTuningSettings s;
  s.epochs = 1;
  CLI::App app(
      "Trains a network on five kinds of clothes, and fine-tunes it on five others of which there are few "
      "images: its head alone, then all of it, with a learning rate for each layer.");
  support::add_settings(app, s);
  app.add_option("--images", s.images, "Images of the other five kinds")->check(support::from(1));
  app.add_option("--passes", s.passes, "How often those are gone through, each time")->check(support::from(1));
  app.add_option("--decay", s.decay, "A layer's rate, as a share of the next one's")->check(support::from(0));
  return support::run(app, argc, argv, "train_fine_tuning", [&] { train(s); });
}
