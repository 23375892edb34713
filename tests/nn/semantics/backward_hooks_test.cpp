// What nn.Module does in the backward pass, statement by statement.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "nn/hook_modules.h"
#include "tensor/check.h"

namespace tenon::nn::backward_hooks_test {
namespace {

using Ints = std::vector<int>;

Ints ints(const Tensor& t) { return t.defined() ? t.to_vector<int>() : Ints{-1}; }

TEST(semantics, 09_full_backward_hooks_see_a_gradient_for_each_argument_and_result) {
  // As torch 2.15 answers: forward(x, n, y, z) -> x*y + 0*z.sum(), 3, 2*x with x requiring grad.
  struct M : Module<M> {
    std::tuple<Tensor, int, Tensor> forward(const Tensor& x, int n, const Tensor& y, const Tensor& z) {
      return {x * y + z.sum() * 0, n, x * 2};
    }
    TENON_MODULE(M)
  } m;
  std::vector<Ints> in, out;
  m.register_full_backward_hook([&](ModuleBase&, Tensors grad_input, Tensors grad_output) {
    in.clear();
    out.clear();
    for (const Tensor& g : grad_input) in.push_back(ints(g));
    for (const Tensor& g : grad_output) out.push_back(ints(g));
  });
  const Tensor x = grad_ones({2}), y = full({2}, 5), z = ones({2});
  const auto [a, n, b] = m(x, 3, y, z);
  EXPECT_EQ(n, 3);
  a.sum().backward({}, {.retain_graph = true});
  EXPECT_EQ(in, (std::vector<Ints>{{5, 5}, {-1}, {0, 0}, {0, 0}}));
  EXPECT_EQ(out, (std::vector<Ints>{{1, 1}, {-1}, {-1}}));
  (a.sum() + b.sum()).backward();
  EXPECT_EQ(in, (std::vector<Ints>{{7, 7}, {-1}, {0, 0}, {0, 0}}));
  EXPECT_EQ(out, (std::vector<Ints>{{1, 1}, {-1}, {1, 1}}));
  EXPECT_EQ(ints(x.grad()), (Ints{12, 12}));
}

TEST(semantics, 09_backward_hooks_may_replace_gradients) {
  AddOne m;
  m.register_full_backward_pre_hook([](ModuleBase&, Tensors grad_output) { grad_output[0] = grad_output[0] * 3; });
  m.register_full_backward_pre_hook([](ModuleBase&, Tensors grad_output) { return grad_output[0] + 1; });
  Ints seen;
  m.register_full_backward_hook([&](ModuleBase&, Tensors grad_input, Tensors grad_output) {
    seen = ints(grad_output[0]);
    return std::vector<Tensor>{grad_input[0] * 10};
  });
  m.register_full_backward_hook([](ModuleBase&, Tensors grad_input, Tensors) { grad_input[0] = grad_input[0] + 5; });
  const Tensor x = grad_ones({2});
  m(x).sum().backward();
  EXPECT_EQ(seen, (Ints{4, 4}));
  EXPECT_EQ(ints(x.grad()), (Ints{45, 45}));
}

TEST(semantics, 10_a_wrong_number_of_gradients_is_an_error_that_gives_both_numbers) {
  {
    AddOne m;
    m.register_full_backward_hook([](ModuleBase&, Tensors, Tensors) { return std::vector{ones({2}), ones({2})}; });
    const Tensor y = m(grad_ones({2})).sum();
    EXPECT_NE(
        test::error_of([&] { y.backward(); }).find("returned an invalid number of grad_input, got 2, but expected 1"),
        std::string::npos);
  }
  {
    AddOne m;
    m.register_full_backward_pre_hook([](ModuleBase&, Tensors) { return std::vector<Tensor>{}; });
    const Tensor y = m(grad_ones({2})).sum();
    EXPECT_NE(
        test::error_of([&] { y.backward(); }).find("returned an invalid number of grad_output, got 0, but expected 1"),
        std::string::npos);
  }
}

TEST(semantics, 11_where_no_input_requires_grad_the_hook_sees_undefined_gradients_and_may_not_replace_them) {
  Linear m(2, 2);
  int calls = 0;
  m.register_full_backward_hook([&](ModuleBase&, Tensors grad_input, Tensors grad_output) {
    ++calls;
    ASSERT_EQ(grad_input.size(), 1u);
    EXPECT_FALSE(grad_input[0].defined());
    EXPECT_EQ(ints(grad_output[0]), (Ints{1, 1}));
  });
  m(ones({2})).sum().backward();
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(m.weight.grad().defined());

  m.register_full_backward_hook([](ModuleBase&, Tensors grad_input, Tensors) { grad_input[0] = ones({2}); });
  const Tensor y = m(ones({2})).sum();
  EXPECT_NE(test::error_of([&] { y.backward(); }).find("replaced the gradient of an input, but no input requires grad"),
            std::string::npos);
}

TEST(semantics, 12_backward_hooks_fire_only_where_the_call_was_recorded) {
  Linear m(2, 2);
  int calls = 0;
  m.register_full_backward_hook([&](ModuleBase&, auto...) { ++calls; });
  m.register_full_backward_pre_hook([&](ModuleBase&, auto...) { ++calls; });
  const Tensor x = grad_ones({2});
  Tensor y;
  {
    const NoGrad guard;
    y = m(x);
  }
  EXPECT_FALSE(y.requires_grad());
  (y + x).sum().backward();
  EXPECT_EQ(calls, 0);
  m(x).sum().backward();
  EXPECT_EQ(calls, 2);

  ReturnsItsArgument identity;
  identity.register_full_backward_hook([&](ModuleBase&, auto...) { ++calls; });
  {
    const NoGrad guard;
    y = identity(x);  // on the tape from before
  }
  y.sum().backward();
  EXPECT_EQ(calls, 2);
}

TEST(semantics, 13_tensors_have_hooks_too_also_after_accumulation) {
  const Tensor x = grad_ones({2});
  const Tensor y = x * 3;
  Ints seen;
  Log log;
  HookHandle handle = y.register_hook([&](const Tensor& grad) {
    seen = ints(grad);
    return grad * 2;
  });
  x.register_post_accumulate_grad_hook([&](const Tensor& leaf) {
    EXPECT_TRUE(leaf.is_same(x));
    log.push_back(fmt::format("{}", leaf.grad().to_vector<int>()[0]));
  });
  y.sum().backward({}, {.retain_graph = true});
  EXPECT_EQ(seen, (Ints{1, 1}));
  EXPECT_EQ(log, (Log{"6"}));
  handle.remove();
  y.sum().backward();
  EXPECT_EQ(log, (Log{"6", "9"}));
}

TEST(semantics, 14_an_activation_in_place_after_a_hooked_module_does_not_break_its_hooks) {
  Sequential model{named("linear", Linear(2, 2)), named("relu", ReLU({.inplace = true}))};
  Linear& linear = model.get<Linear>("linear");
  {
    const NoGrad guard;
    linear.weight.copy_(tensor({1.f, -1.f, 1.f, 1.f}).view({2, 2}));
    linear.bias.fill_(0.5);
  }
  Ints in, out;
  linear.register_full_backward_hook([&](ModuleBase&, Tensors grad_input, Tensors grad_output) {
    in = ints(grad_input[0]);
    out = ints(grad_output[0]);
  });
  const Tensor x = tensor({1.f, 3.f}).view({1, 2}).requires_grad_();
  const Tensor y = model(x);  // relu(-1.5), relu(4.5)
  EXPECT_EQ(y.to_vector<double>(), (std::vector<double>{0, 4.5}));
  y.sum().backward();
  EXPECT_EQ(out, (Ints{0, 1}));
  EXPECT_EQ(in, (Ints{1, 1}));
  EXPECT_EQ(ints(x.grad()), (Ints{1, 1}));
}

}  // namespace
}  // namespace tenon::nn::backward_hooks_test
