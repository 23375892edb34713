// parity resume DIR: goes on from a checkpoint that a PyTorch program wrote after an epoch, and compares the losses
// that came next there.
#include <vector>

#include <tenon/tenon.h>

#include "subcommands.h"

namespace tenon::parity {
namespace {

/// Of generate/resume.py.
void compare(Case& result, const std::filesystem::path& folder, const nlohmann::json& expected) {
  manual_seed(1);  // another: what counts is in the checkpoint
  nn::Sequential model{nn::Linear(784, 16), nn::ReLU(), nn::Dropout(0.1), nn::Linear(16, 10)};
  optim::Adam optimizer(model.parameters(), {.lr = 0.1});
  optim::CosineAnnealingLR scheduler(optimizer, 3);
  const data::DataLoader loader(data::FashionMNIST(training_data, true), {.batch_size = 64, .shuffle = true});

  const Value checkpoint = load(folder / "after_an_epoch.pt", {.verify = true});
  model.load_state_dict(checkpoint["model_state_dict"]);
  optimizer.load_state_dict(checkpoint["optimizer_state_dict"]);
  scheduler.load_state_dict(checkpoint["scheduler_state_dict"]);
  random::set_state(checkpoint["rng_state"]);
  result.check(checkpoint["epoch"].as<int64_t>() == 0, "another epoch");
  result.compare("learning rate", scheduler.get_last_lr().at(0), member(expected, "lr").get<double>(),
                 {.relative = 1e-12});

  const auto losses = member(expected, "next_losses").get<std::vector<double>>();
  std::size_t step = 0;
  for (auto& [x, y] : loader) {
    if (step == losses.size()) break;
    optimizer.zero_grad();
    const Tensor loss = nn::functional::cross_entropy(model(x), y);
    loss.backward();
    optimizer.step();
    result.compare(fmt::format("loss {}", step), loss.item<double>(), losses[step],
                   {.absolute = step < 20 ? 1e-5 : 5e-3});
    ++step;
  }
}

}  // namespace

void resume(const std::filesystem::path& folder, Report& report) {
  report.run("after_an_epoch",
             [&](Case& result) { compare(result, folder, read_json(folder / "after_an_epoch.json")); });
}

}  // namespace tenon::parity
