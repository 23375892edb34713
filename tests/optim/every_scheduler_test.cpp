// What every scheduler does alike, and those that step others. Numbers without a formula are PyTorch's.
#include <cmath>
#include <functional>
#include <memory>

#include <tenon/creation.h>
#include <tenon/io.h>
#include <tenon/optim.h>

#include "io/files.h"
#include "tensor/check.h"

namespace tenon::optim::every_scheduler_test {
namespace {

using test::error_of;

Tensor parameter() { return zeros({2}, {.requires_grad = true}); }
using Made = std::unique_ptr<LRScheduler>;
struct Kind {
  std::string name;
  std::function<Made(Optimizer&)> make;
};

double hyperbola(int64_t epoch) { return 1 / (1 + static_cast<double>(epoch)); }

/// Those that are stepped without a metric, and can begin at a milestone.
std::vector<Kind> simple_kinds() {
  return {
      {"StepLR", [](Optimizer& o) -> Made { return std::make_unique<StepLR>(o, 2, StepOptions{.gamma = 0.5}); }},
      {"MultiStepLR",
       [](Optimizer& o) -> Made {
         return std::make_unique<MultiStepLR>(o, std::vector<int64_t>{0, 1, 1}, MultiStepOptions{.gamma = 0.5});
       }},
      {"ConstantLR",
       [](Optimizer& o) -> Made {
         return std::make_unique<ConstantLR>(o, ConstantOptions{.factor = 0.25, .total_iters = 2});
       }},
      {"LinearLR",
       [](Optimizer& o) -> Made {
         return std::make_unique<LinearLR>(o, LinearOptions{.start_factor = 0.25, .total_iters = 3});
       }},
      {"ExponentialLR", [](Optimizer& o) -> Made { return std::make_unique<ExponentialLR>(o, 0.5); }},
      {"PolynomialLR",
       [](Optimizer& o) -> Made {
         return std::make_unique<PolynomialLR>(o, PolynomialOptions{.total_iters = 4, .power = 2});
       }},
      {"CosineAnnealingLR",
       [](Optimizer& o) -> Made {
         return std::make_unique<CosineAnnealingLR>(o, 4, CosineAnnealingOptions{.eta_min = 0.1});
       }},
      {"CosineAnnealingWarmRestarts",
       [](Optimizer& o) -> Made {
         return std::make_unique<CosineAnnealingWarmRestarts>(o, 2, WarmRestartsOptions{.T_mult = 2});
       }},
      {"LambdaLR", [](Optimizer& o) -> Made { return std::make_unique<LambdaLR>(o, hyperbola); }},
      {"MultiplicativeLR",
       [](Optimizer& o) -> Made {
         return std::make_unique<MultiplicativeLR>(o, [](int64_t e) { return 0.5 + static_cast<double>(e) / 8; });
       }},
      {"CyclicLR",
       [](Optimizer& o) -> Made { return std::make_unique<CyclicLR>(o, 0.1, 0.3, CyclicOptions{.step_size_up = 2}); }},
      {"OneCycleLR",
       [](Optimizer& o) -> Made { return std::make_unique<OneCycleLR>(o, 0.4, OneCycleOptions{.total_steps = 8}); }},
  };
}

std::vector<Kind> all_kinds() {
  std::vector<Kind> all = simple_kinds();
  all.push_back({"SequentialLR", [](Optimizer& o) -> Made {
                   auto first = std::make_unique<ConstantLR>(o, ConstantOptions{.factor = 0.5, .total_iters = 2});
                   auto second = std::make_unique<CosineAnnealingLR>(o, 4);
                   return std::make_unique<SequentialLR>(o, std::vector<SteppedLR>{std::move(first), std::move(second)},
                                                         std::vector<int64_t>{4});
                 }});
  all.push_back(
      {"ChainedScheduler", [](Optimizer& o) -> Made {
         auto first = std::make_unique<ConstantLR>(o, ConstantOptions{.factor = 0.5, .total_iters = 5});
         auto second = std::make_unique<ExponentialLR>(o, 0.5);
         return std::make_unique<ChainedScheduler>(std::vector<SteppedLR>{std::move(first), std::move(second)});
       }});
  all.push_back({"ReduceLROnPlateau", [](Optimizer& o) -> Made {
                   return std::make_unique<ReduceLROnPlateau>(
                       o, ReduceLROnPlateauOptions{.factor = 0.5, .patience = 0, .cooldown = 1, .min_lr = {0, 0.01}});
                 }});
  return all;
}

SGD two_groups() { return SGD({{{parameter()}, {.lr = 0.5}}, {{parameter()}, {.lr = 0.25}}}, {.momentum = 0.9}); }

void step(Optimizer& optimizer, LRScheduler& scheduler, int epoch) {
  optimizer.step();
  if (auto* by_metric = dynamic_cast<ReduceLROnPlateau*>(&scheduler)) by_metric->step(epoch % 3);
  else scheduler.step();
}

TEST(EveryScheduler, GoesOnFromAFileToTheLastBit) {
  const test::Folder folder;
  for (const Kind& kind : all_kinds()) {
    SGD whole = two_groups(), resumed = two_groups();
    const Made of_whole = kind.make(whole), of_resumed = kind.make(resumed);
    for (int epoch = 0; epoch < 3; ++epoch) step(whole, *of_whole, epoch);
    save(Dict{{"optimizer", whole.state_dict()}, {"scheduler", of_whole->state_dict()}}, folder("state.pt"));
    const Value saved = load(folder("state.pt"));
    resumed.load_state_dict(saved["optimizer"]);
    of_resumed->load_state_dict(saved["scheduler"]);
    EXPECT_EQ(of_resumed->get_last_lr(), of_whole->get_last_lr()) << kind.name;
    for (int epoch = 3; epoch < 7; ++epoch) {
      step(whole, *of_whole, epoch);
      step(resumed, *of_resumed, epoch);
      for (std::size_t g = 0; g < 2; ++g) {
        EXPECT_EQ(whole.group(g).lr(), resumed.group(g).lr()) << kind.name << ", epoch " << epoch;
        EXPECT_EQ(whole.group(g).options.momentum, resumed.group(g).options.momentum) << kind.name;
      }
      EXPECT_EQ(of_resumed->get_last_lr(), of_whole->get_last_lr()) << kind.name;
    }
  }
}

TEST(EveryScheduler, IsRestoredWithoutTouchingTheOptimizer) {
  for (const Kind& kind : all_kinds()) {
    SGD sgd = two_groups(), other = two_groups();
    const Made scheduler = kind.make(sgd), of_other = kind.make(other);
    step(other, *of_other, 0);
    sgd.group(0).set_lr(7);
    const std::string before = sgd.to_string();
    scheduler->load_state_dict(of_other->state_dict());
    EXPECT_EQ(sgd.to_string(), before) << kind.name;
  }
}

TEST(EveryScheduler, IsRefusedTheStateOfAnother) {
  const std::vector<Kind> kinds = all_kinds();
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i].name == "MultiplicativeLR") continue;  // has the keys of LambdaLR, before it in the list
    SGD sgd = two_groups(), other = two_groups();
    const Made scheduler = kinds[i].make(sgd), of_other = kinds[(i + kinds.size() - 1) % kinds.size()].make(other);
    const std::string before = Value(scheduler->state_dict()).to_string();
    EXPECT_NE(error_of([&] { scheduler->load_state_dict(of_other->state_dict()); }), "") << kinds[i].name;
    EXPECT_EQ(Value(scheduler->state_dict()).to_string(), before) << kinds[i].name;
  }
}

