// Scaled losses. Expected numbers are those of PyTorch 2.15's torch.amp.GradScaler.
#include <tenon/optim/grad_scaler.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::optim_grad_scaler_test {
namespace {

using optim::GradScaler;
using test::error_of;
using test::expect_values;

struct Trained {
  nn::Parameter w{ones({2})};
  optim::SGD optimizer{{w}, {.lr = 0.1}};

  void backward(GradScaler& scaler, double factor = 1) {
    optimizer.zero_grad();
    scaler.scale((w * factor).sum()).backward();
  }
};

TEST(GradScaler, ScalesTheLossAndStepsByGradientsThatAreScaledBack) {
  GradScaler scaler;
  Trained t;
  t.backward(scaler);
  expect_values(t.w.grad(), {2}, {65536, 65536});
  EXPECT_TRUE(scaler.step(t.optimizer));
  expect_values(t.w, {2}, {0.9, 0.9}, 1e-6);
  scaler.update();
  EXPECT_EQ(scaler.get_scale(), 65536);
  EXPECT_EQ(scaler.scale(ones({}, {float16})).dtype(), float32);
}

TEST(GradScaler, LeavesOutAStepThatIsNotFiniteAndShrinks) {
  GradScaler scaler({.init_scale = 8});
  Trained t;
  for (const double factor : {test::infinity, test::nan}) {
    t.backward(scaler, factor);
    EXPECT_FALSE(scaler.step(t.optimizer));
    scaler.update();
  }
  expect_values(t.w, {2}, {1, 1});
  EXPECT_EQ(scaler.get_scale(), 2);
}

TEST(GradScaler, GrowsAfterItsIntervalWithoutAnInfinity) {
  GradScaler scaler({.init_scale = 4, .growth_factor = 3, .growth_interval = 2});
  Trained t;
  std::vector<double> scales;
  for (const double factor : {1.0, 1.0, 1.0, test::infinity, 1.0, 1.0}) {
    t.backward(scaler, factor);
    scaler.step(t.optimizer);
    scaler.update();
    scales.push_back(scaler.get_scale());
  }
  EXPECT_EQ(scales, (std::vector<double>{4, 12, 12, 6, 6, 18}));
}

TEST(GradScaler, GradientsThatWereScaledBackMayBeClipped) {
  GradScaler scaler({.init_scale = 128});
  Trained t;
  t.backward(scaler, 3);
  scaler.unscale_(t.optimizer);
  expect_values(t.w.grad(), {2}, {3, 3});
  nn::clip_grad_value_({t.w}, 1);
  EXPECT_EQ(error_of([&] { scaler.unscale_(t.optimizer); }),
            "[GradScaler] unscale_() has been called on this optimizer since the last update()");
  scaler.step(t.optimizer);
  expect_values(t.w, {2}, {0.9, 0.9}, 1e-6);
  EXPECT_EQ(error_of([&] { scaler.step(t.optimizer); }),
            "[GradScaler] step() has been called on this optimizer since the last update()");
  EXPECT_EQ(error_of([&] { scaler.unscale_(t.optimizer); }), "[GradScaler] unscale_() comes before step()");
  scaler.update(7);
  EXPECT_EQ(scaler.get_scale(), 7);
}

TEST(GradScaler, GoesOnFromAState) {
  GradScaler scaler({.init_scale = 4, .growth_interval = 2}), again;
  Trained t;
  t.backward(scaler);
  scaler.step(t.optimizer);
  scaler.update();
  const Dict state = scaler.state_dict();
  std::vector<std::string> keys;
  for (const auto& [key, value] : state) keys.push_back(key.string());
  EXPECT_EQ(keys, (std::vector<std::string>{"scale", "growth_factor", "backoff_factor", "growth_interval",
                                            "_growth_tracker"}));
  again.load_state_dict(state);
  t.backward(again);
  again.step(t.optimizer);
  again.update();
  EXPECT_EQ(again.get_scale(), 8);
}

TEST(GradScaler, DoesNothingWhereItIsNotEnabled) {
  GradScaler scaler({.enabled = false});
  Trained t;
  t.backward(scaler);
  expect_values(t.w.grad(), {2}, {1, 1});
  EXPECT_TRUE(scaler.step(t.optimizer));
  scaler.update();
  EXPECT_EQ(scaler.get_scale(), 1);
  EXPECT_TRUE(scaler.state_dict().empty());
}

TEST(GradScaler, RefusesWhatMakesNoSense) {
  EXPECT_EQ(error_of([] { GradScaler({.growth_factor = 1}); }), "[GradScaler] expected a growth_factor above 1, got 1");
  EXPECT_EQ(error_of([] { GradScaler({.backoff_factor = 1}); }),
            "[GradScaler] expected a backoff_factor below 1, got 1");
  EXPECT_EQ(error_of([] { GradScaler().update(); }), "[GradScaler] update() comes after step() or unscale_()");
  EXPECT_EQ(error_of([] { GradScaler().load_state_dict(Dict()); }),
            "[GradScaler] the state that is loaded is of a GradScaler that was not enabled");
  const nn::Parameter w{ones({2}, {float16})};
  optim::SGD optimizer({w}, {.lr = 0.1});
  GradScaler scaler;
  scaler.scale((w * 1).sum()).backward();
  EXPECT_EQ(error_of([&] { scaler.step(optimizer); }),
            "[GradScaler] gradients in float16 cannot be scaled back: keep the weights in float32");
}

}  // namespace
}  // namespace tenon::optim_grad_scaler_test
