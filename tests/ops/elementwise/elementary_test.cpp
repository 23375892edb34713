// Elementary functions: values against the C library in every real type and layout, types of results, first and second
// derivatives.
#include <numbers>

#include "autograd/gradcheck.h"

namespace tenon::elementary_test {
namespace {

using test::element;
using test::error_of;
using test::expect_elements;
using test::expect_values;
using test::infinity;
using test::nan;

struct Case {
  const char* name;
  Tensor (Tensor::*method)() const;
  const Tensor& (Tensor::*in_place)() const;
  double (*wanted)(double);
  double low, high;  ///< where it is asked: differentiable, and of moderate size
};

// a function a line
// clang-format off
const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"exp", &Tensor::exp, &Tensor::exp_, [](double x) { return std::exp(x); }, -2, 2},
      {"exp2", &Tensor::exp2, &Tensor::exp2_, [](double x) { return std::exp2(x); }, -2, 2},
      {"expm1", &Tensor::expm1, &Tensor::expm1_, [](double x) { return std::expm1(x); }, -2, 2},
      {"log", &Tensor::log, &Tensor::log_, [](double x) { return std::log(x); }, 0.5, 4},
      {"log2", &Tensor::log2, &Tensor::log2_, [](double x) { return std::log2(x); }, 0.5, 4},
      {"log10", &Tensor::log10, &Tensor::log10_, [](double x) { return std::log10(x); }, 0.5, 4},
      {"log1p", &Tensor::log1p, &Tensor::log1p_, [](double x) { return std::log1p(x); }, -0.5, 4},
      {"sqrt", &Tensor::sqrt, &Tensor::sqrt_, [](double x) { return std::sqrt(x); }, 0.5, 4},
      {"rsqrt", &Tensor::rsqrt, &Tensor::rsqrt_, [](double x) { return 1 / std::sqrt(x); }, 0.5, 4},
      {"square", &Tensor::square, &Tensor::square_, [](double x) { return x * x; }, -2, 2},
      {"reciprocal", &Tensor::reciprocal, &Tensor::reciprocal_, [](double x) { return 1 / x; }, 0.5, 4},
      {"sigmoid", &Tensor::sigmoid, &Tensor::sigmoid_, [](double x) { return 1 / (1 + std::exp(-x)); }, -4, 4},
      {"sin", &Tensor::sin, &Tensor::sin_, [](double x) { return std::sin(x); }, -3, 3},
      {"cos", &Tensor::cos, &Tensor::cos_, [](double x) { return std::cos(x); }, -3, 3},
      {"tan", &Tensor::tan, &Tensor::tan_, [](double x) { return std::tan(x); }, -1, 1},
      {"asin", &Tensor::asin, &Tensor::asin_, [](double x) { return std::asin(x); }, -0.9, 0.9},
      {"acos", &Tensor::acos, &Tensor::acos_, [](double x) { return std::acos(x); }, -0.9, 0.9},
      {"atan", &Tensor::atan, &Tensor::atan_, [](double x) { return std::atan(x); }, -3, 3},
      {"sinh", &Tensor::sinh, &Tensor::sinh_, [](double x) { return std::sinh(x); }, -2, 2},
      {"cosh", &Tensor::cosh, &Tensor::cosh_, [](double x) { return std::cosh(x); }, -2, 2},
      {"tanh", &Tensor::tanh, &Tensor::tanh_, [](double x) { return std::tanh(x); }, -2, 2},
      {"asinh", &Tensor::asinh, &Tensor::asinh_, [](double x) { return std::asinh(x); }, -3, 3},
      {"acosh", &Tensor::acosh, &Tensor::acosh_, [](double x) { return std::acosh(x); }, 1.5, 4},
      {"atanh", &Tensor::atanh, &Tensor::atanh_, [](double x) { return std::atanh(x); }, -0.9, 0.9},
      {"erf", &Tensor::erf, &Tensor::erf_, [](double x) { return std::erf(x); }, -2, 2},
      {"erfc", &Tensor::erfc, &Tensor::erfc_, [](double x) { return std::erfc(x); }, -2, 2},
      {"lgamma", &Tensor::lgamma, &Tensor::lgamma_, [](double x) { return std::lgamma(x); }, 2.5, 6},
      {"neg", &Tensor::neg, &Tensor::neg_, [](double x) { return -x; }, -2, 2},
      {"abs", &Tensor::abs, &Tensor::abs_, [](double x) { return std::abs(x); }, 0.1, 2},
      {"relu", &Tensor::relu, &Tensor::relu_, [](double x) { return x > 0 ? x : 0; }, 0.1, 2},
      {"frac", &Tensor::frac, &Tensor::frac_, [](double x) { return x - std::trunc(x); }, 0.1, 0.9},
  };
  return all;
}
// clang-format on

