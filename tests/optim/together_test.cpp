// A group's parameters take their steps together, whatever their sizes, types and layouts.
#include <functional>
#include <limits>
#include <memory>

#include <tenon/creation.h>
#include <tenon/ops.h>
#include <tenon/optim.h>

#include "tensor/check.h"

namespace tenon::optim::together_test {
namespace {

using test::noise;

using Maker = std::function<std::unique_ptr<Optimizer>(const std::vector<Tensor>&)>;

template <class O>
Maker maker(const typename O::Options& options) {
  return [options](const std::vector<Tensor>& p) { return std::make_unique<O>(p, options); };
}

/// Those whose steps look at one number at a time, with options that need every slot.
const Maker makers[] = {
    maker<SGD>({.lr = 0.1, .momentum = 0.9, .weight_decay = 0.1, .nesterov = true}),
    maker<SGD>({.lr = 0.1, .maximize = true}),
    maker<Adam>({.lr = 0.1, .weight_decay = 0.1, .amsgrad = true, .maximize = true}),
    maker<AdamW>({.lr = 0.1}),
    maker<NAdam>({.lr = 0.1, .weight_decay = 0.1, .decoupled_weight_decay = true}),
    maker<RAdam>({.lr = 0.1, .betas = {0.5, 0.6}, .weight_decay = 0.1}),
    maker<Adamax>({.lr = 0.1, .weight_decay = 0.1, .maximize = true}),
    maker<Adagrad>({.lr = 0.1, .lr_decay = 0.1, .initial_accumulator_value = 0.5}),
    maker<Adadelta>({.rho = 0.5, .eps = 1e-3}),
    maker<RMSprop>({.momentum = 0.5, .centered = true}),
    maker<RMSprop>({.centered = true}),
    maker<RMSprop>({.momentum = 0.5}),
    maker<Rprop>({.lr = 0.1}),
    maker<ASGD>({.lr = 0.01, .lambd = 0.1, .t0 = 2}),
};

std::vector<Tensor> parameters() {
  std::vector<Tensor> all;
  uint64_t seed = 0;
  for (const int64_t n : {1, 63, 0, 64, 65, 70'001, 7, 20'000, 256}) all.push_back(noise({n}, float32, ++seed));
  all.push_back(noise({300, 40}, float32, ++seed).t());
  all.push_back(noise({999}, float64, ++seed));
  all.push_back(noise({999}, bfloat16, ++seed));
  all.push_back(noise({}, float16, ++seed));
  for (Tensor& p : all) p.requires_grad_();
  return all;
}

void take_steps(Optimizer& optimizer, const std::vector<Tensor>& parameters) {
  for (int i = 0; i < 3; ++i) {
    for (const Tensor& p : parameters) {
      const NoGrad guard;
      p.set_grad((p * 0.5 - static_cast<double>(i)).contiguous());
    }
    optimizer.step();
  }
}

TEST(ParametersTogether, StepAsEachAloneOnAnyNumberOfThreads) {
  const int before = num_threads();
  for (const Maker& make : makers) {
    set_num_threads(1);
    const std::vector<Tensor> alone = parameters();
    for (const Tensor& p : alone) take_steps(*make({p}), {p});
    for (const int threads : {1, 2, 5}) {
      set_num_threads(threads);
      const std::vector<Tensor> together = parameters();
      const auto optimizer = make(together);
      take_steps(*optimizer, together);
      for (std::size_t i = 0; i < alone.size(); ++i)
        EXPECT_TRUE(test::identical(alone[i], together[i]))
            << optimizer->name() << ", " << threads << " threads, shape " << alone[i].shape().to_string();
    }
  }
  set_num_threads(before);
}

TEST(ParametersTogether, ThoseWithoutGradientStay) {
  for (const Maker& make : makers) {
    const Tensor p = noise({70'001}).requires_grad_(), q = noise({5}, float32, 2).requires_grad_(), was = q.clone();
    const auto optimizer = make({q, p});
    take_steps(*optimizer, {p});
    EXPECT_TRUE(test::identical(q, was)) << optimizer->name();
  }
}

TEST(ParametersTogether, ANanStaysWhereAMaximumIsKept) {  // as torch.maximum has it
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto slot_after = [&](auto&& optimizer, const Tensor& p, const char* name) {
    p.set_grad(tensor({nan, 1.0}, {.dtype = float32}));
    optimizer.step();
    p.set_grad(tensor({1.0, 1.0}, {.dtype = float32}));
    optimizer.step();
    const Dict state = optimizer.state_dict();
    return state["state"][0][name].template as<Tensor>();
  };
  const Tensor p = noise({2}).requires_grad_(), q = noise({2}).requires_grad_();
  const Tensor most = slot_after(Adam(std::vector{p}, {.amsgrad = true}), p, "max_exp_avg_sq");
  EXPECT_TRUE(test::identical(most.isnan(), tensor({true, false})));
  const Tensor size = slot_after(Adamax(std::vector{q}, {}), q, "exp_inf");
  EXPECT_TRUE(test::identical(size.isnan(), tensor({true, false})));
}

}  // namespace
}  // namespace tenon::optim::together_test
