// What is particular to each scheduler. Numbers without a formula are PyTorch's.
#include <cmath>

#include <tenon/creation.h>
#include <tenon/io.h>
#include <tenon/optim.h>

#include "io/files.h"
#include "tensor/check.h"

namespace tenon::optim::each_scheduler_test {
namespace {

using test::error_of;

double hyperbola(int64_t epoch) { return 1 / (1 + static_cast<double>(epoch)); }

Tensor parameter() { return zeros({2}, {.requires_grad = true}); }
SGD two_groups() { return SGD({{{parameter()}, {.lr = 0.5}}, {{parameter()}, {.lr = 0.25}}}, {.momentum = 0.9}); }

TEST(MultiStepLR, WritesACounterAsPyTorchDoesAndReadsOne) {
  const test::Folder folder;
  SGD sgd = two_groups();
  const MultiStepLR scheduler(sgd, {5, 20, 5});
  save(scheduler.state_dict(), folder("state.pt"));
  const Value saved = load(folder("state.pt"));
  EXPECT_EQ(saved["milestones"].to_string(), "{5: 2, 20: 1}");
  std::string keys;
  for (const auto& [key, value] : saved.as<Dict>()) keys += key.to_string() + " ";
  EXPECT_EQ(keys, "milestones gamma base_lrs last_epoch _step_count _is_initial _get_lr_called_within_step _last_lr ");
  MultiStepLR other(sgd, {1});
  other.load_state_dict(saved);
  EXPECT_EQ(Value(other.state_dict()).to_string(), Value(scheduler.state_dict()).to_string());
}

TEST(SWALR, GoesFromEachGroupsRateToItsOwnAndStaysThere) {
  // PyTorch 2.15: torch.optim.swa_utils.SWALR(o, [0.05, 0.2], anneal_epochs=4, anneal_strategy=…)
  const std::vector<std::pair<SWALROptions, std::vector<double>>> cases{
      {{.anneal_epochs = 4}, {0.4340990257669732, 0.275, 0.11590097423302682, 0.05, 0.05, 0.05}},
      {{.anneal_epochs = 4, .anneal_strategy = "linear"}, {0.3875, 0.275, 0.1625, 0.05, 0.05, 0.05}},
      {{.anneal_epochs = 0}, {0.05, 0.05, 0.05, 0.05, 0.05, 0.05}}};
  for (const auto& [options, rates] : cases) {
    SGD sgd = two_groups();
    SWALR scheduler(sgd, {0.05, 0.2}, options);
    EXPECT_EQ(sgd.group(0).lr(), options.anneal_epochs == 0 ? 0.05 : 0.5);
    for (const double rate : rates) {
      scheduler.step();
      EXPECT_NEAR(sgd.group(0).lr(), rate, 1e-15) << options.anneal_strategy;
    }
    EXPECT_NEAR(sgd.group(1).lr(), 0.2, 1e-15);
    EXPECT_EQ(Value(scheduler.state_dict())
                  .to_string()
                  .find("{'_anneal_strategy': '" + options.anneal_strategy + "', 'anneal_epochs': "),
              0U);
  }
}

TEST(SWALR, GoesOnFromAStateDict) {
  SGD sgd = two_groups(), other = two_groups();
  SWALR scheduler(sgd, 0.05, {.anneal_epochs = 4, .anneal_strategy = "linear"});
  scheduler.step();
  SWALR resumed(other, 0.2);
  other.load_state_dict(sgd.state_dict());
  resumed.load_state_dict(scheduler.state_dict());
  for (int i = 0; i < 4; ++i) {
    scheduler.step();
    resumed.step();
    EXPECT_EQ(resumed.get_last_lr(), scheduler.get_last_lr());
  }
  Dict wrong = scheduler.state_dict();
  wrong.set("_anneal_strategy", "cubic");
  EXPECT_EQ(error_of([&] { resumed.load_state_dict(wrong); }),
            "[SWALR] expected the anneal_strategy 'cos' or 'linear', got 'cubic'");
  EXPECT_EQ(error_of([&] { SWALR(sgd, 0.05, {.anneal_epochs = -1}); }), "[SWALR] expected anneal_epochs ≥ 0, got -1");
}

TEST(CosineAnnealingWarmRestarts, GoesToAnyEpochOrPartOfOne) {
  SGD sgd({parameter()}, {.lr = 0.5});
  CosineAnnealingWarmRestarts scheduler(sgd, 3, {.T_mult = 2, .eta_min = 0.05});
  const std::vector<std::pair<double, double>> to{{0.5, 0.4698557158514987},
                                                  {2.75, 0.05766668908495966},
                                                  {3, 0.5},
                                                  {4.5, 0.4340990257669732},
                                                  {9.25, 0.4995182577286858},
                                                  {1, 0.3875},
                                                  {-1, 0.16250000000000006},
                                                  {-1, 0.5},
                                                  {-1, 0.4698557158514987},
                                                  {30.5, 0.3473238796932114}};
  for (const auto& [epoch, rate] : to) {
    if (epoch < 0) scheduler.step();
    else scheduler.step(epoch);
    EXPECT_NEAR(sgd.group(0).lr(), rate, 1e-15) << epoch;
  }
  EXPECT_EQ(scheduler.last_epoch(), 30);
  EXPECT_EQ(error_of([&] { scheduler.step(-0.5); }), "[CosineAnnealingWarmRestarts] expected an epoch ≥ 0, got -0.5");
}

TEST(CyclicLR, TurnsTheFirstOfBetasWhereThatIsTheMomentum) {
  Adam adam({parameter()}, {.lr = 0.5});
  CyclicLR scheduler(adam, 0.1, 0.3, {.step_size_up = 2, .step_size_down = 1, .mode = "exp_range", .gamma = 0.5});
  const std::vector<std::pair<double, double>> wanted{{0.1, 0.9}, {0.15, 0.875},       {0.15, 0.875},
                                                      {0.1, 0.9}, {0.10625, 0.896875}, {0.10625, 0.896875}};
  for (const auto& [rate, momentum] : wanted) {
    EXPECT_NEAR(adam.group(0).options.lr, rate, 1e-15);
    EXPECT_NEAR(adam.group(0).options.betas[0], momentum, 1e-15);
    EXPECT_EQ(adam.group(0).options.betas[1], 0.999);
    scheduler.step();
  }
}

TEST(CyclicLR, TakesAFunctionForItsHeight) {
  SGD sgd({parameter()}, {.lr = 0.5});
  CyclicLR scheduler(sgd, 0.1, 0.3,
                     {.step_size_up = 2, .scale_fn = [](double x) { return 1 / x; }, .cycle_momentum = false});
  for (const double rate : {0.1, 0.2, 0.3, 0.2, 0.1, 0.15, 0.2, 0.15, 0.1}) {
    EXPECT_NEAR(sgd.group(0).lr(), rate, 1e-15);
    scheduler.step();
  }
}

TEST(CyclicLR, RefusesWhatCannotBe) {
  SGD sgd = two_groups();
  Adagrad adagrad({parameter()});
  const std::string before = sgd.to_string();
  const auto said = [&](const CyclicOptions& options) { return error_of([&] { CyclicLR(sgd, 0.1, 0.2, options); }); };
  EXPECT_EQ(said({.step_size_up = 0}), "[CyclicLR] expected step_size_up > 0 and step_size_down ≥ 0, got 0 and 0");
  EXPECT_EQ(said({.mode = "sine"}),
            "[CyclicLR] expected the mode 'triangular', 'triangular2' or 'exp_range', or a scale_fn; got 'sine'");
  EXPECT_EQ(said({.base_momentum = {0.5}}),
            "[CyclicLR] expected one base_momentum, or 2 for as many parameter groups; got 1");
  EXPECT_EQ(error_of([&] {
              CyclicLR(sgd, 0.1, {0.1, 0.2, 0.3});
            }),
            "[CyclicLR] expected one max_lr, or 2 for as many parameter groups; got 3");
  EXPECT_EQ(error_of([&] { CyclicLR(adagrad, 0.1, 0.2); }),
            "[CyclicLR] cycle_momentum needs an optimizer with momentum or betas, and Adagrad has neither: "
            ".cycle_momentum = false");
  EXPECT_EQ(sgd.to_string(), before);
}

TEST(CyclicLR, IsRestoredWithOrWithoutMomentum) {
  SGD sgd = two_groups();
  CyclicLR with(sgd, 0.1, 0.2), without(sgd, 0.1, 0.2, {.cycle_momentum = false});
  const std::string before = Value(without.state_dict()).to_string();
  Dict wrong = with.state_dict();
  wrong.set("max_momentums", std::vector{0.5});
  EXPECT_EQ(
      error_of([&] { without.load_state_dict(wrong); }),
      "[CyclicLR] the state dict has 1 numbers in 'max_momentums', for as many parameter groups; the optimizer has "
      "2");
  EXPECT_EQ(Value(without.state_dict()).to_string(), before);
  without.load_state_dict(with.state_dict());
  without.step();
  EXPECT_LT(sgd.group(1).options.momentum, 0.9);
}

TEST(OneCycleLR, CountsStepsByEpochsAndEndsAfterThem) {
  SGD sgd({parameter()}, {.lr = 0.5, .momentum = 0.5});
  OneCycleLR scheduler(sgd, 0.4, {.epochs = 2, .steps_per_epoch = 3, .div_factor = 4, .final_div_factor = 8});
  EXPECT_NEAR(sgd.group(0).lr(), 0.1, 1e-15);
  EXPECT_EQ(sgd.group(0).options.momentum, 0.95);
  for (int i = 0; i < 5; ++i) scheduler.step();
  EXPECT_NEAR(sgd.group(0).lr(), 0.1 / 8, 1e-15);
  scheduler.step();
  EXPECT_EQ(error_of([&] { scheduler.step(); }), "[OneCycleLR] this is step 7 of 6: the cycle is over");
}

TEST(OneCycleLR, RefusesWhatCannotBe) {
  SGD sgd = two_groups();
  Rprop rprop({parameter()});
  const std::string before = sgd.to_string();
  const auto said = [&](const OneCycleOptions& options) { return error_of([&] { OneCycleLR(sgd, 0.1, options); }); };
  EXPECT_EQ(said({}), "[OneCycleLR] expected either total_steps, or epochs and steps_per_epoch");
  EXPECT_EQ(said({.total_steps = 0}), "[OneCycleLR] expected total_steps ≥ 1, got 0");
  EXPECT_EQ(said({.epochs = 0, .steps_per_epoch = 1}), "[OneCycleLR] expected epochs ≥ 1, got 0");
  EXPECT_EQ(said({.epochs = 1, .steps_per_epoch = -1}), "[OneCycleLR] expected steps_per_epoch ≥ 1, got -1");
  EXPECT_EQ(said({.total_steps = 9, .pct_start = 1.5}), "[OneCycleLR] expected pct_start in [0, 1], got 1.5");
  EXPECT_EQ(said({.total_steps = 9, .anneal_strategy = "step"}),
            "[OneCycleLR] expected the anneal_strategy 'cos' or 'linear', got 'step'");
  EXPECT_EQ(said({.total_steps = 4, .pct_start = 0.25}),
            "[OneCycleLR] the rate would go up in no step: pct_start · total_steps is 1; it must be more, or less");
  EXPECT_NE(error_of([&] { OneCycleLR(rprop, 0.1, {.total_steps = 9}); }).find("Rprop has neither"), std::string::npos);
  EXPECT_EQ(sgd.to_string(), before);
}

TEST(ReduceLROnPlateau, GoesByTheThresholdThePatienceAndTheCooldown) {
  SGD sgd({parameter()}, {.lr = 0.5});
  ReduceLROnPlateau scheduler(sgd, {.mode = "max",
                                    .factor = 0.5,
                                    .patience = 1,
                                    .threshold = 0.1,
                                    .threshold_mode = "abs",
                                    .cooldown = 1,
                                    .min_lr = 0.1,
                                    .eps = 1e-3});
  const std::vector<std::pair<double, double>> wanted{{1, 0.5},     {1.05, 0.5},  {1.2, 0.5},  {1.2, 0.5},
                                                      {1.2, 0.25},  {1.2, 0.25},  {1.2, 0.25}, {1.2, 0.125},
                                                      {1.2, 0.125}, {1.2, 0.125}, {1.2, 0.1},  {1.2, 0.1}};
  for (const auto& [metric, rate] : wanted) {
    scheduler.step(tensor(metric));
    EXPECT_EQ(scheduler.get_last_lr(), std::vector{rate});
  }
}

TEST(ReduceLROnPlateau, WritesPyTorchsLayout) {
  SGD sgd = two_groups();
  const ReduceLROnPlateau scheduler(sgd);
  EXPECT_EQ(
      Value(scheduler.state_dict()).to_string(),
      "{'factor': 0.1, 'default_min_lr': 0.0, 'min_lrs': [0.0, 0.0], 'patience': 10, 'cooldown': 0, 'eps': 1e-08, "
      "'last_epoch': 0, '_last_lr': [0.5, 0.25], 'mode_worse': inf, 'mode': 'min', 'threshold': 0.0001, "
      "'threshold_mode': 'rel', 'best': inf, 'cooldown_counter': 0, 'num_bad_epochs': 0}");
  EXPECT_FALSE(sgd.group(0).extra().contains("initial_lr"));
}

TEST(ReduceLROnPlateau, KnowsGroupsThatCameLater) {
  SGD sgd({parameter()}, {.lr = 1}), other({parameter()}, {.lr = 1});
  ReduceLROnPlateau one(sgd, {.patience = 0}), each(other, {.patience = 0, .min_lr = {0.5}});
  for (SGD* o : {&sgd, &other}) o->add_param_group({{parameter()}, {.lr = 2}});
  one.step(1);
  one.step(1);
  EXPECT_EQ(one.get_last_lr(), (std::vector{0.1, 0.2}));
  each.step(1);
  EXPECT_EQ(error_of([&] { each.step(1); }),
            "[ReduceLROnPlateau] there is a min_lr for each of 1 parameter groups, and the optimizer has 2 now");
}

TEST(ReduceLROnPlateau, RefusesWhatCannotBe) {
  SGD sgd = two_groups();
  const auto said = [&](const ReduceLROnPlateauOptions& o) { return error_of([&] { ReduceLROnPlateau(sgd, o); }); };
  EXPECT_EQ(said({.mode = "best"}), "[ReduceLROnPlateau] expected the mode 'min' or 'max', got 'best'");
  EXPECT_EQ(said({.factor = 1}), "[ReduceLROnPlateau] expected factor in (-inf, 1), got 1");
  EXPECT_EQ(said({.threshold_mode = "half"}),
            "[ReduceLROnPlateau] expected the threshold_mode 'rel' or 'abs', got 'half'");
  EXPECT_EQ(said({.min_lr = {1, 2, 3}}),
            "[ReduceLROnPlateau] expected one min_lr, or 2 for as many parameter groups; got 3");
  ReduceLROnPlateau scheduler(sgd);
  EXPECT_EQ(error_of([&] { static_cast<LRScheduler&>(scheduler).step(); }),
            "[ReduceLROnPlateau] expected the metric that it goes by: step(loss)");
  Dict d = scheduler.state_dict();
  d.set("patience", 3);
  d.set("mode", "other");
  EXPECT_EQ(error_of([&] { scheduler.load_state_dict(d); }),
            "[ReduceLROnPlateau] expected the mode 'min' or 'max', got 'other'");
  EXPECT_EQ(scheduler.state_dict()["patience"].as<int64_t>(), 10);
}

TEST(LambdaLR, TakesAFunctionForEachGroup) {
  SGD sgd = two_groups();
  LambdaLR scheduler(sgd, {hyperbola, [](int64_t e) { return std::pow(0.5, e); }});
  scheduler.step();
  scheduler.step();
  EXPECT_EQ(scheduler.get_last_lr(), (std::vector{0.5 / 3, 0.0625}));
  EXPECT_EQ(scheduler.state_dict()["lr_lambdas"].to_string(), "[None, None]");
  EXPECT_EQ(error_of([&] { LambdaLR(sgd, {hyperbola}); }),
            "[LambdaLR] expected one lr_lambda, or 2 for as many parameter groups; got 1");
  EXPECT_EQ(error_of([&] { MultiplicativeLR(sgd, LRLambda()); }),
            "[MultiplicativeLR] expected functions, got an empty one");
}

}  // namespace
}  // namespace tenon::optim::each_scheduler_test
