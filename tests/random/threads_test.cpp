// Threads that draw from one generator: no number is dealt twice, and none is left out.
#include <algorithm>
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include <tenon/data.h>
#include <tenon/nn/functional.h>
#include <tenon/nn/layers/dropout.h>
#include <tenon/nn/layers/linear.h>
#include <tenon/random.h>

namespace tenon::random_threads_test {
namespace {

using Draw = std::function<Tensor()>;
constexpr int threads = 4, draws_each = 50;

/// Calls f(thread) on several threads at once.
void on_threads(const std::function<void(int)>& f) {
  std::atomic<int> ready = 0;
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t)
    all.emplace_back([&, t] {
      ++ready;
      while (ready < threads) std::this_thread::yield();
      f(t);
    });
  for (std::thread& t : all) t.join();
}

/// What is drawn, sorted: which thread drew first is left open.
std::vector<std::vector<double>> drawn(const Draw& draw, bool by_threads) {
  manual_seed(7);
  std::vector<std::vector<double>> all(threads * draws_each);
  const auto draw_some = [&](int t) {
    for (int i = 0; i < draws_each; ++i) all[static_cast<std::size_t>(t * draws_each + i)] = draw().to_vector<double>();
  };
  if (by_threads) on_threads(draw_some);
  else
    for (int t = 0; t < threads; ++t) draw_some(t);
  std::sort(all.begin(), all.end());
  return all;
}

TEST(GeneratorThreads, EachOperationHasTheGeneratorToItself) {
  const Tensor p = full({37}, 0.3), weights = ones({20});
  const std::vector<std::pair<const char*, Draw>> operations{
      {"rand", [] { return rand({700}); }},
      {"rand of float64, strided",
       [] {
         return empty({30, 20}, {.dtype = float64}).t().uniform_();
       }},
      {"randn", [] { return randn({100}); }},
      {"randn of a few", [] { return randn({4}); }},  // an even number: what is kept for the next stays in a pair
      {"randint", [] { return randint(0, 1000, {300}); }},
      {"randperm", [] { return randperm(500); }},
      {"random_", [] { return empty({50}, {.dtype = int32}).random_(); }},
      {"bernoulli_", [] { return empty({300}).bernoulli_(0.5); }},
      {"bernoulli", [&] { return bernoulli(p); }},
      {"exponential_", [] { return empty({300}).exponential_(); }},
      {"log_normal_", [] { return empty({300}).log_normal_(); }},
      {"multinomial", [&] { return multinomial(weights, 5, true); }},
      {"dropout", [&] { return nn::functional::dropout(ones({3000})); }},
  };
  for (const auto& [name, draw] : operations) {
    const auto alone = drawn(draw, false);
    const Tensor state = random::get_state();
    EXPECT_EQ(drawn(draw, true), alone) << name;
    EXPECT_TRUE(random::get_state().equal(state)) << name;
  }
}

TEST(GeneratorThreads, LayersAndLoadersAreMadeAtOnce) {
  const auto draw_all = [](int) {
    for (int i = 0; i < 5; ++i) {
      nn::Linear layer(20, 20);
      nn::Dropout dropout;
      dropout(layer(ones({8, 20})));
      data::DataLoader loader(data::TensorDataset(ones({10})), {.batch_size = 4, .shuffle = true});
      for (auto& [x] : loader) x.add_(1);
    }
  };
  manual_seed(3);
  for (int t = 0; t < threads; ++t) draw_all(t);
  const Tensor state = random::get_state();
  manual_seed(3);
  on_threads(draw_all);
  EXPECT_TRUE(random::get_state().equal(state));
}

TEST(GeneratorThreads, SeedAndStateAreReadAndWrittenMeanwhile) {
  Generator generator(1);
  const Tensor start = generator.get_state();
  on_threads([&](int t) {
    for (int i = 0; i < 20; ++i) {
      if (t == 0) generator.manual_seed(1);
      else if (t == 1) generator.set_state(start);
      else if (t == 2) generator = Generator(1);
      else {
        EXPECT_EQ(generator.initial_seed(), 1U);
        Generator copy = generator;
        copy.set_state(generator.get_state());  // a state that is whole
        rand({1000}, {}, &generator);
      }
    }
  });
}

}  // namespace
}  // namespace tenon::random_threads_test
