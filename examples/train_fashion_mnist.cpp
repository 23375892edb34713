// Trains the tutorial's MLP on Fashion-MNIST: build/examples/train_fashion_mnist --help
// In several processes, each with a part of the images: mpirun -np 2 build/examples/train_fashion_mnist --threads 1
#include <tenon/tenon.h>

#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "support/evaluate.h"
#include "support/options.h"
#include "support/output.h"
#include "support/pictures.h"
#include "support/processes.h"

using tenon::Tensor;
namespace nn = tenon::nn;
namespace optim = tenon::optim;
namespace data = tenon::data;
namespace training = tenon::training;

struct MLP : nn::Module<MLP> {
  nn::Linear fc1;
  nn::ReLU relu;
  nn::Linear fc2;

  MLP(int64_t input, int64_t hidden, int64_t output) : fc1(input, hidden), fc2(hidden, output) {}

  Tensor forward(const Tensor& x) { return fc2(relu(fc1(x))); }

  TENON_MODULE(MLP, fc1, relu, fc2)
};

struct Settings : support::ImageSettings {
  std::string optimizer = "adam", scheduler = "none", resume, mistakes;
  int64_t checkpoint_every = 0;
  bool detect_nan = false;
};

using Model = support::Parallel<MLP>;

std::unique_ptr<optim::Optimizer> make_optimizer(const Settings& s, const Model& model) {
  if (s.optimizer == "sgd")
    return std::make_unique<optim::SGD>(model.parameters(), optim::SGDOptions{.lr = s.lr, .momentum = 0.9});
  if (s.optimizer == "adamw")
    return std::make_unique<optim::AdamW>(model.parameters(), optim::AdamWOptions{.lr = s.lr});
  return std::make_unique<optim::Adam>(model.parameters(), optim::AdamOptions{.lr = s.lr});
}

data::DataLoaderOptions loading(const Settings& s, const data::AnySampler& part) {
  return {.batch_size = s.batch, .shuffle = !part, .sampler = part};
}

/// All that a checkpoint keeps.
struct Run {
  Model model{MLP(784, 256, 10)};
  std::unique_ptr<optim::Optimizer> optimizer;
  std::unique_ptr<optim::LRScheduler> scheduler;   // null: the learning rate stays
  std::shared_ptr<data::DistributedSampler> part;  // null: this process has all images
  data::DataLoader<data::FashionMNIST> loader;
  int64_t epoch = 0, images = 0;  // the epoch that is under way, and how much of it all processes have done
  double loss_sum = 0;            // of those that this one has done

  Run(const Settings& s, const data::FashionMNIST& train_set)
      : optimizer(make_optimizer(s, model)),
        part(support::part_of(train_set.size(), static_cast<int64_t>(s.seed))),
        loader(train_set, loading(s, part)) {
    if (s.scheduler == "cosine") scheduler = std::make_unique<optim::CosineAnnealingLR>(*optimizer, s.epochs);
  }

  /// As PyTorch's programs lay it out; torch.load reads it. All processes call it, and the first one writes.
  void save(const std::string& file) const {
    const double sum = support::sum_of_all(loss_sum);
    if (support::rank() > 0) return;
    tenon::save(
        tenon::Dict{{"epoch", epoch},
                    {"model_state_dict", model.module.state_dict()},
                    {"optimizer_state_dict", optimizer->state_dict()},
                    {"scheduler_state_dict", scheduler ? tenon::Value(scheduler->state_dict()) : tenon::Value()},
                    {"loss", images > 0 ? sum / static_cast<double>(images) : 0.0},
                    {"rng_state", tenon::random::get_state()},
                    {"cuda_rng_state", tenon::cuda::get_rng_state_all()},
                    {"loader_state_dict", loader.state_dict()},
                    {"images", images},
                    {"loss_sum", sum}},
        file);
  }

