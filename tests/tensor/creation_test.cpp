// Tensors from nothing, from numbers, from the caller's memory.
#include <array>
#include <complex>
#include <deque>
#include <numeric>
#include <set>

#include <tenon/random.h>

#include "tensor/check.h"
#include "tensor/recorded.h"
#include "tensor/sanitizer.h"

namespace tenon::creation_test {
namespace {

using test::error_of;
using test::expect_values;

TEST(Creation, FillsEveryTypeWithItsNumber) {
  for (const DType t : test::all_types) {
    expect_values(zeros({2, 2}, {t}), {2, 2}, {0, 0, 0, 0});
    expect_values(ones({3}, {t}), {3}, {1, 1, 1});
    expect_values(full({2}, 3, {t}), {2}, std::vector<double>(2, t == boolean ? 1 : 3));
    EXPECT_EQ(zeros({2}, {t}).dtype(), t);
  }
}

TEST(Creation, NegativeRealNumbersDoNotFitIntoUnsignedTypes) {  // torch.full: "value cannot be converted"
  for (const DType type : {uint8, uint16, uint32, uint64}) {
    EXPECT_NE(error_of([&] { full({1}, -1.5, {type}); }), "");
    EXPECT_NE(error_of([&] { full({1}, -0.5, {type}); }), "");
    EXPECT_NE(error_of([&] { full({1}, -1.0, {type}); }), "");
  }
  const Tensor bytes = tensor({1, 2}, {uint8});
  EXPECT_EQ(error_of([&] { bytes.fill_(-1.5); }), "[fill_] the number -1.5 does not fit into uint8");
  EXPECT_NE(error_of([&] { bytes.masked_fill(bytes > 1, -1.5); }), "");
  EXPECT_NE(error_of([&] { bytes.index_fill(0, tensor({0}), -1.0); }), "");
  expect_values(bytes, {2}, {1, 2});
  expect_values(full({1}, -0.0, {uint8}), {1}, {0});
  expect_values(full({1}, 255.5, {uint8}), {1}, {255});
  expect_values(full({1}, -1, {uint8}), {1}, {255});  // integers wrap around
  expect_values(tensor({-1.5, 300.0}).to(uint8), {2}, {255, 44});
}

TEST(Creation, TypesDefaultAsInPyTorch) {
  EXPECT_EQ(zeros({1}).dtype(), float32);
  EXPECT_EQ(full({1}, 2).dtype(), int64);
  EXPECT_EQ(full({1}, 2.0).dtype(), float32);
  EXPECT_EQ(full({1}, true).dtype(), boolean);
  EXPECT_EQ(tensor(1.5).dtype(), float32);
  EXPECT_EQ(tensor(1.5F).dtype(), float32);
  EXPECT_EQ(tensor(int64_t{3}).dtype(), int64);
  EXPECT_EQ(tensor(3).dtype(), int64);
  EXPECT_EQ(tensor(3, {int32}).dtype(), int32);
  EXPECT_EQ(tensor(std::vector<int32_t>{3}).dtype(), int64);
  EXPECT_EQ(tensor(int16_t{3}).dtype(), int16);
  EXPECT_EQ(tensor(true).dtype(), boolean);
  EXPECT_EQ(tensor(uint8_t{3}).dtype(), uint8);
  EXPECT_EQ(arange(3).dtype(), int64);
  EXPECT_EQ(arange(3.0).dtype(), float32);
  EXPECT_EQ(arange(0, 3, 0.5).dtype(), float32);
}

TEST(Creation, ANumberIsATensorWithoutDimensions) {
  const Tensor x = tensor(2.5);
  EXPECT_EQ(x.dim(), 0);
  EXPECT_EQ(x.numel(), 1);
  EXPECT_EQ(x.item<float>(), 2.5F);
}

TEST(Creation, ListsAndRowsAreCopied) {
  expect_values(tensor({1.0, 2.0, 3.0}), {3}, {1, 2, 3});
  expect_values(tensor({{1, 2}, {3, 4}, {5, 6}}), {3, 2}, {1, 2, 3, 4, 5, 6});
  expect_values(tensor(std::vector<bool>{true, false}), {2}, {1, 0});
  expect_values(tensor({{true, false}, {false, true}}), {2, 2}, {1, 0, 0, 1});
  expect_values(tensor(std::vector<float>{}), {0}, {});
  expect_values(tensor({1.75, -2.0}, {int32}), {2}, {1, -2});
  EXPECT_EQ(error_of([] { tensor({{1, 2}, {3}}); }), "[tensor] expected rows of 2 values in dimension 1, got one of 1");
}

TEST(Creation, ListsNestFourDeep) {
  expect_values(tensor({{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}, {{9, 10}, {11, 12}}}), {3, 2, 2},
                {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  expect_values(tensor({{{{1.5}, {2.5}}}}), {1, 1, 2, 1}, {1.5, 2.5});
  EXPECT_NE(error_of([] { tensor({{{1, 2}, {3, 4}}, {{5, 6}}}); }), "");
  EXPECT_NE(error_of([] { tensor({{{1, 2}, {3, 4}}, {{5, 6}, {7}}}); }), "");
}

TEST(Creation, AnyRangeOfValuesIsCopied) {
  const std::array<int64_t, 3> array{1, 2, 3};
  const std::vector<std::vector<float>> rows{{1, 2}, {3, 4}, {5, 6}};
  expect_values(tensor(array), {3}, {1, 2, 3});
  expect_values(tensor(std::span(array).subspan(1)), {2}, {2, 3});
  expect_values(tensor(std::deque<double>{0.5, 1.5}), {2}, {0.5, 1.5});
  expect_values(tensor(rows), {3, 2}, {1, 2, 3, 4, 5, 6});
  expect_values(tensor(std::set<int>{9, 4, 0, 1}), {4}, {0, 1, 4, 9});
  expect_values(tensor(std::vector<std::array<bool, 2>>{{true, false}}), {1, 2}, {1, 0});
  EXPECT_EQ(tensor(std::vector<std::vector<float>>{}).shape(), (Shape{0, 0}));
  EXPECT_EQ(tensor(std::vector<std::vector<float>>(3)).shape(), (Shape{3, 0}));
  EXPECT_EQ(tensor(rows, {float64}).dtype(), float64);
  EXPECT_NE(error_of([] { tensor(std::vector<std::vector<float>>{{1, 2}, {3}}); }), "");
}

TEST(Creation, EveryElementTypeOfCppHasItsTensor) {
  EXPECT_EQ(tensor(std::complex<double>(1, 2)).dtype(), complex64);
  EXPECT_EQ(tensor({std::complex<float>(1, 2)}).item<std::complex<double>>(), std::complex<double>(1, 2));
  EXPECT_EQ(tensor({std::complex<double>(0.1, 2)}, {complex128}).item<std::complex<double>>(),
            std::complex<double>(0.1, 2));
  EXPECT_EQ(tensor({Half(1.5F)}).dtype(), float16);
  EXPECT_EQ(tensor(BFloat16(1.5F)).dtype(), bfloat16);
  EXPECT_EQ(tensor({uint16_t{65535}}).item<int>(), 65535);
  EXPECT_EQ(tensor(std::vector<Float8_e5m2>{1.5F, 3.0F}).to_vector<float>(), (std::vector<float>{1.5F, 3.0F}));
}

TEST(Creation, DoublesAskedForAsFloat64KeepTheirDigits) { EXPECT_EQ(tensor({0.1}, {float64}).item<double>(), 0.1); }

TEST(Creation, ArangeCountsAsPyTorchDoes) {
  expect_values(arange(4), {4}, {0, 1, 2, 3});
  expect_values(arange(1, 10, 3), {3}, {1, 4, 7});
  expect_values(arange(1, 11, 3), {4}, {1, 4, 7, 10});
  expect_values(arange(5, 0, -2), {3}, {5, 3, 1});
  expect_values(arange(0.0, 1.0, 0.25), {4}, {0, 0.25, 0.5, 0.75});
  expect_values(arange(0), {0}, {});
  expect_values(arange(1, 3, 1, {float16}), {2}, {1, 2});
  const Tensor big = arange(int64_t{1} << 53, (int64_t{1} << 53) + 4);
  EXPECT_EQ(big.to_vector<int64_t>()[3], (int64_t{1} << 53) + 3);
}

TEST(Creation, RangesAreRoundedAsInPyTorch) {
  for (const auto& c : test::recorded("tensor/creation.json")) {
    const std::string function = c["function"];
    std::vector<Scalar> a;
    for (const auto& x : c["arguments"])
      a.push_back(x.is_number_float() ? Scalar(x.get<double>()) : Scalar(x.get<int64_t>()));
    TensorOptions o;
    if (!c["asked"].is_null()) o.dtype = dtype_from_name(c["asked"].get<std::string>());
    const auto real = [&](std::size_t i) { return a[i].to_double(); };
    const Tensor x = function == "arange"     ? arange(a[0], a[1], a[2], o)
                     : function == "linspace" ? linspace(real(0), real(1), a[2].to<int64_t>(), o)
                                              : logspace(real(0), real(1), a[2].to<int64_t>(), real(3), o);
    const DType type = dtype_from_name(c["dtype"].get<std::string>());
    ASSERT_EQ(x.dtype(), type) << c.dump();
    if (function != "logspace") {
      EXPECT_EQ(test::to_hexadecimal(x), c["bytes"].get<std::string>()) << c.dump();
      continue;
    }
    const Tensor wanted = test::from_bytes(c["bytes"], type);
    ASSERT_EQ(x.shape(), wanted.shape()) << c.dump();
    for (int64_t i = 0; i < x.numel(); ++i)  // the power is another library's
      test::expect_near(x[i].item<double>(), wanted[i].item<double>(), is_integral(type) ? 0 : test::tolerance(type), 0,
                        c.dump());
  }
}

TEST(Creation, ArangeOfWholeNumbersIsExactAtTheEndsOfInt64) {
  constexpr int64_t least = std::numeric_limits<int64_t>::min(), greatest = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(arange(least, greatest, int64_t{1} << 62).to_vector<int64_t>(),
            (std::vector<int64_t>{least, least / 2, 0, greatest / 2 + 1}));
  EXPECT_EQ(arange(greatest, greatest - 2, -1).to_vector<int64_t>(), (std::vector<int64_t>{greatest, greatest - 1}));
  EXPECT_NE(error_of([] { arange(least, greatest); }).find("more elements than memory has addresses"),
            std::string::npos);
}

TEST(Creation, RangesAreOfNumbers) {
  for (const DType t : {boolean, uint16, float8_e5m2, complex64}) {
    EXPECT_NE(error_of([&] { arange(0, 3, 1, {t}); }), "");
    EXPECT_NE(error_of([&] { linspace(0, 3, 3, {t}); }), "");
  }
  EXPECT_EQ(error_of([] { linspace(0, 1, -1); }), "[linspace] expected 0 steps or more, got -1");
  EXPECT_EQ(error_of([] { linspace(0, 300, 4, {uint8}); }), "[linspace] the number 300 does not fit into uint8");
  expect_values(linspace(0, 3, 4, {.device = kCPU, .requires_grad = true}), {4}, {0, 1, 2, 3});
  EXPECT_EQ(linspace(0, 1, 5, {.device = kMeta}).shape(), Shape{5});
}

TEST(Creation, EyeHasOnesOnItsDiagonal) {
  expect_values(eye(3), {3, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1});
  expect_values(eye(2, 3, {int64}), {2, 3}, {1, 0, 0, 0, 1, 0});
  expect_values(eye(3, 2), {3, 2}, {1, 0, 0, 1, 0, 0});
  EXPECT_EQ(eye(0).shape(), (Shape{0, 0}));
  EXPECT_EQ(eye(2, 0).shape(), (Shape{2, 0}));
  EXPECT_EQ(eye(2, {}, {complex64}).to_vector<std::complex<float>>()[3], std::complex<float>(1));
  EXPECT_EQ(error_of([] { eye(2, -1); }), "[eye] a size cannot be negative: (2, -1)");
}

TEST(Creation, ANumberMustFitIntoItsType) {
  const auto fits = [](const Scalar& value, DType t) { return error_of([&] { full({2}, value, {t}); }).empty(); };
  EXPECT_TRUE(fits(255, uint8));
  EXPECT_TRUE(fits(-1, uint8));  // 255, as in PyTorch
  EXPECT_TRUE(fits(-255, uint8));
  EXPECT_FALSE(fits(-256, uint8));
  EXPECT_FALSE(fits(256, uint8));
  EXPECT_TRUE(fits(127.9, int8));
  EXPECT_FALSE(fits(128.0, int8));
  EXPECT_FALSE(fits(-129, int8));
  EXPECT_FALSE(fits(test::nan, int32));
  EXPECT_FALSE(fits(test::infinity, int64));
  EXPECT_TRUE(fits(test::infinity, float16));
  EXPECT_TRUE(fits(test::nan, float16));
  EXPECT_FALSE(fits(65520, float16));
  EXPECT_FALSE(fits(1e39, float32));
  EXPECT_TRUE(fits(1e39, float64));
  EXPECT_TRUE(fits(uint64_t{1} << 63, uint64));
  EXPECT_FALSE(fits(uint64_t{1} << 63, int64));
  EXPECT_TRUE(fits(7, boolean));
  EXPECT_FALSE(fits(std::complex<double>(1, 2), float32));
  EXPECT_TRUE(fits(std::complex<double>(1, 0), float32));
  EXPECT_FALSE(fits(std::complex<double>(1e6, 0), complex32));
  EXPECT_EQ(error_of([] { full({2}, 300, {uint8}); }), "[full] the number 300 does not fit into uint8");
  EXPECT_EQ(error_of([] { zeros({2}, {int8}).fill_(1000); }), "[fill_] the number 1000 does not fit into int8");
  EXPECT_EQ(error_of([] { full_like(zeros({2}, {int8}), 1e9); }),
            "[full_like] the number 1000000000 does not fit into int8");
}

TEST(Creation, StridesAreAsGiven) {
  const Tensor x = empty_strided({2, 3}, {1, 2});
  EXPECT_EQ(x.strides(), (Shape{1, 2}));
  EXPECT_FALSE(x.is_contiguous());
  x.copy_(arange(6).reshape({2, 3}));
  expect_values(x, {2, 3}, {0, 1, 2, 3, 4, 5});
  const Tensor gaps = empty_strided({2, 2}, {10, 3}, {int16});
  gaps.fill_(7);
  expect_values(gaps, {2, 2}, {7, 7, 7, 7});
  const Tensor one = empty_strided({3, 4}, {0, 0});
  one[0][0].fill_(5);
  expect_values(one, {3, 4}, std::vector<double>(12, 5));
  EXPECT_EQ(empty_strided({0, 3}, {100, 1}).numel(), 0);
  EXPECT_EQ(empty_strided({}, {}).dim(), 0);
  EXPECT_EQ(empty_strided({2}, {int64_t{1} << 40}, {.device = kMeta}).stride(0), int64_t{1} << 40);
  EXPECT_EQ(error_of([] {
              empty_strided({2, 3}, {1});
            }),
            "[empty_strided] expected a stride for each size, got sizes (2, 3) and strides (1,)");
  EXPECT_EQ(error_of([] { empty_strided({2, 3}, {-1, 1}); }), "[empty_strided] a stride cannot be negative: (-1, 1)");
  EXPECT_NE(error_of([] { empty_strided({3, 3}, {int64_t{1} << 62, int64_t{1} << 62}); }), "");
  EXPECT_NE(error_of([] { empty_strided({-1}, {1}); }), "");
}

TEST(Creation, LikeTensorsAreDrawnInMemoryOrder) {
  const Tensor x = zeros({3, 20}, {float64}).t();
  const auto same = [](const Tensor& a, const Tensor& b) { return test::identical(a, b); };
  manual_seed(1);
  const Tensor uniform = rand_like(x), normal = randn_like(x), integers = randint_like(x, 2, 9);
  EXPECT_EQ(normal.strides(), x.strides());
  EXPECT_EQ(uniform.dtype(), float64);
  manual_seed(1);
  EXPECT_TRUE(same(uniform.t(), rand({3, 20}, {float64})));
  EXPECT_EQ(normal.shape(), (Shape{20, 3}));
  manual_seed(2);
  const Tensor again = randint_like(x, 2, 9);
  manual_seed(2);
  EXPECT_TRUE(same(again.t(), randint(2, 9, {3, 20}, {float64})));
  EXPECT_EQ(randint_like(x, 0, 5, {uint8}).dtype(), uint8);
  EXPECT_TRUE(rand_like(empty({2}, {.device = kMeta})).is_meta());
  EXPECT_NE(error_of([] { rand_like(zeros({2}, {int64})); }).find("[rand_like]"), std::string::npos);
  EXPECT_NE(error_of([] { randint_like(zeros({2}), 3, 3); }).find("[randint_like]"), std::string::npos);
  Generator one(7), other(7);
  EXPECT_TRUE(same(randn_like(zeros({20}), {}, &one), randn({20}, {}, &other)));
}

TEST(Creation, ArangeRefusesStepsThatNeverArrive) {
  EXPECT_EQ(error_of([] { arange(0, 1, 0); }), "[arange] the step must be a number other than zero, got 0");
  EXPECT_NE(error_of([] { arange(0, 1, -1); }).find("do not agree with the sign of the step -1"), std::string::npos);
  EXPECT_NE(error_of([] { arange(0.0, test::infinity); }), "");
  EXPECT_NE(error_of([] { arange(0.0, test::nan); }), "");
  EXPECT_NE(error_of([] { arange(0.0, 1e30); }), "");
}

TEST(Creation, SizesAreChecked) {
  EXPECT_EQ(error_of([] { zeros({2, -1}); }), "[zeros] a size cannot be negative: (2, -1)");
  const int64_t huge = int64_t{1} << 40;
  for (const Shape& shape : {Shape{huge, huge}, Shape{huge, huge, huge, huge}, Shape{huge << 20}, Shape{0, huge, huge}})
    for (const Device& device : {kCPU, kMeta})
      EXPECT_NE(error_of([&] { empty(shape, {.device = device}); }).find("more elements than memory has addresses"),
                std::string::npos)
          << shape.to_string();
}

TEST(Creation, AnErrorSaysHowMuchMemoryWasAskedFor) {
  if (test::sanitized) GTEST_SKIP() << "a sanitizer ends the program instead";
  for (const int64_t n : {int64_t{1} << 50, int64_t{1} << 56})
    EXPECT_NE(error_of([&] { empty({n}, {float64}); }).find(std::to_string(n * 8) + " bytes"), std::string::npos);
}

TEST(Creation, LikeTakesShapeTypeAndMemoryOrder) {
  const Tensor x = zeros({2, 3}, {float64}).t();
  const Tensor y = ones_like(x);
  EXPECT_EQ(y.shape(), x.shape());
  EXPECT_EQ(y.strides(), x.strides());
  EXPECT_EQ(y.dtype(), float64);
  expect_values(y, {3, 2}, {1, 1, 1, 1, 1, 1});
  EXPECT_EQ(zeros_like(x, {int8}).dtype(), int8);
  EXPECT_EQ(empty_like(x).shape(), x.shape());
  EXPECT_TRUE(zeros_like(zeros({4}).expand({3, 4})).is_contiguous());
  EXPECT_TRUE(zeros_like(empty({2}, {.device = kMeta})).is_meta());
  EXPECT_FALSE(zeros_like(empty({2}, {.device = kMeta}), {.device = kCPU}).is_meta());
}

TEST(Creation, OnlyFloatingPointTensorsCanRequireGrad) {
  EXPECT_TRUE(zeros({2}, {.requires_grad = true}).requires_grad());
  EXPECT_TRUE(tensor({1.0, 2.0}, {.requires_grad = true}).is_leaf());
  EXPECT_EQ(error_of([] { zeros({2}, {.dtype = int64, .requires_grad = true}); }),
            "[requires_grad_] only floating-point and complex tensors can require grad, this has int64");
}

TEST(FromBlob, SharesTheCallersMemoryAndReleasesItOnce) {
  std::vector<float> memory(6);
  std::iota(memory.begin(), memory.end(), 0.0F);
  int released = 0;
  Tensor view;
  {
    const Tensor x = from_blob(memory.data(), {2, 3}, float32, [&] { ++released; });
    memory[4] = 40;
    expect_values(x, {2, 3}, {0, 1, 2, 3, 40, 5});
    x.fill_(7);
    EXPECT_EQ(memory[5], 7);
    view = x[1];
  }
  EXPECT_EQ(released, 0);
  expect_values(view, {3}, {7, 7, 7});
  view = Tensor();
  EXPECT_EQ(released, 1);
}

TEST(FromBlob, WorksWithoutACallbackAndForNoElements) {
  std::vector<int64_t> memory{1, 2};
  expect_values(from_blob(memory.data(), {2}, int64), {2}, {1, 2});
  expect_values(from_blob(nullptr, {0, 3}, float32), {0, 3}, {});
  EXPECT_EQ(error_of([] { from_blob(nullptr, {2}, float32); }),
            "[from_blob] expected memory for shape (2,), got a null pointer");
  EXPECT_NE(error_of([&] { from_blob(memory.data(), {-1}, int64); }), "");
}

TEST(FromBlob, TakesStrides) {
  std::vector<int32_t> memory{0, 1, 2, 3, 4, 5, 6};
  const Tensor x = from_blob(memory.data(), {2, 2}, {4, 2}, int32);
  expect_values(x, {2, 2}, {0, 2, 4, 6});
  x.fill_(9);
  EXPECT_EQ(memory, (std::vector<int32_t>{9, 1, 9, 3, 9, 5, 9}));
  expect_values(from_blob(memory.data(), {3, 2}, {0, 1}, int32), {3, 2}, {9, 1, 9, 1, 9, 1});
  EXPECT_NE(error_of([&] { from_blob(memory.data(), {2, 2}, {-4, 2}, int32); }), "");
  EXPECT_NE(error_of([&] { from_blob(memory.data(), {2, 2}, {4}, int32); }), "");
}

TEST(FromBlob, SeesVectorsAndSpansWithoutACopy) {
  std::vector<float> memory{0, 1, 2, 3, 4, 5};
  const Tensor x = from_blob(memory, {2, 3});
  x[1].fill_(8);
  EXPECT_EQ(memory[5], 8);
  EXPECT_EQ(x.dtype(), float32);
  expect_values(from_blob(std::span(memory).first(2)), {2}, {0, 1});
  std::array<std::complex<float>, 1> z{{{1, 2}}};
  EXPECT_EQ(from_blob(z).dtype(), complex64);
  EXPECT_NE(error_of([&] { from_blob(memory, {4}); }), "");
}

TEST(Creation, MemoryIsAlignedForVectors) {
  for (const int64_t n : {1, 3, 100, 5000, 3000000})
    EXPECT_EQ(reinterpret_cast<uintptr_t>(empty({n}, {uint8}).raw_data()) % 64, 0U) << n;
}

TEST(Creation, NewOnesTakeDtypeAndDeviceOfAnother) {
  const Tensor x = zeros({2}, {float64}), meta = empty({2}, {.dtype = int32, .device = kMeta});
  EXPECT_TRUE(test::identical(x.new_ones({3}), ones({3}, {float64})));
  EXPECT_TRUE(test::identical(x.new_zeros({1, 2}, {.dtype = int8}), zeros({1, 2}, {int8})));
  EXPECT_TRUE(test::identical(x.new_full({2}, 7), full({2}, 7, {float64})));
  EXPECT_TRUE(meta.new_empty({5}).is_meta());
  EXPECT_EQ(meta.new_empty({5}).dtype(), int32);
  EXPECT_TRUE(x.new_zeros({2}, {.requires_grad = true}).requires_grad());
  EXPECT_EQ(tensor(1).type_as(x).dtype(), float64);
}

}  // namespace
}  // namespace tenon::creation_test
