#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tenon/distributed.h>
#include <tenon/tenon.h>

#include "distributed/residual_net.h"
#include "tensor/check.h"
#include "tensor/sanitizer.h"

namespace fully_shard_test {
namespace {

using namespace tenon;
namespace d = tenon::distributed;

using Block = test::ResidualBlock;
using Net = test::ResidualNet;

Net own_net() {
  manual_seed(static_cast<uint64_t>(5 + d::rank()));
  return {};
}

/// The net with rank 0's weights, by itself.
Net whole_net() {
  manual_seed(5);
  return {};
}

void shard(Net& net, const d::FullyShardOptions& options = {}) {
  for (Block& b : net.blocks) d::fully_shard(b, options);
  d::fully_shard(net, options);
}

Tensor batch(uint64_t seed) {
  Generator g(seed);
  return randn({4 * d::world_size(), 6}, {}, &g);
}
Tensor share(const Tensor& x) { return x.narrow(0, 4 * d::rank(), 4); }

void expect_like(Net& sharded, Net& whole, double tolerance = 1e-6) {
  const Dict all = d::full_state_dict(sharded);
  EXPECT_EQ(all.empty(), d::rank() > 0);
  if (d::rank() > 0) return;
  const Dict expected = whole.state_dict();
  ASSERT_EQ(all.size(), expected.size());
  for (const auto& [key, value] : expected)
    EXPECT_TRUE(allclose(all[key].as<Tensor>(), value.as<Tensor>(), 1e-5, tolerance)) << key.to_string();
}

TEST(FullyShard, EachProcessKeepsItsRows) {
  Net net = own_net(), whole = whole_net();
  shard(net);
  const int64_t each = (9 + d::world_size() - 1) / d::world_size();
  EXPECT_EQ(net.blocks[1].up.weight.shape(), Shape({std::min(each, 9 - each * d::rank()), 6}));
  expect_like(net, whole, 0);
}

TEST(FullyShard, TrainsAsOneProcessDoes) {
  for (const bool reshard : {true, false}) {
    Net net = own_net(), whole = whole_net();
    shard(net, {.reshard_after_forward = reshard});
    optim::AdamW parts(net.parameters(), {.lr = 0.01}), all(whole.parameters(), {.lr = 0.01});
    for (uint64_t step = 0; step < 20; ++step) {
      parts.zero_grad();
      all.zero_grad();
      const Tensor loss = net(share(batch(step))).square().mean(), expected = whole(batch(step)).square().mean();
      const Tensor mean = loss.detach().clone();
      d::all_reduce(mean, {.op = d::ReduceOp::mean});
      ASSERT_NEAR(mean.item<float>(), expected.item<float>(), 1e-5) << step;
      loss.backward();
      expected.backward();
      parts.step();
      all.step();
      EXPECT_EQ(net.head.weight.numel(), net.head.weight.grad().numel());
    }
    expect_like(net, whole, 1e-4);
  }
}

TEST(FullyShard, GradientsOfSeveralPassesAddUp) {
  Net net = own_net(), whole = whole_net();
  shard(net);
  optim::SGD parts(net.parameters(), {.lr = 0.1}), all(whole.parameters(), {.lr = 0.1});
  for (int round = 0; round < 2; ++round) {
    for (uint64_t pass = 0; pass < 3; ++pass) {
      net(share(batch(pass))).square().mean().backward();
      whole(batch(pass)).square().mean().backward();
    }
    parts.step();
    all.step();
    parts.zero_grad();
    all.zero_grad();
  }
  expect_like(net, whole, 1e-5);
}

TEST(FullyShard, AForwardThatRecordsNothingLeavesRowsBehind) {
  Net net = own_net(), whole = whole_net();
  shard(net);
  const Shape rows = net.head.weight.shape();
  {
    const NoGrad guard;
    EXPECT_TRUE(allclose(net(batch(1)), whole(batch(1)), 1e-5, 1e-6));
  }
  EXPECT_EQ(net.head.weight.shape(), rows);
  EXPECT_EQ(net.blocks[0].up.weight.numel() == 54, d::world_size() == 1);
}

TEST(FullyShard, FrozenParametersComeTogetherToo) {
  Net net = own_net(), whole = whole_net();
  for (Net* n : {&net, &whole}) n->blocks[1].requires_grad_(false);
  shard(net);
  optim::SGD parts(net.parameters(), {.lr = 0.1}), all(whole.parameters(), {.lr = 0.1});
  for (uint64_t step = 0; step < 3; ++step) {
    parts.zero_grad();
    all.zero_grad();
    net(share(batch(step))).square().mean().backward();
    whole(batch(step)).square().mean().backward();
    parts.step();
    all.step();
  }
  EXPECT_FALSE(net.blocks[1].up.weight.grad().defined());
  expect_like(net, whole, 1e-5);
}

TEST(FullyShard, GradientsAreClippedByTheirWholeNorm) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double p : {2.0, 1.0, 0.0, infinity, -infinity}) {
    Net net = whole_net(), whole = whole_net();
    for (Block& b : net.blocks) d::fully_shard(b);  // not the head, whose gradients everybody has
    net.head.requires_grad_(false);
    whole.head.requires_grad_(false);
    net(share(batch(3))).square().sum().backward();
    whole(batch(3)).square().sum().backward();
    d::all_reduce(net.scale.grad(), {.op = d::ReduceOp::mean});
    for (const nn::Parameter& parameter : whole.parameters())
      if (parameter.grad().defined()) parameter.grad().div_(d::world_size());
    const Tensor got = d::clip_grad_norm_(net.parameters(), 0.5, {.norm_type = p}),
                 expected = nn::clip_grad_norm_(whole.parameters(), 0.5, {.norm_type = p});
    EXPECT_TRUE(allclose(got, expected, 1e-4))
        << p << ": " << got.item<double>() << ", not " << expected.item<double>();
    EXPECT_EQ(got.dtype(), float32);
    optim::SGD(net.parameters(), {.lr = 0.1}).step();
    optim::SGD(whole.parameters(), {.lr = 0.1}).step();
    expect_like(net, whole, 1e-5);
  }
}

