#include <tenon/optim.h>

#include <cmath>
#include <numbers>

#include "tensor/check.h"

namespace tenon::optim {
namespace {

using test::error_of;

Tensor parameter() { return zeros({2}, {.requires_grad = true}); }

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
  for (const char* key : {"T_max", "eta_min", "base_lrs", "last_epoch", "_last_lr"}) {
    Dict d = scheduler.state_dict();
    d["base_lrs"] = std::vector{0.25};
    d[key] = "text";
    EXPECT_THROW(scheduler.load_state_dict(d), Error) << key;
    d.erase(key);
    EXPECT_THROW(scheduler.load_state_dict(d), Error) << key;
    EXPECT_EQ(scheduler.state_dict()["T_max"].to_string() + scheduler.state_dict()["base_lrs"].to_string(), before);
  }
  Dict two = scheduler.state_dict();
  two["base_lrs"] = std::vector{0.25, 0.5};
  EXPECT_THROW(scheduler.load_state_dict(two), Error);
}

TEST(LRScheduler, RefusesWhatCannotBe) {
  SGD sgd({parameter()});
  EXPECT_THROW(CosineAnnealingLR(sgd, 0), Error);
  EXPECT_THROW(CosineAnnealingLR(sgd, 5, {.last_epoch = 3}), Error) << "no initial_lr: nothing was loaded";
  CosineAnnealingLR scheduler(sgd, 5);
  sgd.add_param_group({{parameter()}});
  EXPECT_THROW(scheduler.step(), Error);
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
}  // namespace tenon::optim
