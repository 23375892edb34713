#include <tenon/optim.h>

#include <cmath>
#include <numbers>
#include <string>
#include <tuple>

#include "tensor/check.h"

namespace tenon::optim::lr_scheduler_test {
namespace {

using test::error_of;

Tensor parameter() { return zeros({2}, {.requires_grad = true}); }

// ---------------------------------------------------------------- schedulers of a user's own
struct Halving final : LRScheduler {
  int64_t every;
  Halving(Optimizer& optimizer, int64_t n) : LRScheduler("Halving", optimizer), every(n) { start(); }
  double next_lr(double lr, double) const override { return !starting() && last_epoch() % every == 0 ? lr / 2 : lr; }
  Fields fields() override { return {{"every", every}}; }
};

/// Momentum goes up as the rate goes down.
struct WithMomentum final : LRScheduler {
  explicit WithMomentum(Optimizer& optimizer) : LRScheduler("WithMomentum", optimizer) { start(); }
  std::vector<double> get_lr() const override {
    for (std::size_t i = 0; i < optimizer().group_count(); ++i)
      optimizer().group(i).set_option("momentum", 1 - std::pow(0.5, last_epoch() + 1));
    return LRScheduler::get_lr();
  }
  double next_lr(double, double base_lr) const override { return base_lr / static_cast<double>(last_epoch() + 1); }
};

/// A tenth of the rate where a metric has become no better; a number for each group, and no common keys.
struct OnPlateau final : LRScheduler {
  double best = test::infinity;
  int64_t count = 0;
  std::vector<double> least;
  std::string mode = "min";
  OnPlateau(Optimizer& optimizer, std::vector<double> min_lrs)
      : LRScheduler("OnPlateau", optimizer), least(std::move(min_lrs)) {}

