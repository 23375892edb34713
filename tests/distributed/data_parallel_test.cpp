#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <tenon/distributed.h>
#include <tenon/tenon.h>

#include "tensor/check.h"
#include "tests_folder.h"

namespace data_parallel_test {
namespace {

using namespace tenon;
namespace d = tenon::distributed;
using test::error_of;
namespace F = nn::functional;

struct Net : nn::Module<Net> {
  nn::Linear fc1{6, 5}, fc2{5, 3};
  Tensor forward(const Tensor& x) { return fc2(fc1(x).tanh()); }
  TENON_MODULE(Net, fc1, fc2)
};

/// What this process has of a batch that is the same everywhere.
Tensor share(const Tensor& batch) {
  const int64_t n = batch.size(0) / d::world_size();
  return batch.narrow(0, d::rank() * n, n);
}

/// A batch of 12 × world_size, drawn alike by everybody.
std::pair<Tensor, Tensor> batch(uint64_t seed) {
  Generator g(seed);
  return {randn({12 * d::world_size(), 6}, {}, &g), randint(0, 3, {12 * d::world_size()}, {}, &g)};
}

void expect_like(const std::vector<nn::Parameter>& a, const std::vector<nn::Parameter>& b, double tolerance = 1e-6) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].grad().defined(), b[i].grad().defined());
    if (!a[i].grad().defined()) continue;
    EXPECT_TRUE(allclose(a[i].grad(), b[i].grad(), 1e-5, tolerance)) << i;
  }
}

/// Different weights in each process, which the wrapper makes rank 0's.
Net own_net() {
  manual_seed(static_cast<uint64_t>(5 + d::rank()));
  return {};
}

TEST(DataParallel, PartsOfABatchTrainAsTheWholeDoes) {
  d::DistributedDataParallel model(own_net());
  Net alone = model.module.clone();
  optim::SGD parts(model.parameters(), {.lr = 0.1, .momentum = 0.9}),
      whole(alone.parameters(), {.lr = 0.1, .momentum = 0.9});
  for (uint64_t step = 0; step < 100; ++step) {
    const auto [x, y] = batch(step);
    parts.zero_grad();
    const Tensor loss = F::cross_entropy(model(share(x)), share(y));
    loss.backward();
    parts.step();
    const Tensor mean = loss.detach().clone();
    d::all_reduce(mean, {.op = d::ReduceOp::mean});
    whole.zero_grad();
    const Tensor expected = F::cross_entropy(alone(x), y);
    expected.backward();
    whole.step();
    ASSERT_NEAR(mean.item<float>(), expected.item<float>(), 1e-5) << step;
  }
}

TEST(DataParallel, NamesAndKeysBeginWithModule) {
  d::DistributedDataParallel model(own_net());
  EXPECT_EQ(model.named_parameters()[0].name, "module.fc1.weight");
  EXPECT_EQ(model.type_name(), "DistributedDataParallel");
  EXPECT_TRUE(model.state_dict().contains("module.fc2.bias"));
}

TEST(DataParallel, GradientsAreViewsOfABucketOrAreNot) {
  if (d::world_size() == 1) GTEST_SKIP() << "one process has no buckets";
  const auto [x, y] = batch(1);
  for (const bool as_view : {true, false}) {
    d::DistributedDataParallel model(own_net(), {.gradient_as_bucket_view = as_view});
    for (int pass = 0; pass < 3; ++pass) F::cross_entropy(model(share(x)), share(y)).backward();
    const auto all = model.parameters();
    EXPECT_EQ(all[0].grad().shares_storage_with(all[1].grad()), as_view);
    Net alone = model.module.clone();
    for (int pass = 0; pass < 3; ++pass) F::cross_entropy(alone(x), y).backward();
    expect_like(all, alone.parameters());
  }
}

