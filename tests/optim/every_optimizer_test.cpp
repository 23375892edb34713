// What every optimizer does alike: goes on from a file, follows its parameters' types and layouts, calls closures and
// hooks, prints itself, refuses what it cannot do.
#include <functional>
#include <memory>
#include <sstream>

#include <tenon/creation.h>
#include <tenon/io.h>
#include <tenon/ops.h>
#include <tenon/optim.h>

#include "io/files.h"
#include "tensor/check.h"

namespace tenon::optim::every_optimizer_test {
namespace {

using test::error_of;
using test::noise;

struct Kind {
  std::string name;
  std::function<std::unique_ptr<Optimizer>(const std::vector<Tensor>&)> make;
};

template <class O>
Kind kind(const typename O::Options& options = {}) {
  return {std::string(O::class_name), [options](const std::vector<Tensor>& parameters) -> std::unique_ptr<Optimizer> {
            return std::make_unique<O>(parameters, options);
          }};
}

/// With options that need every slot.
std::vector<Kind> all_kinds() {
  return {
      kind<SGD>({.lr = 0.1, .momentum = 0.9}),
      kind<Adam>({.lr = 0.1, .amsgrad = true}),
      kind<AdamW>({.lr = 0.1}),
      kind<RMSprop>({.momentum = 0.5, .centered = true}),
      kind<NAdam>({.lr = 0.1, .weight_decay = 0.1, .decoupled_weight_decay = true}),
      kind<RAdam>({.lr = 0.1, .betas = {0.5, 0.6}}),
      kind<Adamax>({.lr = 0.1, .weight_decay = 0.1}),
      kind<Adagrad>({.lr = 0.1, .lr_decay = 0.1, .initial_accumulator_value = 0.5}),
      kind<Adadelta>({.rho = 0.5, .eps = 1e-3}),
      kind<Rprop>({.lr = 0.1}),
      kind<ASGD>({.lr = 0.01, .lambd = 0.1, .t0 = 2}),
      kind<Adafactor>({.lr = 0.1}),
      kind<Muon>({.lr = 0.1}),
      kind<SparseAdam>({.lr = 0.1}),
      kind<LBFGS>({.max_iter = 2}),
      kind<LBFGS>({.max_iter = 3, .line_search_fn = "strong_wolfe"}),
  };
}

/// Two matrices, a loss that pulls them to others, and an optimizer. `transposed`: they lie column by column.
struct Training {
  Tensor a, b, to_a, to_b;
  std::unique_ptr<Optimizer> optimizer;

  explicit Training(const Kind& kind, DType type = float32, bool transposed = false)
      : a(start({4, 3}, 1, type, transposed)),
        b(start({3, 5}, 2, type, transposed)),
        to_a(noise({4, 3}, float64, 3).to(type)),
        to_b(noise({3, 5}, float64, 4).to(type)),
        optimizer(kind.make({a, b})) {}

