// Operations with several outputs.
#include "autograd/gradcheck.h"
#include "tape/node.h"

namespace tenon::outputs_test {
namespace {

using test::expect_values;

struct Pair {
  Tensor sine, product;
};

/// (exp(a), exp(a) · b), recorded as one operation that saves its own first output.
Pair both(const Tensor& a, const Tensor& b) {
  Pair y;
  {
    const NoGrad guard;
    y.sine = a.exp();
    y.product = y.sine * b;
  }
  if (needs_grad(a, b))
    record_outputs("both", {&y.sine, &y.product}, {&a, &b}, {&y.sine, &b, &y.product}, [](Grads& g) {
      const Tensor e = g.saved(0);
      if (g.needs(0)) {
        Tensor da = g.in(0).defined() ? g.in(0) * e : zeros_like(e);
        if (g.in(1).defined()) da = da + g.in(1) * g.saved(2);
        g.give(0, da);
      }
      if (g.needs(1) && g.in(1).defined()) g.give(1, g.in(1) * e);
    });
  return y;
}

TEST(Outputs, EachHasItsOwnGradient) {
  using Inputs = std::vector<Tensor>;
  const Inputs in{test::leaf({3}, 1), test::leaf({3}, 2)};
  test::gradchecks([](const Inputs& x) { return both(x[0], x[1]).sine * 1; }, {in[0], in[1].detach()});
  test::gradchecks([](const Inputs& x) { return both(x[0], x[1]).product * 1; }, in);
  test::gradchecks(
      [](const Inputs& x) {
        const Pair y = both(x[0], x[1]);
        return y.sine * y.product + y.product;
      },
      in);
}

TEST(Outputs, AnUnusedOneHasAnUndefinedGradient) {
  const Tensor x = tensor({1.0}, {.requires_grad = true}), y = zeros({1}), z = zeros({1});
  bool first = true, second = true;
  record_outputs("two", {&y, &z}, {&x}, {}, [&](Grads& g) {
    first = g.in(0).defined();
    second = g.in(1).defined();
    g.give(0, g.in(1));
  });
  (z * 3).sum().backward();
  EXPECT_FALSE(first);
  EXPECT_TRUE(second);
  expect_values(x.grad(), {1}, {3});
}

TEST(Outputs, IntegersAndAbsentOnesStayOffTheTape) {
  const Tensor x = tensor({1.0}, {.requires_grad = true}), indices = zeros({1}, {int64}), y = zeros({1});
  record_outputs("sorted", {nullptr, &indices, &y}, {&x}, {&indices}, [](Grads& g) { g.give(0, g.in(2) * 2); });
  EXPECT_FALSE(indices.requires_grad());
  EXPECT_TRUE(y.requires_grad());
  EXPECT_EQ(y.impl()->output_nr, 2U);
  y.sum().backward();
  expect_values(x.grad(), {1}, {2});
}

TEST(Outputs, MayBeAnyNumber) {
  const Tensor x = tensor({1.0, 2.0, 3.0}, {.requires_grad = true});
  std::vector<Tensor> parts;
  for (int i = 0; i < 40; ++i) parts.push_back(x.detach() * static_cast<double>(i));
  record_outputs("many", parts, {&x}, {}, [](Grads& g) {
    Tensor sum = zeros({3});
    for (std::size_t i = 0; i < 40; ++i)
      if (g.in(i).defined()) sum.add_(g.in(i), static_cast<double>(i));
    g.give(0, sum);
  });
  (parts[3] + parts[39]).sum().backward();
  expect_values(x.grad(), {3}, {42, 42, 42});
}

TEST(Outputs, HooksAndRetainedGradientsBelongToOne) {
  const Tensor x = tensor({1.0}, {.requires_grad = true}), b = tensor({2.0}, {.requires_grad = true});
  const Pair y = both(x, b);
  int calls = 0;
  y.product.register_hook([&](const Tensor& g) {
    ++calls;
    return g * 2;
  });
  y.sine.retain_grad();
  y.sine.sum().backward({}, {.retain_graph = true});
  EXPECT_EQ(calls, 0);
  expect_values(y.sine.grad(), {1}, {1});
  y.product.sum().backward();
  EXPECT_EQ(calls, 1);
  expect_values(b.grad(), {1}, {2 * std::exp(1.0)}, 1e-5);
}

TEST(Outputs, SavedByTheirOwnNodeAreFreed) {
  const Tensor x = tensor({1.0}, {.requires_grad = true});
  {
    const Pair y = both(x, x);
    EXPECT_EQ(y.sine.impl()->use_count(), 1U);
    EXPECT_EQ(y.product.impl()->use_count(), 1U);
  }
  EXPECT_EQ(x.impl()->use_count(), 1U);
}

}  // namespace
}  // namespace tenon::outputs_test
