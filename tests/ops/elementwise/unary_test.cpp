// Elementary functions against the C library, in every type and layout.
#include "tensor/check.h"

namespace tenon::unary_test {
namespace {

using test::element;
using test::error_of;
using test::expect_elements;

struct Case {
  const char* name;
  Tensor (Tensor::*method)() const;
  double (*wanted)(double);
  bool positive_only = false;
  bool keeps_integers = false;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"neg", &Tensor::neg, [](double x) { return -x; }, false, true},
      {"abs", &Tensor::abs, [](double x) { return std::abs(x); }, false, true},
      {"relu", &Tensor::relu, [](double x) { return x > 0 ? x : 0; }, false, true},
      {"exp", &Tensor::exp, [](double x) { return std::exp(x); }},
      {"log", &Tensor::log, [](double x) { return std::log(x); }, true},
      {"sqrt", &Tensor::sqrt, [](double x) { return std::sqrt(x); }, true},
      {"tanh", &Tensor::tanh, [](double x) { return std::tanh(x); }},
      {"sigmoid", &Tensor::sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }},
  };
  return all;
}

double wrapped(double x, DType type) { return type == uint8 ? std::fmod(x + 256, 256) : x; }

TEST(Unary, EveryTypeAndLayout) {
  for (const Case& c : cases())
    for (const DType type : test::number_types)
      for (const Shape& shape : {Shape{}, Shape{5}, Shape{3, 37}, Shape{2, 3, 19}, Shape{2, 0}}) {
        Tensor base = test::numbers(shape, type);
        if (c.positive_only) base = base.abs() + 1;
        for (const Tensor& x : test::layouts(base)) {
          const Tensor y = (x.*c.method)();
          const bool keeps = c.keeps_integers || is_floating_point(type);
          ASSERT_EQ(y.dtype(), keeps ? type : float32);
          ASSERT_EQ(y.shape(), shape);
          expect_elements(y, test::tolerance(y.dtype()), 0,
                          [&](const Shape& i) { return wrapped(c.wanted(element(x, i)), y.dtype()); });
          if (HasFailure()) FAIL() << c.name << " of " << name(type) << ", strides " << x.strides().to_string();
        }
      }
}

TEST(Unary, ATransposedTensorGivesATransposedResult) { EXPECT_EQ(zeros({2, 3}).t().exp().strides(), (Shape{1, 3})); }

TEST(Unary, ATensorExpandedFromOneNumber) {
  const Tensor y = tensor({1.0, 2.0}).unsqueeze(1).expand({2, 3}).exp();
  expect_elements(y, 1e-6, 0, [](const Shape& i) { return std::exp(i[0] + 1.0); });
  EXPECT_TRUE(y.is_contiguous());
}

TEST(Unary, TheEndsOfTheRange) {
  using test::infinity;
  using test::nan;
  for (const DType type : {float32, float64}) {
    const Tensor x = tensor({0.0, -0.0, infinity, -infinity, nan, 1e30, -1e30, 1e-30}, {type});
    const std::vector<Tensor> both{x, full({8, 2}, 1, {type}).select(1, 0).copy_(x)};  // vectors, and one by one
    for (const Tensor& v : both) {
      test::expect_values(v.exp(), {8}, {1, 1, infinity, 0, nan, infinity, 0, 1}, 1e-6);
      test::expect_values(v.tanh(), {8}, {0, 0, 1, -1, nan, 1, -1, 1e-30}, 1e-6);
      test::expect_values(v.sigmoid(), {8}, {0.5, 0.5, 1, 0, nan, 1, 0, 0.5}, 1e-6);
      test::expect_values(v.log(), {8},
                          {-infinity, -infinity, infinity, nan, nan, std::log(1e30), nan, std::log(1e-30)}, 1e-6);
      test::expect_values(v.sqrt(), {8}, {0, 0, infinity, nan, nan, 1e15, nan, 1e-15}, 1e-6);
      test::expect_values(v.relu(), {8}, {0, 0, infinity, 0, nan, 1e30, 0, 1e-30}, 1e-6);
      test::expect_values(v.abs(), {8}, {0, 0, infinity, infinity, nan, 1e30, 1e30, 1e-30}, 1e-6);
      EXPECT_FALSE(std::signbit(element(v.abs(), {1})));
      EXPECT_TRUE(std::signbit(element(v.neg(), {0})));
    }
  }
}

TEST(Unary, ExpNearOverflowAndUnderflow) {
  const std::vector<double> large{700, 705.5, 706, 707.25, 709, 709.7};
  test::expect_elements(tensor(large, {float64}).exp(), 1e-13, 0,
                        [&](const Shape& i) { return std::exp(large[static_cast<std::size_t>(i[0])]); });
  EXPECT_EQ(tensor({709.8}, {float64}).exp().item<double>(), test::infinity);
  const std::vector<float> floats{87.5F, 88.0F, 88.7F, -86.0F, -80.0F};
  test::expect_elements(tensor(floats).exp(), 1e-6, 0, [&](const Shape& i) {
    return std::exp(static_cast<double>(floats[static_cast<std::size_t>(i[0])]));
  });
  EXPECT_EQ(tensor({88.8}).exp().item<float>(), std::numeric_limits<float>::infinity());
}

TEST(Unary, SmallArgumentsKeepTheirDigits) {
  for (const double x : {1e-3, 1e-5, 1e-8, 1e-20}) {
    EXPECT_NEAR(tensor({x}, {float64}).tanh().item<double>() / std::tanh(x), 1, 1e-13) << x;
    EXPECT_NEAR(tensor({x}).tanh().item<double>() / std::tanh(static_cast<double>(static_cast<float>(x))), 1, 1e-6)
        << x;
  }
}

TEST(Unary, IntegersWrapAround) {
  const Tensor least = tensor(std::numeric_limits<int32_t>::min(), {int32});
  EXPECT_EQ(least.neg().item<int64_t>(), std::numeric_limits<int32_t>::min());
  EXPECT_EQ(least.abs().item<int64_t>(), std::numeric_limits<int32_t>::min());
  EXPECT_EQ(tensor(std::vector<int64_t>{std::numeric_limits<int64_t>::min()}).neg().item<int64_t>(),
            std::numeric_limits<int64_t>::min());
  EXPECT_EQ(tensor(std::vector<int8_t>{-128}).abs().item<int>(), -128);
  EXPECT_EQ(tensor(std::vector<uint8_t>{1}).neg().item<int>(), 255);
}

TEST(Unary, TruthValuesHaveNoSign) {
  EXPECT_EQ(error_of([] { tensor(true).neg(); }), "[neg] not defined for bool tensors: convert to another type first");
  EXPECT_NE(error_of([] { tensor(true).relu(); }), "");
  EXPECT_NEAR(tensor(true).exp().item<double>(), std::exp(1.0), 1e-6);
}

TEST(UnaryParallel, LargeTensorsAreSharedOut) {
  const Tensor x = test::noise({300, 1000});
  for (const Tensor& y : test::layouts(x))
    expect_elements(y.exp(), 1e-6, 0, [&](const Shape& i) { return std::exp(element(y, i)); });
}

}  // namespace
}  // namespace tenon::unary_test
