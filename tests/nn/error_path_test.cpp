// An error says which module of a model it comes from.
#include <map>
#include <memory>

#include <gtest/gtest.h>

#include <tenon/function.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::nn::error_path_test {
namespace {

using test::error_of;

struct Block : Module<Block> {
  Linear fc{4, 4};
  LayerNorm norm{4};
  Tensor forward(const Tensor& x) { return norm(fc(x)); }
  TENON_MODULE(Block, fc, norm)
};
struct Net : Module<Net> {
  std::vector<Block> layers;
  std::map<std::string, Linear> heads;
  ModuleList<> any{Linear(4, 3)};
  Tensor forward(Tensor x, const std::string& way) {
    for (Block& layer : layers) x = layer(x);
    if (way == "any") return any[0](ones({5}));
    if (way == "matmul") return x.matmul(ones({5, 5}));
    if (way == "std") throw std::out_of_range("the user's own");
    return heads.at(way)(x);
  }
  Net() : layers(2) { heads.emplace("a", Linear(3, 2)); }
  TENON_MODULE(Net, layers, heads, any)
};

TEST(ErrorPath, NamesTheModuleByItsPathAndClass) {
  Net net;
  EXPECT_EQ(error_of([&] {
              net(ones({2, 5}), "a");
            }),
            "layers.0.fc (Linear): expected input of shape (*, 4), got (2, 5)");
  EXPECT_EQ(error_of([&] { net(ones({2, 4}), "a"); }).rfind("heads.a (Linear): expected ", 0), 0U);
  EXPECT_EQ(error_of([&] { net(ones({2, 4}), "any"); }).rfind("any.0 (Linear): expected ", 0), 0U);
  try {
    net(ones({2, 5}), "a");
  } catch (const Error& error) {
    EXPECT_EQ(error.module_path(), "layers.0.fc");
    EXPECT_EQ(error.operation(), "Linear");
  }
}

TEST(ErrorPath, TheModuleThatWasCalledHasNoPath) {
  Net net;
  EXPECT_EQ(error_of([&] { net(ones({2, 4}), "matmul"); }).rfind("[matmul] ", 0), 0U);
  EXPECT_EQ(error_of([&] { net.layers[0].fc(ones({5})); }).rfind("[Linear] ", 0), 0U);
}

TEST(ErrorPath, TheClassIsNotSaidTwice) {
  Sequential net{nn::named("inner", Sequential{nn::named("self", [](const Tensor&) -> Tensor {
                             fail("Lambda", "expected something else");
                           })})};
  EXPECT_EQ(error_of([&] { net(ones({1})); }), "inner.self (Lambda): expected something else");
}

TEST(ErrorPath, IsFoundWhereHooksRun) {
  Net net;
  net.layers[0].register_forward_hook([](ModuleBase&, Tensors, Tensors) {});
  EXPECT_EQ(error_of([&] { net(ones({2, 5}), "a"); }).rfind("layers.0.fc (Linear): ", 0), 0U);
  net.layers[1].norm.register_forward_pre_hook([](ModuleBase&, Tensors) { fail("hook", "no"); });
  EXPECT_EQ(error_of([&] { net(ones({2, 4}), "a"); }), "layers.1.norm (LayerNorm): [hook] no");
}

TEST(ErrorPath, AModuleThatIsNoPartOfTheModelIsPassedOver) {
  struct Lonely : Module<Lonely> {
    Tensor forward(const Tensor& x) { return std::make_unique<Block>()->operator()(x); }
    TENON_MODULE(Lonely)
  };
  EXPECT_EQ(error_of([] { Lonely()(ones({5})); }).rfind("[Linear] ", 0), 0U);
  Sequential model{named("lonely", Lonely())};
  EXPECT_EQ(error_of([&] { model(ones({5})); }).rfind("lonely (Lonely): [Linear] ", 0), 0U);
}

TEST(ErrorPath, OtherExceptionsPassAsTheyAre) {
  Net net;
  EXPECT_THROW(net(ones({2, 4}), "std"), std::out_of_range);
}

struct Refusing : autograd::Function<Refusing> {
  static Tensor forward(autograd::Context&, const Tensor& x) { return x * 2; }
  static Tensor backward(autograd::Context&, const Tensor& grad) { return grad.matmul(ones({7, 7})); }
};

TEST(ErrorPath, BackwardNamesTheOperation) {
  const Tensor x = ones({2, 3}, {.requires_grad = true});
  const Tensor y = Refusing::apply(x).sum();
  EXPECT_EQ(error_of([&] { y.backward(); }).rfind("backward of Refusing: [matmul] ", 0), 0U);
}

}  // namespace
}  // namespace tenon::nn::error_path_test
