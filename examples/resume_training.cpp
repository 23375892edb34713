// A checkpoint with everything that training needs to go on as if it had not been interrupted.
#include <filesystem>

#include <tenon/tenon.h>

using namespace tenon;

struct Model : nn::Module<Model> {
  nn::Linear encoder{16, 32};
  nn::Dropout dropout{0.2};
  nn::Linear classifier{32, 4};

  Tensor forward(const Tensor& x) { return classifier(dropout(encoder(x).relu())); }

  TENON_MODULE(Model, encoder, dropout, classifier)
};

float train_epoch(Model& model, optim::Optimizer& optimizer, const data::DataLoader<data::TensorDataset<2>>& loader) {
  float last = 0;
  for (auto& [x, y] : loader) {
    optimizer.zero_grad();
    const Tensor loss = nn::functional::cross_entropy(model(x), y);
    loss.backward();
    optimizer.step();
    last = loss.item<float>();
  }
  return last;
}

int main() {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "tenon_checkpoint.pt";
  tenon::manual_seed(0);
  const Tensor x =
      tenon::randn({64, 16});  // one after the other: C++ does not say which argument of a call is made first
  const Tensor y = tenon::randint(0, 4, {64});
  const data::DataLoader loader(data::TensorDataset(x, y), {.batch_size = 16, .shuffle = true});
  {
    Model model;
    optim::Adam optimizer(model.parameters(), {.lr = 1e-2});
    optim::CosineAnnealingLR scheduler(optimizer, 10);
    double best = 1e9;
    for (int64_t epoch = 0; epoch < 5; ++epoch) {
      const float loss = train_epoch(model, optimizer, loader);
      scheduler.step();
      fmt::print("epoch {}: loss {:.4f}, lr {:.6f}\n", epoch, loss, scheduler.get_last_lr()[0]);
      best = std::min<double>(best, loss);
      if (epoch == 2)
        tenon::save(tenon::Dict{{"epoch", epoch},
                                {"model_state_dict", model.state_dict()},
                                {"optimizer_state_dict", optimizer.state_dict()},
                                {"scheduler_state_dict", scheduler.state_dict()},
                                {"loss", best},
                                {"rng_state", tenon::random::get_state()},
                                {"cuda_rng_state", tenon::cuda::get_rng_state_all()}},
                    file);
    }
  }

  tenon::manual_seed(99);  // another process, which knows nothing
  Model model;
  optim::Adam optimizer(model.parameters(), {.lr = 1e-2});
  optim::CosineAnnealingLR scheduler(optimizer, 10);
  auto checkpoint = tenon::load(file);
  model.load_state_dict(checkpoint["model_state_dict"]);
  optimizer.load_state_dict(checkpoint["optimizer_state_dict"]);
  scheduler.load_state_dict(checkpoint["scheduler_state_dict"]);
  int64_t start_epoch = checkpoint["epoch"].as<int64_t>() + 1;
  tenon::random::set_state(checkpoint["rng_state"]);
  tenon::cuda::set_rng_state_all(checkpoint["cuda_rng_state"]);
  fmt::print("resumed: best loss {:.4f}\n", checkpoint["loss"].as<double>());
  for (int64_t epoch = start_epoch; epoch < 5; ++epoch) {
    const float loss = train_epoch(model, optimizer, loader);
    scheduler.step();
    fmt::print("epoch {}: loss {:.4f}, lr {:.6f}\n", epoch, loss, scheduler.get_last_lr()[0]);
  }
  std::filesystem::remove(file);
}
