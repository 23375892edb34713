// Element types that are stored, copied, printed and converted, but not computed with; against PyTorch's answers
// (dtype.py).
#include <complex>

#include <tenon/dtype_info.h>

#include "tensor/check.h"
#include "tensor/recorded.h"

namespace tenon::carried_test {
namespace {

using test::error_of;
using test::from_bytes;
using test::to_hexadecimal;

const nlohmann::json& answers() {
  static const nlohmann::json data = test::recorded("tensor/dtype.json");
  return data;
}
std::vector<DType> every_type() {
  std::vector<DType> all;
  for (const std::string name : answers()["names"]) all.push_back(dtype_from_name(name));
  return all;
}

TEST(DType, NamesGoBothWays) {
  const auto all = every_type();
  ASSERT_EQ(all.size(), static_cast<std::size_t>(dtype_count));
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i], static_cast<DType>(i));
    EXPECT_EQ(name(all[i]), answers()["names"][i].get<std::string>());
    EXPECT_EQ(dtype_from_name("torch." + std::string(name(all[i]))), all[i]);
  }
  EXPECT_EQ(dtype_from_name("float"), float32);
  EXPECT_EQ(dtype_from_name("torch.long"), int64);
  EXPECT_EQ(dtype_from_name("cdouble"), complex128);
  EXPECT_EQ(error_of([] { dtype_from_name("float31"); }),
            "[dtype_from_name] expected the name of a data type, such as float32 or torch.int64, got \"float31\"");
  for (const char* wrong : {"", "torch.", "torch.torch.int8", "Float"})
    EXPECT_NE(error_of([&] { dtype_from_name(wrong); }), "");
}

TEST(DType, EveryPairPromotesAsInPyTorch) {
  const auto all = every_type();
  for (const DType a : all)
    for (const DType b : all) {
      const auto& wanted = answers()["promoted"][std::string(name(a))][static_cast<std::size_t>(b)];
      if (wanted.is_null()) {
        EXPECT_EQ(error_of([&] { promote_types(a, b); }).find("[promote_types] there is no type that holds both "), 0U)
            << name(a) << ", " << name(b);
        continue;
      }
      EXPECT_EQ(name(promote_types(a, b)), wanted.get<std::string>()) << name(a) << ", " << name(b);
    }
}

TEST(DType, PropertiesAndLimitsArePyTorchs) {
  for (const DType t : every_type()) {
    const auto& wanted = answers()["properties"][std::string(name(t))];
    EXPECT_EQ(item_size(t), wanted["itemsize"]);
    EXPECT_EQ(is_floating_point(t), wanted["is_floating_point"]);
    EXPECT_EQ(is_complex(t), wanted["is_complex"]);
    EXPECT_EQ(is_signed(t), wanted["is_signed"]) << name(t);
    const auto& info = wanted["info"];
    if (is_floating_point(t) || is_complex(t)) {
      const FloatInfo f = finfo(t);
      EXPECT_EQ(f.bits, info["bits"]);
      EXPECT_EQ(f.eps, info["eps"]);
      EXPECT_EQ(f.max, info["max"]);
      EXPECT_EQ(f.min, info["min"]);
      EXPECT_EQ(f.tiny, info["tiny"]);
      EXPECT_EQ(f.resolution, info["resolution"]);
      EXPECT_NE(error_of([&] { iinfo(t); }), "");
    } else if (t == boolean) {
      EXPECT_NE(error_of([&] { iinfo(t); }), "");
      EXPECT_NE(error_of([&] { finfo(t); }), "");
    } else {
      EXPECT_EQ(iinfo(t).bits, info["bits"]);
      EXPECT_EQ(iinfo(t).min, info["min"].get<int64_t>());
      EXPECT_EQ(iinfo(t).max, info["max"].get<uint64_t>());
      EXPECT_NE(error_of([&] { finfo(t); }), "");
    }
  }
}

TEST(DType, OfCarriedCppTypes) {
  EXPECT_EQ(dtype_of<uint16_t>(), uint16);
  EXPECT_EQ(dtype_of<unsigned>(), uint32);
  EXPECT_EQ(dtype_of<unsigned long long>(), uint64);
  EXPECT_EQ(dtype_of<std::complex<float>>(), complex64);
  EXPECT_EQ(dtype_of<std::complex<double>>(), complex128);
  EXPECT_EQ(dtype_of<ComplexHalf>(), complex32);
  EXPECT_EQ(dtype_of<Float8_e4m3fn>(), float8_e4m3fn);
  EXPECT_EQ(dtype_of<Float8_e8m0fnu>(), float8_e8m0fnu);
}