TEST(EveryScheduler, GoesOnFromAnEpochOfALoadedOptimizer) {
  const auto continued = [](const auto& make) {
    SGD sgd({parameter()}, {.lr = 0.5, .momentum = 0.9}), other({parameter()}, {.lr = 0.5, .momentum = 0.9});
    const auto scheduler = make(sgd, -1);
    for (int i = 0; i < 3; ++i) scheduler->step();
    other.load_state_dict(sgd.state_dict());
    const auto goes_on = make(other, 2);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(other.group(0).lr(), sgd.group(0).lr());
      EXPECT_EQ(other.group(0).options.momentum, sgd.group(0).options.momentum);
      scheduler->step();
      goes_on->step();
    }
  };
  continued(
      [](SGD& o, int64_t e) { return std::make_unique<StepLR>(o, 2, StepOptions{.gamma = 0.5, .last_epoch = e}); });
  continued([](SGD& o, int64_t e) {
    return std::make_unique<CosineAnnealingWarmRestarts>(o, 4, WarmRestartsOptions{.T_mult = 2, .last_epoch = e});
  });
  continued([](SGD& o, int64_t e) {
    return std::make_unique<OneCycleLR>(o, 0.4, OneCycleOptions{.total_steps = 20, .last_epoch = e});
  });
  continued([](SGD& o, int64_t e) {
    return std::make_unique<CyclicLR>(o, 0.1, 0.3, CyclicOptions{.step_size_up = 2, .last_epoch = e});
  });
  continued([](SGD& o, int64_t e) { return std::make_unique<LambdaLR>(o, hyperbola, LambdaOptions{.last_epoch = e}); });
}

