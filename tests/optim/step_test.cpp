// What a step does to a parameter, against the formulas written out in double.
#include <cmath>

#include <tenon/optim.h>

#include "tensor/check.h"

namespace tenon::optim::step_test {
namespace {

using test::noise;

constexpr int steps = 5;

Tensor gradient(const Tensor& like, int step) {
  return noise(like.shape(), like.dtype(), static_cast<uint64_t>(step) + 100);
}

/// The parameter after some steps, element by element, by `f(p, g, state, step)` in double.
template <class F>
std::vector<double> by_formula(const Tensor& start, F f) {
  std::vector<double> p = test::elements(start);
  std::vector<std::array<double, 3>> state(p.size());
  for (int t = 1; t <= steps; ++t) {
    const std::vector<double> g = test::elements(gradient(start, t));
    for (std::size_t i = 0; i < p.size(); ++i) p[i] = f(p[i], g[i], state[i], t);
  }
  return p;
}

template <class O, class Options>
Tensor by_optimizer(const Tensor& start, const Options& options) {
  const Tensor p = start.clone().requires_grad_();
  O optimizer({p}, options);
  for (int t = 1; t <= steps; ++t) {
    p.set_grad(gradient(start, t));
    optimizer.step();
  }
  return p.detach();
}

auto sgd_formula(const SGDOptions& o) {
  return [o](double p, double g, std::array<double, 3>& s, int t) {
    g = (o.maximize ? -g : g) + o.weight_decay * p;
    if (o.momentum != 0) {
      s[0] = t == 1 ? g : o.momentum * s[0] + (1 - o.dampening) * g;
      g = o.nesterov ? g + o.momentum * s[0] : s[0];
    }
    return p - o.lr * g;
  };
}

auto adam_formula(const AdamOptions& o) {
  return [o](double p, double g, std::array<double, 3>& s, int t) {
    if (o.maximize) g = -g;
    if (o.decoupled_weight_decay) p *= 1 - o.lr * o.weight_decay;
    else g += o.weight_decay * p;
    s[0] = o.betas[0] * s[0] + (1 - o.betas[0]) * g;
    s[1] = o.betas[1] * s[1] + (1 - o.betas[1]) * g * g;
    s[2] = std::max(s[2], s[1]);
    const double second = (o.amsgrad ? s[2] : s[1]) / (1 - std::pow(o.betas[1], t));
    return p - o.lr * (s[0] / (1 - std::pow(o.betas[0], t))) / (std::sqrt(second) + o.eps);
  };
}

auto rmsprop_formula(const RMSpropOptions& o) {
  return [o](double p, double g, std::array<double, 3>& s, int) {
    g = (o.maximize ? -g : g) + o.weight_decay * p;
    s[0] = o.alpha * s[0] + (1 - o.alpha) * g * g;
    s[1] = o.alpha * s[1] + (1 - o.alpha) * g;
    const double step = g / (std::sqrt(s[0] - (o.centered ? s[1] * s[1] : 0)) + o.eps);
    s[2] = o.momentum * s[2] + step;
    return p - o.lr * s[2];
  };
}

const std::vector<SGDOptions> sgd_options{
    {.lr = 0.1},
    {.lr = 0.1, .momentum = 0.9},
    {.lr = 0.1, .momentum = 0.9, .dampening = 0.5, .weight_decay = 0.1},
    {.lr = 0.1, .momentum = 0.9, .weight_decay = 0.1, .nesterov = true, .maximize = true},
};
const std::vector<AdamOptions> adam_options{
    {.lr = 0.01},
    {.lr = 0.01, .weight_decay = 0.1},
    {.lr = 0.01, .weight_decay = 0.1, .decoupled_weight_decay = true},
    {.lr = 0.01, .amsgrad = true},
    {.lr = 0.01, .betas = {0.0, 0.0}, .eps = 1e-3},
    {.lr = 0.01,
     .betas = {0.5, 0.9},
     .weight_decay = 0.1,
     .amsgrad = true,
     .maximize = true,
     .decoupled_weight_decay = true},
};

const std::vector<RMSpropOptions> rmsprop_options{
    {.lr = 0.01},
    {.lr = 0.01, .alpha = 0.9, .eps = 1e-3, .weight_decay = 0.1},
    {.lr = 0.01, .alpha = 0.9, .momentum = 0.5, .maximize = true},
    {.lr = 0.01, .alpha = 0.5, .eps = 0.1, .centered = true},
    {.lr = 0.01, .alpha = 0.5, .eps = 0.1, .weight_decay = 0.1, .momentum = 0.5, .centered = true, .maximize = true},
};

/// Half types round after each step, the parameter and what is kept.
double allowed(DType type) { return type == float64 ? 1e-12 : type == float32 ? 1e-5 : type == float16 ? 1e-2 : 8e-2; }

TEST(SgdStep, FollowsTheFormulaForEveryTypeAndOption) {
  for (const DType type : test::real_types)
    for (const SGDOptions& o : sgd_options) {
      const Tensor start = noise({3, 7}, type);
      test::expect_values(by_optimizer<SGD>(start, o), {3, 7}, by_formula(start, sgd_formula(o)), allowed(type),
                          allowed(type));
    }
}

TEST(AdamStep, FollowsTheFormulaForEveryTypeAndOption) {
  for (const DType type : test::real_types)
    for (const AdamOptions& o : adam_options) {
      const Tensor start = noise({3, 7}, type);
      test::expect_values(by_optimizer<Adam>(start, o), {3, 7}, by_formula(start, adam_formula(o)), allowed(type),
                          allowed(type));
    }
}

TEST(RMSpropStep, FollowsTheFormulaForEveryTypeAndOption) {
  for (const DType type : test::real_types)
    for (const RMSpropOptions& o : rmsprop_options) {
      const Tensor start = noise({3, 7}, type);
      test::expect_values(by_optimizer<RMSprop>(start, o), {3, 7}, by_formula(start, rmsprop_formula(o)), allowed(type),
                          allowed(type));
    }
}

TEST(OptimizerStep, ReachesEveryElementOfAnySize) {
  for (const int64_t n : {0, 1, 15, 16, 17, 63, 64, 65, 255, 256, 257, 1000}) {
    const Tensor start = noise({n});
    test::expect_values(by_optimizer<SGD>(start, sgd_options[2]), {n}, by_formula(start, sgd_formula(sgd_options[2])),
                        1e-5, 1e-5);
    test::expect_values(by_optimizer<Adam>(start, adam_options[3]), {n},
                        by_formula(start, adam_formula(adam_options[3])), 1e-5, 1e-5);
    const Tensor half = noise({n}, bfloat16);
    test::expect_values(by_optimizer<Adam>(half, adam_options[3]), {n}, by_formula(half, adam_formula(adam_options[3])),
                        0.08, 0.08);
  }
}

TEST(OptimizerStep, GivesTheSameOnAnyNumberOfThreads) {
  const int before = num_threads();
  const Tensor start = noise({300'001});
  std::vector<Tensor> sgd, adam;
  for (const int threads : {1, 2, 5}) {
    set_num_threads(threads);
    sgd.push_back(by_optimizer<SGD>(start, sgd_options[3]));
    adam.push_back(by_optimizer<Adam>(start, adam_options[5]));
  }
  set_num_threads(before);
  for (std::size_t i = 1; i < sgd.size(); ++i) {
    EXPECT_TRUE(test::identical(sgd[0], sgd[i]));
    EXPECT_TRUE(test::identical(adam[0], adam[i]));
  }
}

TEST(OptimizerStep, WorksOnParametersAndGradientsOfAnyLayout) {
  const Tensor start = noise({4, 6});
  const std::vector<double> wanted = by_formula(start, adam_formula(adam_options[1]));
  for (std::size_t of_parameter = 0; of_parameter < 4; ++of_parameter)
    for (std::size_t of_gradient = 0; of_gradient < 4; ++of_gradient) {
      const Tensor p = test::layouts(start.clone())[of_parameter].detach().requires_grad_();
      const Shape strides = p.strides();
      Adam adam({p}, adam_options[1]);
      for (int t = 1; t <= steps; ++t) {
        p.set_grad(test::layouts(gradient(start, t))[of_gradient]);
        adam.step();
      }
      test::expect_values(p, {4, 6}, wanted, 1e-5, 1e-5);
      EXPECT_EQ(p.strides(), strides);
    }
}

TEST(OptimizerStep, OfOperationsWorksOnParametersAndGradientsOfAnyLayout) {
  const Tensor start = noise({4, 6});
  const std::vector<double> wanted = by_formula(start, rmsprop_formula(rmsprop_options[4]));
  for (const Tensor& layout : test::layouts(start.clone())) {
    const Tensor p = layout.detach().requires_grad_();
    const Shape strides = p.strides();
    RMSprop rmsprop({p}, rmsprop_options[4]);
    for (int t = 1; t <= steps; ++t) {
      p.set_grad(test::layouts(gradient(start, t))[1]);
      rmsprop.step();
    }
    test::expect_values(p, {4, 6}, wanted, 1e-5, 1e-5);
    EXPECT_EQ(p.strides(), strides);
  }
}

TEST(OptimizerStep, GroupsKeepWhatTheirOwnOptionsNeed) {
  const Tensor a = noise({4}), b = noise({4}, float32, 2), p = a.clone().requires_grad_(),
               q = b.clone().requires_grad_();
  RMSprop rmsprop({{{p}}, {{q}, {.momentum = 0.5, .centered = true}}}, {.lr = 0.01, .eps = 0.1});
  for (int t = 1; t <= steps; ++t) {
    p.set_grad(gradient(a, t));
    q.set_grad(gradient(b, t));
    rmsprop.step();
  }
  test::expect_values(p, {4}, by_formula(a, rmsprop_formula({.lr = 0.01, .eps = 0.1})), 1e-5, 1e-5);
  test::expect_values(
      q, {4}, by_formula(b, rmsprop_formula({.lr = 0.01, .eps = 0.1, .momentum = 0.5, .centered = true})), 1e-5, 1e-5);
  const Dict saved = rmsprop.state_dict();
  EXPECT_EQ(saved["state"][0].size(), 2U);
  EXPECT_EQ(saved["state"][1].size(), 4U);
}

TEST(OptimizerStep, FindsWhatIsWrongWithOneParameterBeforeItChangesAnother) {
  const Tensor p = ones({2}).requires_grad_(), carried = ones({2}).to(float8_e4m3fn).requires_grad_();
  SGD sgd({{{p}}, {{carried}}}, {.lr = 0.5});
  p.set_grad(ones({2}));
  carried.set_grad(ones({2}).to(float8_e4m3fn));
  EXPECT_NE(test::error_of([&] { sgd.step(); }).find("float8_e4m3fn"), std::string::npos);
  test::expect_values(p, {2}, {1, 1});
}

TEST(OptimizerStep, LeavesParametersWithoutGradientAlone) {
  const Tensor a = ones({2}).requires_grad_(), b = ones({2}).requires_grad_();
  AdamW adam({a, b}, {.lr = 0.5, .weight_decay = 0.5});
  b.set_grad(ones({2}));
  adam.step();
  test::expect_values(a, {2}, {1, 1});
  EXPECT_FALSE(adam.state_dict()["state"].contains(0));
  EXPECT_TRUE(adam.state_dict()["state"].contains(1));
  EXPECT_LT(b.detach().select(0, 0).item<double>(), 1);
}

TEST(OptimizerStep, StaysOutsideTheGraphAndIsNoticedByIt) {
  const Tensor p = ones({2}).requires_grad_();
  SGD sgd({p}, {.lr = 0.5});
  const Tensor y = (p * p).sum();  // saves p for the backward pass
  p.set_grad(ones({2}));
  sgd.step();
  EXPECT_TRUE(p.is_leaf());
  EXPECT_TRUE(p.requires_grad());
  EXPECT_EQ(test::error_of([&] { y.backward(); }),
            "[backward] a tensor needed for the gradient of mul was changed in place: float32 (2,), now at version 1, "
            "saved at version 0; use the operation that is not in place, or clone() first")
      << "p is no longer what was kept";
}

TEST(OptimizerStep, TrainsAParameterToItsTarget) {
  const Tensor target = tensor({1.0, -2.0, 3.0}).to(float32), p = zeros({3}, {.requires_grad = true});
  Adam adam({p}, {.lr = 0.1});
  for (int i = 0; i < 400; ++i) {
    adam.zero_grad();
    const Tensor d = p - target;
    (d * d).sum().backward();
    adam.step();
  }
  test::expect_values(p, {3}, {1, -2, 3}, 0, 1e-3);
}

TEST(OptimizerStep, KeepsItsStateWhenOptionsChange) {
  const Tensor p = ones({2}).requires_grad_();
  Adam adam({p}, {.lr = 0.1});
  p.set_grad(ones({2}));
  adam.step();
  adam.group(0).options.amsgrad = true;
  adam.step();
  const Dict saved = adam.state_dict();
  const auto& state = saved["state"][0].as<Dict>();
  EXPECT_EQ(state["step"].as<Tensor>().item<double>(), 2);
  EXPECT_TRUE(state.contains("max_exp_avg_sq"));
}

TEST(OptimizerStep, RefusesAGradientOfAnotherShape) {
  const Tensor p = ones({2, 3}).requires_grad_();
  SGD sgd({p});
  EXPECT_THROW(
      {
        p.set_grad(ones({3, 2}));
        sgd.step();
      },
      Error);
}

}  // namespace
}  // namespace tenon::optim::step_test