TEST(Float8, EveryCodeMeansWhatItMeansInPyTorch) {
  for (const auto& [type, wanted] : answers()["float8_values"].items()) {
    const Tensor values = from_bytes(wanted, float32);
    for (int64_t code = 0; code < 256; ++code) {
      const float got = detail::float8_value(dtype_from_name(type), static_cast<uint8_t>(code)),
                  expected = values[code].item<float>();
      ASSERT_EQ(std::isnan(got), std::isnan(expected)) << type << code;
      if (std::isnan(expected)) continue;
      EXPECT_EQ(got, expected) << type << code;
      EXPECT_EQ(std::signbit(got), std::signbit(expected)) << type << code;
    }
  }
}

TEST(Float8, FloatsRoundAsInPyTorch) {
  const Tensor floats = from_bytes(answers()["floats"], float32);
  for (const auto& [type, wanted] : answers()["float8_bits"].items()) {
    const DType t = dtype_from_name(type);
    const Tensor expected = from_bytes(wanted, uint8);
    const Tensor got = floats.to(t);
    for (int64_t i = 0; i < floats.numel(); ++i)
      EXPECT_EQ(static_cast<const uint8_t*>(got.raw_data())[i], expected[i].item<int>())
          << type << " of " << floats[i].item<float>();
  }
}

TEST(Carried, EveryPairOfTypesConvertsAsInPyTorch) {
  for (const auto& [from, entry] : answers()["conversions"].items()) {
    const Tensor x = from_bytes(entry["bytes"], dtype_from_name(from));
    for (const auto& [to, wanted] : entry["to"].items()) {
      const DType t = dtype_from_name(to);
      EXPECT_EQ(to_hexadecimal(x.to(t)), wanted.get<std::string>()) << from << " to " << to;
      EXPECT_EQ(to_hexadecimal(cat({x, x}).reshape({2, -1}).t().to(t).t()[1]), wanted.get<std::string>())
          << from << " to " << to << ", transposed";
      const Tensor gaps = zeros({x.numel(), 3}, {t}).select(1, 1);
      gaps.copy_(x);
      EXPECT_EQ(to_hexadecimal(gaps), wanted.get<std::string>()) << from << " to " << to << ", with gaps";
    }
  }
}

TEST(Carried, RealNumbersBeyondAnIntegerTypeBecomeWhatTheyBecomeInPyTorch) {
  const Tensor x = from_bytes(answers()["out_of_range"], float64);
  for (const auto& [to, wanted] : answers()["out_of_range_to"].items())
    EXPECT_EQ(to_hexadecimal(x.to(dtype_from_name(to))), wanted.get<std::string>()) << to;
}

TEST(Carried, ComplexNumbersAreTrueWhereEitherPartIs) {
  const Tensor x = tensor({0.0, 1.0, 0.0}, {complex64});
  x.data<std::complex<float>>()[2] = {0, 2};
  EXPECT_EQ(x.to(boolean).to_vector<bool>(), (std::vector<bool>{false, true, true}));
}

TEST(Carried, TensorsAreMadeFilledCopiedAndViewed) {
  for (const DType t : test::carried_types) {
    SCOPED_TRACE(std::string(name(t)));
    const bool has_zero = t != float8_e8m0fnu;
    EXPECT_EQ(zeros({2, 2}, {t}).to(float32).to_vector<float>(), std::vector<float>(4, has_zero ? 0.0F : 0x1p-127F));
    EXPECT_EQ(full({3}, 2, {t}).to(float64).to_vector<double>(), std::vector<double>(3, 2));
    const Tensor x = arange(8).to(t).reshape({2, 4});
    for (const Tensor& y :
         {x.clone(), x.contiguous(), x.t().contiguous().t(), x.view({4, 2}).reshape({2, 4}), x.detach()})
      EXPECT_TRUE(test::identical(y, x));
    EXPECT_EQ(to_hexadecimal(cat({x, x}, 1)[0]), to_hexadecimal(cat({x[0], x[0]})));
    EXPECT_TRUE(test::identical(x.index_select(0, tensor({int64_t{1}, int64_t{0}}))[1], x[0]));
    const Tensor y = zeros({2, 4}, {t});
    y.copy_(x);
    y.select(1, 0).copy_(x[1][3]);
    EXPECT_TRUE(test::identical(y[0][0], x[1][3]));
    EXPECT_EQ(y.fill_(4).to(float32)[1][3].item<float>(), 4);
    EXPECT_EQ(empty({2}, {.dtype = t, .device = kMeta}).to(t).dtype(), t);
    EXPECT_EQ(zeros({0, 3}, {t}).to(float32).numel(), 0);
  }
}

