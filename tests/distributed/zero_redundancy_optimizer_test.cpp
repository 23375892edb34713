#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tenon/distributed.h>
#include <tenon/tenon.h>

namespace zero_redundancy_optimizer_test {
namespace {

using namespace tenon;
namespace d = tenon::distributed;

struct Net : nn::Module<Net> {
  nn::Linear a{6, 5}, b{5, 7}, c{7, 3};
  Tensor forward(const Tensor& x) { return c(b(a(x).tanh()).tanh()); }
  TENON_MODULE(Net, a, b, c)
};

/// Gradients that are the same in every process.
void backward(Net& net, uint64_t seed) {
  Generator g(seed);
  net(randn({8, 6}, {}, &g)).square().mean().backward();
}

void expect_same(Net& a, Net& b) {
  const auto x = a.parameters(), y = b.parameters();
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_TRUE(equal(x[i], y[i])) << i;
}

int64_t states_of(const optim::Optimizer& o) { return static_cast<int64_t>(o.state_dict()["state"].as<Dict>().size()); }

TEST(ZeroRedundancy, StepsAsOneOptimizerAndKeepsAPartOfItsState) {
  manual_seed(1);
  Net shared, alone = shared.clone();
  d::ZeroRedundancyOptimizer<optim::AdamW> parts(shared.parameters(), {.lr = 0.01});
  optim::AdamW whole(alone.parameters(), {.lr = 0.01});
  optim::StepLR scheduler(parts.optimizer(), 2, {.gamma = 0.5}), other(whole, 2, {.gamma = 0.5});
  for (uint64_t step = 0; step < 5; ++step) {
    parts.zero_grad();
    whole.zero_grad();
    backward(shared, step);
    backward(alone, step);
    const Tensor before = shared.a.weight.grad();
    parts.step();
    whole.step();
    scheduler.step();
    other.step();
    EXPECT_TRUE(shared.a.weight.grad().is_same(before)) << "gradients are where they were";
    expect_same(shared, alone);
  }
  const Tensor all = tensor(states_of(parts.optimizer()));
  EXPECT_LE(all.item<int64_t>(), d::world_size() == 1 ? 6 : 4);
  d::all_reduce(all);
  EXPECT_EQ(all.item<int64_t>(), 6) << "each state is kept once";
}

TEST(ZeroRedundancy, StatesComeTogetherAndGoOnInAnyOptimizer) {
  manual_seed(1);
  Net shared, alone = shared.clone();
  d::ZeroRedundancyOptimizer<optim::Adam> parts(shared.parameters(), {.lr = 0.01});
  optim::Adam whole(alone.parameters(), {.lr = 0.01});
  for (uint64_t step = 0; step < 3; ++step) {
    backward(shared, step);
    backward(alone, step);
    parts.step();
    whole.step();
  }
  const int64_t to = d::world_size() - 1;
  EXPECT_THROW(static_cast<void>(parts.state_dict()), Error);
  parts.consolidate_state_dict(to);
  if (d::rank() == to)
    EXPECT_EQ(fmt::format("{}", Value(parts.state_dict())), fmt::format("{}", Value(whole.state_dict())));
  else EXPECT_THROW(static_cast<void>(parts.state_dict()), Error);

  d::ZeroRedundancyOptimizer<optim::Adam> again(shared.parameters(), {.lr = 0.5});
  again.load_state_dict(whole.state_dict());
  EXPECT_EQ(again.optimizer().group(0).lr(), 0.01);
  backward(shared, 9);
  backward(alone, 9);
  again.step();
  whole.step();
  expect_same(shared, alone);
}

TEST(ZeroRedundancy, AClosureIsCalledWithAllGradients) {
  manual_seed(1);
  Net shared, alone = shared.clone();
  d::ZeroRedundancyOptimizer<optim::SGD> parts(shared.parameters(), {.lr = 0.1, .momentum = 0.9});
  optim::SGD whole(alone.parameters(), {.lr = 0.1, .momentum = 0.9});
  const auto closure = [](auto& optimizer, Net& net) {
    return [&] {
      optimizer.zero_grad();
      const Tensor loss = net(ones({2, 6})).square().mean();
      loss.backward();
      return loss;
    };
  };
  for (int step = 0; step < 3; ++step)
    EXPECT_EQ(parts.step(closure(parts, shared)).item<float>(), whole.step(closure(whole, alone)).item<float>());
  expect_same(shared, alone);
}

TEST(Objects, ValuesOfAnyKindTravel) {
  const Value own = Dict{{"rank", d::rank()}, {"x", full({d::rank() + 1}, 2.0)}};
  const auto all = d::all_gather_object(own);
  ASSERT_EQ(all.size(), static_cast<std::size_t>(d::world_size()));
  for (int64_t r = 0; r < d::world_size(); ++r) {
    const Value& v = all[static_cast<std::size_t>(r)];
    EXPECT_EQ(v["rank"].as<int64_t>(), r);
    EXPECT_TRUE(equal(v["x"].as<Tensor>(), full({r + 1}, 2.0)));
  }
  const int64_t last = d::world_size() - 1;
  EXPECT_EQ(d::broadcast_object(own, last)["rank"].as<int64_t>(), last);
  EXPECT_EQ(d::gather_object(own).size(), static_cast<std::size_t>(d::rank() == 0 ? d::world_size() : 0));
}

}  // namespace
}  // namespace zero_redundancy_optimizer_test
