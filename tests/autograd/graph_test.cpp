// How a graph lives: long chains, what it holds, what lets it go.

#include <pthread.h>

#include "tensor/check.h"
#include "tensor/sanitizer.h"

namespace tenon::graph_test {
namespace {

/// Runs f on a stack of 256 KiB, which any recursion along a long graph would overflow.
void on_a_small_stack(const std::function<void()>& f) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, std::size_t{256} << 10);
  pthread_t thread{};
  const auto run = [](void* p) -> void* {
    (*static_cast<const std::function<void()>*>(p))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, run, const_cast<void*>(static_cast<const void*>(&f))), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

constexpr int long_chain = test::sanitized ? 100000 : 1000000;  // either overflows that stack by far

TEST(GraphThread, AMillionNodesAreBuiltGoneBackThroughAndFreedWithoutRecursion) {
  on_a_small_stack([] {
    const Tensor x = ones({1}, {.requires_grad = true});
    Tensor y = x;
    for (int i = 0; i < long_chain; ++i) y = y + x;
    y.backward();
    EXPECT_EQ(x.grad().item<double>(), long_chain + 1);
    x.set_grad({});
  });
}

TEST(GraphThread, AMillionNodesThatNobodyGoesBackThroughAreFreedWithoutRecursion) {
  on_a_small_stack([] {
    const Tensor x = ones({1}, {.requires_grad = true});
    Tensor y = x;
    for (int i = 0; i < long_chain; ++i) y = y * x;  // saves its inputs: tensors hold nodes that hold tensors
    y = Tensor();
    EXPECT_EQ(x.impl()->use_count(), 1U);
  });
}

TEST(Graph, LetsGoOfItsTensorsAfterBackward) {
  const Tensor x = ones({2}, {.requires_grad = true}), held = ones({2});
  const Tensor y = (x * held).sum();
  EXPECT_EQ(held.impl()->storage->use_count(), 2U);
  y.backward({}, {.retain_graph = true});
  EXPECT_EQ(held.impl()->storage->use_count(), 2U);
  y.backward();
  EXPECT_EQ(held.impl()->storage->use_count(), 1U);
}

TEST(Graph, ATensorChangedByAResultItWasSavedForIsFreed) {
  const Tensor x = ones({2}, {.requires_grad = true});
  const auto change = [](const Tensor& h) {
    const Tensor square = h * h;  // saves h, whose place on the tape then leads here
    h.add_(square);
    h[0].mul_(square[1]);
  };
  change(x * 2);
  const Tensor off_the_tape = zeros({2});
  off_the_tape.add_(off_the_tape * x);
  off_the_tape.detach_();
  EXPECT_EQ(x.impl()->use_count(), 1U);  // no graph that holds it is left
}

TEST(Graph, HoldsItsLeavesAsLongAsItLives) {
  const auto seen = std::make_shared<double>(0);
  Tensor y;
  {
    const Tensor x = ones({2}, {.requires_grad = true});
    x.register_post_accumulate_grad_hook([seen](const Tensor& leaf) { *seen = leaf.grad()[1].item<double>(); });
    y = (x * 2).sum();
  }
  y.backward();
  EXPECT_EQ(*seen, 2);
  y = Tensor();
  EXPECT_EQ(seen.use_count(), 1);  // the leaf went with the graph, and its hook with it
}

TEST(Graph, ALeafIsNotHeldByItself) {
  const Tensor x = ones({2}, {.requires_grad = true});
  x.exp().sum().backward();
  x.sum().backward();
  EXPECT_EQ(x.impl()->use_count(), 1U);
}

TEST(Graph, AResultSavedByItsOwnNodeIsFreed) {
  const Tensor x = ones({2}, {.requires_grad = true});
  {
    const Tensor y = x.exp();
    EXPECT_EQ(y.impl()->use_count(), 1U);
  }
  EXPECT_EQ(x.impl()->use_count(), 1U);
}

TEST(Graph, OnlyWhatTheGradientNeedsIsKept) {
  const Tensor x = ones({2}, {.requires_grad = true}), c = ones({2});
  const Tensor sum = x + c, product = x * c;
  EXPECT_EQ(c.impl()->storage->use_count(), 2U);  // by the product; x itself it need not keep
  EXPECT_EQ(sum.impl()->storage->use_count(), 1U);
}

// Destroyed after everything that belongs to the main thread.
const Tensor& outlives_main() {
  static Tensor y = [] {
    const Tensor x = ones({2}, {.requires_grad = true});
    Tensor chain = x;
    for (int i = 0; i < 100; ++i) chain = (chain * x).exp();
    return chain;
  }();
  return y;
}

TEST(Graph, OneOfStaticDurationIsFreedAtTheEndOfTheProgram) { EXPECT_TRUE(outlives_main().requires_grad()); }

}  // namespace
}  // namespace tenon::graph_test
