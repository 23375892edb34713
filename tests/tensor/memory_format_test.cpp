#include <gtest/gtest.h>

#include <tenon/int_list.h>
#include <tenon/nn.h>

#include "tensor/check.h"

namespace memory_format_test {
using namespace tenon;
using test::error_of;

namespace {

Shape laid_out(const Tensor& x, MemoryFormat format) { return x.contiguous(format).strides(); }

}  // namespace

// Strides are what PyTorch gives for x.contiguous(memory_format=…), x.to(memory_format=…) and x.clone(memory_format=…).
TEST(MemoryFormat, ContiguousLaysChannelsSideBySide) {
  const Tensor x = arange(120).reshape({2, 3, 4, 5});
  EXPECT_EQ(laid_out(x, channels_last), (Shape{60, 1, 15, 3}));
  EXPECT_EQ(laid_out(zeros({2, 3, 4, 5, 6}), channels_last_3d), (Shape{360, 1, 90, 18, 3}));
  EXPECT_EQ(x.contiguous(channels_last).to_vector<int>(), x.to_vector<int>());
  EXPECT_EQ(laid_out(x.slice(2, Slice(0, 4, 2)), channels_last), (Shape{30, 1, 15, 3}));
}

TEST(MemoryFormat, WhatLiesSoIsNotCopied) {
  const Tensor y = zeros({2, 3, 4, 5}).contiguous(channels_last);
  EXPECT_TRUE(y.contiguous(channels_last).is_same(y));
  EXPECT_TRUE(y.to(channels_last).is_same(y));
  EXPECT_FALSE(y.clone(channels_last).is_same(y));
  const Tensor one_channel = zeros({2, 1, 3, 4});
  EXPECT_TRUE(one_channel.contiguous(channels_last).is_same(one_channel));
  EXPECT_EQ(one_channel.to(channels_last).strides(), (Shape{12, 1, 4, 1}));
  EXPECT_EQ(zeros({2, 3, 1, 1}).to(channels_last).strides(), (Shape{3, 1, 3, 3}));
}

TEST(MemoryFormat, ToLeavesGapsAloneWhereTheOrderIsRight) {
  const Tensor x = zeros({2, 3, 4, 5}).contiguous(channels_last).slice(2, Slice(0, 4, 2));
  EXPECT_TRUE(x.to(channels_last).is_same(x));
  EXPECT_EQ(x.to(channels_last).strides(), (Shape{60, 1, 30, 3}));
}

TEST(MemoryFormat, IsContiguousAsksForOneFormat) {
  const Tensor x = zeros({2, 3, 4, 5});
  EXPECT_TRUE(x.is_contiguous(contiguous_format));
  EXPECT_FALSE(x.is_contiguous(channels_last));
  EXPECT_TRUE(x.contiguous(channels_last).is_contiguous(channels_last));
  EXPECT_FALSE(x.contiguous(channels_last).is_contiguous(contiguous_format));
  EXPECT_FALSE(zeros({2, 3, 4}).is_contiguous(channels_last));
  EXPECT_FALSE(x.contiguous(channels_last).is_contiguous(channels_last_3d));
  EXPECT_TRUE(zeros({2, 1, 3, 4}).is_contiguous(channels_last));  // one channel: in either
  EXPECT_TRUE(zeros({2, 0, 3, 4}).contiguous(channels_last).is_contiguous(channels_last));
}

TEST(MemoryFormat, CloneGoesBackToRows) {
  const Tensor x = zeros({2, 3, 4, 5}).contiguous(channels_last);
  EXPECT_EQ(x.clone().strides(), x.strides());
  EXPECT_EQ(x.clone(contiguous_format).strides(), (Shape{60, 20, 5, 1}));
}

TEST(MemoryFormat, GradientsGoThroughACopy) {
  const Tensor x = ones({1, 2, 2, 2}).requires_grad_();
  (x.contiguous(channels_last) * 3).sum().backward();
  EXPECT_EQ(x.grad().to_vector<float>(), std::vector<float>(8, 3));
}

TEST(MemoryFormat, AnotherNumberOfDimensionsIsAnError) {
  EXPECT_EQ(error_of([] {
              zeros({2, 3, 4}).contiguous(channels_last);
            }),
            "[contiguous] expected 4 dimensions for channels_last, got shape (2, 3, 4)");
  EXPECT_EQ(error_of([] {
              zeros({2, 3, 4, 5}).to(channels_last_3d);
            }),
            "[to] expected 5 dimensions for channels_last_3d, got shape (2, 3, 4, 5)");
}

namespace {

struct Images : nn::Module<Images> {
  nn::Parameter weight{zeros({2, 3, 4, 5})}, bias{zeros({2})};
  nn::Buffer seen{zeros({1, 2, 3, 4})};
  TENON_MODULE(Images, weight, bias, seen)
};

struct Volumes : nn::Module<Volumes> {
  nn::Parameter weight{zeros({2, 3, 4, 5})}, deep{zeros({2, 3, 4, 5, 6})};
  TENON_MODULE(Volumes, weight, deep)
};

}  // namespace

TEST(MemoryFormat, AModuleKeepsItsParametersAndLaysThemOut) {
  Images m;
  const nn::Parameter before = m.weight;
  m.weight.set_grad(ones({2, 3, 4, 5}));
  m.to(channels_last);
  EXPECT_TRUE(m.weight.is_same(before));
  EXPECT_EQ(m.weight.strides(), (Shape{60, 1, 15, 3}));
  EXPECT_EQ(m.weight.grad().strides(), (Shape{60, 1, 15, 3}));
  EXPECT_EQ(m.seen.strides(), (Shape{24, 1, 8, 2}));
  EXPECT_EQ(m.bias.strides(), (Shape{1}));
}

TEST(MemoryFormat, AModuleThatCannotBeLaidOutIsLeftAlone) {
  Volumes m;
  EXPECT_EQ(error_of([&] { m.to(channels_last); }),
            "[to] expected 4 dimensions for channels_last, got shape (2, 3, 4, 5, 6)");
  EXPECT_TRUE(m.weight.is_contiguous());
}

TEST(IntList, OneNumberIsMeantForAll) {
  EXPECT_EQ(IntList<3>(2).shape(), (Shape{2, 2, 2}));
  EXPECT_EQ(IntList<2>({3, 5}).shape(), (Shape{3, 5}));
  EXPECT_EQ(IntList<2>({3}).shape(), (Shape{3, 3}));
  EXPECT_EQ(IntList<1>(7).to_string(), "(7,)");
}

TEST(IntList, AnotherNumberOfThemIsAnError) {
  EXPECT_EQ(error_of([] { IntList<2>({1, 2, 3}); }), "[IntList] expected one number or 2, got (1, 2, 3)");
}
}  // namespace memory_format_test