Tensor asked(const Case& c, const Shape& shape, DType type, uint64_t seed = 1) {
  return ((test::noise(shape, float64, seed) + 1) * ((c.high - c.low) / 2) + c.low).to(type);
}

TEST(Elementary, EveryRealTypeAndLayout) {
  for (const Case& c : cases())
    for (const DType type : test::real_types)
      for (const Tensor& x : test::layouts(asked(c, {3, 29}, type))) {
        const Tensor y = (x.*c.method)();
        ASSERT_EQ(y.dtype(), type);
        // log and acosh near 1 and frac are as exact as their argument, relative to it
        expect_elements(y, test::tolerance(type), test::tolerance(type) / 4,
                        [&](const Shape& i) { return c.wanted(element(x, i)); });
        const Tensor z = zeros_like(x).copy_(x);
        (z.*c.in_place)();
        ASSERT_TRUE(test::identical(z, y)) << c.name << " in place";
        if (HasFailure()) FAIL() << c.name << " of " << name(type) << ", strides " << x.strides().to_string();
      }
}

TEST(Elementary, ManyElementsWithEveryTail) {
  for (const Case& c : cases())
    for (const int64_t n : {1, 2, 3, 5, 7, 8, 9, 15, 17, 31, 33, 511, 513, 1025}) {
      const Tensor x = asked(c, {n}, float32, 7);
      expect_elements((x.*c.method)(), 2e-6, 5e-7, [&](const Shape& i) { return c.wanted(element(x, i)); });
      if (HasFailure()) FAIL() << c.name << " of " << n;
    }
}

/// Zeros of both signs, ends of ranges, what has no number.
std::vector<double> edges() {
  return {0.0,   -0.0, 1.0,  -1.0,  0.5,    -0.5, 2.0,   -2.0,    3.0,  -3.0,     1e-40,     -1e-40, 1e-5,
          -1e-5, 88.0, 90.0, -88.0, -104.0, 1e30, -1e30, 16384.0, 1000, infinity, -infinity, nan,    0.99999994};
}

void expect_same(double got, double wanted, double relative, const std::string& what) {
  if (std::isnan(wanted)) EXPECT_TRUE(std::isnan(got)) << what << ": " << got;
  else if (std::isinf(wanted) || wanted == 0) EXPECT_EQ(got, wanted) << what;
  else EXPECT_NEAR(got, wanted, std::max(std::abs(wanted) * relative, 3e-45)) << what;
  EXPECT_TRUE(wanted != 0 || std::signbit(got) == std::signbit(wanted)) << what;
}

TEST(Elementary, EdgesAreTheCLibrarys) {
  const Tensor x = tensor(edges());
  for (const Case& c : cases()) {
    const std::string_view function = c.name;
    if (function == "relu" || function == "rsqrt" || function == "lgamma")
      continue;  // of −0 and NaN: tests of their own
    const std::vector<double> in = x.to_vector<double>(), got = (x.*c.method)().to_vector<double>();
    for (std::size_t i = 0; i < in.size(); ++i)
      expect_same(got[i], static_cast<float>(c.wanted(in[i])), 2e-6, fmt::format("{}({})", c.name, in[i]));
  }
}