TEST(FullyShard, AWholeStateDictLoads) {
  Net net = own_net();
  shard(net);
  manual_seed(77);
  Net other;
  d::load_full_state_dict(net, d::rank() == 0 ? other.state_dict() : Dict());
  expect_like(net, other, 0);
  Dict bad = other.state_dict();
  bad.set("head.weight", zeros({2, 2}));
  try {
    d::load_full_state_dict(net, bad);
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "[load_full_state_dict] expected 'head.weight' of shape (3, 6), got (2, 2)");
  }
  expect_like(net, other, 0);
}

/// Goes past its second block on odd calls.
struct Skipping : nn::Module<Skipping> {
  Block a, b, c;
  int64_t calls = 0;
  Tensor forward(const Tensor& x) { return c(calls++ % 2 == 0 ? b(a(x)) : a(x)); }
  TENON_MODULE(Skipping, a, b, c, calls)
};

TEST(FullyShard, ABlockThatAPassLeavesOutHasItsNewNumbersInTheNext) {
  const auto made = [](int64_t seed) {
    manual_seed(static_cast<uint64_t>(seed));
    return Skipping();
  };
  Skipping net = made(5 + d::rank()), whole = made(5);
  for (Block* block : {&net.a, &net.b, &net.c}) d::fully_shard(*block);
  d::fully_shard(net);
  optim::SGD parts(net.parameters(), {.lr = 0.1, .momentum = 0.9}),
      all(whole.parameters(), {.lr = 0.1, .momentum = 0.9});
  for (uint64_t step = 0; step < 6; ++step) {
    parts.zero_grad(false);
    all.zero_grad(false);
    net(share(batch(step))).square().mean().backward();
    whole(batch(step)).square().mean().backward();
    parts.step();
    all.step();
  }
  const Dict got = d::full_state_dict(net), expected = whole.state_dict();
  for (const auto& [key, value] : got)
    EXPECT_TRUE(allclose(value.as<Tensor>(), expected[key].as<Tensor>(), 1e-5, 1e-6)) << key.to_string();
}

/// While one lives, the process gets so many bytes more than it has, and not one above.
class Budget {
 public:
  explicit Budget(int64_t bytes) {
    getrlimit(RLIMIT_DATA, &before_);
    rlimit limit = before_;
    limit.rlim_cur = std::min(before_.rlim_max, static_cast<rlim_t>(held() + bytes));
    setrlimit(RLIMIT_DATA, &limit);
  }
  ~Budget() { setrlimit(RLIMIT_DATA, &before_); }
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

 private:
  static int64_t held() {
    std::ifstream status("/proc/self/status");
    const std::string key = "VmData:";
    for (std::string line; std::getline(status, line);)
      if (line.starts_with(key)) return std::stoll(line.substr(key.size())) * 1024;
    return 0;
  }
  rlimit before_ = {};
};

/// Sixteen blocks of 4 MiB of parameters, each shared out, if at all, before the next is made.
struct Deep : nn::Module<Deep> {
  struct Wide : nn::Module<Wide> {
    nn::Linear up{512, 1024}, down{1024, 512};
    Tensor forward(const Tensor& x) { return x + down(up(x).relu()); }
    TENON_MODULE(Wide, up, down)
  };
  std::vector<Wide> blocks;
  explicit Deep(bool shared_out) {
    blocks.reserve(16);
    for (int i = 0; i < 16; ++i) {
      blocks.emplace_back();
      if (shared_out) d::fully_shard(blocks.back());
    }
  }
  Tensor forward(Tensor x) {
    for (Wide& block : blocks) x = block(x);
    return x;
  }
  TENON_MODULE(Deep, blocks)
};

TEST(FullyShard, AModelTrainsThatDoesNotFitOneProcess) {
  if (d::world_size() == 1) GTEST_SKIP() << "there is nobody to share with";
  if (test::sanitized) GTEST_SKIP() << "a sanitizer needs memory of its own";
  const auto train = [](bool shared_out) {
    Deep net(shared_out);
    if (shared_out) d::fully_shard(net);
    optim::Adam optimizer(net.parameters(), {.lr = 1e-4});
    for (int step = 0; step < 2; ++step) {
      optimizer.zero_grad();
      net(ones({4, 512})).square().mean().backward();
      optimizer.step();
    }
  };
  // Parameters, gradients and two moments are 256 MiB.
  const Budget budget(int64_t{192} << 20);
  EXPECT_EQ(test::error_of([&] { train(true); }), "");
  EXPECT_NE(test::error_of([&] { train(false); }).find("not enough memory"), std::string::npos);
}

TEST(FullyShard, WhatWasChangedBetweenForwardAndBackwardIsAnError) {
  Net net = own_net();
  shard(net);
  const Tensor loss = net(share(batch(1))).square().mean();
  {
    const NoGrad guard;
    net.blocks[0].up.weight.add_(1);
  }
  EXPECT_THROW(loss.backward(), Error);
}

}  // namespace
}  // namespace fully_shard_test