TEST(Carried, ItemKeepsWhatTheTypeHolds) {
  EXPECT_EQ(full({}, std::numeric_limits<uint64_t>::max(), {uint64}).item<uint64_t>(),
            std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(full({}, -1, {uint16}).item<int>(), 65535);
  EXPECT_EQ(full({}, 1.5, {float8_e5m2}).item<double>(), 1.5);
  const std::complex<double> z(0.5, -2);
  for (const DType t : {complex32, complex64, complex128}) {
    const Tensor x = full({1}, z, {t});
    EXPECT_EQ(x.item<std::complex<double>>(), z);
    EXPECT_EQ(error_of([&] { x.item<float>(); }),
              "[item] the complex number 0.5-2j cannot be a real one: take its real part first");
  }
  EXPECT_EQ(full({}, 3, {complex64}).item<float>(), 3);
  EXPECT_EQ(tensor(2.0).item<std::complex<float>>(), std::complex<float>(2));
  EXPECT_EQ(full({2}, z).dtype(), complex64);
}

TEST(Carried, ComplexNumbersMayLieWhereTheirPartsMay) {  // but a number as large as both may not
  std::vector<float> memory{0, 1, 2, 3, 4, 5, 6};
  const Tensor x = from_blob(memory.data() + 1, {3}, complex64);
  EXPECT_EQ(x.clone()[2].item<std::complex<double>>(), std::complex<double>(5, 6));
  EXPECT_EQ(x.index_select(0, tensor({1}))[0].item<std::complex<double>>(), std::complex<double>(3, 4));
  EXPECT_EQ(x.flip({0})[0].item<std::complex<double>>(), std::complex<double>(5, 6));
  EXPECT_EQ(x.masked_fill(tensor({true, false, true}), 0)[1].item<std::complex<double>>(), std::complex<double>(3, 4));
}

TEST(Carried, ElementsAreReachedByTheirCppTypes) {
  const Tensor x = zeros({2}, {complex128});
  x.span<std::complex<double>>()[1] = {1, 2};
  EXPECT_EQ(x.to_vector<std::complex<float>>()[1], std::complex<float>(1, 2));
  EXPECT_EQ(full({2}, 7, {uint32}).span<uint32_t>()[0], 7U);
  EXPECT_EQ(static_cast<float>(full({2}, 0.5, {float8_e4m3fn}).span<Float8_e4m3fn>()[1]), 0.5F);
  EXPECT_EQ(tensor({1.0, 2.0}).to_vector<uint64_t>(), (std::vector<uint64_t>{1, 2}));
}

TEST(Carried, AConversionGoesBackToTheGradientsType) {
  const Tensor x = tensor({1.0, 2.0}, {.requires_grad = true});
  x.to(complex64).to(float32).backward(tensor({3.0, 4.0}));
  test::expect_values(x.grad(), {2}, {3, 4});
  EXPECT_EQ(x.grad().dtype(), float32);
}

TEST(Carried, ViewsAndCopiesOfComplexTensorsAreOnTheTape) {
  const Tensor x = zeros({2, 3}, {complex64}).requires_grad_();
  EXPECT_TRUE(x[1].requires_grad());
  const Tensor z = tensor({1.0, 2.0}, {.requires_grad = true});
  const Tensor c = zeros({2}, {complex64});
  c.copy_(z);
  c.to(float32).backward(tensor({3.0, 4.0}));
  test::expect_values(z.grad(), {2}, {3, 4});
}

TEST(Carried, ComputingNamesTheTypeAndSaysWhatToDo) {
  EXPECT_EQ(
      error_of([] { zeros({2}, {uint16}) + zeros({2}, {uint16}); }),
      "[Tensor] uint16 tensors are stored, copied and converted, but not computed with: convert with to(int64) first");
  EXPECT_EQ(error_of([] { zeros({2}, {complex64}) * 2; }),
            "[Tensor] complex64 tensors are stored, copied and converted, but not computed with: convert with "
            "to(float32) first, which "
            "takes the real part");
}

}  // namespace
}  // namespace tenon::carried_test