TEST(Elementary, FirstAndSecondDerivatives) {
  for (const Case& c : cases()) {
    for (const Tensor& x : test::layouts(asked(c, {2, 3}, float64, 3))) {
      const Tensor leaf = x.detach().requires_grad_();
      test::gradchecks([&](const std::vector<Tensor>& v) { return (v[0].*c.method)(); }, {leaf});
      if (HasFailure()) FAIL() << c.name;
    }
    const Tensor leaf = asked(c, {2, 3}, float64, 4).requires_grad_();
    test::gradcheck(
        [&](const std::vector<Tensor>& v) {
          const Tensor y = v[0] * 1.0;
          (y.*c.in_place)();
          return y * v[0];
        },
        {leaf});
    if (HasFailure()) FAIL() << c.name << " in place";
  }
}

TEST(Elementary, RealFunctionsTurnIntegersIntoFloatsButNotInPlace) {
  for (const DType type : {boolean, uint8, int8, int16, int32, int64}) {
    EXPECT_EQ(ones({2}, {type}).exp().dtype(), float32);
    EXPECT_EQ(ones({2}, {type}).sqrt().dtype(), float32);
    EXPECT_EQ(ones({2}, {type}).erfinv().dtype(), float32);
    EXPECT_EQ(ones({2}, {type}).polygamma(1).dtype(), float32);
    EXPECT_EQ(ones({2}, {type}).logit().dtype(), float32);
  }
  EXPECT_EQ(error_of([] { ones({2}, {int32}).exp_(); }), "[exp_] a result of type float32 cannot be stored into int32");
  EXPECT_EQ(error_of([] { ones({2}, {boolean}).square_(); }),
            "[square_] a result of type int64 cannot be stored into bool");
  EXPECT_EQ(ones({2}, {boolean}).square().dtype(), int64);
  EXPECT_EQ(ones({2}, {uint8}).square().dtype(), uint8);
  expect_values(tensor(std::vector<int8_t>{-2, 100}).square(), {2}, {4, 16});  // wraps around
}

TEST(Elementary, FloorCeilRoundAndTruncKeepIntegers) {
  const Tensor x = tensor({-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.7, nan, infinity}, {float64});
  expect_values(x.floor(), {9}, {-3, -2, -1, 0, 1, 2, 2, nan, infinity});
  expect_values(x.ceil(), {9}, {-2, -1, 0, 1, 2, 3, 3, nan, infinity});
  expect_values(x.round(), {9}, {-2, -2, 0, 0, 2, 2, 3, nan, infinity});  // halves go to the even side
  expect_values(x.trunc(), {9}, {-2, -1, 0, 0, 1, 2, 2, nan, infinity});
  EXPECT_TRUE(std::signbit(element(x.ceil(), {2})));
  for (auto method :
       {&Tensor::floor, &Tensor::ceil, static_cast<Tensor (Tensor::*)() const>(&Tensor::round), &Tensor::trunc}) {
    const Tensor i = tensor({-7, 3}, {int32});
    expect_values((i.*method)(), {2}, {-7, 3});
    EXPECT_EQ((i.*method)().dtype(), int32);
    EXPECT_FALSE((i.*method)().shares_storage_with(i));
    EXPECT_NE(error_of([&] { (tensor({true}).*method)(); }), "");
    const Tensor leaf = tensor({0.3, -1.7}, {float64}).requires_grad_();
    (leaf.*method)().sum().backward();
    expect_values(leaf.grad(), {2}, {0, 0});
  }
  EXPECT_NE(error_of([] { tensor({1}).frac(); }), "");
  EXPECT_FALSE(std::signbit(element(tensor({-0.0}).frac(), {0})));
}

TEST(Elementary, RoundToDecimals) {
  expect_values(tensor({1.25, 1234.567, -0.05, infinity, nan}).round(1), {5}, {1.2, 1234.6, 0, infinity, nan}, 1e-6);
  expect_values(tensor({1250.0, 1234.567, -50.0}).round(-2), {3}, {1200, 1200, 0});
  expect_values(tensor({710.0}, {float16}).round(2), {1}, {710});  // 71,000 is beyond float16: computed in float
  EXPECT_NE(error_of([] { tensor({12}).round(1); }), "");
}