// ---------------------------------------------------------------- one after the other
TEST(SequentialLR, BeginsEachSchedulerAtItsMilestoneAsPyTorch) {
  // SequentialLR(o, [ConstantLR(o, 0.5, 2), X], milestones=[3]), SGD(lr=0.5)
  const std::vector<std::vector<double>> wanted{
      {0.25, 0.25, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125},
      {0.25, 0.25, 0.5, 0.25, 0.0625, 0.0625, 0.0625, 0.0625},
      {0.25, 0.25, 0.5, 0.125, 0.125, 0.5, 0.5, 0.5},
      {0.25, 0.25, 0.5, 0.125, 0.25, 0.375, 0.5, 0.5},
      {0.25, 0.25, 0.5, 0.5, 0.25, 0.125, 0.0625, 0.03125},
      {0.25, 0.25, 0.5, 0.5, 0.28125, 0.125, 0.03125, 0.0},
      {0.25, 0.25, 0.5, 0.5, 0.4414213562373095, 0.30000000000000004, 0.15857864376269054, 0.1},
      {0.25, 0.25, 0.5, 0.5, 0.25, 0.5, 0.42677669529663687, 0.25},
      {0.25, 0.25, 0.5, 0.5, 0.25, 0.16666666666666666, 0.125, 0.1},
      {0.25, 0.25, 0.5, 0.25, 0.15625, 0.1171875, 0.1025390625, 0.1025390625},
      {0.25, 0.25, 0.5, 0.1, 0.2, 0.3, 0.2, 0.1},
      {0.008, 0.008, 0.016, 0.016000000000000014, 0.32771004195687686, 0.38877671095500926, 0.3246982615799052,
       0.22239360564908064},
  };
  const std::vector<Kind> kinds = simple_kinds();
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    SGD sgd({parameter()}, {.lr = 0.5, .momentum = 0.9});
    ConstantLR first(sgd, {.factor = 0.5, .total_iters = 2});
    const Made second = kinds[i].make(sgd);
    SequentialLR scheduler(sgd, {first, *second}, {3});
    for (const double rate : wanted[i]) {
      EXPECT_NEAR(sgd.group(0).lr(), rate, 1e-15) << kinds[i].name;
      EXPECT_EQ(scheduler.get_last_lr(), std::vector{sgd.group(0).lr()});
      scheduler.step();
    }
  }
}

TEST(SequentialLR, MayBeginWithOneThatStepsOthers) {
  const auto rates = [](const std::function<SteppedLR(SGD&)>& make) {
    SGD sgd({parameter()}, {.lr = 0.5});
    SteppedLR first = make(sgd);
    LinearLR second(sgd, {.start_factor = 0.25, .total_iters = 3});
    SequentialLR scheduler(sgd, {first, second}, {4});
    std::vector<double> all;
    for (int i = 0; i < 8; ++i) {
      all.push_back(sgd.group(0).lr());
      scheduler.step();
    }
    return all;
  };
  const auto parts = [](SGD& o) {
    auto constant = std::make_unique<ConstantLR>(o, ConstantOptions{.factor = 0.5, .total_iters = 2});
    auto decay = std::make_unique<ExponentialLR>(o, 0.5);
    return std::vector<SteppedLR>{std::move(constant), std::move(decay)};
  };
  EXPECT_EQ(rates([&](SGD& o) { return std::make_unique<SequentialLR>(o, parts(o), std::vector<int64_t>{2}); }),
            (std::vector{0.25, 0.5, 0.25, 0.125, 0.125, 0.25, 0.375, 0.5}));
  EXPECT_EQ(rates([&](SGD& o) { return std::make_unique<ChainedScheduler>(parts(o)); }),
            (std::vector{0.125, 0.0625, 0.0625, 0.03125, 0.125, 0.25, 0.375, 0.5}));
}

TEST(SequentialLR, WritesPyTorchsLayout) {
  SGD sgd = two_groups();
  LinearLR first(sgd, {.start_factor = 0.5, .total_iters = 10});
  CosineAnnealingLR second(sgd, 50);
  const SequentialLR scheduler(sgd, {first, second}, {10});
  EXPECT_EQ(Value(scheduler.state_dict()).to_string(),
            "{'_milestones': [10], 'last_epoch': 0, '_last_lr': [0.25, 0.125], '_schedulers': [{'start_factor': 0.5, "
            "'end_factor': 1.0, 'total_iters': 10, 'base_lrs': [0.5, 0.25], 'last_epoch': 0, '_step_count': 1, "
            "'_is_initial': False, '_get_lr_called_within_step': False, '_last_lr': [0.25, 0.125]}, {'T_max': 50, "
            "'eta_min': 0.0, 'base_lrs': [0.5, 0.25], 'last_epoch': -1, '_step_count': 1, '_is_initial': False, "
            "'_get_lr_called_within_step': False, '_last_lr': [0.25, 0.125]}]}");
}

