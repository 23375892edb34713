// Started by sharded_checkpoint.sh. save FOLDER: trains a model that is shared out, saves it, and goes on; load FOLDER:
// goes on from there. Both print the losses after the checkpoint.
#include <string_view>

#include <fmt/format.h>

#include <tenon/distributed.h>
#include <tenon/tenon.h>

#include "residual_net.h"

namespace {

using namespace tenon;
namespace d = tenon::distributed;

using Net = test::ResidualNet;

void step(Net& net, optim::Optimizer& optimizer, uint64_t number, bool speaks) {
  Generator g(number);
  constexpr int64_t images = 12;
  const int64_t each = images / d::world_size();
  const Tensor x = randn({images, 6}, {}, &g).narrow(0, d::rank() * each, each);
  optimizer.zero_grad();
  const Tensor loss = net(x).square().mean();
  loss.backward();
  optimizer.step();
  const Tensor mean = loss.detach().clone();
  d::all_reduce(mean, {.op = d::ReduceOp::mean});
  if (speaks && d::rank() == 0) fmt::print("step {}: {:.4f}\n", number, mean.item<float>());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string_view what = argv[1];
  d::init();
  manual_seed(what == "save" ? 5 : 6);
  Net net;
  if (d::world_size() > 1) {
    for (test::ResidualBlock& b : net.blocks) d::fully_shard(b);
    d::fully_shard(net);
  }
  optim::AdamW optimizer(net.parameters(), {.lr = 0.05});
  uint64_t next = 0;
  if (what == "save") {
    for (; next < 4; ++next) {
      step(net, optimizer, next, false);
      d::save_sharded(argv[2], net, &optimizer, Dict{{"next", static_cast<int64_t>(next + 1)}});
    }
  } else {
    next = static_cast<uint64_t>(d::load_sharded(argv[2], net, &optimizer)["next"].as<int64_t>());
  }
  for (; next < 8; ++next) step(net, optimizer, next, true);
}