TEST(Elementary, SignsOfEverything) {
  expect_values(tensor({nan, -0.0, 2.0, -infinity}).sign(), {4}, {0, 0, 1, -1});
  expect_values(tensor({-5, 0, 7}).sign(), {3}, {-1, 0, 1});
  expect_values(tensor({true, false}).sign(), {2}, {1, 0});
  expect_values(tensor(std::vector<uint8_t>{200, 0}).sign(), {2}, {1, 0});
  EXPECT_NE(error_of([] { tensor({true}).abs(); }), "");
}

TEST(Elementary, TheKinksHaveTheDerivativesThatPyTorchGivesThem) {
  const auto gradient = [](const Tensor& at, auto f) {
    const Tensor x = at.detach().requires_grad_();
    f(x).sum().backward();
    return x.grad();
  };
  const Tensor x = tensor({-1.0, 0.0, 1.0, nan});
  expect_values(gradient(x, [](const Tensor& v) { return v.abs(); }), {4}, {-1, 0, 1, 0});
  expect_values(gradient(x, [](const Tensor& v) { return v.relu(); }), {4}, {0, 0, 1, 1});
  expect_values(gradient(x, [](const Tensor& v) { return v.sign(); }), {4}, {0, 0, 0, 0});
  expect_values(gradient(tensor({0.0}), [](const Tensor& v) { return v.sqrt(); }), {1}, {infinity});
  expect_values(gradient(tensor({0.0}), [](const Tensor& v) { return v.sinc(); }), {1}, {0});
}

TEST(Elementary, AnInfiniteGradientDoesNotBecomeNanWhereReluIsFlat) {
  const Tensor x = tensor({-1.0, 1.0}).requires_grad_();
  const Tensor gradient = tensor({infinity, infinity});
  x.relu().backward(gradient);
  expect_values(x.grad(), {2}, {0, infinity});
  x.set_grad({});
  x.relu().backward(gradient, {.create_graph = true});
  expect_values(x.grad(), {2}, {0, infinity});
  x.set_grad({});  // whose tape leads back to x
}

TEST(Elementary, TheEndsOfTheRange) {
  for (const DType type : {float32, float64}) {
    const Tensor x = tensor({0.0, -0.0, infinity, -infinity, nan, -1.0}, {type});
    for (const Tensor& v : {x, full({6, 2}, 1, {type}).select(1, 0).copy_(x)}) {
      expect_values(v.sin(), {6}, {0, 0, nan, nan, nan, std::sin(-1)}, 1e-6);
      expect_values(v.cos(), {6}, {1, 1, nan, nan, nan, std::cos(-1)}, 1e-6);
      expect_values(v.rsqrt(), {6}, {infinity, -infinity, 0, nan, nan, nan});
      expect_values(v.reciprocal(), {6}, {infinity, -infinity, 0, 0, nan, -1});
      expect_values(v.log1p(), {6}, {0, 0, infinity, nan, nan, -infinity});
      expect_values(v.expm1(), {6}, {0, 0, infinity, -1, nan, std::expm1(-1)}, 1e-6);
      EXPECT_TRUE(std::signbit(element(v.sin(), {1})));
    }
  }
}

TEST(Elementary, LargeAnglesKeepTheirDigits) {
  for (const double x : {355.0, 999.0, 1e4, 1e5, 1e9, -1e7}) {
    const auto f = static_cast<float>(x);
    EXPECT_NEAR(full({40}, x).sin().select(0, 3).item<double>(), std::sin(static_cast<double>(f)), 1e-6) << x;
    EXPECT_NEAR(full({40}, x, {float64}).cos().select(0, 3).item<double>(), std::cos(x), 1e-12) << x;
  }
  EXPECT_NEAR(tensor({355.0}).sin().item<double>() / std::sin(355.0), 1, 1e-5);  // close to a multiple of π
}