  /// One of ours, in the midst of an epoch or after it; or a PyTorch program's, which has no state of a loader: made
  /// after an epoch.
  void resume(const std::string& file) {
    const tenon::Value checkpoint = tenon::load(file, {.map_location = "cpu"});
    model.module.load_state_dict(checkpoint["model_state_dict"]);
    optimizer->load_state_dict(checkpoint["optimizer_state_dict"]);
    if (scheduler) scheduler->load_state_dict(checkpoint["scheduler_state_dict"]);
    epoch = checkpoint["epoch"].as<int64_t>();
    if (checkpoint.contains("loader_state_dict")) loader.load_state_dict(checkpoint["loader_state_dict"]);
    if (checkpoint.contains("loader_state_dict") && checkpoint["loader_state_dict"]["under_way"].as<bool>()) {
      images = checkpoint["images"].as<int64_t>();
      if (support::rank() == 0) loss_sum = checkpoint["loss_sum"].as<double>();
    } else {
      ++epoch;
    }
    tenon::random::set_state(checkpoint["rng_state"]);  // last: all that was made above has drawn
  }
};

/// A save that fails is no reason to lose the training.
bool try_save(const Run& run, const std::string& file, training::Progress* progress = nullptr) {
  try {
    run.save(file);
    return true;
  } catch (const tenon::Error& e) {
    if (progress) progress->clear();
    fmt::print(stderr, "train_fashion_mnist: no checkpoint: {}\n", e.what());
    return false;
  }
}

/// What is left of the epoch, up to a signal.
void train_epoch(Run& run, const Settings& s, training::Progress& progress, const std::string& title,
                 const training::StopSignals& stop) {
  run.model.train();
  if (run.part) run.part->set_epoch(run.epoch);
  int64_t batch = run.images / (s.batch * support::processes());
  for (auto& [x, y] : run.loader) {
    run.optimizer->zero_grad();
    const Tensor loss = nn::functional::cross_entropy(run.model(x), y);
    const auto value = loss.item<double>();
    if (!std::isfinite(value))
      tenon::fail("train_fashion_mnist", "the loss is {} in {}, batch {}; --detect-nan names the module", value, title,
                  batch + 1);
    loss.backward();
    run.optimizer->step();
    run.images += y.numel() * support::processes();
    run.loss_sum += value * static_cast<double>(y.numel());
    const double own_images = static_cast<double>(run.images) / static_cast<double>(support::processes());
    progress.update(run.images, fmt::format("loss {:.4f}", run.loss_sum / own_images));
    ++batch;
    if (support::anywhere(bool(stop), batch)) return;
    if (s.checkpoint_every > 0 && batch % s.checkpoint_every == 0 && try_save(run, s.save, &progress) &&
        !progress.is_terminal())
      progress.print(fmt::format("{}  batch {}: checkpoint in {}", title, batch, s.save));
  }
}

