// Groups of parameters: how an optimizer is made, what it refuses, how options are reached.
#include <memory>

#include <tenon/optim.h>
#include <tenon/parameter.h>

#include "tensor/check.h"

namespace tenon::optim::groups_test {
namespace {

using test::error_of;

Tensor parameter(std::initializer_list<double> values) { return tensor(values).to(float32).requires_grad_(); }
bool mentions(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(OptimizerGroups, AreMadeFromAnyListOfParameters) {
  const std::vector<nn::Parameter> some{nn::Parameter(zeros({2})), nn::Parameter(zeros({3}))};
  EXPECT_EQ(Adam(some).group(0).parameters().size(), 2U);
  EXPECT_EQ(SGD(std::vector<Tensor>{parameter({1})}, {.lr = 1}).group(0).parameters().size(), 1U);
  EXPECT_EQ(AdamW({some[0], parameter({1}), some[1]}).group(0).parameters().size(), 3U);
  EXPECT_TRUE(SGD({some[1]}).group(0).parameters()[0].is_same(some[1]));
}

TEST(OptimizerGroups, TakeTheOptionsThatTheySetAndTheOptimizersElsewhere) {
  const Tensor a = parameter({1}), b = parameter({2}), c = parameter({3});
  const Adam layered({{{a}, {.lr = 1e-5}}, {{b, c}, {.betas = {0.5, 0.6}, .amsgrad = true}}},
                     {.lr = 0.25, .weight_decay = 0.125});
  ASSERT_EQ(layered.group_count(), 2U);
  EXPECT_EQ(layered.group(0).options.lr, 1e-5);
  EXPECT_EQ(layered.group(1).options.lr, 0.25);
  EXPECT_EQ(layered.group(0).options.betas, (std::array{0.9, 0.999}));
  EXPECT_EQ(layered.group(1).options.betas, (std::array{0.5, 0.6}));
  EXPECT_EQ(layered.group(0).options.weight_decay, 0.125);
  EXPECT_FALSE(layered.group(0).options.amsgrad);
  EXPECT_TRUE(layered.group(1).options.amsgrad);
  const Adam one({{{a}, {.lr = 1e-5}}});
  EXPECT_EQ(one.group(0).options.lr, 1e-5);
}

TEST(OptimizerGroups, HaveTheDefaultsOfPyTorch) {
  const Tensor p = parameter({1});
  const SGDOptions sgd = SGD({p}).defaults();
  EXPECT_EQ(std::tuple(sgd.lr, sgd.momentum, sgd.dampening, sgd.weight_decay, sgd.nesterov, sgd.maximize),
            std::tuple(1e-3, 0.0, 0.0, 0.0, false, false));
  const AdamOptions adam = Adam({p}).defaults(), adamw = AdamW({p}).defaults();
  EXPECT_EQ(std::tuple(adam.lr, adam.eps, adam.weight_decay, adam.amsgrad, adam.decoupled_weight_decay),
            std::tuple(1e-3, 1e-8, 0.0, false, false));
  EXPECT_EQ(std::tuple(adamw.lr, adamw.eps, adamw.weight_decay, adamw.amsgrad, adamw.decoupled_weight_decay),
            std::tuple(1e-3, 1e-8, 1e-2, false, true));
  const RMSpropOptions rmsprop = RMSprop({p}).defaults();
  EXPECT_EQ(std::tuple(rmsprop.lr, rmsprop.alpha, rmsprop.eps, rmsprop.weight_decay, rmsprop.momentum, rmsprop.centered,
                       rmsprop.maximize),
            std::tuple(1e-2, 0.99, 1e-8, 0.0, 0.0, false, false));
}

TEST(OptimizerGroups, CanBeAddedLater) {
  const Tensor a = parameter({1}), b = parameter({2});
  SGD sgd({a}, {.lr = 0.5});
  sgd.add_param_group({{b}, {.momentum = 0.25}});
  EXPECT_EQ(sgd.group_count(), 2U);
  EXPECT_EQ(sgd.group(1).options.lr, 0.5);
  EXPECT_EQ(sgd.group(1).options.momentum, 0.25);
  EXPECT_TRUE(mentions(error_of([&] { sgd.add_param_group({{a}}); }), "twice"));
  EXPECT_EQ(sgd.group_count(), 2U);
}

TEST(OptimizerGroups, RefuseWhatCannotBeOptimized) {
  const Tensor p = parameter({1, 2});
  EXPECT_TRUE(mentions(error_of([] { SGD{std::vector<Tensor>{}}; }), "[SGD] expected parameters"));
  EXPECT_TRUE(mentions(error_of([] { Adam{std::vector<Adam::GroupOf>{}}; }), "at least one group"));
  EXPECT_TRUE(mentions(error_of([&] { SGD({p * 2}); }), "that an operation made"));
  EXPECT_TRUE(mentions(error_of([&] { SGD({p, p}); }), "twice"));
  EXPECT_TRUE(mentions(error_of([&] { Adam({{{p}, {.lr = 1}}, {{p}, {.lr = 2}}}); }), "[Adam]"));
  EXPECT_TRUE(mentions(error_of([&] { AdamW({p, Tensor()}); }), "undefined"));
}

TEST(OptimizerGroups, RefuseImpossibleOptions) {
  const Tensor p = parameter({1});
  const double nan = test::nan;
  EXPECT_TRUE(mentions(error_of([&] { SGD({p}, {.lr = -1}); }), "lr"));
  EXPECT_TRUE(mentions(error_of([&] { SGD({p}, {.lr = nan}); }), "nan"));
  EXPECT_TRUE(mentions(error_of([&] { SGD({p}, {.momentum = -0.5}); }), "momentum"));
  EXPECT_TRUE(mentions(error_of([&] { SGD({p}, {.weight_decay = -0.5}); }), "weight_decay"));
  EXPECT_TRUE(mentions(error_of([&] { SGD({p}, {.nesterov = true}); }), "nesterov"));
  EXPECT_TRUE(mentions(error_of([&] { SGD({p}, {.momentum = 0.9, .dampening = 0.1, .nesterov = true}); }), "nesterov"));
  EXPECT_TRUE(mentions(error_of([&] { Adam({p}, {.betas = {0.9, 1.0}}); }), "betas"));
  EXPECT_TRUE(mentions(error_of([&] { Adam({p}, {.eps = -1}); }), "eps"));
  EXPECT_TRUE(mentions(error_of([&] { AdamW({p}, {.weight_decay = -1}); }), "[AdamW]"));
  EXPECT_TRUE(mentions(error_of([&] { Adam({{{p}, {.lr = -2}}}); }), "-2")) << "a group's own option";
  EXPECT_EQ(error_of([&] { RMSprop({p}, {.lr = nan}); }), "[RMSprop] expected lr ≥ 0, got nan");
  EXPECT_EQ(error_of([&] { RMSprop({p}, {.alpha = -0.5}); }), "[RMSprop] expected alpha ≥ 0, got -0.5");
  EXPECT_EQ(error_of([&] { RMSprop({p}, {.eps = -0.5}); }), "[RMSprop] expected eps ≥ 0, got -0.5");
  EXPECT_EQ(error_of([&] { RMSprop({p}, {.momentum = -0.5}); }), "[RMSprop] expected momentum ≥ 0, got -0.5");
  EXPECT_EQ(error_of([&] {
              RMSprop({{{p}, {.weight_decay = -0.5}}});
            }),
            "[RMSprop] expected weight_decay ≥ 0, got -0.5");
}

TEST(OptimizerGroups, LetSchedulersReachTheLearningRate) {
  const Tensor p = parameter({1});
  Adam adam({p}, {.lr = 0.5});
  Optimizer& any = adam;
  EXPECT_EQ(any.group(0).lr(), 0.5);
  any.group(0).set_lr(0.25);
  EXPECT_EQ(adam.group(0).options.lr, 0.25);
}

TEST(OptimizerGroups, GiveAndTakeOptionsByName) {
  Adam adam({parameter({1})}, {.lr = 0.5});
  ParamGroup& group = static_cast<Optimizer&>(adam).group(0);
  EXPECT_EQ(group.option("lr").as<double>(), 0.5);
  EXPECT_EQ(group.option("betas")[1].as<double>(), 0.999);
  group.set_option("betas", std::array{0.5, 0.75});
  group.set_option("amsgrad", true);
  EXPECT_EQ(adam.group(0).options.betas, (std::array{0.5, 0.75}));
  EXPECT_TRUE(adam.group(0).options.amsgrad);
  EXPECT_TRUE(mentions(error_of([&] { group.set_option("momentum", 0.5); }),
                       "there is no option 'momentum'; there are 'lr', 'betas', 'eps'"));
  EXPECT_TRUE(mentions(error_of([&] { group.option("foreach"); }), "no option 'foreach'"));
  EXPECT_EQ(error_of([&] { group.set_option("lr", "fast"); }), "[Value] expected float for the key 'lr', found str");
  EXPECT_EQ(error_of([&] { group.set_option("betas", std::vector{0.5}); }),
            "[ParamGroup] expected two numbers for 'betas', found 1");
}

TEST(ZeroGrad, DropsGradientsOrFillsThemWithZeros) {
  const Tensor p = parameter({1, 2});
  SGD sgd({p});
  p.set_grad(ones({2}));
  const Tensor held = p.grad();
  sgd.zero_grad(false);
  EXPECT_TRUE(p.grad().defined());
  EXPECT_EQ(held.sum().item<double>(), 0);
  sgd.zero_grad();
  EXPECT_FALSE(p.grad().defined());
  sgd.zero_grad(false);
  EXPECT_FALSE(p.grad().defined());
}

}  // namespace
}  // namespace tenon::optim::groups_test
