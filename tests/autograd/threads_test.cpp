// Threads that each record and run backward through graphs of their own, on leaves that they share.
#include <atomic>
#include <thread>

#include <tenon/autograd.h>
#include <tenon/nn/functional.h>

#include "tensor/check.h"

namespace tenon::autograd_threads_test {
namespace {

constexpr int threads = 4, rounds = 50;

void on_threads(const std::function<void(int)>& f) {
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) all.emplace_back(f, i);
  for (std::thread& t : all) t.join();
}

TEST(AutogradThreads, SharedLeavesGetEveryThreadsGradient) {
  const Tensor w = test::numbers({3, 4}).requires_grad_(), b = zeros({3}, {.requires_grad = true});
  const Tensor x = test::numbers({5, 4}, float32, 1);
  on_threads([&](int) {
    for (int i = 0; i < rounds; ++i) (nn::functional::linear(x, w, b) * 0.5).sum().backward();
  });
  const Tensor once =
      x.sum({0}) * 0.5 * static_cast<double>(threads * rounds);  // small dyadic numbers: every order of adding is exact
  for (int64_t row = 0; row < 3; ++row) EXPECT_EQ(test::elements(w.grad()[row]), test::elements(once));
  test::expect_values(b.grad(), {3}, std::vector<double>(3, 0.5 * 5 * threads * rounds));
}

TEST(AutogradThreads, LeavesOfTheirOwnDoNotDisturbEachOther) {
  const Tensor x = test::noise({6, 5});
  on_threads([&](int i) {
    const Tensor w = full({5, 2}, 0.1 * (i + 1), {.requires_grad = true});
    Tensor first;
    for (int k = 0; k < rounds; ++k) {
      w.set_grad({});
      log_softmax(matmul(x, w).tanh(), 1).select(1, 0).mean().backward();
      if (k == 0) first = w.grad();
      EXPECT_TRUE(test::identical(w.grad(), first));
    }
  });
}

TEST(AutogradThreads, AGraphMayBeFreedOnAnotherThread) {
  const Tensor x = ones({8}, {.requires_grad = true});
  std::vector<Tensor> roots(threads);
  on_threads([&](int i) {
    Tensor y = x;
    for (int k = 0; k < rounds; ++k) y = y * 1.5 + x;
    roots[static_cast<std::size_t>(i)] = y;
  });
  on_threads([&](int i) { roots[static_cast<std::size_t>((i + 1) % threads)] = Tensor(); });
  EXPECT_EQ(x.impl()->use_count(), 1U);
}

TEST(AutogradThreads, AGraphMayGoOnFromAnotherThreads) {
  const Tensor x = full({2}, 3.0, {.requires_grad = true});
  const Tensor before = x * 1;  // this thread has recorded first: its numbers are lower than the other's
  Tensor y;
  std::thread([&] {
    for (int k = 0; k < rounds; ++k) y = x * 2;
  }).join();
  (y * y + y * before).sum().backward();  // (2x)² + 2x · x: both ways back must have come before y's own
  test::expect_values(x.grad(), {2}, {36, 36});
}

TEST(AutogradThreads, AStaleViewMayBeSharedByThreads) {
  const Tensor x = ones({4}, {.requires_grad = true});
  for (int k = 0; k < rounds; ++k) {
    const Tensor y = x * 2, view = y.narrow(0, 1, 2);
    y.mul_(3);  // now the view has to find its place again
    on_threads([&](int) {
      const Tensor g = autograd::grad({(view * 5).sum()}, {x}, {.retain_graph = true})[0];
      test::expect_values(g, {4}, {0, 30, 30, 0});
    });
  }
}

TEST(AutogradThreads, HooksOfASharedLeafRunInEveryThread) {
  const Tensor x = ones({2}, {.requires_grad = true});
  std::atomic<int> before{0}, after{0};
  x.register_hook([&](const Tensor&) {
    ++before;
    return Tensor();
  });
  x.register_post_accumulate_grad_hook([&](const Tensor&) { ++after; });
  on_threads([&](int) {
    for (int k = 0; k < rounds; ++k) {
      HookHandle mine = x.register_hook([](const Tensor& g) { return g * 1; });
      (x * 2).sum().backward();
      mine.remove();
    }
  });
  EXPECT_EQ(before, threads * rounds);
  EXPECT_EQ(after, threads * rounds);
  test::expect_values(x.grad(), {2}, std::vector<double>(2, 2.0 * threads * rounds));
}

TEST(AutogradThreads, SharedTensorsMayBeReadAndCopiedAtOnce) {
  const Tensor x = test::noise({100}), wanted = x * 2;
  on_threads([&](int) {
    for (int k = 0; k < rounds; ++k) {
      const Tensor copy = x;  // NOLINT(performance-unnecessary-copy-initialization): the count is what is tested
      EXPECT_TRUE(test::identical(copy * 2, wanted));
    }
  });
}

}  // namespace
}  // namespace tenon::autograd_threads_test
