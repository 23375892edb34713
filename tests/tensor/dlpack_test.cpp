// Tensors given to other libraries and taken from them.
#include <tenon/dlpack.h>

#include "tensor/check.h"

namespace tenon::dlpack_test {
namespace {

using test::error_of;
using test::expect_values;

template <class Managed>
Managed* exported(const Tensor& x) {
  if constexpr (std::is_same_v<Managed, DLManagedTensor>) return to_dlpack_unversioned(x);
  else return to_dlpack(x);
}

template <class Managed>
class DLPack : public testing::Test {};
using Protocols = testing::Types<DLManagedTensor, DLManagedTensorVersioned>;
TYPED_TEST_SUITE(DLPack, Protocols);

TYPED_TEST(DLPack, GoesOutAndInWithoutACopy) {
  std::vector<DType> types = test::all_types;
  types.insert(types.end(), test::carried_types.begin(), test::carried_types.end());
  for (const DType t : types) {
    const Tensor x = ones({2, 3}, {t});
    const Tensor y = from_dlpack(exported<TypeParam>(x));
    EXPECT_EQ(y.raw_data(), x.raw_data()) << name(t);
    EXPECT_TRUE(test::identical(x, y)) << name(t);
  }
}

TYPED_TEST(DLPack, KeepsStridesAndOffsets) {
  const Tensor whole = arange(24.0).reshape({4, 6});
  const Tensor x = whole.t().narrow(0, 1, 3).select(1, 2);
  const Tensor y = from_dlpack(exported<TypeParam>(x));
  EXPECT_EQ(y.strides(), x.strides());
  expect_values(y, {3}, {13, 14, 15});
  y.fill_(-1);
  EXPECT_EQ(whole[2][1].template item<float>(), -1);
  EXPECT_EQ(from_dlpack(exported<TypeParam>(tensor(2.5))).template item<float>(), 2.5F);
  EXPECT_EQ(from_dlpack(exported<TypeParam>(zeros({0, 3}))).shape(), (Shape{0, 3}));
}

TYPED_TEST(DLPack, TheMemoryLivesUntilTheOtherSideIsDone) {
  TypeParam* managed = nullptr;
  {
    const Tensor x = arange(5.0);
    managed = exported<TypeParam>(x);
  }
  Tensor y = from_dlpack(managed);
  expect_values(y[4], {}, {4});
  y = Tensor();
}

/// What another library would give.
template <class Managed>
struct Foreign {
  std::vector<float> memory{0, 1, 2, 3, 4, 5, 6, 7};
  std::vector<int64_t> shape{2, 3}, strides{3, 1};
  int deleted = 0;
  Managed managed{};
  Foreign() {
    if constexpr (std::is_same_v<Managed, DLManagedTensorVersioned>) managed.version = {1, 3};
    managed.manager_ctx = this;
    managed.deleter = [](Managed* self) { ++static_cast<Foreign*>(self->manager_ctx)->deleted; };
    managed.dl_tensor = {memory.data(), {1, 0}, 2, {2, 32, 1}, shape.data(), strides.data(), 0};
  }
};

TYPED_TEST(DLPack, TheDeleterIsCalledOnceWhenTheLastHandleGoes) {
  Foreign<TypeParam> foreign;
  {
    const Tensor x = from_dlpack(&foreign.managed), row = x[1];
    x.fill_(3);
    EXPECT_EQ(foreign.deleted, 0);
    EXPECT_EQ(row[0].template item<float>(), 3);
  }
  EXPECT_EQ(foreign.deleted, 1);
  EXPECT_EQ(foreign.memory[5], 3);
  foreign.managed.deleter = nullptr;
  from_dlpack(&foreign.managed);
}

TYPED_TEST(DLPack, OffsetsAndMissingStridesAreUnderstood) {
  Foreign<TypeParam> foreign;
  foreign.managed.dl_tensor.byte_offset = 8;
  foreign.managed.dl_tensor.strides = nullptr;
  expect_values(from_dlpack(&foreign.managed), {2, 3}, {2, 3, 4, 5, 6, 7});
  foreign.managed.dl_tensor.byte_offset = 0;
  foreign.strides = {1, 2};
  foreign.managed.dl_tensor.strides = foreign.strides.data();
  expect_values(from_dlpack(&foreign.managed), {2, 3}, {0, 2, 4, 1, 3, 5});
}

TYPED_TEST(DLPack, WhatCannotBeTakenIsLeftToTheCaller) {
  const auto refused = [](auto change) {
    Foreign<TypeParam> foreign;
    change(foreign.managed.dl_tensor, foreign);
    const std::string text = error_of([&] { from_dlpack(&foreign.managed); });
    EXPECT_EQ(foreign.deleted, 0) << text;
    return text;
  };
  EXPECT_EQ(refused([](DLTensor& t, auto&) { t.dtype.lanes = 4; }),
            "[from_dlpack] expected single elements, got vectors of 4 lanes");
  EXPECT_EQ(refused([](DLTensor& t, auto&) {
              t.dtype = {2, 128, 1};
            }),
            "[from_dlpack] there is no data type for DLPack's type code 2 with 128 bits");
  EXPECT_EQ(refused([](DLTensor& t, auto&) { t.device.device_type = 8; }),
            "[from_dlpack] expected memory of the CPU, got DLPack's device type 8: copy it to the CPU first");
  EXPECT_NE(refused([](DLTensor&, auto& f) { f.strides[0] = -3; }), "");
  EXPECT_NE(refused([](DLTensor&, auto& f) { f.shape[0] = -1; }), "");
  EXPECT_NE(refused([](DLTensor&, auto& f) {
              f.shape = {int64_t{1} << 40, int64_t{1} << 40};
              f.managed.dl_tensor.shape = f.shape.data();
            }),
            "");
  EXPECT_NE(refused([](DLTensor& t, auto&) { t.ndim = -1; }), "");
  EXPECT_NE(refused([](DLTensor& t, auto&) { t.shape = nullptr; }), "");
  EXPECT_NE(refused([](DLTensor& t, auto&) { t.data = nullptr; }), "");
  EXPECT_NE(refused([](DLTensor& t, auto&) { t.byte_offset = 2; }), "");
  EXPECT_NE(error_of([] { from_dlpack(static_cast<TypeParam*>(nullptr)); }), "");
}

TYPED_TEST(DLPack, OnlyPlainDataIsGivenAway) {
  EXPECT_NE(error_of([] { exported<TypeParam>(ones({2}, {.requires_grad = true})); }).find("detach()"),
            std::string::npos);
  EXPECT_NE(error_of([] { exported<TypeParam>(empty({2}, {.device = kMeta})); }).find("meta"), std::string::npos);
}

TEST(DLPackVersion, ReadOnlyMemoryIsCopied) {
  Foreign<DLManagedTensorVersioned> foreign;
  foreign.managed.flags = DLManagedTensorVersioned::read_only;
  const Tensor x = from_dlpack(&foreign.managed);
  EXPECT_EQ(foreign.deleted, 1);
  x.fill_(9);
  EXPECT_EQ(foreign.memory[1], 1);
}

TEST(DLPackVersion, ALaterMajorVersionIsRefused) {
  Foreign<DLManagedTensorVersioned> foreign;
  foreign.managed.version = {2, 0};
  EXPECT_EQ(error_of([&] { from_dlpack(&foreign.managed); }),
            "[from_dlpack] expected version 1 of the protocol, got 2.0");
  EXPECT_EQ(foreign.deleted, 0);
}

}  // namespace
}  // namespace tenon::dlpack_test