TEST(SequentialLR, IsRestoredWholeOrNotAtAll) {
  SGD sgd = two_groups(), other = two_groups();
  const Kind kind = all_kinds()[simple_kinds().size()];
  const Made scheduler = kind.make(sgd), further = kind.make(other);
  further->step();
  const auto refused = [&](const auto& change) {
    const std::string before = Value(scheduler->state_dict()).to_string();
    Dict d = further->state_dict();
    change(d);
    const std::string error = error_of([&] { scheduler->load_state_dict(d); });
    EXPECT_EQ(Value(scheduler->state_dict()).to_string(), before);
    return error;
  };
  EXPECT_EQ(refused([](Dict& d) { d["_schedulers"][1].as_mutable<Dict>().set("T_max", 0); }),
            "[CosineAnnealingLR] expected T_max ≥ 1, got 0");
  EXPECT_EQ(refused([](Dict& d) {
              d.set("_milestones", std::vector{1, 2});
            }),
            "[SequentialLR] expected 1 milestones in the state dict, one after the other; found [1, 2]");
  EXPECT_EQ(refused([](Dict& d) { d["_schedulers"].as_mutable<Value::List>().pop_back(); }),
            "[SequentialLR] the state dict is of 1 schedulers, there are 2");
}

TEST(SequentialLR, RefusesSchedulersThatItCannotStep) {
  SGD sgd = two_groups(), other = two_groups();
  ConstantLR one(sgd), of_other(other);
  ReduceLROnPlateau plateau(sgd);
  ChainedScheduler chained({one});
  const auto said = [&](const std::vector<SteppedLR>& of, const std::vector<int64_t>& milestones) {
    return error_of([&] { SequentialLR(sgd, of, milestones); });
  };
  EXPECT_EQ(said({}, {}), "[SequentialLR] expected at least one scheduler, got none");
  EXPECT_EQ(said({one, one}, {}),
            "[SequentialLR] expected a milestone between each two of 2 schedulers, that is 1; got 0");
  EXPECT_EQ(said({one, one, one}, {3, 2}), "[SequentialLR] expected milestones one after the other");
  EXPECT_EQ(said({one, of_other}, {3}), "[SequentialLR] the scheduler at index 1, ConstantLR, is of another optimizer");
  EXPECT_EQ(
      said({plateau, one}, {3}),
      "[SequentialLR] the scheduler at index 0 is ReduceLROnPlateau, which needs a metric at each step: step it by "
      "itself");
  EXPECT_EQ(said({one, chained}, {3}),
            "[SequentialLR] the scheduler at index 1, ChainedScheduler, steps others: it can only come first");
  EXPECT_EQ(error_of([] { ChainedScheduler(std::vector<SteppedLR>{}); }),
            "[ChainedScheduler] expected at least one scheduler, got none");
  EXPECT_EQ(error_of([&] {
              ChainedScheduler({one, of_other});
            }),
            "[ChainedScheduler] the scheduler at index 1, ConstantLR, is of another optimizer");
}

TEST(EveryScheduler, RefusesOptionsOutOfRange) {
  SGD sgd = two_groups();
  EXPECT_EQ(error_of([&] { StepLR(sgd, 0); }), "[StepLR] expected step_size ≥ 1, got 0");
  EXPECT_EQ(error_of([&] { ConstantLR(sgd, {.factor = 1.5}); }), "[ConstantLR] expected factor in [0, 1], got 1.5");
  EXPECT_EQ(error_of([&] { ConstantLR(sgd, {.factor = -0.5}); }), "[ConstantLR] expected factor in [0, 1], got -0.5");
  EXPECT_EQ(error_of([&] { CosineAnnealingWarmRestarts(sgd, 0); }),
            "[CosineAnnealingWarmRestarts] expected T_0 ≥ 1, got 0");
  EXPECT_EQ(error_of([&] { CosineAnnealingWarmRestarts(sgd, 1, {.T_mult = 0}); }),
            "[CosineAnnealingWarmRestarts] expected T_mult ≥ 1, got 0");
  EXPECT_FALSE(sgd.group(0).extra().contains("initial_lr"));
  ConstantLR to_zero(sgd, {.factor = 0, .total_iters = 1});
  EXPECT_EQ(error_of([&] { to_zero.step(); }),
            "[ConstantLR] a rate that was multiplied by the factor 0 cannot be had back from it");
}

}  // namespace
}  // namespace tenon::optim::every_scheduler_test
