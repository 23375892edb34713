// autograd::grad and autograd::backward: gradients of several tensors, by some.
#include "tensor/check.h"

namespace tenon::grad_test {
namespace {

using autograd::grad;
using test::error_of;
using test::expect_values;

Tensor leaf(const std::vector<double>& values) { return tensor(values, {.requires_grad = true}); }

TEST(Grad, GivesGradientsAndAccumulatesNothing) {
  const Tensor x = leaf({2, 3}), w = leaf({4, 5}), other = leaf({1, 1});
  const Tensor y = x * w + other;
  const auto g = grad({y.sum()}, {x, w});
  ASSERT_EQ(g.size(), 2U);
  expect_values(g[0], {2}, {4, 5});
  expect_values(g[1], {2}, {2, 3});
  EXPECT_FALSE(x.grad().defined());
  EXPECT_FALSE(w.grad().defined());
  EXPECT_FALSE(other.grad().defined());
}

TEST(Grad, OfAComputedTensorStopsThere) {
  const Tensor x = leaf({2, 3}), y = x * 2;
  int calls = 0;
  x.register_hook([&](const Tensor&) {
    ++calls;
    return Tensor();
  });
  const Tensor z = (y * y).sum();
  expect_values(grad({z}, {y}, {.retain_graph = true})[0], {2}, {8, 12});
  EXPECT_EQ(calls, 0);
  const auto both = grad({z}, {x, y}, {.retain_graph = true});
  expect_values(both[0], {2}, {16, 24});
  expect_values(both[1], {2}, {8, 12});
  EXPECT_EQ(calls, 1);
  expect_values(grad({z}, {z})[0], {}, {1});
}

TEST(Grad, OnlyNodesOnTheWayAreGoneThroughAndFreed) {
  const Tensor x = leaf({2}), w = leaf({3});
  const Tensor a = x.exp(), b = w.exp();
  const Tensor y = a + b;
  grad({y}, {x});
  EXPECT_NE(error_of([&] { a.backward(); }), "");  // its saved tensors are gone
  b.backward();
  test::expect_values(w.grad(), {1}, {std::exp(3.0f)}, 1e-6);
}

TEST(Grad, SumsOverSeveralOutputs) {
  const Tensor x = leaf({1, 2});
  const Tensor a = x * 3, b = x * x;
  expect_values(grad({a, b}, {x}, {.grad_outputs = {ones({2}), tensor({10.0, 100.0})}})[0], {2}, {23, 403});
  const Tensor c = (x * 5).sum(), d = (x * 7).sum();
  expect_values(grad({c, d, c}, {x}, {.retain_graph = true})[0], {2}, {17, 17});
  expect_values(grad({c, d}, {x}, {.grad_outputs = {Tensor(), tensor(2.0)}})[0], {2}, {19, 19});
}

TEST(Grad, ChecksWhatItIsGiven) {
  const Tensor x = leaf({1, 2}), c = ones({2});
  EXPECT_EQ(error_of([&] { grad({x * 2}, {x}); }),
            "[grad] a gradient can only be made up for a tensor of one element, this has shape (2,): pass one");
  EXPECT_EQ(error_of([&] { grad({(x * 2).sum()}, {c}); }), "[grad] an input of shape (2,) does not require grad");
  EXPECT_EQ(error_of([&] { grad({c.sum()}, {x}); }),
            "[grad] this tensor does not require grad and was not computed from one that does: nothing was recorded");
  EXPECT_EQ(error_of([&] {
              grad({x * 2}, {x}, {.grad_outputs = {ones({2}), ones({2})}});
            }),
            "[grad] expected a gradient for each of 1 tensors, got 2");
  EXPECT_EQ(error_of([&] { grad({x * 2}, {x}, {.grad_outputs = {ones({3})}}); }),
            "[grad] expected a gradient of shape (2,), got (3,)");
  EXPECT_NE(error_of([&] { grad({x.sum()}, {}); }), "");
  EXPECT_NE(error_of([&] { grad({Tensor()}, {x}); }), "");
  EXPECT_NE(error_of([&] { grad({x.sum()}, {Tensor()}); }), "");
}

TEST(Grad, AnUnusedInputIsAnErrorUnlessAllowed) {
  const Tensor x = leaf({1, 2}), unused = leaf({3});
  const Tensor y = (x * 2).sum();
  EXPECT_EQ(error_of([&] {
              grad({y}, {x, unused}, {.retain_graph = true});
            }),
            "[grad] no output depends on input 1, of shape (1,): set allow_unused, or leave it out");
  EXPECT_FALSE(grad({y}, {x, unused}, {.retain_graph = true, .allow_unused = true})[1].defined());
  expect_values(grad({y}, {x, unused}, {.materialize_grads = true})[1], {1}, {0});
  EXPECT_NE(error_of([&] { grad({y}, {x, unused}, {.allow_unused = false, .materialize_grads = true}); }), "");
}

TEST(Grad, CreateGraphLetsItBeDifferentiated) {
  const Tensor x = leaf({2, 3});
  const Tensor first = grad({(x * x * x).sum()}, {x}, {.create_graph = true})[0];
  const Tensor second = grad({first.sum()}, {x}, {.create_graph = true})[0];
  const Tensor third = grad({second.sum()}, {x})[0];
  expect_values(first, {2}, {12, 27});
  expect_values(second, {2}, {12, 18});
  expect_values(third, {2}, {6, 6});
  EXPECT_FALSE(third.requires_grad());
}

TEST(Grad, AConstantGradientIsRecordedAsWell) {  // torch.autograd.grad(..., create_graph=True)
  const Tensor x = tensor({{3.0, -1.0}, {0.5, 2.0}}, {float64}).requires_grad_();
  const std::vector<std::pair<const char*, std::function<Tensor()>>> functions{
      {"relu", [&] { return x.relu(); }},
      {"matrix_power", [&] { return linalg::matrix_power(x, 0); }},
      {"variance of one number", [&] { return x.narrow(0, 0, 1).var({0}); }},
      {"product of one number", [&] { return x.narrow(0, 0, 1).prod(0); }},
  };
  for (const auto& [name, f] : functions) {
    const Tensor y = f();
    ASSERT_TRUE(y.requires_grad()) << name;
    const Tensor first = autograd::grad({y.sum()}, {x}, {.create_graph = true})[0];
    if (std::string(name) == "matrix_power") {
      expect_values(first, {2, 2}, {0, 0, 0, 0});
      continue;
    }
    ASSERT_TRUE(first.requires_grad()) << name;
    const Tensor second = autograd::grad({first.sum()}, {x}, {.materialize_grads = true})[0];
    expect_values(second, {2, 2}, {0, 0, 0, 0});
  }
}

TEST(Grad, RetainGraphIsCreateGraphUnlessSaid) {
  const Tensor x = leaf({2});
  const Tensor y = (x * x).sum();
  grad({y}, {x}, {.create_graph = true});
  grad({y}, {x}, {.retain_graph = true});
  grad({y}, {x});
  EXPECT_NE(error_of([&] { grad({y}, {x}); }), "");
}

TEST(Grad, HooksChangeWhatIsGiven) {
  const Tensor x = leaf({1, 2}), y = x * 2;
  y.register_hook([](const Tensor& g) { return g * 10; });
  x.register_hook([](const Tensor& g) { return g + 1; });
  const auto g = grad({(y * y).sum()}, {y, x});
  expect_values(g[0], {2}, {40, 80});
  expect_values(g[1], {2}, {81, 161});
}

TEST(Grad, GivesAViewsGradientAfterAChangeOfItsBase) {
  const Tensor x = leaf({1, 2}), y = x * 2, v = y[0];
  y.mul_(3);
  expect_values(grad({v * 5}, {y}, {.retain_graph = true})[0], {2}, {5, 0});
  expect_values(grad({v * 5}, {v, x})[1], {2}, {30, 0});
}

TEST(BackwardOfSeveral, AddsUp) {
  const Tensor x = leaf({1, 2});
  autograd::backward({x * 2, x * 3}, {ones({2}), tensor({1.0, 10.0})});
  expect_values(x.grad(), {2}, {5, 32});
  autograd::backward({x.sum(), (x * x).sum()});
  expect_values(x.grad(), {2}, {8, 37});
  autograd::backward({});
  EXPECT_NE(error_of([&] { autograd::backward({x.sum()}, {Tensor(), Tensor()}); }), "");
}

TEST(BackwardInputs, OnlyTheseGetAGradient) {
  const Tensor x = leaf({1, 2}), w = leaf({3, 4}), y = x * w;
  (y * y).sum().backward({}, {.retain_graph = true, .inputs = {w}});
  EXPECT_FALSE(x.grad().defined());
  expect_values(w.grad(), {2}, {6, 32});
  const Tensor z = (y * y).sum();
  z.backward({}, {.inputs = {y}});  // a computed one retains it; nothing behind it runs
  expect_values(y.grad(), {2}, {6, 16});
  EXPECT_FALSE(x.grad().defined());
  expect_values(w.grad(), {2}, {6, 32});
  EXPECT_NE(error_of([&] { z.backward({}, {.inputs = {ones({2})}}); }), "");
}

TEST(Backward, AGradientIsFreedOnceItsNodeHasHadIt) {
  const Tensor x = leaf({1, 2});
  Tensor y = x;
  std::vector<Tensor> seen;
  for (int i = 0; i < 5; ++i) {
    y = y * 2;
    y.register_hook([&](const Tensor& g) {
      for (const Tensor& earlier : seen) EXPECT_EQ(earlier.impl()->use_count(), 1U);
      seen.push_back(g);
      return Tensor();
    });
  }
  y.sum().backward();
  EXPECT_EQ(seen.size(), 5U);
}

}  // namespace
}  // namespace tenon::grad_test