TEST(Elementary, QuestionsOfEveryType) {
  const Tensor x = tensor({nan, infinity, -infinity, -0.0, 1.0}, {float64});
  for (const DType type : test::real_types)
    for (const Tensor& v : test::layouts(x.to(type))) {
      expect_values(v.isnan(), {5}, {1, 0, 0, 0, 0});
      expect_values(v.isinf(), {5}, {0, 1, 1, 0, 0});
      expect_values(v.isfinite(), {5}, {0, 0, 0, 1, 1});
      expect_values(v.isposinf(), {5}, {0, 1, 0, 0, 0});
      expect_values(v.isneginf(), {5}, {0, 0, 1, 0, 0});
      expect_values(v.narrow(0, 1, 4).signbit(), {4}, {0, 1, 1, 0});
      expect_values(v.logical_not(), {5}, {0, 0, 0, 1, 0});
      EXPECT_EQ(v.isnan().dtype(), boolean);
    }
  expect_values(tensor({-1, 5}).signbit(), {2}, {1, 0});
  expect_values(tensor({-1, 5}).isfinite(), {2}, {1, 1});
  expect_values(tensor({-1, 5}).isnan(), {2}, {0, 0});
  expect_values(tensor({true}).signbit(), {1}, {0});
  const Tensor y = tensor({0.0, 3.0});
  EXPECT_EQ(y.logical_not_().dtype(), float32);
  expect_values(y, {2}, {1, 0});
}

TEST(Elementary, AnExpandedElementIsComputedOnce) {
  const Tensor x = tensor({0.5, 2.0}).unsqueeze(1).expand({2, 600});
  expect_elements(x.log(), 1e-6, 0, [](const Shape& i) { return std::log(i[0] == 0 ? 0.5 : 2.0); });
  expect_elements(x.isnan(), 0, 0, [](const Shape&) { return 0; });
  expect_elements(x.to(float16).clamp(1.0), 0, 0, [](const Shape& i) { return i[0] == 0 ? 1.0 : 2.0; });
}

TEST(Elementary, MetaTensorsGiveShapesAndTypes) {
  const Tensor x = empty({2, 3}, {.dtype = int32, .device = kMeta});
  EXPECT_EQ(x.exp().shape(), (Shape{2, 3}));
  EXPECT_EQ(x.exp().dtype(), float32);
  EXPECT_TRUE(x.isnan().is_meta());
  EXPECT_EQ(where(x > 0, x, 1.5).dtype(), float32);
  EXPECT_EQ(floor_divide(x, x).dtype(), int32);
}

TEST(Elementary, ErrorFunctionsKeepTheirDigitsFarOut) {
  for (const DType type : {float32, float64}) {
    const double near = 2 * test::tolerance(type);
    const Tensor x = linspace(-6, type == float64 ? 26 : 9, 1001, {.dtype = float64}).to(type);
    const auto relative = [&](const Tensor& y, double (*f)(double)) {
      for (int64_t i = 0; i < x.numel(); ++i) {
        const double wanted = f(element(x, {i}));
        EXPECT_NEAR(element(y, {i}) / wanted, 1, near) << element(x, {i});
      }
    };
    relative(x.erfc(), [](double v) { return std::erfc(v); });
    relative((x.to(float64) * 1e-3 + 1e-9).to(type).erf() / (x.to(float64) * 1e-3 + 1e-9).to(type),
             [](double v) { return std::erf(v * 1e-3 + 1e-9) / (v * 1e-3 + 1e-9); });
  }
}

TEST(Elementary, RestsAreExactWhateverTheQuotient) {
  const Tensor a = test::noise({2000}, float64, 5), b = test::noise({2000}, float64, 6);
  for (const DType type : {float32, float64})
    for (const double scale : {1.0, 1e3, 1e9, 1e30}) {
      const Tensor x = (a * scale).to(type), y = b.to(type), rest = fmod(x, y), whole = (b * 64).round().to(type);
      const Tensor product = whole * y,
                   none = fmod(product, y);  // products that are whole multiples, or a digit below or above
      for (int64_t i = 0; i < x.numel(); ++i) {
        ASSERT_EQ(element(rest, {i}), std::fmod(element(x, {i}), element(y, {i})));
        ASSERT_EQ(element(none, {i}), std::fmod(element(product, {i}), element(y, {i})));
      }
    }
}

}  // namespace
}  // namespace tenon::elementary_test