  void step() override { fail(name(), "step() takes the metric: step(loss)"); }
  void step(double metric) {
    ++count;
    std::vector<double> rates = current_lr();
    if (metric >= best)
      for (std::size_t i = 0; i < rates.size(); ++i) rates[i] = std::max(rates[i] / 10, least[i]);
    best = std::min(best, metric);
    set_lr(rates);
  }
  Fields fields() override {
    return {{"best", best}, {"last_epoch", count}, {"min_lrs", least, at_least(0)}, {"mode", mode}};
  }
  Dict state_dict() const override {
    Dict d;
    save(d);
    return d;
  }
  void load_state_dict(const Dict& d) override { load(d); }
};

/// Steps others, one after the other.
struct Chained final : LRScheduler {
  std::vector<LRScheduler*> of;
  Chained(Optimizer& optimizer, std::vector<LRScheduler*> schedulers)
      : LRScheduler("Chained", optimizer), of(std::move(schedulers)) {
    set_lr(current_lr());
  }
  void step() override {
    for (LRScheduler* one : of) one->step();
    set_lr(current_lr());
  }
  Dict state_dict() const override {
    Value::List all;
    for (const LRScheduler* one : of) all.push_back(one->state_dict());
    return {{"_schedulers", all}};
  }
  void load_state_dict(const Dict& d) override {
    for (std::size_t i = 0; i < of.size(); ++i)
      of[i]->load_state_dict(d["_schedulers"][static_cast<int64_t>(i)].as<Dict>());
  }
};

TEST(CosineAnnealingLR, GoesDownHalfACosineAndUpAgain) {
  SGD sgd({parameter()}, {.lr = 0.5});
  CosineAnnealingLR scheduler(sgd, 10, {.eta_min = 0.125});
  for (int epoch = 0; epoch <= 40; ++epoch) {
    const double wanted = 0.125 + 0.375 * (1 + std::cos(std::numbers::pi * epoch / 10)) / 2;
    EXPECT_NEAR(sgd.group(0).options.lr, wanted, 1e-12) << epoch;
    EXPECT_EQ(scheduler.get_last_lr(), std::vector{sgd.group(0).options.lr});
    EXPECT_EQ(scheduler.last_epoch(), epoch);
    scheduler.step();
  }
}

TEST(CosineAnnealingLR, TreatsEachGroupByItsOwnRate) {
  Adam adam({{{parameter()}, {.lr = 1}}, {{parameter()}, {.lr = 0.25}}});
  CosineAnnealingLR scheduler(adam, 2);
  scheduler.step();
  EXPECT_NEAR(adam.group(0).lr(), 0.5, 1e-15);
  EXPECT_NEAR(adam.group(1).lr(), 0.125, 1e-15);
}

TEST(CosineAnnealingLR, WritesPyTorchsKeysInPyTorchsOrder) {
  SGD sgd({parameter()}, {.lr = 0.5});
  const CosineAnnealingLR scheduler(sgd, 4);
  std::string keys;
  for (const auto& [key, value] : scheduler.state_dict()) keys += key.to_string() + " ";
  EXPECT_EQ(keys, "T_max eta_min base_lrs last_epoch _step_count _is_initial _get_lr_called_within_step _last_lr ");
  EXPECT_EQ(sgd.state_dict()["param_groups"][0]["initial_lr"].as<double>(), 0.5);
}

TEST(LinearLR, GoesFromOneFactorToTheOtherInEqualSteps) {
  SGD sgd({{{parameter()}, {.lr = 1}}, {{parameter()}, {.lr = 0.5}}});
  LinearLR scheduler(sgd, {.start_factor = 0.2, .end_factor = 0.9, .total_iters = 25});
  for (int epoch = 0; epoch <= 40; ++epoch) {
    const double factor = 0.2 + 0.7 * std::min(epoch, 25) / 25;
    EXPECT_NEAR(sgd.group(0).lr(), factor, 1e-12) << epoch;
    EXPECT_NEAR(sgd.group(1).lr(), factor / 2, 1e-12) << epoch;
    scheduler.step();
  }
}

TEST(LinearLR, HasTheDefaultsAndKeysOfPyTorch) {
  SGD sgd({parameter()}, {.lr = 3});
  LinearLR scheduler(sgd);
  for (const double wanted : {1.0, 1.4, 1.8, 2.2, 2.6, 3.0, 3.0}) {
    EXPECT_NEAR(sgd.group(0).lr(), wanted, 1e-12);
    scheduler.step();
  }
  std::string keys;
  for (const auto& [key, value] : scheduler.state_dict()) keys += key.to_string() + " ";
  EXPECT_EQ(keys,
            "start_factor end_factor total_iters base_lrs last_epoch _step_count _is_initial "
            "_get_lr_called_within_step _last_lr ");
}

TEST(LinearLR, GoesOnFromAnEpochAndFromAStateDict) {
  SGD whole({parameter()}, {.lr = 0.5}), by_epoch({parameter()}, {.lr = 3}), by_dict({parameter()}, {.lr = 3});
  LinearLR of_whole(whole, {.total_iters = 8});
  for (int i = 0; i < 3; ++i) of_whole.step();
  by_epoch.load_state_dict(whole.state_dict());
  LinearLR of_by_epoch(by_epoch, {.total_iters = 8, .last_epoch = 2}), of_by_dict(by_dict);
  by_dict.load_state_dict(whole.state_dict());
  of_by_dict.load_state_dict(of_whole.state_dict());
  for (int i = 3; i < 10; ++i) {
    for (LRScheduler* scheduler : {&of_whole, &of_by_epoch, &of_by_dict}) scheduler->step();
    EXPECT_EQ(by_epoch.group(0).lr(), whole.group(0).lr());
    EXPECT_EQ(by_dict.group(0).lr(), whole.group(0).lr());
  }
}

TEST(LinearLR, RefusesFactorsThatCannotBe) {
  SGD sgd({parameter()}, {.lr = 0.5});
  const auto said = [&](const LinearOptions& options) { return error_of([&] { LinearLR(sgd, options); }); };
  EXPECT_EQ(said({.start_factor = 0}), "[LinearLR] expected start_factor in (0, 1], got 0");
  EXPECT_EQ(said({.start_factor = 1.5}), "[LinearLR] expected start_factor in (0, 1], got 1.5");
  EXPECT_EQ(said({.start_factor = test::nan}), "[LinearLR] expected start_factor in (0, 1], got nan");
  EXPECT_EQ(said({.end_factor = -0.5}), "[LinearLR] expected end_factor in [0, 1], got -0.5");
  EXPECT_EQ(said({.end_factor = 1.5}), "[LinearLR] expected end_factor in [0, 1], got 1.5");
  EXPECT_EQ(sgd.group(0).lr(), 0.5);
  EXPECT_FALSE(sgd.group(0).extra().contains("initial_lr"));
  LinearLR scheduler(sgd);
  Dict d = scheduler.state_dict();
  d["total_iters"] = 50;
  d["end_factor"] = 2;
  EXPECT_EQ(error_of([&] { scheduler.load_state_dict(d); }), "[LinearLR] expected end_factor in [0, 1], got 2");
  EXPECT_EQ(scheduler.state_dict()["total_iters"].as<int64_t>(), 5);
  EXPECT_EQ(scheduler.state_dict()["end_factor"].as<double>(), 1);
}

TEST(LRScheduler, GoesOnFromItsStateDict) {
  SGD whole({parameter()}, {.lr = 0.5}), begun({parameter()}, {.lr = 0.5}), resumed({parameter()}, {.lr = 3});
  CosineAnnealingLR of_whole(whole, 7), of_begun(begun, 7), of_resumed(resumed, 2, {.eta_min = 1});
  for (int i = 0; i < 5; ++i) of_whole.step();
  for (int i = 0; i < 3; ++i) of_begun.step();
  of_resumed.load_state_dict(of_begun.state_dict());
  resumed.load_state_dict(begun.state_dict());
  for (int i = 3; i < 5; ++i) of_resumed.step();
  EXPECT_EQ(resumed.group(0).lr(), whole.group(0).lr());
  EXPECT_EQ(of_resumed.get_last_lr(), of_whole.get_last_lr());
}

TEST(LRScheduler, ChecksAStateDictBeforeItTakesAnything) {
  SGD sgd({parameter()}, {.lr = 0.5});
  CosineAnnealingLR scheduler(sgd, 7);
  const std::string before =
      scheduler.state_dict()["T_max"].to_string() + scheduler.state_dict()["base_lrs"].to_string();
  const std::string own =
      "the state dict is another scheduler's: it has no '{}'; make that scheduler, or begin this one anew";
  const std::string common = "the state dict is not whole: it has no '{}'";
  const std::tuple<std::string, std::string, std::string> keys[] = {
      {"T_max", "int", own},         {"eta_min", "float", own},      {"base_lrs", "list", common},
      {"last_epoch", "int", common}, {"_step_count", "int", common}, {"_last_lr", "list", common}};
  for (const auto& [key, type, without] : keys) {
    Dict d = scheduler.state_dict();
    d["base_lrs"] = std::vector{0.25};
    d[key] = "text";
    EXPECT_EQ(error_of([&] { scheduler.load_state_dict(d); }),
              fmt::format("[Value] expected {} for the key '{}', found str", type, key));
    d.erase(key);
    EXPECT_EQ(error_of([&] { scheduler.load_state_dict(d); }),
              "[CosineAnnealingLR] " + fmt::format(fmt::runtime(without), key));
    EXPECT_EQ(scheduler.state_dict()["T_max"].to_string() + scheduler.state_dict()["base_lrs"].to_string(), before);
  }
  Dict two = scheduler.state_dict();
  two["base_lrs"] = std::vector{0.25, 0.5};
  EXPECT_EQ(error_of([&] { scheduler.load_state_dict(two); }),
            "[CosineAnnealingLR] the state dict is for 2 parameter groups, the optimizer has 1");
}

TEST(LRScheduler, RefusesWhatCannotBe) {
  SGD sgd({parameter()});
  EXPECT_EQ(error_of([&] { CosineAnnealingLR(sgd, 0); }), "[CosineAnnealingLR] expected T_max ≥ 1, got 0");
  EXPECT_EQ(
      error_of([&] { CosineAnnealingLR(sgd, 5, {.last_epoch = 3}); }),
      "[CosineAnnealingLR] group 0 has no 'initial_lr': to go on from epoch 3, load the optimizer's state dict first")
      << "no initial_lr: nothing was loaded";
  CosineAnnealingLR scheduler(sgd, 5);
  sgd.add_param_group({{parameter()}});
  EXPECT_EQ(error_of([&] { scheduler.step(); }),
            "[CosineAnnealingLR] the optimizer has 2 parameter groups, it had 1 when the scheduler was made");
}

TEST(LRScheduler, OfOnesOwnIsAFewLinesAndGoesOnFromItsStateDict) {
  SGD sgd({{{parameter()}, {.lr = 8}}, {{parameter()}, {.lr = 4}}}), other({{{parameter()}}, {{parameter()}}});
  Halving halving(sgd, 2);
  for (const double rate : {8, 8, 4, 4, 2}) {
    EXPECT_EQ(halving.get_last_lr(), (std::vector{rate, rate / 2}));
    halving.step();
  }
  Halving resumed(other, 7);
  resumed.load_state_dict(halving.state_dict());
  other.load_state_dict(sgd.state_dict());
  EXPECT_EQ(resumed.every, 2);
  halving.step();
  resumed.step();
  EXPECT_EQ(other.group(0).lr(), 1);
  EXPECT_EQ(resumed.get_last_lr(), halving.get_last_lr());
  Dict d = halving.state_dict();
  d["every"] = 0.5;
  EXPECT_EQ(error_of([&] { halving.load_state_dict(d); }), "[Value] expected int for the key 'every', found float");
  EXPECT_EQ(halving.every, 2);
  const auto none = [&] {
    struct None final : LRScheduler {
      explicit None(Optimizer& optimizer) : LRScheduler("None", optimizer) { start(); }
    };
    None scheduler(sgd);
  };
  EXPECT_EQ(error_of(none), "[None] the class defines neither next_lr(lr, base_lr) nor get_lr()");
}

TEST(LRScheduler, MayChangeOtherOptionsBesideTheRate) {
  SGD sgd({parameter()}, {.lr = 6});
  WithMomentum scheduler(sgd);
  scheduler.step();
  EXPECT_EQ(sgd.group(0).options.momentum, 0.75);
  EXPECT_EQ(sgd.group(0).options.lr, 3);
}

TEST(LRScheduler, MayGoByAMetric) {
  SGD sgd({{{parameter()}, {.lr = 1}}, {{parameter()}, {.lr = 0.5}}});
  OnPlateau scheduler(sgd, {0, 0.25}), resumed(sgd, {0, 0});
  for (const double loss : {3.0, 2.0, 2.0}) scheduler.step(loss);
  EXPECT_EQ(scheduler.get_last_lr(), (std::vector{0.1, 0.25}));
  EXPECT_EQ(error_of([&] { static_cast<LRScheduler&>(scheduler).step(); }),
            "[OnPlateau] step() takes the metric: step(loss)");
  static_cast<LRScheduler&>(resumed).load_state_dict(scheduler.state_dict());
  EXPECT_EQ(std::tuple(resumed.best, resumed.count, resumed.mode), std::tuple(2.0, 3, "min"));
  EXPECT_EQ(resumed.least, (std::vector{0.0, 0.25}));
  Dict d = scheduler.state_dict();
  d["min_lrs"] = std::vector{0.0, -1.0};
  EXPECT_EQ(error_of([&] { resumed.load_state_dict(d); }), "[OnPlateau] expected min_lrs ≥ 0, got 0 and -1");
  EXPECT_EQ(resumed.least, (std::vector{0.0, 0.25}));
}

TEST(LRScheduler, MayStepOthers) {
  SGD sgd({parameter()}, {.lr = 8}), other({parameter()}, {.lr = 8});
  Halving two(sgd, 2), three(sgd, 3), its_two(other, 2), its_three(other, 3);
  Chained chained(sgd, {&two, &three}), resumed(other, {&its_two, &its_three});
  for (int epoch = 0; epoch < 3; ++epoch) chained.step();
  EXPECT_EQ(chained.get_last_lr(), std::vector{2.0});
  resumed.load_state_dict(chained.state_dict());
  other.load_state_dict(sgd.state_dict());
  for (int epoch = 3; epoch < 6; ++epoch) {
    chained.step();
    resumed.step();
  }
  EXPECT_EQ(chained.get_last_lr(), std::vector{0.25});
  EXPECT_EQ(resumed.get_last_lr(), chained.get_last_lr());
}

TEST(LRScheduler, WhatIsAnotherThingsIsSaidToBe) {
  SGD sgd({parameter()});
  CosineAnnealingLR scheduler(sgd, 5);
  const auto said = [&](const Dict& from) { return error_of([&] { scheduler.load_state_dict(from); }); };
  // torch.optim.lr_scheduler.StepLR(optimizer, 30).state_dict()
  const std::string step = said({{"step_size", 30},
                                 {"gamma", 0.1},
                                 {"base_lrs", Value::List{0.001}},
                                 {"last_epoch", 0},
                                 {"_step_count", 1},
                                 {"_last_lr", Value::List{0.001}}});
  EXPECT_NE(step.find("another scheduler's: it has no 'T_max', 'eta_min', but 'step_size', 'gamma'"), step.npos)
      << step;
  EXPECT_NE(said(sgd.state_dict()).find("it is the state dict of an optimizer"), std::string::npos);
  EXPECT_NE(said({{"scheduler", 1}}).find("a whole checkpoint"), std::string::npos);
}

}  // namespace
}  // namespace tenon::optim::lr_scheduler_test