TEST(DataParallel, EachParameterInABucketOfItsOwn) {
  const auto [x, y] = batch(1);
  d::DistributedDataParallel model(own_net(), {.bucket_cap_mb = 1e-6});
  Net alone = model.module.clone();
  for (int pass = 0; pass < 3; ++pass) {
    F::cross_entropy(model(share(x)), share(y)).backward();
    F::cross_entropy(alone(x), y).backward();
  }
  const auto all = model.parameters();
  EXPECT_FALSE(all[0].grad().shares_storage_with(all[1].grad()));
  expect_like(all, alone.parameters());
}

TEST(DataParallel, NoSyncAddsUpHereUntilAPassIsAveraged) {
  d::DistributedDataParallel model(own_net());
  Net alone = model.module.clone();
  for (int round = 0; round < 2; ++round) {
    for (uint64_t i = 0; i < 3; ++i) {
      const auto [x, y] = batch(i);
      if (i < 2) {
        const auto local = model.no_sync();
        F::cross_entropy(model(share(x)), share(y)).backward();
      } else {
        F::cross_entropy(model(share(x)), share(y)).backward();
      }
      F::cross_entropy(alone(x), y).backward();
    }
    expect_like(model.parameters(), alone.parameters());
    model.zero_grad();
    alone.zero_grad();
  }
}

TEST(DataParallel, TwoForwardsAndOneBackward) {
  d::DistributedDataParallel model(own_net());
  Net alone = model.module.clone();
  const auto [x, y] = batch(1);
  const auto [x2, y2] = batch(2);
  for (int pass = 0; pass < 2; ++pass) {
    (F::cross_entropy(model(share(x)), share(y)) + F::cross_entropy(model(share(x2)), share(y2))).backward();
    (F::cross_entropy(alone(x), y) + F::cross_entropy(alone(x2), y2)).backward();
  }
  expect_like(model.parameters(), alone.parameters());
}

TEST(DataParallel, FrozenParametersAndThoseOfSeveralTypes) {
  Net net = own_net();
  net.fc1.bias.requires_grad_(false);
  d::DistributedDataParallel model(std::move(net));
  Net alone = model.module.clone();
  const auto [x, y] = batch(1);
  F::cross_entropy(model(share(x)), share(y)).backward();
  F::cross_entropy(alone(x), y).backward();
  EXPECT_FALSE(model.module.fc1.bias.grad().defined());
  expect_like(model.parameters(), alone.parameters());

  Net two = own_net();
  two.fc1.to(float64);
  struct Mixed : nn::Module<Mixed> {
    Net net;
    explicit Mixed(Net n) : net(std::move(n)) {}
    Tensor forward(const Tensor& in) { return net.fc2(net.fc1(in.to(float64)).to(float32)); }
    TENON_MODULE(Mixed, net)
  };
  d::DistributedDataParallel mixed((Mixed(std::move(two))));
  F::cross_entropy(mixed(share(x)), share(y)).backward();
  EXPECT_EQ(mixed.module.net.fc1.weight.grad().dtype(), float64);
}

struct Tied : nn::Module<Tied> {
  nn::Linear a{6, 6, {.bias = false}}, b{6, 6, {.bias = false}};
  Tied() { b.weight = a.weight; }
  Tensor forward(const Tensor& x) { return b(a(x).tanh()); }
  TENON_MODULE(Tied, a, b)
};

TEST(DataParallel, ATiedParameterIsAveragedOnce) {
  manual_seed(static_cast<uint64_t>(d::rank()));
  d::DistributedDataParallel model((Tied()));
  Tied alone = model.module.clone();
  const auto [x, y] = batch(1);
  model(share(x)).square().mean().backward();
  alone(x).square().mean().backward();
  expect_like(model.parameters(), alone.parameters());
}

/// The even processes go one way, the odd ones another; nobody takes the third.
struct Fork : nn::Module<Fork> {
  nn::Linear even{6, 3}, odd{6, 3}, nobody{6, 3}, all{6, 3};
  Tensor forward(const Tensor& x, bool is_even) { return all(x) + (is_even ? even(x) : odd(x)); }
  TENON_MODULE(Fork, even, odd, nobody, all)
};

