// Operations of the user's own. The first is the example of function.h.
#include <tenon/function.h>

#include <array>
#include <functional>
#include <optional>
#include <span>

#include <tenon/gradcheck.h>
#include <tenon/graph.h>
#include <tenon/parameter.h>

#include "tensor/check.h"

namespace tenon::function_test {
namespace {

using autograd::Context;
using test::error_of;
using test::expect_values;
using Inputs = std::vector<Tensor>;

struct Cube : autograd::Function<Cube> {
  static Tensor forward(Context& context, const Tensor& x, double scale) {
    context.save_for_backward({x});
    context.state<double>() = scale;  // what is not a tensor
    return x * x * x * scale;
  }
  static Tensor backward(Context& context, const Tensor& grad) {
    const Tensor x = context.saved_tensors()[0];
    return grad * x * x * (3 * context.state<double>());
  }
};

Tensor leaf(const std::vector<double>& values) { return tensor(values, {.dtype = float64, .requires_grad = true}); }

TEST(Function, TheExampleOfItsHeader) {
  const Tensor x = leaf({2, 3});
  const Tensor y = Cube::apply(x, 2.0);
  expect_values(y, {2}, {16, 54});
  EXPECT_TRUE(y.grad_fn());
  y.sum().backward();
  expect_values(x.grad(), {2}, {24, 54});
  EXPECT_TRUE(autograd::gradcheck([](const Inputs& in) { return Cube::apply(in[0], 0.5); }, {x}));
  EXPECT_TRUE(autograd::gradgradcheck([](const Inputs& in) { return Cube::apply(in[0], 0.5); }, {x}));
}

TEST(Function, IsNotRecordedWhereNothingRequiresGrad) {
  const Tensor x = leaf({2});
  EXPECT_FALSE(Cube::apply(x.detach(), 1.0).requires_grad());
  const NoGrad guard;
  EXPECT_FALSE(Cube::apply(x, 1.0).requires_grad());
}

TEST(Function, ASavedTensorThatWasChangedIsAnError) {
  const Tensor x = leaf({2}), y = x * 1;
  const Tensor z = Cube::apply(y, 1.0);
  y.add_(1);
  EXPECT_NE(error_of([&] { z.sum().backward(); }).find("a tensor needed for the gradient of Cube was changed in place"),
            std::string::npos);
}

TEST(Function, ASecondPassNeedsRetainGraph) {
  const Tensor x = leaf({2});
  const Tensor y = Cube::apply(x, 1.0);
  y.backward({}, {.retain_graph = true});
  y.backward();
  EXPECT_NE(error_of([&] { y.backward(); }).find("retain_graph"), std::string::npos);
}

struct MulDiv : autograd::Function<MulDiv> {  // several inputs and outputs, a saved output, what each needs
  static std::pair<Tensor, Tensor> forward(Context& context, const Tensor& a, const Tensor& b) {
    const Tensor product = a * b, quotient = a / b;
    context.save_for_backward({a, b, quotient});
    return {product, quotient};
  }
  static Inputs backward(Context& context, const Tensor& dp, const Tensor& dq) {
    const Inputs saved = context.saved_tensors();
    const Tensor &a = saved[0], &b = saved[1], &q = saved[2];
    Tensor da, db;
    if (context.needs_input_grad(0)) da = dp * b + dq / b;
    if (context.needs_input_grad(1)) db = dp * a - dq * q / b;
    return {da, db};
  }
};

TEST(Function, MayHaveSeveralInputsAndOutputs) {
  const auto f = [](const Inputs& x) {
    const auto [p, q] = MulDiv::apply(x[0], x[1]);
    return Inputs{p * 1, q * p, q * 1};
  };
  const Tensor a = leaf({2, 3}), b = leaf({4, 5});
  for (const Inputs& in : {Inputs{a, b}, Inputs{a, b.detach()}, Inputs{a.detach(), b}}) {
    EXPECT_TRUE(autograd::gradcheck(f, in));
    EXPECT_TRUE(autograd::gradgradcheck(f, in));
  }
  {
    const auto [p, q] = MulDiv::apply(a, b);
    EXPECT_EQ(q.impl()->use_count(), 1U);  // saved by its own node, which does not hold it
  }
  EXPECT_EQ(a.impl()->use_count(), 1U);
}

struct Total : autograd::Function<Total> {  // a list of tensors
  static Tensor forward(Context& context, const Inputs& all, const std::string& name, const Tensor& weight) {
    context.state<std::size_t>() = all.size();
    EXPECT_EQ(name, "total");
    Tensor sum = zeros_like(all[0]);
    for (const Tensor& x : all) sum = sum + x * 2;
    return weight.defined() ? sum * weight : sum;
  }
  static Inputs backward(Context& context, const Inputs& grads) {
    Inputs out(context.state<std::size_t>(), grads[0] * 2);
    out.push_back({});
    return out;
  }
};

TEST(Function, TakesListsOtherArgumentsAndAbsentTensors) {
  const Tensor a = leaf({1, 2}), b = leaf({3, 4});
  const Tensor y = Total::apply(Inputs{a, b, a}, "total", Tensor());
  expect_values(y, {2}, {10, 16});
  y.sum().backward();
  expect_values(a.grad(), {2}, {4, 4});
  expect_values(b.grad(), {2}, {2, 2});
}

struct Once : autograd::Function<Once> {
  static constexpr bool once_differentiable = true;
  static Tensor forward(Context& context, const Tensor& x) {
    context.save_for_backward({x});
    return x * x;
  }
  static Tensor backward(Context& context, const Tensor& grad) {
    EXPECT_FALSE(is_grad_enabled());
    return grad * context.saved_tensors()[0] * 2;
  }
};

TEST(Function, MayBeDifferentiableOnlyOnce) {
  const Tensor x = leaf({3});
  expect_values(autograd::grad({Once::apply(x)}, {x})[0], {1}, {6});
  const Tensor first = autograd::grad({Once::apply(x)}, {x}, {.create_graph = true})[0];
  expect_values(first, {1}, {6});
  EXPECT_EQ(error_of([&] { first.backward(); }),
            "[Once] a second derivative was asked for, but this function is once_differentiable");
  EXPECT_NE(error_of([&] { autograd::grad({first}, {x}); }), "");
}

struct Sorted
    : autograd::Function<Sorted> {  // an output without a gradient, and incoming gradients that are not made up
  static std::tuple<Tensor, Tensor, Tensor> forward(Context& context, const Tensor& x) {
    const Tensor twice = x * 2, sign = x / x.abs(), index = zeros(x.shape(), {int64});
    context.mark_non_differentiable({sign});
    context.set_materialize_grads(false);
    return {twice, sign, index};
  }
  static Tensor backward(Context&, const Tensor& grad, const Tensor& of_sign, const Tensor& of_index) {
    EXPECT_FALSE(of_sign.defined());
    EXPECT_FALSE(of_index.defined());
    return grad.defined() ? grad * 2 : Tensor();
  }
};

TEST(Function, MayMarkOutputsThatHaveNoGradient) {
  const Tensor x = leaf({-1, 2});
  const auto [twice, sign, index] = Sorted::apply(x);
  EXPECT_TRUE(twice.requires_grad());
  EXPECT_FALSE(sign.requires_grad());
  EXPECT_FALSE(index.requires_grad());
  (twice * sign).sum().backward();
  expect_values(x.grad(), {2}, {-2, 2});
}

struct Materialized : autograd::Function<Materialized> {
  static std::pair<Tensor, Tensor> forward(Context&, const Tensor& x) { return {x * 2, x * 3}; }
  static Tensor backward(Context&, const Tensor& a, const Tensor& b) { return a * 2 + b * 3; }
};

TEST(Function, AnOutputThatIsNotUsedGetsZeros) {
  const Tensor x = leaf({1, 2});
  Materialized::apply(x).second.sum().backward();
  expect_values(x.grad(), {2}, {3, 3});
}

struct AddInPlace : autograd::Function<AddInPlace> {
  static Tensor forward(Context& context, const Tensor& x, double by) {
    x.add_(by).mul_(2);
    context.mark_dirty({x});
    return x;
  }
  static Tensor backward(Context&, const Tensor& grad) { return grad * 2; }
};

TEST(Function, MayChangeAnInputInPlace) {
  const Tensor x = leaf({1, 2}), y = x * 3;
  const Tensor z = AddInPlace::apply(y, 1.0);
  EXPECT_TRUE(z.is_same(y));
  expect_values(y, {2}, {8, 14});
  (y * 1).sum().backward();
  expect_values(x.grad(), {2}, {6, 6});
  const Tensor base = x * 3;
  AddInPlace::apply(base[0], 1.0);
  x.set_grad({});
  base.sum().backward();
  expect_values(x.grad(), {2}, {6, 3});
  EXPECT_NE(error_of([&] { AddInPlace::apply(x, 1.0); }).find("a leaf that requires grad is changed in place"),
            std::string::npos);
}

struct Identity : autograd::Function<Identity> {
  static Tensor forward(Context&, const Tensor& x) { return x; }
  static Tensor backward(Context&, const Tensor& grad) { return -grad; }
};

TEST(Function, MayReturnAnInput) {
  const Tensor x = leaf({1, 2});
  const Tensor y = Identity::apply(x);
  EXPECT_FALSE(y.is_same(x));
  EXPECT_TRUE(y.shares_storage_with(x));
  y.sum().backward();
  expect_values(x.grad(), {2}, {-1, -1});
}

TEST(Function, ReturnsAnotherHandleOfAnInputThatIsNotRecorded) {  // as torch.autograd.Function does
  const Tensor x = leaf({1, 2}), plain = tensor({1.0, 2.0}), whole = tensor({1, 2});
  for (const Tensor& given : {x, plain, whole}) {
    const NoGrad guard;
    const Tensor y = Identity::apply(given);
    EXPECT_FALSE(y.is_same(given));
    EXPECT_FALSE(y.requires_grad());
    EXPECT_TRUE(y.shares_storage_with(given));
  }
  EXPECT_TRUE(x.requires_grad());
  EXPECT_FALSE(Identity::apply(plain).is_same(plain));
}

struct Wrong : autograd::Function<Wrong> {
  static Tensor forward(Context& context, const Tensor& x, const std::string& how) {
    context.state<std::string>() = how;
    return x * 2;
  }
  static Inputs backward(Context& context, const Tensor& grad) {
    const std::string how = context.state<std::string>();
    if (how == "count") return {grad, grad};
    if (how == "shape") return {ones({3}, {float64})};
    if (how == "state") context.state<int>() = 1;
    return {grad.sum() * ones({2, 2}, {float64})};  // as from broadcasting: summed
  }
};

TEST(Function, ChecksWhatBackwardReturns) {
  const Tensor x = leaf({1, 2});
  EXPECT_EQ(error_of([&] { Wrong::apply(x, "count").sum().backward(); }),
            "[Wrong] backward must return a gradient for each of 1 tensors that forward takes, got 2");
  EXPECT_NE(error_of([&] { Wrong::apply(x, "shape").sum().backward(); }), "");
  EXPECT_NE(error_of([&] { Wrong::apply(x, "state").sum().backward(); }).find("[Context::state]"), std::string::npos);
  Wrong::apply(x, "").sum().backward();
  expect_values(x.grad(), {2}, {4, 4});
}

/// The identity, forwards and backwards, of the sum of all tensors that it is given in whatever form.
struct Sum : autograd::Function<Sum> {
  static Tensor add(const auto& all) {
    Tensor sum = zeros({2});
    for (const Tensor& t : all) sum = sum + t;
    return sum;
  }
  static Tensor forward(Context&, const Tensor& x) { return x.round(); }
  static Tensor forward(Context&, const std::vector<nn::Parameter>& all) { return add(all); }
  static Tensor forward(Context&, const std::array<nn::Parameter, 2>& all) { return add(all); }
  static Tensor forward(Context&, std::span<const Tensor> all) { return add(all); }
  static Tensor forward(Context&, const std::optional<nn::Parameter>& one) { return *one * 1; }
  struct Two {
    Tensor a;
    nn::Buffer b;
  };
  static Tensor forward(Context&, const Two& two) { return two.a + two.b; }
  static Inputs backward(Context&, const Tensor& grad) { return {grad}; }
};
struct SumOfTwo : Sum {
  template <class T>
  static Tensor apply(const T& two) {
    return autograd::Function<SumOfTwo>::apply(two);
  }
  static Inputs backward(Context&, const Tensor& grad) { return {grad, grad}; }
};

TEST(Function, TrainsParametersHoweverTheyAreGiven) {
  const nn::Parameter a(tensor({0.4, 1.6})), b(tensor({1.0, 2.0}));
  const auto expect_ones = [](const Tensor& y, const std::vector<Tensor>& of) {
    ASSERT_TRUE(y.requires_grad());
    y.sum().backward();
    for (const Tensor& x : of) {
      expect_values(x.grad(), {2}, {1, 1});
      x.set_grad({});
    }
  };
  expect_ones(Sum::apply(a), {a});
  expect_ones(Sum::apply(nn::Parameter(a)), {a});
  expect_ones(Sum::apply(std::optional(a)), {a});
  expect_ones(Sum::apply(std::cref<Tensor>(a)), {a});
  nn::Buffer buffer(tensor({1.0, 2.0}));
  buffer.requires_grad_();
  expect_ones(Sum::apply(buffer), {buffer});
  expect_ones(Sum::apply(nn::Untracked<Tensor>(a)), {a});
  expect_ones(SumOfTwo::apply(std::vector{a, b}), {a, b});
  expect_ones(SumOfTwo::apply(std::array{a, b}), {a, b});
  expect_ones(SumOfTwo::apply(std::span<const Tensor>(std::array<Tensor, 2>{a, b})), {a, b});
  expect_ones(SumOfTwo::apply(Sum::Two{a, buffer}), {a, buffer});
}

}  // namespace
}  // namespace tenon::function_test
