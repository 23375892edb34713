// The printed tree, letter for letter what PyTorch 2.15 prints for the same modules.
#include <string>

#include <gtest/gtest.h>
#include <tenon/tenon.h>

namespace tenon::nn::nn_print_test {
namespace {

struct Extra : Module<Extra> {
  std::string text;
  explicit Extra(std::string t) : text(std::move(t)) {}
  std::string extra_repr() const override { return text; }
  TENON_MODULE(Extra, text)
};

struct Tree : Module<Tree> {
  std::string text;
  ReLU a;
  Extra inner{"x\n\ny"};
  std::unique_ptr<ReLU> gone;
  explicit Tree(std::string t) : text(std::move(t)) {}
  std::string extra_repr() const override { return text; }
  Tensor forward(const Tensor& x) { return a(x); }
  TENON_MODULE(Tree, text, a, inner, gone)
};

TEST(Print, ExtraReprWithoutChildrenStandsOnOneLineUnlessItHasSeveral) {
  EXPECT_EQ(fmt::format("{}", Extra("")), "Extra()");
  EXPECT_EQ(fmt::format("{}", Extra("a=1")), "Extra(a=1)");
  EXPECT_EQ(fmt::format("{}", Extra("a\nb")), "Extra(\n  a\n  b\n)");
}

TEST(Print, ChildrenAreIndentedAndBlankLinesStayEmpty) {
  EXPECT_EQ(Tree("").to_string(), R"(Tree(
  (a): ReLU()
  (inner): Extra(
    x

    y
  )
  (gone): None
))");
}

TEST(Print, ExtraReprStandsAboveTheChildren) {
  EXPECT_EQ(Sequential{Tree("q")}.to_string(), R"(Sequential(
  (0): Tree(
    q
    (a): ReLU()
    (inner): Extra(
      x

      y
    )
    (gone): None
  )
))");
}

TEST(Print, ABlankLineOfExtraReprIsIndentedLikeAnyOther) {
  EXPECT_EQ(Tree("a\n\nb").to_string().substr(0, 18), "Tree(\n  a\n  \n  b\n ");
}

TEST(Print, LayersPrintTheirOptions) {
  EXPECT_EQ(fmt::format("{}", Linear(784, 256)), "Linear(in_features=784, out_features=256, bias=True)");
  EXPECT_EQ(fmt::format("{}", Linear(2, 3, {.bias = false})), "Linear(in_features=2, out_features=3, bias=False)");
  EXPECT_EQ(fmt::format("{}", ReLU()), "ReLU()");
  EXPECT_EQ(fmt::format("{}", ReLU({.inplace = true})), "ReLU(inplace=True)");
  EXPECT_EQ(fmt::format("{}", Dropout()), "Dropout(p=0.5, inplace=False)");
  EXPECT_EQ(fmt::format("{}", CrossEntropyLoss()), "CrossEntropyLoss()");
}

TEST(Print, NumbersArePrintedAsPythonDoes) {
  EXPECT_EQ(fmt::format("{}", Dropout(0.0)), "Dropout(p=0.0, inplace=False)");
  EXPECT_EQ(fmt::format("{}", Dropout(1e-5)), "Dropout(p=1e-05, inplace=False)");
  EXPECT_EQ(fmt::format("{}", Dropout(1, {.inplace = true})), "Dropout(p=1.0, inplace=True)");
}

TEST(Print, AnEmptySequentialHasNothingBetweenItsParentheses) {
  EXPECT_EQ(fmt::format("{}", Sequential()), "Sequential()");
}

TEST(Print, AParameterSaysThatItIsOne) {
  const Parameter p(ones({2}));
  EXPECT_EQ(fmt::format("{}", p), "Parameter containing:\n" + tenon::to_string(p));
}

}  // namespace
}  // namespace tenon::nn::nn_print_test