TEST(DataParallel, UnusedParametersAreFound) {
  manual_seed(1);
  d::DistributedDataParallel model(Fork(), {.find_unused_parameters = true});
  Fork alone = model.module.clone();
  for (uint64_t pass = 0; pass < 3; ++pass) {
    const auto [x, y] = batch(pass);
    F::cross_entropy(model(share(x), d::rank() % 2 == 0), share(y)).backward();
    const int64_t n = 12;
    Tensor loss = zeros({});
    for (int64_t r = 0; r < d::world_size(); ++r)
      loss = loss + F::cross_entropy(alone(x.narrow(0, r * n, n), r % 2 == 0), y.narrow(0, r * n, n));
    (loss / d::world_size()).backward();
    EXPECT_FALSE(model.module.nobody.weight.grad().defined());
    expect_like(model.parameters(), alone.parameters());
  }
}

TEST(DataParallel, AParameterWithoutAGradientIsAnErrorThatNamesIt) {
  if (d::world_size() == 1) GTEST_SKIP() << "one process waits for nothing";
  d::DistributedDataParallel model((Fork()));
  const auto [x, y] = batch(1);
  EXPECT_EQ(error_of([&, &x = x, &y = y] { F::cross_entropy(model(share(x), true), share(y)).backward(); }),
            "[DistributedDataParallel] 4 parameters got no gradient in this backward pass: odd.weight, odd.bias, "
            "nobody.weight, nobody.bias; set find_unused_parameters");
}

/// fc gets a gradient of its own from a backward pass inside the backward pass; spare gets none.
struct Again : nn::Module<Again> {
  nn::Linear fc{6, 6}, spare{6, 6};
  Tensor forward(const Tensor& x) {
    const Tensor y = fc(x).tanh(), inner = fc(x).square().mean();
    if (y.requires_grad()) y.register_hook([inner](const Tensor&) { inner.backward(); });
    return y.square();
  }
  TENON_MODULE(Again, fc, spare)
};

TEST(DataParallel, AStaticGraphMayUseAParameterSeveralTimesOrNever) {
  manual_seed(1);
  d::DistributedDataParallel model(Again(), {.static_graph = true});
  Again alone = model.module.clone();
  for (uint64_t pass = 0; pass < 3; ++pass) {
    const auto [x, y] = batch(pass);
    model(share(x)).mean().backward();
    alone(x).mean().backward();
    expect_like(model.parameters(), alone.parameters());
  }
  EXPECT_FALSE(model.module.spare.weight.grad().defined());
}

TEST(DataParallel, ASecondGradientInOnePassIsAnErrorOtherwise) {
  if (d::world_size() == 1) GTEST_SKIP() << "one process waits for nothing";
  d::DistributedDataParallel model((Again()));
  const auto [x, y] = batch(1);
  const std::string text = error_of([&, &x = x] { model(share(x)).mean().backward(); });
  EXPECT_NE(text.find("has got a second gradient in one backward pass, after it was sent: set static_graph"),
            std::string::npos)
      << text;
}

struct Normed : nn::Module<Normed> {
  nn::Linear fc{6, 4};
  nn::BatchNorm1d norm{4};
  Tensor forward(const Tensor& x) { return norm(fc(x)); }
  TENON_MODULE(Normed, fc, norm)
};

TEST(DataParallel, BuffersAreThoseOfRankZeroBeforeEachForwardInTraining) {
  for (const bool broadcast : {true, false}) {
    manual_seed(static_cast<uint64_t>(d::rank()));
    d::DistributedDataParallel model(Normed(), {.broadcast_buffers = broadcast});
    const nn::Buffer& running = model.module.norm.running_mean;
    const Tensor x = randn({8, 6}) + d::rank();
    model(x).square().mean().backward();
    const auto first = d::all_gather(running).result();
    model.eval();
    model(x);
    EXPECT_TRUE(equal(running, first[static_cast<std::size_t>(d::rank())])) << "not in eval";
    model.train();
    model(x);
    const Tensor before = first[static_cast<std::size_t>(broadcast ? 0 : d::rank())];
    EXPECT_TRUE(allclose(running, before * 0.9 + model.module.fc(x).detach().mean(0) * 0.1, 1e-5, 1e-6)) << broadcast;
  }
}

