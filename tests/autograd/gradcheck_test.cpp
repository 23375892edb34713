// The checker itself: it must find what is wrong.
#include <tenon/function.h>
#include <tenon/gradcheck.h>

#include "tape/node.h"
#include "tensor/check.h"

namespace tenon::gradcheck_test {
namespace {

using autograd::gradcheck;
using autograd::gradgradcheck;
using test::error_of;
using Inputs = std::vector<Tensor>;

Tensor leaf(const Shape& shape, uint64_t seed) { return test::noise(shape, float64, seed).requires_grad_(); }

/// x², with a backward that is wrong by `error`.
Tensor square_wrong_by(const Tensor& x, double error) {
  Tensor y;
  {
    const NoGrad guard;
    y = x * x;
  }
  if (needs_grad(x))
    record("square", y, {&x}, {&x}, [error](Grads& g) { g.give(0, g.in() * (g.saved(0) * 2 + error)); });
  return y;
}

TEST(Gradcheck, PassesWhatIsRight) {
  EXPECT_TRUE(gradcheck([](const Inputs& x) { return x[0] * x[1].exp(); }, {leaf({2, 3}, 1), leaf({3}, 2)}));
  EXPECT_TRUE(gradcheck(
      [](const Inputs& x) {
        return Inputs{x[0] * 2, x[0].exp() * x[1]};
      },
      {leaf({3}, 1), leaf({3}, 2)}));
  EXPECT_TRUE(gradgradcheck([](const Inputs& x) { return x[0] * x[1].exp(); }, {leaf({2, 3}, 1), leaf({3}, 2)}));
  EXPECT_TRUE(gradgradcheck(
      [](const Inputs& x) {
        return Inputs{x[0] * x[0], x[0].exp() * x[1]};
      },
      {leaf({3}, 1), leaf({3}, 2)}));
  EXPECT_TRUE(
      gradcheck([](const Inputs& x) { return x[0].t() * 3; }, {test::noise({3, 2}, float64).t().requires_grad_()}));
  EXPECT_TRUE(gradcheck([](const Inputs& x) { return x[0] * x[1]; },
                        {leaf({3}, 1), test::noise({3}, float64, 2)}));  // one by which nothing is asked
}

TEST(Gradcheck, FindsAWrongDerivative) {
  const auto wrong = [](const Inputs& x) { return square_wrong_by(x[0], 0.01); };
  const Tensor x = leaf({2}, 1);
  const auto before = x.to_vector<double>();
  EXPECT_FALSE(gradcheck(wrong, {x}, {.raise_exception = false}));
  EXPECT_NE(error_of([&] { gradcheck(wrong, {x}); }).find("[gradcheck] output 0 by input 0: element 0 by element 0 is"),
            std::string::npos);
  EXPECT_TRUE(gradcheck([](const Inputs& in) { return square_wrong_by(in[0], 0); }, {x}));
  EXPECT_EQ(x.to_vector<double>(), before);  // put back
  EXPECT_FALSE(x.grad().defined());
}

TEST(Gradcheck, FindsAWrongOneAmongSeveral) {
  const Inputs in{leaf({2}, 1), leaf({2}, 2)};
  EXPECT_EQ(error_of([&] {
              gradcheck([](const Inputs& x) { return Inputs{x[0] * x[1], square_wrong_by(x[1], 0.01)}; }, in);
            }).substr(0, 32),
            "[gradcheck] output 1 by input 1:");
  // an output that is cut off although it depends on the input
  EXPECT_FALSE(gradcheck([](const Inputs& x) { return x[0] * x[1].detach(); }, in, {.raise_exception = false}));
}

TEST(Gradcheck, FindsAWrongSecondDerivative) {
  const auto first_only = [](const Inputs& x) {
    Tensor y;
    {
      const NoGrad guard;
      y = x[0] * x[0] * x[0];
    }
    if (needs_grad(x[0]))
      record("cube", y, {&x[0]}, {&x[0]}, [](Grads& g) { g.give(0, g.in() * (g.saved(0) * g.saved(0)).detach() * 3); });
    return y;
  };
  EXPECT_TRUE(gradcheck(first_only, {leaf({2}, 1)}));
  EXPECT_FALSE(gradgradcheck(first_only, {leaf({2}, 1)}, {}, {.raise_exception = false}));
}

TEST(Gradcheck, NeedsAnInputThatRequiresGrad) {
  EXPECT_EQ(error_of([] { gradcheck([](const Inputs& x) { return x[0] * 2; }, {ones({2}, {float64})}); }),
            "[gradcheck] expected an input that requires grad");
}

TEST(Gradcheck, FindsABackwardThatIsNotTheSameTwice) {
  const Tensor x = leaf({2}, 1);
  int calls = 0;
  const auto unsteady = [&calls](const Inputs& in) {
    Tensor y;
    {
      const NoGrad guard;
      y = in[0] * 2;
    }
    if (needs_grad(in[0]))
      record("unsteady", y, {&in[0]}, {}, [&calls](Grads& g) { g.give(0, g.in() * (2 + 1e-7 * ++calls)); });
    return y;
  };
  EXPECT_NE(error_of([&] { gradcheck(unsteady, {x}); }).find("two backward passes"), std::string::npos);
  EXPECT_TRUE(gradcheck(unsteady, {x}, {.nondet_tol = 1e-3}));
}

}  // namespace
}  // namespace tenon::gradcheck_test
