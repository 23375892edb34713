#include <filesystem>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <tenon/distributed.h>
#include <tenon/tenon.h>

#include "io/files.h"
#include "tensor/check.h"

namespace sharded_checkpoint_test {
namespace {

using namespace tenon;
namespace d = tenon::distributed;
namespace fs = std::filesystem;
using test::error_of;

/// Rank 0's folder, for all processes.
class SharedFolder {
 public:
  SharedFolder() {
    if (d::rank() == 0) own_.emplace();
    path = d::broadcast_object(own_ ? own_->path().string() : "").as<std::string>();
  }
  ~SharedFolder() { d::barrier(); }
  SharedFolder(const SharedFolder&) = delete;
  SharedFolder& operator=(const SharedFolder&) = delete;
  fs::path path;

 private:
  std::optional<test::Folder> own_;
};

nn::Linear sharded(int64_t in, int64_t out, uint64_t seed) {
  manual_seed(seed);
  return {in, out};
}

void train(nn::Linear& net, optim::Optimizer& optimizer) {
  net(ones({2, net.in_features})).square().sum().backward();
  optimizer.step();
  optimizer.zero_grad();
}

TEST(ShardedCheckpoint, RowsAndTheirOptimizerStateComeBack) {
  const SharedFolder folder;
  nn::Linear net = sharded(4, 7, 1), other = sharded(4, 7, 2);
  for (nn::Linear* n : {&net, &other}) d::fully_shard(*n);
  optim::Adam optimizer(net.parameters(), {.lr = 0.1}), others(other.parameters(), {.lr = 0.2});
  train(net, optimizer);
  d::save_sharded(folder.path, net, &optimizer, Dict{{"epoch", 3}});
  const Dict extra = d::load_sharded(folder.path, other, &others);
  EXPECT_EQ(extra["epoch"].as<int64_t>(), 3);
  EXPECT_EQ(others.group(0).lr(), 0.1);
  for (int i = 0; i < 2; ++i) {
    train(net, optimizer);
    train(other, others);
  }
  EXPECT_TRUE(equal(net.weight, other.weight));
  EXPECT_TRUE(equal(net.bias, other.bias));
}

TEST(ShardedCheckpoint, AModelThatIsNotSharedOutTakesTheWhole) {
  const SharedFolder folder;
  nn::Linear net = sharded(4, 7, 1), whole = sharded(4, 7, 1), other = sharded(4, 7, 2);
  d::fully_shard(net);
  d::save_sharded(folder.path, net);
  d::load_sharded(folder.path, other);
  EXPECT_TRUE(equal(other.weight, whole.weight));
  EXPECT_EQ(error_of([&] {
              optim::SGD optimizer(other.parameters());
              d::load_sharded(folder.path, other, &optimizer);
            }),
            "[load_sharded] rank 0: the checkpoint was saved without an optimizer");
}

TEST(ShardedCheckpoint, AnotherModelIsAnErrorAndChangesNothing) {
  const SharedFolder folder;
  nn::Linear net = sharded(4, 7, 1), longer = sharded(4, 9, 2), named = sharded(4, 7, 3);
  nn::Sequential inside{std::move(named)};
  for (nn::Linear* n : {&net, &longer}) d::fully_shard(*n);
  d::save_sharded(folder.path, net);
  const Tensor before = longer.weight.detach().clone();
  EXPECT_EQ(error_of([&] { d::load_sharded(folder.path, longer); }),
            "[load_sharded] rank 0: expected 'weight' of shape (9, 4), got (7, 4)");
  EXPECT_TRUE(equal(longer.weight, before));
  EXPECT_NE(error_of([&] {
              d::load_sharded(folder.path, inside);
            }).find("the checkpoint has 'weight', which the model has not"),
            std::string::npos);
}

TEST(ShardedCheckpoint, AnErrorInOneProcessIsOneInAllAndLeavesTheOldCheckpoint) {
  const SharedFolder folder;
  nn::Linear net = sharded(4, 7, 1), whole = sharded(4, 7, 1);
  d::save_sharded(folder.path, net);
  {
    const NoGrad guard;
    net.weight.zero_();
  }
  // Where the last process is to write its file, there is a folder.
  const int64_t last = d::world_size() - 1;
  const fs::path file = folder.path / fmt::format("save-000002-rank-{:05}-of-{:05}.pt", last, d::world_size());
  if (d::rank() == last) fs::create_directory(file);
  EXPECT_NE(error_of([&] { d::save_sharded(folder.path, net); }).find(fmt::format("rank {}: ", last)),
            std::string::npos);
  d::load_sharded(folder.path, net);
  EXPECT_TRUE(equal(net.weight, whole.weight));
}

TEST(ShardedCheckpoint, AFolderWithoutOneIsAnErrorThatNamesIt) {
  const SharedFolder folder;
  nn::Linear net = sharded(4, 7, 1);
  EXPECT_NE(error_of([&] { d::load_sharded(folder.path, net); }).find((folder.path / "index.pt").string()),
            std::string::npos);
}

}  // namespace
}  // namespace sharded_checkpoint_test
