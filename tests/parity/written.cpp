// What with_pytorch.py has written for PyTorch to read.
#include <tenon/tenon.h>

#include "subcommands.h"

namespace tenon::parity {
namespace {

struct Net : nn::Module<Net> {
  nn::Linear fc1{12, 16};
  nn::ReLU relu;
  nn::Linear fc2{16, 5};
  Tensor forward(const Tensor& x) { return fc2(relu(fc1(x))); }
  TENON_MODULE(Net, fc1, relu, fc2)
};

}  // namespace

void again(const std::filesystem::path& from, const std::filesystem::path& to) { save(load(from), to); }

void written(const std::filesystem::path& folder) {
  manual_seed(3);
  Net net;
  optim::Adam optimizer(net.parameters(), {.lr = 1e-2, .amsgrad = true});
  optim::CosineAnnealingLR scheduler(optimizer, 10);
  for (int i = 0; i < 3; ++i) {
    optimizer.zero_grad();
    net(randn({4, 12})).square().mean().backward();
    optimizer.step();
    scheduler.step();
  }
  const Tensor input = randn({2, 12}), state = random::get_state();
  save(Dict{{"model_state_dict", net.state_dict()},
            {"optimizer_state_dict", optimizer.state_dict()},
            {"scheduler_state_dict", scheduler.state_dict()},
            {"rng_state", state},
            {"next", randn({5})},
            {"input", input},
            {"output", net(input).detach()},
            {"kept", net.state_dict({.keep_vars = true})}},
       folder / "training.pt");
}

}  // namespace tenon::parity
