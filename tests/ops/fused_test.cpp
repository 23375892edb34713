// A fused operation is the same as its composed form: result, gradients, second derivatives.
#include "ops/fused.h"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tenon/tenon.h>

#include "nn/functional/recurrent.h"
#include "tensor/check.h"

namespace tenon::fused_test {
namespace {

namespace F = nn::functional;

struct Case {
  std::string name;
  std::vector<Shape> inputs;
  std::function<Tensor(const std::vector<Tensor>&)> f;
};

std::vector<Case> cases() {
  using Inputs = std::vector<Tensor>;
  constexpr auto none = F::Reduction::none, sum = F::Reduction::sum;
  const Tensor target = tensor({1, 0, -100, 2}), weight = tensor({0.5, 2.0, 1.0});
  const auto cross_entropy = [&](F::CrossEntropyOptions o) {
    return [o, target](const Inputs& x) {
      F::CrossEntropyOptions as_input = o;
      if (o.weight.defined()) as_input.weight = o.weight.to(x[0].dtype());
      return F::cross_entropy(x[0], target, as_input);
    };
  };
  // Three sequences, of 3, 2 and 1 steps: all that it gives.
  const auto recurrence = [](RecurrentMode mode, bool reverse = false) {
    return [mode, reverse](const Inputs& x) {
      const auto given = [&](std::size_t i) { return i < x.size() ? x[i] : Tensor(); };
      const auto sizes = std::make_shared<std::vector<int64_t>>(std::vector<int64_t>{3, 2, 1});
      const auto [y, h, c] =
          nn::recurrent(mode, x[0], sizes, {x[1], x[2], x[3], x[4], given(7)}, x[5], given(6), reverse);
      const Tensor shown = cat({y.flatten(), h.flatten() * 2});
      return c.defined() ? cat({shown, c.flatten() * 3}) : shown;
    };
  };
  const Tensor allowed = (arange(3.0 * 4 * 5) * 1.7).sin().reshape({3, 4, 5}) > -0.2;
  const Tensor added = (arange(4.0 * 5) * 0.7).sin().reshape({4, 5}).masked_fill(allowed[0], -test::infinity);
  const auto attention = [](F::AttentionOptions o) {
    return [o](const Inputs& x) {
      F::AttentionOptions as_input = o;
      if (o.attn_mask.defined() && o.attn_mask.dtype() != boolean) as_input.attn_mask = o.attn_mask.to(x[0].dtype());
      return F::scaled_dot_product_attention(x[0], x[1], x[2], as_input);
    };
  };
  return {
      {"gelu", {{3, 5}}, [](const Inputs& x) { return F::gelu(x[0]); }},
      {"gelu by tanh", {{3, 5}}, [](const Inputs& x) { return F::gelu(x[0], F::GELUApproximation::tanh); }},
      {"leaky_relu", {{3, 5}}, [](const Inputs& x) { return F::leaky_relu(x[0]); }},
      {"leaky_relu that falls", {{7, 5, 3}}, [](const Inputs& x) { return F::leaky_relu(x[0], -0.3); }},
      {"softplus", {{3, 5}}, [](const Inputs& x) { return F::softplus(x[0]); }},
      {"softplus below a threshold", {{7, 5, 3}}, [](const Inputs& x) { return F::softplus(x[0], 3, 1); }},
      {"threshold", {{7, 5}}, [](const Inputs& x) { return F::threshold(x[0], 0.3, -2); }},
      {"hardtanh", {{7, 5}}, [](const Inputs& x) { return F::hardtanh(x[0], -0.5, 0.25); }},
      {"hardshrink", {{7, 5}}, [](const Inputs& x) { return F::hardshrink(x[0]); }},
      {"softshrink", {{7, 5}}, [](const Inputs& x) { return F::softshrink(x[0]); }},
      {"hardsigmoid", {{7, 5}}, [](const Inputs& x) { return F::hardsigmoid(x[0] * 4); }},
      {"hardswish", {{7, 5}}, [](const Inputs& x) { return F::hardswish(x[0] * 4); }},
      {"elu", {{7, 5}}, [](const Inputs& x) { return F::elu(x[0], 1.5); }},
      {"selu", {{7, 5}}, [](const Inputs& x) { return F::selu(x[0]); }},
      {"celu", {{7, 5}}, [](const Inputs& x) { return F::celu(x[0], 0.7); }},
      {"silu", {{7, 5}}, [](const Inputs& x) { return F::silu(x[0]); }},
      {"mish", {{7, 5}}, [](const Inputs& x) { return F::mish(x[0]); }},
      {"logsigmoid", {{7, 5}}, [](const Inputs& x) { return F::logsigmoid(x[0]); }},
      {"softsign", {{7, 5}}, [](const Inputs& x) { return F::softsign(x[0]); }},
      {"tanhshrink", {{7, 5}}, [](const Inputs& x) { return F::tanhshrink(x[0]); }},
      {"batch_norm",
       {{5, 3, 7}, {3}, {3}},
       [](const Inputs& x) { return F::batch_norm(x[0], {}, {}, {.weight = x[1], .bias = x[2], .training = true}); }},
      {"batch_norm side by side",
       {{70, 3}, {3}},
       [](const Inputs& x) { return F::batch_norm(x[0], {}, {}, {.weight = x[1], .training = true, .eps = 0.1}); }},
      {"batch_norm by constants",
       {{5, 3, 2}, {3}, {3}},
       [](const Inputs& x) {
         const Tensor mean = tensor({0.5, 0.0, -1.0}).to(x[0].dtype()), var = tensor({1.0, 2.0, 0.5}).to(x[0].dtype());
         return F::batch_norm(x[0], mean, var, {.weight = x[1], .bias = x[2]});
       }},
      {"instance_norm", {{2, 3, 9}}, [](const Inputs& x) { return F::instance_norm(x[0], {}, {}, {.eps = 0.1}); }},
      {"group_norm", {{2, 6, 5}, {6}, {6}}, [](const Inputs& x) { return F::group_norm(x[0], 2, x[1], x[2], 0.1); }},
      {"layer_norm", {{4, 37}, {37}, {37}}, [](const Inputs& x) { return F::layer_norm(x[0], {37}, x[1], x[2]); }},
      {"layer_norm without bias",
       {{2, 3, 4}, {3, 4}},
       [](const Inputs& x) {
         return F::layer_norm(x[0], {3, 4}, x[1], {}, 0.1);
       }},
      {"layer_norm without either", {{2, 9}}, [](const Inputs& x) { return F::layer_norm(x[0], {9}); }},
      {"layer_norm, one tensor as both",
       {{3, 4}, {4}},
       [](const Inputs& x) { return F::layer_norm(x[0], {4}, x[1], x[1]); }},
      {"layer_norm of no rows", {{0, 4}, {4}}, [](const Inputs& x) { return F::layer_norm(x[0], {4}, x[1]); }},
      {"rms_norm", {{4, 37}, {37}}, [](const Inputs& x) { return F::rms_norm(x[0], {37}, x[1]); }},
      {"rms_norm without a weight",
       {{2, 3, 4}},
       [](const Inputs& x) {
         return F::rms_norm(x[0], {3, 4}, {}, 0.1);
       }},
      {"cross_entropy", {{4, 3}}, cross_entropy({})},
      {"cross_entropy, summed", {{4, 3}}, cross_entropy({.weight = weight, .reduction = F::Reduction::sum})},
      {"cross_entropy of rows", {{4, 3}}, cross_entropy({.reduction = F::Reduction::none, .label_smoothing = 0.2})},
      {"cross_entropy, weighted and smoothed", {{4, 3}}, cross_entropy({.weight = weight, .label_smoothing = 0.1})},
      {"mse_loss", {{3, 5}, {3, 5}}, [](const Inputs& x) { return F::mse_loss(x[0], x[1]); }},
      {"mse_loss, broadcast",
       {{3}, {7, 1}},
       [](const Inputs& x) { return F::mse_loss(x[0], x[1], {.reduction = sum}); }},
      {"l1_loss", {{7, 5, 3}, {7, 5, 3}}, [](const Inputs& x) { return F::l1_loss(x[0], x[1], {.reduction = none}); }},
      {"smooth_l1_loss",
       {{3, 5}, {3, 5}},
       [](const Inputs& x) { return F::smooth_l1_loss(x[0], x[1], {.reduction = sum, .beta = 0.7}); }},
      {"huber_loss", {{3, 5}, {3, 5}}, [](const Inputs& x) { return F::huber_loss(x[0], x[1], {.delta = 0.7}); }},
      {"huber_loss of none",
       {{0, 5}, {0, 5}},
       [](const Inputs& x) { return F::huber_loss(x[0], x[1], {.reduction = sum}); }},
      {"binary_cross_entropy",
       {{3, 5}, {3, 5}},
       [](const Inputs& x) { return F::binary_cross_entropy(x[0].sigmoid(), x[1].sigmoid()); }},
      {"binary_cross_entropy_with_logits",
       {{7, 5, 3}, {7, 5, 3}},
       [](const Inputs& x) {
         return F::binary_cross_entropy_with_logits(x[0] * 3, x[1].sigmoid(), {.reduction = none});
       }},
      {"tanh RNN", {{6, 3}, {5, 3}, {5, 5}, {5}, {5}, {3, 5}}, recurrence(RecurrentMode::rnn_tanh)},
      {"ReLU RNN, back", {{6, 3}, {5, 3}, {5, 5}, {5}, {5}, {3, 5}}, recurrence(RecurrentMode::rnn_relu, true)},
      {"GRU", {{6, 3}, {15, 3}, {15, 5}, {15}, {15}, {3, 5}}, recurrence(RecurrentMode::gru)},
      {"GRU, back", {{6, 3}, {51, 3}, {51, 17}, {51}, {51}, {3, 17}}, recurrence(RecurrentMode::gru, true)},
      {"LSTM", {{6, 3}, {68, 3}, {68, 17}, {68}, {68}, {3, 17}, {3, 17}}, recurrence(RecurrentMode::lstm)},
      {"LSTM, projected, back",
       {{6, 3}, {20, 3}, {20, 2}, {20}, {20}, {3, 2}, {3, 5}, {2, 5}},
       recurrence(RecurrentMode::lstm, true)},
      {"attention", {{2, 3, 5, 4}, {2, 3, 7, 4}, {2, 3, 7, 6}}, attention({})},
      {"attention of a matrix", {{5, 4}, {7, 4}, {7, 4}}, attention({.scale = -1.5})},
      {"attention of one query", {{2, 1, 4}, {2, 70, 4}, {2, 70, 4}}, attention({})},
      {"attention of five dimensions", {{2, 2, 3, 5, 4}, {2, 1, 3, 7, 4}, {7, 4}}, attention({})},
      {"causal attention", {{2, 7, 4}, {2, 7, 4}, {2, 7, 4}}, attention({.is_causal = true})},
      {"causal attention to fewer keys", {{2, 9, 4}, {2, 5, 4}, {2, 5, 3}}, attention({.is_causal = true})},
      {"causal attention in blocks", {{150, 4}, {600, 4}, {600, 4}}, attention({.is_causal = true, .scale = 0.5})},
      {"attention in blocks", {{2, 150, 4}, {1, 600, 4}, {2, 600, 4}}, attention({})},
      {"attention with truth values", {{2, 3, 4, 4}, {2, 3, 5, 4}, {2, 3, 5, 4}}, attention({.attn_mask = allowed})},
      {"attention with truth values for heads",
       {{3, 2, 4, 4}, {3, 2, 5, 4}, {3, 2, 5, 4}},
       attention({.attn_mask = allowed.unsqueeze(1)})},
      {"attention with truth values for keys",
       {{3, 2, 4}, {3, 5, 4}, {3, 5, 4}},
       attention({.attn_mask = allowed.select(0, 0).select(0, 0)})},
      {"attention with numbers", {{2, 4, 4}, {2, 5, 4}, {2, 5, 4}}, attention({.attn_mask = added})},
      {"attention with numbers turned", {{2, 5, 4}, {2, 4, 4}, {2, 4, 4}}, attention({.attn_mask = added.mT()})},
      {"attention of grouped queries",
       {{2, 6, 5, 4}, {2, 3, 7, 4}, {2, 3, 7, 6}},
       attention({.is_causal = true, .enable_gqa = true})},
      {"attention of grouped queries in blocks",
       {{4, 150, 4}, {2, 600, 4}, {2, 600, 4}},
       attention({.enable_gqa = true})},
      {"attention of other groups for values", {{6, 5, 4}, {3, 7, 4}, {2, 7, 6}}, attention({.enable_gqa = true})},
      {"attention of nothing", {{2, 0, 4}, {2, 5, 4}, {2, 5, 4}}, attention({})},
      {"attention to nothing", {{2, 5, 4}, {2, 0, 4}, {2, 0, 4}}, attention({})},
  };
}

/// As it lies in memory by default, or in the reverse order of dimensions.
Tensor input(const Shape& shape, DType dtype, bool reversed, int i) {
  manual_seed(static_cast<uint64_t>(i) + 1);
  Shape turned = shape;
  std::reverse(turned.begin(), turned.end());
  const Tensor x = reversed ? randn(turned, {.dtype = float64}).permute([&] {
    Shape order;
    for (int64_t d = static_cast<int64_t>(shape.size()); d-- > 0;) order.push_back(d);
    return order;
  }())
                            : randn(shape, {.dtype = float64});
  return x.to(dtype).detach().requires_grad_();
}

/// The result, its gradients by each input, and those of the gradients' weighted sum.
std::vector<Tensor> derivatives(const Case& c, DType dtype, bool reversed, bool second) {
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < c.inputs.size(); ++i)
    inputs.push_back(input(c.inputs[i], dtype, reversed, static_cast<int>(i)));
  std::vector<Tensor> all{c.f(inputs)};
  const auto weights = [](const Tensor& like) {
    manual_seed(99);
    return randn(like.shape(), {.dtype = float64}).to(like.dtype());
  };
  const Tensor g = weights(all[0]).requires_grad_();
  const auto first = autograd::grad({all[0]}, inputs, {.grad_outputs = {g}, .create_graph = second});
  all.insert(all.end(), first.begin(), first.end());
  if (!second) return all;
  Tensor sum = zeros({}, {.dtype = dtype});
  for (const Tensor& d : first) sum = sum + (d * weights(d)).sum();
  std::vector<Tensor> by = inputs;
  by.push_back(g);
  const auto next = autograd::grad({sum}, by, {.allow_unused = true});
  for (const Tensor& d : next) all.push_back(d.defined() ? d : zeros({}, {.dtype = dtype}));
  return all;
}

class Fused : public testing::TestWithParam<std::tuple<DType, bool>> {};

TEST_P(Fused, EqualsTheComposedFormForwardBackwardAndInTheSecondDerivative) {
  const DType dtype = std::get<0>(GetParam());
  const bool reversed = std::get<1>(GetParam());
  const double near = dtype == float64 ? 1e-10 : dtype == float32 ? 2e-5 : 4e-2;
  for (const Case& c : cases())
    for (const bool second : {false, true}) {
      const auto got = derivatives(c, dtype, reversed, second);
      const auto wanted = [&] {
        const ComposedOnly guard;
        return derivatives(c, dtype, reversed, second);
      }();
      ASSERT_EQ(got.size(), wanted.size());
      for (std::size_t i = 0; i < got.size(); ++i) {
        EXPECT_EQ(got[i].dtype(), wanted[i].dtype()) << c.name << ' ' << i;
        EXPECT_EQ(got[i].shape(), wanted[i].shape()) << c.name << ' ' << i;
        EXPECT_TRUE(allclose(got[i], wanted[i], near, near)) << c.name << ' ' << i << '\n' << got[i] << wanted[i];
      }
    }
}

INSTANTIATE_TEST_SUITE_P(Types, Fused,
                         testing::Combine(testing::Values(float32, float64, float16, bfloat16), testing::Bool()));

TEST(FusedOnTheMetaDevice, HasTheShapeAndNoKernel) {
  const Tensor x = empty({2, 4}, {.device = kMeta}).requires_grad_(), y = F::rms_norm(x, {4});
  EXPECT_EQ(y.shape(), Shape({2, 4}));
  y.sum().backward();
  EXPECT_EQ(x.grad().shape(), Shape({2, 4}));
}

TEST(RmsNorm, IsPyTorchs) {
  // torch.nn.functional.rms_norm(torch.tensor([[1e-4, 2e-4], [3.0, -4.0]], dtype=…), (2,))
  EXPECT_TRUE(allclose(F::rms_norm(tensor({{1e-4, 2e-4}, {3.0, -4.0}}), {2}),
                       tensor({{0.26333186, 0.52666372}, {0.8485281, -1.1313709}}), 1e-6, 1e-6));
  EXPECT_TRUE(allclose(F::rms_norm(tensor({{1e-4, 2e-4}}).to(float64), {2}),
                       tensor({{0.63245553, 1.26491106}}).to(float64), 1e-6, 1e-6));
}

TEST(RmsNorm, RefusesWhatDoesNotFit) {
  EXPECT_EQ(test::error_of([] {
              F::rms_norm(ones({2, 3}), {4});
            }),
            "[rms_norm] expected an input whose last sizes are (4,), got (2, 3)");
  EXPECT_EQ(test::error_of([] {
              F::rms_norm(ones({2, 3}), {3}, ones({2}));
            }),
            "[rms_norm] expected a weight of shape (3,), got (2,)");
  EXPECT_EQ(test::error_of([] {
              F::rms_norm(ones({2, 3}).to(int64), {3});
            }),
            "[rms_norm] expected a floating-point tensor, got int64");
}

}  // namespace
}  // namespace tenon::fused_test
