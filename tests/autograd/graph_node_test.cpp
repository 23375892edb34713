// The graph as users see it: nodes, what passes through hooks when it is saved, hooks on several tensors.
#include <tenon/function.h>
#include <tenon/graph.h>

#include "tensor/check.h"

namespace tenon::graph_node_test {
namespace {

/// In row-major order.
void expect_elements(const Tensor& x, const std::vector<double>& values) {
  test::expect_values(x.reshape(-1), {static_cast<int64_t>(values.size())}, values);
}

using autograd::GraphNode;
using test::error_of;

Tensor leaf(std::initializer_list<double> values) {
  return tensor(std::vector<double>(values), {.dtype = float64, .requires_grad = true});
}

struct Twice : autograd::Function<Twice> {
  static Tensor forward(autograd::Context&, const Tensor& x) { return x * 2; }
  static Tensor backward(autograd::Context&, const Tensor& grad) { return grad * 2; }
};

// (x * 2).exp().sum().grad_fn, and so on through next_functions
TEST(GraphNode, HasPyTorchsNameAndLeadsToTheLeaves) {
  const Tensor x = leaf({1, 2}), y = (x * 2).exp().sum();
  EXPECT_EQ(y.grad_fn()->name(), "SumBackward0");
  const auto exp = y.grad_fn()->next_functions();
  ASSERT_EQ(exp.size(), 1u);
  EXPECT_EQ(exp[0].first->name(), "ExpBackward0");
  const auto mul = exp[0].first->next_functions()[0].first->next_functions();
  ASSERT_EQ(mul.size(), 2u);
  EXPECT_EQ(mul[0].first->name(), "AccumulateGrad");
  EXPECT_TRUE(mul[0].first->variable().is_same(x));
  EXPECT_FALSE(mul[1].first);  // a number needs no gradient
  EXPECT_FALSE(x.grad_fn());
  EXPECT_FALSE(y.grad_fn()->variable().defined());
}

TEST(GraphNode, OfAFunctionOfOnesOwnHasItsName) {
  EXPECT_EQ(Twice::apply(leaf({1})).grad_fn()->name(), "TwiceBackward");
}

TEST(GraphNode, SaysWhichOutputAnInputIs) {
  const Tensor x = leaf({3, 1, 2});
  const Tensor y = x.sort().values * 2;
  EXPECT_EQ(y.grad_fn()->next_functions()[0].first->name(), "SortBackward0");
  EXPECT_EQ(y.grad_fn()->next_functions()[0].second, 0u);
}

TEST(GraphNode, HoldsTheGraphAndEqualsItself) {
  GraphNode node;
  EXPECT_NE(error_of([&] { node.name(); }).find("null node"), std::string::npos);
  {
    const Tensor y = leaf({1}) * 3;
    node = y.grad_fn();
    EXPECT_TRUE(node == y.grad_fn());
  }
  EXPECT_EQ(node.next_functions()[0].first->name(), "AccumulateGrad");
}

TEST(SavedTensorsHooks, PackAndUnpackWhatIsSaved) {
  const Tensor x = leaf({2, 3});
  int packed = 0, unpacked = 0;
  Tensor y;
  {
    const autograd::SavedTensorsHooks guard(
        [&](const Tensor& saved) {
          ++packed;
          return std::any(saved.to_vector<double>());
        },
        [&](const std::any& values) {
          ++unpacked;
          return tensor(std::any_cast<std::vector<double>>(values), {.dtype = float64});
        });
    y = (x * x).exp();
  }
  EXPECT_EQ(packed, 3);  // both sides of the product, and exp's result
  (x * 1).sum().backward();
  EXPECT_EQ(unpacked, 0);
  x.set_grad({});
  y.sum().backward();
  EXPECT_EQ(unpacked, 3);
  EXPECT_NEAR(x.grad()[0].item<double>(), 4 * std::exp(4.0), 1e-10);
  EXPECT_NEAR(x.grad()[1].item<double>(), 6 * std::exp(9.0), 1e-10);
}

TEST(SavedTensorsHooks, LeaveDerivativesOfDerivativesAsTheyAre) {
  const Tensor x = leaf({2});
  const autograd::SavedTensorsHooks guard([](const Tensor& saved) { return std::any(saved.clone()); },
                                          [](const std::any& saved) { return std::any_cast<Tensor>(saved); });
  const Tensor first = autograd::grad({(x * x * x).sum()}, {x}, {.create_graph = true})[0];
  const Tensor second = autograd::grad({first.sum()}, {x}, {.create_graph = true})[0];
  expect_elements(first, {12});
  expect_elements(second, {12});
  const Tensor root = x.sqrt();  // saves its own result
  const Tensor slope = autograd::grad({root.sum()}, {x}, {.create_graph = true})[0];
  EXPECT_NEAR(autograd::grad({slope.sum()}, {x})[0].item<double>(), -0.25 * std::pow(2.0, -1.5), 1e-15);
}

TEST(SavedTensorsHooks, TheInnermostCountsAndTheHookItselfSavesNothing) {
  const Tensor x = leaf({2});
  int outer = 0, inner = 0;
  const auto unpack = [](const std::any& saved) { return std::any_cast<Tensor>(saved); };
  const autograd::SavedTensorsHooks one(
      [&](const Tensor& saved) {
        ++outer;
        return std::any(saved * 1);
      },
      unpack);
  {
    const autograd::SavedTensorsHooks two(
        [&](const Tensor& saved) {
          ++inner;
          return std::any(saved.exp().log());
        },
        unpack);
    x.exp();
  }
  EXPECT_EQ(inner, 1);
  EXPECT_EQ(outer, 0);
  x.exp();
  EXPECT_EQ(outer, 1);
}

TEST(SavedTensorsHooks, RefuseAnotherTensorThanThePacked) {
  const Tensor x = leaf({2, 3});
  Tensor y;
  {
    const autograd::SavedTensorsHooks guard([](const Tensor&) { return std::any(); },
                                            [](const std::any&) { return zeros({3}, {.dtype = float64}); });
    y = x.exp();
  }
  EXPECT_NE(error_of([&] { y.sum().backward(); }).find("like the one that was packed, float64 (2,)"),
            std::string::npos);
}

TEST(SavedTensorsHooks, AnExceptionOfPackLeavesTheHooksInPlace) {
  const Tensor x = leaf({2});
  int calls = 0;
  const autograd::SavedTensorsHooks guard(
      [&](const Tensor& saved) -> std::any {
        if (++calls == 1) throw std::runtime_error("disk full");
        return saved;
      },
      [](const std::any& saved) { return std::any_cast<Tensor>(saved); });
  EXPECT_THROW(x.exp(), std::runtime_error);
  x.exp().sum().backward();
  EXPECT_EQ(calls, 2);
}

// register_multi_grad_hook((a, b, c), …), then (a*2 + b*3).sum().backward() and (a*c).sum().backward()
TEST(MultiGradHook, IsCalledOnceAPassWithTheGradientsThatItComputes) {
  const Tensor a = leaf({1, 1}), b = leaf({1, 1}), c = leaf({1, 1});
  std::vector<std::vector<Tensor>> seen;
  HookHandle handle =
      autograd::register_multi_grad_hook({a, b, c}, [&](const std::vector<Tensor>& grads) { seen.push_back(grads); });
  (a * 2 + b * 3).sum().backward();
  ASSERT_EQ(seen.size(), 1u);
  expect_elements(seen[0][0], {2, 2});
  expect_elements(seen[0][1], {3, 3});
  EXPECT_FALSE(seen[0][2].defined());
  (a * c).sum().backward();
  ASSERT_EQ(seen.size(), 2u);
  expect_elements(seen[1][0], {1, 1});
  EXPECT_FALSE(seen[1][1].defined());
  expect_elements(seen[1][2], {1, 1});
  handle.remove();
  handle.remove();
  (a * c).sum().backward();
  EXPECT_EQ(seen.size(), 2u);
}

TEST(MultiGradHook, OfAnyIsCalledWithTheFirst) {
  const Tensor a = leaf({1}), b = leaf({1});
  int calls = 0;
  autograd::register_multi_grad_hook(
      {a, b},
      [&](const std::vector<Tensor>& grads) {
        ++calls;
        EXPECT_NE(grads[0].defined(), grads[1].defined());
      },
      autograd::MultiGradMode::any);
  (a * 2 + b * 3).sum().backward();
  (a * 2 + b * 3).sum().backward();
  EXPECT_EQ(calls, 2);
}

TEST(MultiGradHook, SeesGradientsOfComputedTensorsAndOfGrad) {
  const Tensor x = leaf({2});
  const Tensor y = x * 3, z = y * y;
  std::vector<Tensor> seen;
  autograd::register_multi_grad_hook({x, y}, [&](const std::vector<Tensor>& grads) { seen = grads; });
  autograd::grad({z.sum()}, {x});
  ASSERT_EQ(seen.size(), 2u);
  expect_elements(seen[0], {36});
  expect_elements(seen[1], {12});
}

TEST(MultiGradHook, RefusesATensorWithoutGradient) {
  EXPECT_NE(error_of([] {
              autograd::register_multi_grad_hook({zeros({2})}, [](const std::vector<Tensor>&) {});
            }).find("does not require grad"),
            std::string::npos);
}

}  // namespace
}  // namespace tenon::graph_node_test