  static Tensor start(const Shape& shape, uint64_t seed, DType type, bool transposed) {
    const Tensor x = noise(shape, float64, seed).to(type);
    return (transposed ? x.t().contiguous().t() : x).requires_grad_();
  }
  Tensor loss() const { return (a - to_a).square().sum() + 2 * (b - to_b).square().sum(); }
  Tensor step() {
    return optimizer->step([&] {
      optimizer->zero_grad();
      Tensor now = loss();
      now.backward();
      return now;
    });
  }
  void steps(int n) {
    for (int i = 0; i < n; ++i) step();
  }
  void copy_parameters(const Training& other) const {
    const NoGrad guard;
    a.copy_(other.a);
    b.copy_(other.b);
  }
};

TEST(EveryOptimizer, GoesOnFromAFileToTheLastBit) {
  const test::Folder folder;
  for (const Kind& kind : all_kinds()) {
    Training whole(kind), resumed(kind);
    whole.steps(3);
    save(whole.optimizer->state_dict(), folder("state.pt"));
    resumed.copy_parameters(whole);
    resumed.optimizer->load_state_dict(load(folder("state.pt")));
    whole.steps(3);
    resumed.steps(3);
    EXPECT_TRUE(test::identical(whole.a, resumed.a) && test::identical(whole.b, resumed.b)) << kind.name;
  }
}

TEST(EveryOptimizer, LowersTheLoss) {
  for (const Kind& kind : all_kinds()) {
    Training run(kind);
    const auto before = run.loss().item<double>();
    run.steps(20);
    EXPECT_LT(run.loss().item<double>(), 0.7 * before) << kind.name;
  }
}

TEST(EveryOptimizer, StepsParametersOfAnyLayoutAlike) {
  for (const Kind& kind : all_kinds()) {
    Training rows(kind), columns(kind, float32, true);
    const Shape strides = columns.a.strides();
    rows.steps(4);
    columns.steps(4);
    test::expect_values(columns.a, {4, 3}, test::elements(rows.a), 1e-5, 1e-5);
    EXPECT_EQ(columns.a.strides(), strides) << kind.name;
  }
}

TEST(EveryOptimizer, TakesEveryType) {
  for (const Kind& kind : all_kinds()) {
    Training exact(kind, float64);
    exact.steps(3);
    for (const DType type : {float32, bfloat16, float16}) {
      if (kind.name == "LBFGS" && type != float32) continue;  // a line search is no matter of three digits
      Training run(kind, type);
      run.steps(3);
      // Rprop goes by a sign, Muon computes in bfloat16
      const double allowed = type == float32 ? (kind.name == "Muon" ? 0.01 : 2e-5) : type == float16 ? 0.02 : 0.15;
      SCOPED_TRACE(kind.name);
      test::expect_values(run.a, {4, 3}, test::elements(exact.a), allowed, allowed);
      EXPECT_EQ(run.a.dtype(), type);
    }
  }
}

TEST(EveryOptimizer, StateFollowsAParameterThatIsConverted) {
  for (const Kind& kind : all_kinds()) {
    Training run(kind), wide(kind, float64);
    run.steps(3);
    wide.optimizer->load_state_dict(run.optimizer->state_dict());
    wide.copy_parameters(run);
    run.steps(2);
    wide.steps(2);
    SCOPED_TRACE(kind.name);
    const double allowed = kind.name == "Muon" ? 0.01 : 1e-4;
    test::expect_values(wide.a, {4, 3}, test::elements(run.a), allowed, allowed);
  }
}

TEST(EveryOptimizer, LeavesWhatHasNoGradientAlone) {
  for (const Kind& kind : all_kinds()) {
    const Tensor p = noise({2, 2}).requires_grad_(), q = noise({2, 2}, float32, 2).requires_grad_(), before = q.clone();
    const auto optimizer = kind.make({p, q});
    for (int i = 0; i < 2; ++i)
      optimizer->step([&] {
        optimizer->zero_grad();
        Tensor loss = p.square().sum();
        loss.backward();
        return loss;
      });
    EXPECT_TRUE(test::identical(q, before)) << kind.name;
  }
}

TEST(EveryOptimizer, CallsItsClosureRecordedAndReturnsItsLoss) {
  for (const Kind& kind : all_kinds()) {
    Training run(kind);
    const auto before = run.loss().item<double>();
    const NoGrad guard;
    EXPECT_EQ(run.step().item<double>(), before) << kind.name;
    EXPECT_FALSE(is_grad_enabled());
    EXPECT_TRUE(run.a.is_leaf());
  }
}

TEST(EveryOptimizer, IsRefusedTheStateOfAnother) {
  for (const Kind& kind : all_kinds()) {
    Training run(kind), other(kind.name == "SGD" ? all_kinds()[1] : all_kinds()[0]);
    other.steps(1);
    EXPECT_NE(error_of([&] { run.optimizer->load_state_dict(other.optimizer->state_dict()); }), "") << kind.name;
  }
}

TEST(OptimizerClosure, IsNotNeeded) {
  const Tensor p = ones({2}, {.requires_grad = true});
  SGD sgd({p}, {.lr = 0.5});
  p.set_grad(ones({2}));
  EXPECT_FALSE(sgd.step().defined());
  test::expect_values(p, {2}, {0.5, 0.5});
}

TEST(OptimizerHooks, RunBeforeTheClosureAndAfterTheStep) {
  const Tensor p = ones({1}, {.requires_grad = true});
  SGD sgd({p}, {.lr = 0.5});
  std::string order;
  const auto says = [&](char what) {
    return [&order, what, p](Optimizer& o) { order += fmt::format("{}{}{} ", what, o.name(), p.item<double>()); };
  };
  HookHandle first = sgd.register_step_pre_hook(says('a'));
  sgd.register_step_pre_hook(says('b'));
  sgd.register_step_post_hook(says('c'));
  const auto step = [&] {
    sgd.step([&] {
      order += "loss ";
      p.set_grad(ones({1}));
      return Tensor();
    });
  };
  step();
  EXPECT_EQ(order, "aSGD1 bSGD1 loss cSGD0.5 ");
  order.clear();
  first.remove();
  step();
  EXPECT_EQ(order, "bSGD0.5 loss cSGD0 ");
}

// str(torch.optim.Adam([p])) and so on
TEST(OptimizerText, IsPyTorchs) {
  const Tensor p = zeros({2, 2}, {.requires_grad = true});
  const auto lines = [](std::string_view name, std::string_view options) {
    return fmt::format("{} (\nParameter Group 0\n{}\n)", name, options);
  };
  EXPECT_EQ(SGD({p}).to_string(),
            lines("SGD",
                  "    dampening: 0\n    differentiable: False\n    foreach: None\n    fused: None\n    lr: 0.001\n"
                  "    maximize: False\n    momentum: 0\n    nesterov: False\n    weight_decay: 0"));
  EXPECT_EQ(
      AdamW({p}).to_string(),
      lines("AdamW",
            "    amsgrad: False\n    betas: (0.9, 0.999)\n    capturable: False\n    decoupled_weight_decay: True\n"
            "    differentiable: False\n    eps: 1e-08\n    foreach: None\n    fused: None\n    lr: 0.001\n"
            "    maximize: False\n    weight_decay: 0.01"));
  EXPECT_EQ(RMSprop({p}).to_string(),
            lines("RMSprop",
                  "    alpha: 0.99\n    capturable: False\n    centered: False\n    differentiable: False\n"
                  "    eps: 1e-08\n    foreach: None\n    lr: 0.01\n    maximize: False\n    momentum: 0\n"
                  "    weight_decay: 0"));
  EXPECT_EQ(NAdam({p}).to_string(),
            lines("NAdam",
                  "    betas: (0.9, 0.999)\n    capturable: False\n    decoupled_weight_decay: False\n"
                  "    differentiable: False\n    eps: 1e-08\n    foreach: None\n    lr: 0.002\n    maximize: False\n"
                  "    momentum_decay: 0.004\n    weight_decay: 0"));
  EXPECT_EQ(RAdam({p}).to_string(),
            lines("RAdam",
                  "    betas: (0.9, 0.999)\n    capturable: False\n    decoupled_weight_decay: False\n"
                  "    differentiable: False\n    eps: 1e-08\n    foreach: None\n    lr: 0.001\n    maximize: False\n"
                  "    weight_decay: 0"));
  EXPECT_EQ(Adamax({p}).to_string(),
            lines("Adamax",
                  "    betas: (0.9, 0.999)\n    capturable: False\n    differentiable: False\n    eps: 1e-08\n"
                  "    foreach: None\n    lr: 0.002\n    maximize: False\n    weight_decay: 0"));
  EXPECT_EQ(Adagrad({p}).to_string(),
            lines("Adagrad",
                  "    differentiable: False\n    eps: 1e-10\n    foreach: None\n    fused: None\n"
                  "    initial_accumulator_value: 0\n    lr: 0.01\n    lr_decay: 0\n    maximize: False\n"
                  "    weight_decay: 0"));
  EXPECT_EQ(Adadelta({p}).to_string(),
            lines("Adadelta",
                  "    capturable: False\n    differentiable: False\n    eps: 1e-06\n    foreach: None\n    lr: 1.0\n"
                  "    maximize: False\n    rho: 0.9\n    weight_decay: 0"));
  EXPECT_EQ(Rprop({p}).to_string(),
            lines("Rprop",
                  "    capturable: False\n    differentiable: False\n    etas: (0.5, 1.2)\n    foreach: None\n"
                  "    lr: 0.01\n    maximize: False\n    step_sizes: (1e-06, 50)"));
  EXPECT_EQ(ASGD({p}).to_string(),
            lines("ASGD",
                  "    alpha: 0.75\n    capturable: False\n    differentiable: False\n    foreach: None\n"
                  "    lambd: 0.0001\n    lr: 0.01\n    maximize: False\n    t0: 1000000.0\n    weight_decay: 0"));
  EXPECT_EQ(LBFGS({p}).to_string(),
            lines("LBFGS",
                  "    history_size: 100\n    line_search_fn: None\n    lr: 1\n    max_eval: 25\n    max_iter: 20\n"
                  "    maximize: False\n    tolerance_change: 1e-09\n    tolerance_grad: 1e-07"));
  EXPECT_EQ(Adafactor({p}).to_string(),
            lines("Adafactor",
                  "    beta2_decay: -0.8\n    d: 1.0\n    eps: (None, 0.001)\n    foreach: None\n    lr: 0.01\n"
                  "    maximize: False\n    weight_decay: 0.0"));
  EXPECT_EQ(Muon({p}, {.adjust_lr_fn = "original"}).to_string(),
            lines("Muon",
                  "    adjust_lr_fn: original\n    eps: 1e-07\n    lr: 0.001\n    momentum: 0.95\n    nesterov: True\n"
                  "    ns_coefficients: (3.4445, -4.775, 2.0315)\n    ns_steps: 5\n    weight_decay: 0.1"));
  EXPECT_EQ(SparseAdam({p}).to_string(),
            lines("SparseAdam", "    betas: (0.9, 0.999)\n    eps: 1e-08\n    lr: 0.001\n    maximize: False"));
}

TEST(OptimizerText, HasEachGroupAndWhatASchedulerLeftThere) {
  const Tensor p = zeros({2}, {.requires_grad = true}), q = zeros({2}, {.requires_grad = true});
  SparseAdam adam({{{p}}, {{q}, {.lr = 0.25, .eps = 1}}}, {.lr = 0.5, .maximize = true});
  const CosineAnnealingLR scheduler(adam, 10);
  std::ostringstream stream;
  stream << adam;
  EXPECT_EQ(
      stream.str(),
      "SparseAdam (\nParameter Group 0\n    betas: (0.9, 0.999)\n    eps: 1e-08\n    initial_lr: 0.5\n    lr: 0.5\n"
      "    maximize: True\n\nParameter Group 1\n    betas: (0.9, 0.999)\n    eps: 1.0\n    initial_lr: 0.25\n"
      "    lr: 0.25\n    maximize: True\n)");
  EXPECT_EQ(fmt::format("{}", adam), stream.str());
}

template <class O>
std::string refusal(const typename O::Options& options) {
  return error_of([&] { O({zeros({2, 2}, {.requires_grad = true})}, options); });
}

TEST(EveryOptimizer, RefusesOptionsThatPyTorchRefuses) {
  EXPECT_EQ(refusal<NAdam>({.lr = -1}), "[NAdam] expected lr ≥ 0, got -1");
  EXPECT_EQ(refusal<NAdam>({.betas = {1, 0.5}}), "[NAdam] expected betas in [0, 1), got 1 and 0.5");
  EXPECT_EQ(refusal<NAdam>({.momentum_decay = -1}), "[NAdam] expected momentum_decay ≥ 0, got -1");
  EXPECT_EQ(refusal<RAdam>({.eps = -1}), "[RAdam] expected eps ≥ 0, got -1");
  EXPECT_EQ(refusal<RAdam>({.betas = {0.5, -1}}), "[RAdam] expected betas in [0, 1), got 0.5 and -1");
  EXPECT_EQ(refusal<Adamax>({.weight_decay = -1}), "[Adamax] expected weight_decay ≥ 0, got -1");
  EXPECT_EQ(refusal<Adagrad>({.lr_decay = -0.5}), "[Adagrad] expected lr_decay ≥ 0, got -0.5");
  EXPECT_EQ(refusal<Adagrad>({.initial_accumulator_value = -0.5}),
            "[Adagrad] expected initial_accumulator_value ≥ 0, got -0.5");
  EXPECT_EQ(refusal<Adadelta>({.rho = 1.5}), "[Adadelta] expected rho in [0, 1], got 1.5");
  EXPECT_EQ(refusal<Rprop>({.etas = {0.5, 1}}), "[Rprop] expected etas with 0 < etas[0] < 1 < etas[1], got 0.5 and 1");
  EXPECT_EQ(refusal<Rprop>({.etas = {0, 1.5}}), "[Rprop] expected etas with 0 < etas[0] < 1 < etas[1], got 0 and 1.5");
  EXPECT_EQ(refusal<ASGD>({.lambd = -1}), "[ASGD] expected lambd ≥ 0, got -1");
  EXPECT_EQ(refusal<ASGD>({.alpha = -1}), "[ASGD] expected alpha ≥ 0, got -1");
  EXPECT_EQ(refusal<LBFGS>({.lr = -1}), "[LBFGS] expected lr ≥ 0, got -1");
  EXPECT_EQ(refusal<LBFGS>({.line_search_fn = "wolfe"}),
            "[LBFGS] expected line_search_fn 'strong_wolfe', or none; got 'wolfe'");
  EXPECT_EQ(refusal<Adafactor>({.beta2_decay = 0.5}), "[Adafactor] expected beta2_decay in (-inf, 0], got 0.5");
  EXPECT_EQ(refusal<Adafactor>({.eps = {-1, 1}}), "[Adafactor] expected eps ≥ 0, got -1 and 1");
  EXPECT_EQ(refusal<Adafactor>({.eps = {1, std::nullopt}}),
            "[Adafactor] expected a number for eps[1], got None: only eps[0] may be left to the data type");
  EXPECT_EQ(refusal<Adafactor>({.d = 0.5}), "[Adafactor] expected d ≥ 1, got 0.5");
  EXPECT_EQ(refusal<Muon>({.momentum = -1}), "[Muon] expected momentum ≥ 0, got -1");
  EXPECT_EQ(refusal<Muon>({.ns_steps = 100}), "[Muon] expected ns_steps < 100, got 100");
  EXPECT_EQ(refusal<Muon>({.adjust_lr_fn = "other"}),
            "[Muon] expected adjust_lr_fn 'original', 'match_rms_adamw' or 'spectral_unclamped', or none; got 'other'");
  EXPECT_EQ(refusal<SparseAdam>({.lr = 0}), "[SparseAdam] expected lr > 0, got 0");
  EXPECT_EQ(refusal<SparseAdam>({.eps = 0}), "[SparseAdam] expected eps > 0, got 0");
}

// ---------------------------------------------------------------- single ones
TEST(AdagradState, IsThereBeforeTheFirstStep) {
  const Tensor p = zeros({2}, {.requires_grad = true});
  const Adagrad adagrad({p}, {.initial_accumulator_value = 0.5});
  const Dict saved = adagrad.state_dict();
  EXPECT_EQ(saved["state"][0]["step"].as<Tensor>().item<double>(), 0);
  test::expect_values(saved["state"][0]["sum"].as<Tensor>(), {2}, {0.5, 0.5});
}

TEST(MuonGroups, AreOfMatrices) {
  const Tensor matrix = zeros({2, 3}, {.requires_grad = true}), vector = zeros({3}, {.requires_grad = true});
  const std::string refused =
      "[Muon] expected parameters of two dimensions, got shape (3,); give others to another optimizer";
  EXPECT_EQ(error_of([&] { Muon({matrix, vector}); }), refused);
  Muon muon({matrix});
  EXPECT_EQ(error_of([&] { muon.add_param_group({{vector}}); }), refused);
  EXPECT_EQ(muon.group_count(), 1U);
}

TEST(SparseAdamStep, IsPyTorchsForRowsThatWereLookedUp) {
  // torch.nn.Embedding(5, 2, sparse=True), its weight arange(10) / 8; SparseAdam(lr=0.1), three steps on rows 1 and 3,
  // 3 twice, 0
  const Tensor p = (arange(10, {.dtype = float32}) / 8).view({5, 2}).requires_grad_();
  SparseAdam adam({p}, {.lr = 0.1});
  const std::vector<std::vector<int64_t>> looked_up{{1, 3}, {3, 3}, {0}};
  const double scale[] = {1, 2, -1};
  for (std::size_t i = 0; i < looked_up.size(); ++i) {
    adam.zero_grad();
    (p.index_select(0, tensor(looked_up[i])) * tensor({1.0, 2.0}).to(float32) * scale[i]).sum().backward();
    adam.step();
  }
  test::expect_values(p, {5, 2},
                      {0.06388133764266968, 0.18888135254383087, 0.15000003576278687, 0.27500003576278687, 0.5, 0.625,
                       0.5615624189376831, 0.6865624189376831, 1.0, 1.125},
                      1e-6, 1e-6);
  const Dict saved = adam.state_dict();
  test::expect_values(saved["state"][0]["exp_avg"].as<Tensor>(), {5, 2}, {-0.1, -0.2, 0.1, 0.2, 0, 0, 0.49, 0.98, 0, 0},
                      1e-6, 1e-6);
  EXPECT_EQ(saved["state"][0]["step"].as<Tensor>().item<double>(), 3);
}

TEST(SparseAdamStep, LeavesAllWhereNoRowHasAGradient) {
  for (const Shape& shape : {Shape{}, Shape{3}, Shape{0, 2}, Shape{2, 2, 2}}) {
    const Tensor p = noise(shape).requires_grad_(), before = p.clone();
    SparseAdam adam({p}, {.lr = 0.1});
    p.set_grad(zeros(shape));
    adam.step();
    EXPECT_TRUE(test::identical(p, before));
    p.set_grad(ones(shape));
    adam.step();
    const bool is_lower = p.sum().item<double>() < before.sum().item<double>();
    EXPECT_EQ(is_lower, p.numel() > 0);
  }
}

TEST(LBFGSGroups, AreOne) {
  const Tensor p = zeros({2}, {.requires_grad = true}), q = zeros({2}, {.requires_grad = true});
  const std::string refused =
      "[LBFGS] expected one group of parameters, got 2: all are stepped together, with the same options";
  EXPECT_EQ(error_of([&] { LBFGS({{{p}}, {{q}, {.lr = 0.5}}}); }), refused);
  EXPECT_EQ(LBFGS({{{p}, {.lr = 0.5}}}).group(0).options.lr, 0.5);
  LBFGS lbfgs({p});
  lbfgs.add_param_group({{q}});
  EXPECT_EQ(error_of([&] { lbfgs.step([] { return Tensor(); }); }), refused);
}

TEST(LBFGSStep, NeedsAClosure) {
  LBFGS lbfgs({zeros({2}, {.requires_grad = true})});
  EXPECT_EQ(error_of([&] { lbfgs.step(); }),
            "[LBFGS] expected a closure, which computes the loss anew and returns it: step(closure)");
}

/// How many calls of the closure a step takes, and where it ends.
struct Descent {
  Tensor p;
  int calls = 0;
  Descent(const LBFGSOptions& options, double sign = 1) : p(tensor({-1.2, 1.0}, {.dtype = float64}).requires_grad_()) {
    LBFGS lbfgs({p}, options);
    lbfgs.step([&] {
      ++calls;
      lbfgs.zero_grad();
      const Tensor x = p.select(0, 0), y = p.select(0, 1);
      Tensor loss = ((1 - x).square() + 100 * (y - x * x).square()) * sign;
      loss.backward();
      return loss;
    });
  }
};

TEST(LBFGSStep, GoesDownRosenbrocksFunctionAsPyTorch) {
  const Descent descent({.max_iter = 100, .line_search_fn = "strong_wolfe"});
  test::expect_values(descent.p, {2}, {0.9999814210791366, 0.9999619651810989}, 1e-9, 1e-9);
  EXPECT_EQ(descent.calls, 43);
  const Descent ascent({.max_iter = 100, .line_search_fn = "strong_wolfe", .maximize = true}, -1);
  EXPECT_TRUE(test::identical(descent.p, ascent.p));
}

TEST(LBFGSStep, EndsAfterSoManyIterationsOrCalls) {
  EXPECT_EQ(Descent({.lr = 1e-3, .max_iter = 3}).calls, 3);
  EXPECT_EQ(Descent({.lr = 1e-3, .max_iter = 30, .max_eval = 5}).calls, 5);
  const Descent cut_short({.max_iter = 30, .max_eval = 9, .line_search_fn = "strong_wolfe"});
  EXPECT_EQ(cut_short.calls, 9);
  test::expect_values(cut_short.p, {2}, {-0.9431278012083242, 0.8529662725410918}, 1e-9, 1e-9);
  EXPECT_EQ(Descent({.tolerance_grad = 1e6}).calls, 1);
}

TEST(LBFGSStep, KeepsNoMoreHistoryThanItMay) {
  Training run(kind<LBFGS>({.lr = 0.1, .max_iter = 8, .history_size = 3}));
  run.steps(2);
  const Dict saved = run.optimizer->state_dict();
  const Value& state = saved["state"][0];
  EXPECT_EQ(state["old_dirs"].size(), 3U);
  EXPECT_EQ(state["ro"].size(), 3U);
  EXPECT_EQ(state["n_iter"].as<int64_t>(), 16);
}

TEST(LBFGSState, HasPyTorchsKeysInPyTorchsOrder) {
  Training run(kind<LBFGS>({.max_iter = 3, .line_search_fn = "strong_wolfe"}));
  EXPECT_TRUE(run.optimizer->state_dict()["state"].as<Dict>().empty());
  run.step();
  std::string keys;
  const Dict saved = run.optimizer->state_dict();
  for (const auto& [key, value] : saved["state"][0].as<Dict>()) keys += key.to_string() + " ";
  EXPECT_EQ(keys, "func_evals n_iter al d t old_dirs old_stps ro H_diag prev_flat_grad prev_loss ");
}

TEST(LBFGSState, IsCheckedBeforeAnythingChanges) {
  Training run(kind<LBFGS>({.max_iter = 3})), same(kind<LBFGS>({.max_iter = 3}));
  run.step();
  same.step();
  const auto refused = [&](const auto& change) {
    Dict d = run.optimizer->state_dict();
    d["param_groups"][0].as_mutable<Dict>().set("lr", 0.125);
    change(d, d["state"][0].as_mutable<Dict>());
    const std::string error = error_of([&] { run.optimizer->load_state_dict(d); });
    EXPECT_EQ(run.optimizer->group(0).lr(), 1);
    return error;
  };
  EXPECT_EQ(refused([](Dict&, Dict& state) { state.set("d", zeros({5})); }),
            "[LBFGS] expected 'd' of shape (27,), as many elements as the parameters have; got shape (5,)");
  EXPECT_EQ(refused([](Dict&, Dict& state) { state["ro"].as_mutable<Value::List>().pop_back(); }),
            "[LBFGS] expected as many items in 'old_dirs', 'old_stps' and 'ro'; got 1, 1 and 0");
  EXPECT_NE(refused([](Dict&, Dict& state) { state.erase("prev_loss"); }).find("'prev_loss'"), std::string::npos);
  EXPECT_NE(refused([](Dict& d, Dict&) { d["param_groups"][0].as_mutable<Dict>().set("max_iter", "many"); }), "");
  run.step();
  same.step();
  EXPECT_TRUE(test::identical(run.a, same.a));
}

}  // namespace
}  // namespace tenon::optim::every_optimizer_test
