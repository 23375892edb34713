// usage: resume_everything CHECKPOINT WORKERS THREADS
// A training with all that keeps a state of its own: workers that draw, dropout, batch norm, Autocast, a scaler,
// gradients gathered over several batches, a scheduler, averages of weights, metrics. It saves after every other batch,
// gradients included, and goes on from CHECKPOINT where that is.
#include <tenon/tenon.h>

#include <cstdlib>
#include <filesystem>
#include <string>

using namespace tenon;

constexpr int64_t epochs = 60, items = 96, batch_size = 8, batches_a_step = 3;

/// Each item is a picture with noise of its own.
struct Noisy {
  Tensor pictures, labels;
  int64_t size() const { return labels.numel(); }
  std::pair<Tensor, Tensor> get(int64_t i) const { return {pictures[i] + randn({1, 8, 8}) * 0.1, labels[i]}; }
};

struct Model : nn::Module<Model> {
  nn::Sequential layers{nn::Conv2d(1, 8, 3), nn::BatchNorm2d(8), nn::ReLU(),
                        nn::Flatten(),       nn::Dropout(0.25),  nn::Linear(8 * 6 * 6, 4)};
  Tensor forward(const Tensor& x) { return layers(x); }
  TENON_MODULE(Model, layers)
};

struct Run {
  Model model;
  optim::AveragedModel<Model> averaged{model, {.average = optim::exponential_average(0.9), .use_buffers = true}};
  optim::AdamW optimizer{model.parameters(), {.lr = 1e-2}};
  optim::GradScaler scaler{{.init_scale = 1024, .growth_interval = 4}};
  optim::LinearLR warm_up{optimizer, {.total_iters = 4}};
  optim::CosineAnnealingLR cosine{optimizer, 200};
  optim::SequentialLR scheduler{optimizer, {warm_up, cosine}, {4}};
  data::DataLoader<Noisy> loader;
  metrics::Mean loss;
  metrics::Accuracy accuracy;
  int64_t epoch = 0, batch = 0;

  explicit Run(int64_t workers)
      : loader({randn({items, 1, 8, 8}), randint(0, 4, {items})},
               {.batch_size = batch_size, .shuffle = true, .num_workers = workers}) {}

  void save(const std::string& file) const {
    Dict gradients;
    for (const auto& [name, p] : model.named_parameters())
      if (p.grad().defined()) gradients.set(name, p.grad());
    tenon::save(Dict{{"model", model.state_dict()},
                     {"averaged", averaged.state_dict()},
                     {"optimizer", optimizer.state_dict()},
                     {"scaler", scaler.state_dict()},
                     {"scheduler", scheduler.state_dict()},
                     {"loader", loader.state_dict()},
                     {"loss", loss.state_dict()},
                     {"accuracy", accuracy.state_dict()},
                     {"gradients", gradients},
                     {"epoch", epoch},
                     {"batch", batch},
                     {"random", random::get_state()}},
                file);
  }

  void resume(const std::string& file) {
    const Value saved = load(file);
    model.load_state_dict(saved["model"]);
    averaged.load_state_dict(saved["averaged"]);
    optimizer.load_state_dict(saved["optimizer"]);
    scaler.load_state_dict(saved["scaler"].as<Dict>());
    scheduler.load_state_dict(saved["scheduler"]);
    loader.load_state_dict(saved["loader"]);
    loss.load_state_dict(saved["loss"].as<Dict>());
    accuracy.load_state_dict(saved["accuracy"].as<Dict>());
    for (const auto& [name, p] : model.named_parameters())
      if (saved["gradients"].contains(name)) p.set_grad(saved["gradients"][name].as<Tensor>());
    epoch = saved["epoch"].as<int64_t>();
    batch = saved["batch"].as<int64_t>();
    random::set_state(saved["random"]);
  }

  void train_batch(const Tensor& x, const Tensor& y) {
    Tensor batch_loss;
    {
      const Autocast autocast;
      const Tensor scores = model(x);
      batch_loss = nn::functional::cross_entropy(scores, y);
      accuracy.update(scores.detach(), y);
    }
    loss.update(batch_loss.item<double>());
    scaler.scale(batch_loss / static_cast<double>(batches_a_step)).backward();
    if (++batch % batches_a_step != 0) return;
    scaler.unscale_(optimizer);
    nn::utils::clip_grad_norm_(model.parameters(), 1);
    scaler.step(optimizer);
    scaler.update();
    scheduler.step();
    averaged.update_parameters(model);
    optimizer.zero_grad();
  }
};

int number(const char* text) { return static_cast<int>(std::strtol(text, nullptr, 10)); }

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string file = argv[1];
  set_num_threads(number(argv[3]));
  manual_seed(0);
  Run run(number(argv[2]));
  if (std::filesystem::exists(file)) run.resume(file);
  for (; run.epoch < epochs; ++run.epoch) {
    run.model.train();
    for (auto& [x, y] : run.loader) {
      run.train_batch(x, y);
      if (run.batch % 2 != 0) continue;
      run.save(file);
      fmt::print("batch {}\n", run.batch);
      std::fflush(stdout);
    }
  }
  fmt::print("{} {}\n", run.loss.compute(), run.accuracy.compute());
}
