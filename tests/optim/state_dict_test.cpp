// What an optimizer writes, and takes back.
#include <tenon/optim.h>

#include <cmath>
#include <numbers>

#include <tenon/io.h>

#include "tensor/check.h"
#include "tests_folder.h"

namespace tenon::optim::optim_state_dict_test {
namespace {

using test::error_of;
using test::noise;

bool mentions(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
std::string keys(const Value& dict) {
  std::string all;
  for (const auto& [key, value] : dict.as<Dict>()) all += (all.empty() ? "" : " ") + key.to_string();
  return all;
}

/// Three parameters in two groups, and steps on gradients that depend on the number of the step only.
template <class O>
struct Training {
  Tensor a = noise({2, 3}, float32, 1).requires_grad_(), b = noise({4}, float32, 2).requires_grad_(),
         c = noise({}, float32, 3).requires_grad_();
  O optimizer;

  explicit Training(const typename O::Options& options) : optimizer(groups(), options) {}
  std::vector<typename O::GroupOf> groups() const { return {{{a}}, {{b, c}, {.lr = 0.25}}}; }
  void step(uint64_t number) {
    for (const Tensor* p : {&a, &b, &c}) p->set_grad(noise(p->shape(), p->dtype(), 10 + number));
    optimizer.step();
  }
  void copy_parameters(const Training& other) {
    const NoGrad guard;
    a.copy_(other.a);
    b.copy_(other.b);
    c.copy_(other.c);
  }
  bool same_parameters(const Training& other) const {
    return test::identical(a, other.a) && test::identical(b, other.b) && test::identical(c, other.c);
  }
};

TEST(OptimizerStateDict, HasPyTorchsKeysInPyTorchsOrder) {
  Training<Adam> adam({.amsgrad = true});
  adam.step(1);
  const Dict d = adam.optimizer.state_dict();
  EXPECT_EQ(keys(d), "state param_groups");
  EXPECT_EQ(keys(d["state"]), "0 1 2");
  EXPECT_EQ(keys(d["state"][1]), "step exp_avg exp_avg_sq max_exp_avg_sq");
  EXPECT_EQ(keys(d["param_groups"][0]),
            "lr betas eps weight_decay amsgrad maximize foreach capturable differentiable fused decoupled_weight_decay "
            "params");
  EXPECT_EQ(d["param_groups"][1]["params"].as<std::vector<int64_t>>(), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(d["param_groups"][1]["lr"].as<double>(), 0.25);
  EXPECT_TRUE(d["param_groups"][0]["fused"].is_none());
  EXPECT_EQ(d["state"][0]["step"].as<Tensor>().dtype(), float32);
  EXPECT_EQ(d["state"][0]["step"].as<Tensor>().dim(), 0);

  Training<SGD> sgd({.momentum = 0.9});
  EXPECT_TRUE(sgd.optimizer.state_dict()["state"].as<Dict>().empty()) << "before the first step";
  sgd.step(1);
  EXPECT_EQ(keys(sgd.optimizer.state_dict()["state"][2]), "momentum_buffer");
  EXPECT_EQ(keys(sgd.optimizer.state_dict()["param_groups"][0]),
            "lr momentum dampening weight_decay nesterov maximize foreach differentiable fused params");

  Training<RMSprop> rmsprop({.momentum = 0.9, .centered = true});
  rmsprop.step(1);
  EXPECT_EQ(keys(rmsprop.optimizer.state_dict()["state"][2]), "step square_avg momentum_buffer grad_avg");
  EXPECT_EQ(keys(rmsprop.optimizer.state_dict()["param_groups"][0]),
            "lr momentum alpha eps centered weight_decay capturable foreach maximize differentiable params");
}

template <class O>
void resumes(const typename O::Options& options) {
  Training<O> whole(options), begun(options), resumed({});
  for (uint64_t s = 0; s < 6; ++s) whole.step(s);
  for (uint64_t s = 0; s < 3; ++s) begun.step(s);
  resumed.copy_parameters(begun);
  resumed.optimizer.load_state_dict(begun.optimizer.state_dict());
  begun.step(3);  // what was taken is a copy
  for (uint64_t s = 3; s < 6; ++s) resumed.step(s);
  EXPECT_TRUE(resumed.same_parameters(whole));
}

TEST(OptimizerStateDict, LetsAnotherOptimizerGoOnExactly) {
  resumes<SGD>({.lr = 0.1, .momentum = 0.9, .dampening = 0.1, .weight_decay = 0.1});
  resumes<SGD>({.lr = 0.1, .momentum = 0.9, .nesterov = true});
  resumes<Adam>({.lr = 0.1, .betas = {0.8, 0.9}, .weight_decay = 0.1, .amsgrad = true});
  resumes<Adam>({.lr = 0.1, .maximize = true});
  resumes<RMSprop>({.lr = 0.1});
  resumes<RMSprop>({.lr = 0.1, .alpha = 0.5, .eps = 0.1, .weight_decay = 0.1, .momentum = 0.5, .centered = true});
}

TEST(OptimizerStateDict, TakesHowPyTorchComputedAndGoesItsOwnWay) {
  Training<RMSprop> run({});
  Dict d = run.optimizer.state_dict();
  for (const char* how : {"foreach", "capturable", "differentiable"})
    d["param_groups"][0].as_mutable<Dict>().set(how, true);
  run.optimizer.load_state_dict(d);
  const Value group = run.optimizer.state_dict()["param_groups"][0];
  EXPECT_TRUE(group["foreach"].is_none());
  EXPECT_FALSE(group["capturable"].as<bool>());
  EXPECT_FALSE(group["differentiable"].as<bool>());
}

TEST(OptimizerStateDict, AdamAndAdamWReadEachOther) {
  Training<AdamW> w({.lr = 0.5});
  w.step(0);
  Training<Adam> adam({});
  adam.optimizer.load_state_dict(w.optimizer.state_dict());
  EXPECT_TRUE(adam.optimizer.group(0).options.decoupled_weight_decay);
  EXPECT_EQ(adam.optimizer.group(0).options.weight_decay, 1e-2);
}

TEST(OptimizerStateDict, KeepsWhatOthersPutIntoAGroup) {
  Training<SGD> run({});
  Dict d = run.optimizer.state_dict();
  d["param_groups"][0].as_mutable<Dict>().set("initial_lr", 0.125);
  run.optimizer.load_state_dict(d);
  EXPECT_EQ(run.optimizer.group(0).extra()["initial_lr"].as<double>(), 0.125);
  EXPECT_EQ(run.optimizer.state_dict()["param_groups"][0]["initial_lr"].as<double>(), 0.125);
}

TEST(OptimizerStateDict, TakesOlderAndOtherForms) {
  Training<Adam> run({.maximize = true});
  run.step(0);
  Dict d = run.optimizer.state_dict();
  d["param_groups"][0].as_mutable<Dict>().erase("maximize");                // not known to an old PyTorch
  d["state"][0].as_mutable<Dict>().set("step", 7);                          // a number, before PyTorch 1.12
  d["state"][1].as_mutable<Dict>().set("step", tenon::tensor(int64_t{8}));  // any type of number
  d["state"][2].as_mutable<Dict>().set("max_exp_avg_sq", Value());          // None where there is none
  run.optimizer.load_state_dict(Value(d));
  EXPECT_TRUE(run.optimizer.group(0).options.maximize);
  EXPECT_EQ(run.optimizer.state_dict()["state"][0]["step"].as<Tensor>().item<double>(), 7);
  EXPECT_EQ(run.optimizer.state_dict()["state"][1]["step"].as<Tensor>().item<double>(), 8);
  EXPECT_FALSE(run.optimizer.state_dict()["state"][2].contains("max_exp_avg_sq"));
}

TEST(OptimizerStateDict, FollowsAParametersType) {
  Training<Adam> run({});
  run.step(0);
  const Tensor half = noise({2, 3}, bfloat16).requires_grad_();
  Adam other({{{half}}, {{noise({4}, float64).requires_grad_(), noise({}).requires_grad_()}}});
  other.load_state_dict(run.optimizer.state_dict());
  EXPECT_EQ(other.state_dict()["state"][0]["exp_avg"].as<Tensor>().dtype(), bfloat16);
  EXPECT_EQ(other.state_dict()["state"][1]["exp_avg"].as<Tensor>().dtype(), float64);
  EXPECT_EQ(other.state_dict()["state"][0]["step"].as<Tensor>().dtype(), float32);
}

/// Changes a good state dict, expects an error that mentions `part`, and that the optimizer is as it was.
template <class F>
void refuses(F change, const std::string& part) {
  Training<Adam> run({.lr = 0.5}), same({.lr = 0.5});
  run.step(0);
  same.step(0);
  Dict d = run.optimizer.state_dict();
  for (auto& group : d["param_groups"].as_mutable<Value::List>()) group["lr"] = 0.125;
  change(d);
  const std::string error = error_of([&] { run.optimizer.load_state_dict(d); });
  EXPECT_TRUE(mentions(error, part)) << "expected " << part << " in: " << error;
  EXPECT_EQ(run.optimizer.group(0).options.lr, 0.5);
  run.step(1);
  same.step(1);
  EXPECT_TRUE(run.same_parameters(same));
}

TEST(OptimizerStateDict, IsCheckedBeforeAnythingChanges) {
  const auto group = [](Dict& d, int i) -> Dict& { return d["param_groups"][i].as_mutable<Dict>(); };
  const auto state = [](Dict& d, int i) -> Dict& { return d["state"][i].as_mutable<Dict>(); };
  refuses([](Dict& d) { d.erase("state"); }, "'state'");
  refuses([](Dict& d) { d["param_groups"].as_mutable<Value::List>().pop_back(); }, "1 parameter groups");
  refuses([&](Dict& d) { group(d, 1).set("params", std::vector{1}); }, "1 parameters");
  refuses([&](Dict& d) { group(d, 1).set("params", std::vector{1, 0}); }, "parameter 0 twice");
  refuses([&](Dict& d) { group(d, 1).set("lr", "fast"); }, "'lr'");
  refuses([&](Dict& d) { group(d, 1).set("lr", -1); }, "lr");
  refuses([&](Dict& d) { group(d, 1).set("betas", std::vector{0.9}); }, "betas");
  refuses([&](Dict& d) { group(d, 1).erase("params"); }, "'params'");
  refuses([&](Dict& d) { state(d, 2).set("exp_avg", zeros({2})); }, "exp_avg");
  refuses([&](Dict& d) { state(d, 2).set("exp_avg", "text"); }, "found str");
  refuses([&](Dict& d) { state(d, 2).erase("exp_avg_sq"); }, "exp_avg_sq");
  refuses([&](Dict& d) { state(d, 2).set("momentum_buffer", zeros({})); }, "'momentum_buffer'");
  refuses([&](Dict& d) { state(d, 2).set("step", zeros({2})); }, "step");
  refuses([](Dict& d) { d["state"].as_mutable<Dict>().set(3, Dict{{"step", 1}}); }, "parameter 3");
  refuses([](Dict& d) { d["state"].as_mutable<Dict>().set("0", Dict{}); }, "integer");
}

TEST(OptimizerStateDict, OptionsMayBeTensorsAsPyTorchSavesThem) {
  // Adam(lr=torch.tensor(0.25), betas=(torch.tensor(0.5), torch.tensor(0.75))) after a step of its scheduler
  const Value saved = load(test::tests_folder() + "/io/data/foreign/tensor_options.pt");
  const Tensor w = ones({2}, {.requires_grad = true});
  Adam adam({w});
  adam.load_state_dict(saved["optimizer"]);
  EXPECT_NEAR(adam.group(0).options.lr, 0.2438820, 1e-6);
  EXPECT_EQ(adam.group(0).options.betas, (std::array<double, 2>{0.5, 0.75}));
  CosineAnnealingLR scheduler(adam, 10);
  scheduler.load_state_dict(saved["scheduler"]);
  EXPECT_NEAR(scheduler.get_last_lr().at(0), 0.2438820, 1e-6);
  EXPECT_EQ(scheduler.last_epoch(), 1);
  w.set_grad(ones({2}));
  adam.step();
  scheduler.step();
  EXPECT_NEAR(adam.group(0).options.lr, 0.25 * (1 + std::cos(std::numbers::pi * 2 / 10)) / 2, 1e-6);
  CosineAnnealingLR goes_on(adam, 10, {.last_epoch = 2});  // initial_lr is a tensor as well
  EXPECT_NEAR(goes_on.get_last_lr().at(0), adam.group(0).options.lr, 1e-12);
}

TEST(OptimizerStateDict, WhatIsAnotherThingsIsSaidToBe) {
  const Tensor w = ones({2}, {.requires_grad = true});
  SGD sgd({w}, {.momentum = 0.5});
  Adam adam({w});
  const auto said = [](auto& to, const Value& from) { return error_of([&] { to.load_state_dict(from); }); };
  const std::string no_adam = said(adam, sgd.state_dict()), no_sgd = said(sgd, adam.state_dict());
  EXPECT_TRUE(mentions(no_adam, "another kind") && mentions(no_adam, "betas") && mentions(no_adam, "'momentum'"))
      << no_adam;
  EXPECT_TRUE(mentions(no_sgd, "another kind") && mentions(no_sgd, "dampening") && mentions(no_sgd, "'betas'"))
      << no_sgd;
  CosineAnnealingLR scheduler(adam, 10);
  EXPECT_TRUE(mentions(said(adam, scheduler.state_dict()), "it is the state dict of a scheduler"));
  EXPECT_TRUE(mentions(said(adam, Dict{{"w", w}}), "it is the state dict of a module"));
  EXPECT_TRUE(mentions(said(adam, Dict{{"model_state_dict", 1}}), "a whole checkpoint"));
}

}  // namespace
}  // namespace tenon::optim::optim_state_dict_test
