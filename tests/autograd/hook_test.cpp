// Hooks on tensors, retained gradients, and the handles that take hooks off.
#include <string>
#include <utility>
#include <vector>

#include <tenon/function.h>

#include "tensor/check.h"

namespace tenon::hook_test {
namespace {

using test::error_of;
using test::expect_values;

Tensor leaf(const std::vector<double>& values) { return tensor(values, {.requires_grad = true}); }
Tensor keep(const Tensor&) { return {}; }

TEST(Hook, OnAResultSeesItsWholeGradientOnce) {
  const Tensor x = leaf({1, 2}), y = x * 2;
  int calls = 0;
  y.register_hook([&](const Tensor& g) {
    ++calls;
    expect_values(g, {2}, {5, 5});
    return Tensor();
  });
  (y * 2 + y * 3).sum().backward();
  EXPECT_EQ(calls, 1);
  expect_values(x.grad(), {2}, {10, 10});
}

TEST(Hook, MayReplaceTheGradientAndTheNextSeesThat) {
  const Tensor x = leaf({1, 2}), y = x * 2;
  y.register_hook([](const Tensor& g) { return g * 10; });
  y.register_hook([](const Tensor& g) { return g + 1; });
  x.register_hook([](const Tensor& g) { return g * 100; });
  y.sum().backward();
  expect_values(x.grad(), {2}, {2200, 2200});
}

TEST(Hook, OnALeafRunsBeforeAccumulationAndPostHooksAfter) {
  const Tensor x = leaf({1, 2});
  std::string order;
  x.register_post_accumulate_grad_hook([&](const Tensor& leaf) {
    order += 'p';
    EXPECT_TRUE(leaf.is_same(x));
    expect_values(leaf.grad(), {2}, {7, 7});
    leaf.set_grad({});
  });
  x.register_hook([&](const Tensor& g) {
    order += 'h';
    EXPECT_FALSE(x.grad().defined());
    return g + 4;
  });
  (x * 3).sum().backward();
  (x * 3).sum().backward();
  EXPECT_EQ(order, "hphp");
}

TEST(Hook, OfALeafRunsAsSoonAsItsLastPartHasCome) {
  const Tensor first = leaf({1, 2}), second = leaf({3, 4});
  std::vector<std::string> order;
  first.register_post_accumulate_grad_hook([&](const Tensor&) { order.emplace_back("first"); });
  second.register_post_accumulate_grad_hook([&](const Tensor&) { order.emplace_back("second"); });
  const auto go_back = [&](const Tensor& between) {
    between.register_hook([&](const Tensor&) { order.emplace_back("between"); });
    (between * second).sum().backward();
    return std::exchange(order, {});
  };
  EXPECT_EQ(go_back(first * 2), (std::vector<std::string>{"second", "between", "first"}));
  expect_values(second.grad(), {2}, {2, 4});
  EXPECT_EQ(go_back(first * second)[0], "between") << "another part is to come";
  expect_values(second.grad(), {2}, {2 + 2 * 3, 4 + 2 * 2 * 4});
  second.backward(ones({2}));  // from the leaf itself
  EXPECT_EQ(std::exchange(order, {}), std::vector<std::string>{"second"});
}

/// Has no gradient for its input.
struct Silent : autograd::Function<Silent> {
  static Tensor forward(autograd::Context&, const Tensor& x) { return x * 2; }
  static Tensor backward(autograd::Context&, const Tensor&) { return {}; }
};

TEST(Hook, OfALeafRunsAtTheEndWhereAPartDoesNotCome) {
  const Tensor x = leaf({1, 2}), other = leaf({5, 6});
  std::string order;
  x.register_post_accumulate_grad_hook([&](const Tensor& leaf) {
    order += 'x';
    expect_values(leaf.grad(), {2}, {3, 3});
  });
  other.register_post_accumulate_grad_hook([&](const Tensor&) { order += 'o'; });
  (Silent::apply(x * 4 + other) + x * 3).sum().backward();
  EXPECT_EQ(order, "x");
  EXPECT_FALSE(other.grad().defined());
}

TEST(Hook, APostHookMayStepAnOptimizerAndGoBackAgain) {
  const Tensor x = leaf({1, 2});
  int depth = 0;
  x.register_post_accumulate_grad_hook([&](const Tensor& leaf) {
    EXPECT_FALSE(is_grad_enabled());
    leaf.add_(leaf.grad(), -0.5);
    leaf.set_grad({});
    if (++depth > 1) return;
    const EnableGrad guard;
    (leaf * 2).sum().backward();
  });
  (x * 2).sum().backward();
  EXPECT_EQ(depth, 2);
  expect_values(x, {2}, {-1, 0});
}

TEST(Hook, IsRecordedUnderCreateGraph) {
  const Tensor x = leaf({2, 3}), y = x * x;
  y.register_hook([](const Tensor& g) { return g * g * 3; });
  y.sum().backward({}, {.create_graph = true});
  const Tensor first = x.grad();  // 3 · 2x
  EXPECT_TRUE(first.requires_grad());
  x.set_grad({});
  first.sum().backward();
  expect_values(x.grad(), {2}, {6, 6});
}

TEST(Hook, MustReturnAGradientThatFits) {
  const Tensor x = leaf({1, 2});
  HookHandle wrong = x.register_hook([](const Tensor&) { return ones({3}); });
  EXPECT_EQ(error_of([&] { (x * 2).sum().backward(); }),
            "[register_hook] a hook must return a gradient like the one it is given: float32 (2,) on cpu, got float32 "
            "(3,) on cpu");
  wrong.remove();
  x.register_hook([](const Tensor& g) { return g.to(float64); });
  EXPECT_NE(error_of([&] { (x * 2).sum().backward(); }), "");
  EXPECT_FALSE(x.grad().defined());
}

TEST(Hook, NeedsATensorThatRequiresGrad) {
  EXPECT_EQ(error_of([] { ones({2}).register_hook(keep); }),
            "[register_hook] a tensor that does not require grad has no gradient to hook");
  EXPECT_EQ(error_of([] { ones({2}).retain_grad(); }),
            "[retain_grad] a tensor that does not require grad has no gradient to retain");
  EXPECT_NE(error_of([] { ones({2}).register_post_accumulate_grad_hook([](const Tensor&) {}); }), "");
  const Tensor x = leaf({1});
  EXPECT_EQ(error_of([&] { (x * 2).register_post_accumulate_grad_hook([](const Tensor&) {}); }),
            "[register_post_accumulate_grad_hook] a computed tensor accumulates no gradient: hook a leaf, or use "
            "register_hook()");
}

TEST(Hook, AnErrorInsideOneReachesTheCaller) {
  const Tensor x = leaf({1});
  x.register_hook([](const Tensor&) -> Tensor { throw std::runtime_error("stop"); });
  EXPECT_THROW((x * 2).backward(), std::runtime_error);
  EXPECT_TRUE(is_grad_enabled());
}

TEST(HookHandle, RemovesOnceAndMayBeCalledAgain) {
  const Tensor x = leaf({1, 2});
  int a = 0, b = 0;
  HookHandle first = x.register_hook([&](const Tensor&) {
    ++a;
    return Tensor();
  });
  x.register_hook([&](const Tensor&) {
    ++b;
    return Tensor();
  });
  (x * 2).sum().backward();
  first.remove();
  first.remove();
  (x * 2).sum().backward();
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 2);
  HookHandle().remove();
}

TEST(HookHandle, MayBeUsedAfterTheTensorDied) {
  HookHandle of_leaf, of_result;
  {
    const Tensor x = leaf({1, 2}), y = x * 2;
    of_leaf = x.register_hook(keep);
    of_result = y.register_hook(keep);
  }
  of_leaf.remove();
  of_result.remove();
}

TEST(HookHandle, MayBeRemovedFromInsideAHook) {
  const Tensor x = leaf({1, 2});
  int calls = 0;
  HookHandle self;
  self = x.register_hook([&](const Tensor&) {
    ++calls;
    self.remove();
    x.register_hook(keep);
    return Tensor();
  });
  for (int i = 0; i < 3; ++i) (x * 2).sum().backward();
  EXPECT_EQ(calls, 1);
}

TEST(HookHandle, MayBeRemovedFromInsideAHookOfAResultOrAfterAccumulation) {
  const Tensor x = leaf({1, 2}), y = x * 2;
  int calls = 0;
  HookHandle of_result, after;
  of_result = y.register_hook([&](const Tensor& g) {
    of_result.remove();
    ++calls;
    return g * 2;
  });
  after = x.register_post_accumulate_grad_hook([&](const Tensor&) {
    after.remove();
    ++calls;
  });
  for (int i = 0; i < 2; ++i) y.sum().backward({}, {.retain_graph = true});
  EXPECT_EQ(calls, 2);
  expect_values(x.grad(), {2}, {6, 6});
}

TEST(HookHandle, DoesNotKeepTheTensor) {
  const Tensor x = leaf({1, 2});
  const HookHandle handle = x.register_hook(keep);
  EXPECT_EQ(x.impl()->use_count(), 1U);
  Tensor y = x * 2;
  y.retain_grad();
  y.register_hook(keep);
  EXPECT_EQ(y.impl()->use_count(), 1U);
  y = Tensor();
  EXPECT_EQ(x.impl()->use_count(), 1U);
}

TEST(RetainGrad, KeepsAResultsGradientAfterEveryHook) {
  const Tensor x = leaf({1, 2}), y = x * 2;
  EXPECT_FALSE(y.retains_grad());
  y.retain_grad();
  y.retain_grad();
  EXPECT_TRUE(y.retains_grad());
  y.register_hook([](const Tensor& g) { return g * 10; });
  (y * y).sum().backward({}, {.retain_graph = true});
  expect_values(y.grad(), {2}, {40, 80});
  (y * y).sum().backward();
  expect_values(y.grad(), {2}, {80, 160});  // it accumulates
  x.retain_grad();                          // a leaf does so anyway
  EXPECT_FALSE(x.retains_grad());
}

TEST(RetainGrad, OfATensorThatDiedIsDropped) {
  const Tensor x = leaf({1, 2});
  Tensor z;
  {
    const Tensor y = x * 2;
    y.retain_grad();
    z = (y * 3).sum();
  }
  z.backward();
  expect_values(x.grad(), {2}, {6, 6});
}

TEST(Hook, StaysWithWhatTheTensorWasBeforeAChangeInPlace) {
  const Tensor x = leaf({1, 2}), y = x * 2;
  std::vector<std::pair<std::string, double>> seen;
  const auto log = [&](const char* name) {
    return [&seen, name](const Tensor& g) {
      seen.emplace_back(name, g[0].item<double>());
      return Tensor();
    };
  };
  y.register_hook(log("old"));
  y.retain_grad();
  y.mul_(3);
  y.register_hook(log("new"));
  (y * 5).sum().backward();
  EXPECT_EQ(seen, (std::vector<std::pair<std::string, double>>{{"new", 5}, {"old", 15}}));
  expect_values(y.grad(), {2}, {5, 5});
  expect_values(x.grad(), {2}, {30, 30});
}

}  // namespace
}  // namespace tenon::hook_test
