#include <tenon/parameter.h>

#include <gtest/gtest.h>
#include <tenon/ops.h>

#include "tensor/check.h"

namespace tenon::nn::parameter_test {
namespace {

using test::error_of;

TEST(Parameter, IsALeafThatRequiresGradAndSharesTheData) {
  const Tensor data = ones({2});
  const Parameter p(data);
  EXPECT_TRUE(p.requires_grad());
  EXPECT_TRUE(p.is_leaf());
  EXPECT_TRUE(p.shares_storage_with(data));
}

TEST(Parameter, LeavesTheTensorItIsMadeOfAsItWas) {
  const Tensor data = ones({2});
  const Parameter p(data);
  EXPECT_FALSE(data.requires_grad());
}

TEST(Parameter, MayBeFrozenFromTheStart) {
  EXPECT_FALSE(Parameter(ones({2}), {.requires_grad = false}).requires_grad());
  EXPECT_EQ(Parameter(arange(3), {.requires_grad = false}).dtype(), int64);
}

TEST(Parameter, RefusesTheResultOfARecordedOperation) {
  const Parameter p(ones({2}));
  EXPECT_EQ(error_of([&] { Parameter(p * 2); }),
            "[Parameter] expected a tensor that is no operation's result, got one of shape (2,) with a history; "
            "detach() it first");
  EXPECT_NO_THROW(Parameter((p * 2).detach()));
}

TEST(Parameter, WithoutATensorIsAnEmptySlot) {
  EXPECT_FALSE(Parameter().defined());
  EXPECT_FALSE(Parameter(Tensor()).defined());
}

TEST(Parameter, AssignmentTies) {
  Parameter a(ones({2})), b(zeros({2}));
  b = a;
  EXPECT_TRUE(b.is_same(a));
  b = {};
  EXPECT_FALSE(b.defined());
  EXPECT_TRUE(a.defined());
}

TEST(Buffer, IsPersistentUnlessToldOtherwise) {
  EXPECT_TRUE(Buffer(ones({2})).persistent());
  EXPECT_FALSE(Buffer(ones({2}), {.persistent = false}).persistent());
}

TEST(Buffer, AssigningATensorKeepsWhetherItIsSaved) {
  Buffer buffer(ones({2}), {.persistent = false});
  const Tensor next = zeros({3});
  buffer = next;
  EXPECT_TRUE(buffer.is_same(next));
  EXPECT_FALSE(buffer.persistent());
}

TEST(Buffer, AssigningABufferReplacesBoth) {
  Buffer buffer(ones({2}), {.persistent = false});
  buffer = Buffer(zeros({3}));
  EXPECT_EQ(buffer.numel(), 3);
  EXPECT_TRUE(buffer.persistent());
}

}  // namespace
}  // namespace tenon::nn::parameter_test