TEST(DataParallel, ACopyAveragesItsOwnGradients) {
  d::DistributedDataParallel model(own_net());
  const auto [x, y] = batch(1);
  F::cross_entropy(model(share(x)), share(y)).backward();
  auto copy = model.clone();
  Net alone = copy.module.clone();
  F::cross_entropy(copy(share(x)), share(y)).backward();
  F::cross_entropy(alone(x), y).backward();
  expect_like(copy.parameters(), alone.parameters());
}

TEST(DataParallel, HooksThatCompressAverageToTheirPrecision) {
  const auto [x, y] = batch(1);
  for (const auto& hook : {d::bf16_compress_hook, d::fp16_compress_hook}) {
    d::DistributedDataParallel model(own_net());
    model.register_comm_hook(hook);
    Net alone = model.module.clone();
    F::cross_entropy(model(share(x)), share(y)).backward();
    F::cross_entropy(alone(x), y).backward();
    expect_like(model.parameters(), alone.parameters(), 1e-2);
  }
}

TEST(DataParallel, AHookSeesEveryGradientOnceAndMayChangeIt) {
  d::DistributedDataParallel model(own_net());
  int64_t seen = 0;
  std::vector<bool> last;
  model.register_comm_hook([&](const d::GradBucket& bucket, const d::Group&) {
    seen += bucket.buffer.numel();
    last.push_back(bucket.is_last);
    return zeros_like(bucket.buffer);
  });
  const auto [x, y] = batch(1);
  F::cross_entropy(model(share(x)), share(y)).backward();
  EXPECT_EQ(seen, nn::count(model.parameters()));
  EXPECT_EQ(last, std::vector{true});
  for (const nn::Parameter& p : model.parameters()) EXPECT_TRUE(equal(p.grad(), zeros_like(p)));
}

TEST(DataParallel, ModelsThatDifferAreAnError) {
  if (d::world_size() == 1) GTEST_SKIP() << "there is one model";
  struct Wide : nn::Module<Wide> {
    nn::Linear fc;
    explicit Wide(int64_t n) : fc(6, n) {}
    Tensor forward(const Tensor& x) { return fc(x); }
    TENON_MODULE(Wide, fc)
  };
  const std::string text = error_of([] { d::DistributedDataParallel model(Wide(d::rank() == 1 ? 4 : 3)); });
  EXPECT_EQ(text,
            "[DistributedDataParallel] processes differ in what they call: rank 0 calls DistributedDataParallel of "
            "Wide, fc.weight float32 (3, 6), fc.bias float32 (3,), rank 1 calls DistributedDataParallel of Wide, "
            "fc.weight float32 (4, 6), fc.bias float32 (4,)");
}

TEST(DataParallel, AModelWithoutParametersIsAnError) {
  EXPECT_EQ(error_of([] { d::DistributedDataParallel model{nn::Sequential{nn::ReLU()}}; }),
            "[DistributedDataParallel] Sequential has no parameters");
}

/// Losses that PyTorch's own class gave on gloo (ddp.py).
TEST(DataParallel, LossesArePyTorchs) {
  std::ifstream file(test::tests_folder() + "/distributed/ddp.json");
  const auto kept = nlohmann::json::parse(file);
  const auto& losses = kept.at("losses");
  if (d::world_size() != static_cast<int64_t>(losses.size())) GTEST_SKIP() << "PyTorch ran with " << losses.size();
  manual_seed(kept.at("seed").get<uint64_t>());
  d::DistributedDataParallel model{Net()};
  optim::SGD optimizer(model.parameters(), {.lr = 0.1, .momentum = 0.9});
  for (const float expected : losses.at(static_cast<std::size_t>(d::rank()))) {
    const Tensor x = randn({24, 6}), y = randint(0, 3, {24});
    optimizer.zero_grad();
    const Tensor loss = F::cross_entropy(model(share(x)), share(y));
    loss.backward();
    optimizer.step();
    ASSERT_NEAR(loss.item<float>(), expected, 1e-5);
  }
}

}  // namespace
}  // namespace data_parallel_test