/// Gives the exit code.
int train(const Settings& s) {
  support::begin(s);
  const support::Stopwatch total;
  const data::FashionMNIST train_set(s.data, true), test_set(s.data, false);
  Run run(s, train_set);
  fmt::print("{}\nParameters: {}\n\n", run.model.module, training::grouped(nn::count(run.model.parameters())));
  if (!s.resume.empty()) run.resume(s.resume);
  support::check_output();
  std::optional<training::DetectNan> detect_nan;
  if (s.detect_nan) detect_nan.emplace(run.model.module);
  if (run.epoch >= s.epochs) {
    fmt::print("{} has all of its {} epochs: nothing is left to do. More are made with --epochs {} and above.\n",
               s.resume, run.epoch, run.epoch + 1);
    support::check_output();
    return 0;
  }

  const data::DataLoader test_loader(test_set, {.batch_size = 1000});
  const training::StopSignals stop;
  bool is_saved = true;
  std::vector<training::Curve> curves{{"train", {}, {}}, {"test", {}, {}}};
  for (; run.epoch < s.epochs; ++run.epoch) {
    const std::string title = fmt::format("Epoch {}/{}", run.epoch + 1, s.epochs);
    training::ProgressOptions shown = support::of_images(title, run.images);
    if (support::processes() > 1) shown.is_terminal = false;  // mpirun's looks like one, whatever it writes to
    training::Progress progress(train_set.size(), shown);
    train_epoch(run, s, progress, title, stop);
    if (support::anywhere(bool(stop))) {
      progress.clear();
      const bool kept = !s.save.empty() && try_save(run, s.save);
      fmt::print("{}  stopped after {} images{}\n", title, training::grouped(run.images),
                 kept ? fmt::format(": --resume {} goes on", s.save) : "");
      support::sum_of_all(0);  // the first process to end ends the others
      return stop ? stop.exit_code() : 0;
    }
    const double seconds = progress.seconds();
    const int64_t speed = static_cast<int64_t>(progress.rate());
    const double loss = support::sum_of_all(run.loss_sum) / static_cast<double>(run.images);
    const support::Result test =
        support::rank() == 0 ? support::evaluate(run.model.module, test_loader) : support::Result();
    if (run.scheduler) run.scheduler->step();
    progress.clear();
    fmt::print("{}  train loss {:.4f}  test loss {:.4f}  accuracy {:.4f}  {:.2f} s  {} images/s\n", title, loss,
               test.loss, test.accuracy, seconds, training::grouped(speed));
    support::check_output();
    support::add_point(curves, run.epoch + 1, {loss, test.loss});
    if (!s.chart.empty() && support::rank() == 0)
      training::save_chart(s.chart, curves, {"Fashion-MNIST", "epoch", "loss"});
    run.images = 0;
    run.loss_sum = 0;
    if (!s.save.empty()) is_saved = try_save(run, s.save);
  }
  if (!s.mistakes.empty() && support::rank() == 0)
    support::save_mistakes(run.model.module, test_loader, 10, 28, s.mistakes);
  fmt::print("\nTotal time: {:.2f} s\n", total.seconds());
  support::check_output();
  return is_saved ? 0 : 1;
}

int main(int argc, char** argv) {
  support::begin_processes();
  support::end_line_on_interrupt();
  Settings s;
  CLI::App app("Trains a small network, 784 → 256 → 10, to tell the clothes of Fashion-MNIST apart.");
  app.option_defaults()->always_capture_default();
  const CLI::Validator at_least_one = support::from(1), at_least_zero = support::from(0);
  app.add_option("--epochs", s.epochs, "How often the 60,000 images are gone through")->check(at_least_one);
  app.add_option("--batch", s.batch, "Images a step")->check(at_least_one);
  app.add_option("--lr", s.lr, "Learning rate")->check(at_least_zero);
  app.add_option("--optimizer", s.optimizer, "How steps are made (sgd has momentum 0.9)")
      ->check(CLI::IsMember({"adam", "sgd", "adamw"}));
  app.add_option("--seed", s.seed, "The same seed gives the same weights, batches and losses");
  support::add_data(app, s.data);
  app.add_option("--threads", s.threads, "Threads; the results do not depend on it")->check(at_least_one);
  app.add_option("--scheduler", s.scheduler,
                 "How the learning rate changes after an epoch: cosine falls to 0 at the last")
      ->check(CLI::IsMember({"none", "cosine"}));
  CLI::Option* save =
      app.add_option("--save", s.save, "Write a checkpoint here after each epoch, which torch.load reads, too");
  app.add_option("--checkpoint-every", s.checkpoint_every, "And after every so many batches; 0: only after epochs")
      ->check(at_least_zero)
      ->needs(save);
  app.add_option("--resume", s.resume, "Go on from this checkpoint, as if the run had not been stopped")
      ->check(CLI::ExistingFile);
  app.add_option("--chart", s.chart, "Draw the losses of the epochs here, as SVG");
  support::add_mistakes(app, s.mistakes);
  app.add_flag("--detect-nan", s.detect_nan, "Where a NaN or an infinity comes up, name the module; slow");
  return support::run(app, argc, argv, "train_fashion_mnist", [&] { return train(s); });
}
