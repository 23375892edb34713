// Division that rounds and its rests, powers, bits: values as PyTorch 2.15 gives them.
#include "autograd/gradcheck.h"

namespace tenon::division_test {
namespace {

using test::error_of;
using test::expect_values;
using test::infinity;
using test::nan;

const std::vector<DType> signed_types{int8, int16, int32, int64, float16, bfloat16, float32, float64};

TEST(Powers, EdgesOfBothNumbersAreTheCLibrarys) {
  std::vector<float> bases, exponents;
  const std::vector<double> some{0.0,   -0.0,   1.0,  -1.0,  0.5, -0.5, 2.0,        -2.0,     3.0,       -3.0,
                                 1e-40, -1e-40, 1e30, -1e30, 1.5, -7.0, 33554431.0, infinity, -infinity, nan};
  for (const double a : some)
    for (const double b : some) {
      bases.push_back(static_cast<float>(a));
      exponents.push_back(static_cast<float>(b));
    }
  const std::vector<float> got = pow(tensor(bases), tensor(exponents)).to_vector<float>();
  for (std::size_t i = 0; i < got.size(); ++i) {
    const float wanted = std::pow(bases[i], exponents[i]);
    if (std::isnan(wanted)) EXPECT_TRUE(std::isnan(got[i])) << bases[i] << " to " << exponents[i];
    else if (std::isinf(wanted) || wanted == 0) EXPECT_EQ(got[i], wanted) << bases[i] << " to " << exponents[i];
    else EXPECT_NEAR(got[i], wanted, std::abs(wanted) * 2e-7) << bases[i] << " to " << exponents[i];
    EXPECT_TRUE(std::isnan(wanted) || std::signbit(got[i]) == std::signbit(wanted))
        << bases[i] << " to " << exponents[i];
  }
}

TEST(Division, RoundsDownOrTowardsZeroInEverySignedType) {
  for (const DType type : signed_types)
    for (const Tensor& a : test::layouts(tensor({-7, 7, -7, 7, 6, -6}).to(type))) {
      const Tensor b = tensor({2, -2, -2, 2, 3, 3}).to(type);
      expect_values(floor_divide(a, b), {6}, {-4, -4, 3, 3, 2, -2});
      expect_values(div(a, b, Rounding::floor), {6}, {-4, -4, 3, 3, 2, -2});
      expect_values(div(a, b, Rounding::trunc), {6}, {-3, -3, 3, 3, 2, -2});
      expect_values(remainder(a, b), {6}, {1, -1, -1, 1, 0, 0});
      expect_values(a % b, {6}, {1, -1, -1, 1, 0, 0});
      expect_values(fmod(a, b), {6}, {-1, 1, -1, 1, 0, 0});
      EXPECT_EQ(floor_divide(a, b).dtype(), type);
      expect_values(div(a, 2, Rounding::floor), {6}, {-4, 3, -4, 3, 3, -3});
      expect_values(8 % tensor({3, -3}).to(type), {2}, {2, -1});
    }
  EXPECT_EQ(div(tensor({7}), tensor({2}), Rounding::none).dtype(), float32);
}

TEST(Division, IntegersByZeroAreAnErrorThatLeavesEverythingAsItWas) {
  const Tensor a = tensor({4, 5}), zero = tensor({2, 0});
  const std::string text = "division of integers by zero: convert to a real type first";
  EXPECT_EQ(error_of([&] { floor_divide(a, zero); }), "[floor_divide] " + text);
  EXPECT_EQ(error_of([&] { remainder(a, 0); }), "[remainder] " + text);
  EXPECT_EQ(error_of([&] { fmod(a, zero); }), "[fmod] " + text);
  EXPECT_EQ(error_of([&] { a.div_(zero, Rounding::trunc); }), "[div_] " + text);
  EXPECT_EQ(error_of([&] { a.remainder_(zero); }), "[remainder_] " + text);
  expect_values(a, {2}, {4, 5});
  EXPECT_EQ(a.version(), 0U);
  EXPECT_NE(error_of([] { floor_divide(tensor({true}), tensor({true})); }), "");
}

TEST(Division, ADivisorIsWhatTheResultsTypeMakesOfIt) {  // PyTorch: "ZeroDivisionError" for each of these
  const Tensor bytes = tensor({5}, {uint8}), ints = tensor({5}, {int32});
  const std::string zero =
      "division of integers by zero: a divisor does not fit into uint8, where it is 0: convert to "
      "a wider type";
  EXPECT_EQ(error_of([&] { bytes % 256; }), "[remainder] " + zero);
  EXPECT_EQ(error_of([&] { fmod(bytes, 256); }), "[fmod] " + zero);
  EXPECT_EQ(error_of([&] { floor_divide(bytes, -256); }), "[floor_divide] " + zero);
  EXPECT_EQ(error_of([&] { div(bytes, 512, Rounding::trunc); }), "[div] " + zero);
  EXPECT_EQ(error_of([&] { bytes % tensor(256); }), "[remainder] " + zero);
  EXPECT_EQ(error_of([&] { bytes.remainder_(256); }), "[remainder_] " + zero);
  EXPECT_EQ(error_of([&] { bytes.fmod_(256); }), "[fmod_] " + zero);
  EXPECT_EQ(error_of([&] { bytes.floor_divide_(tensor(256)); }), "[div_] " + zero);
  EXPECT_NE(error_of([&] { ints % (int64_t{1} << 40); }), "");
  EXPECT_NE(error_of([&] { ints.remainder_(int64_t{1} << 40); }), "");
  EXPECT_NE(error_of([&] { ints % false; }), "");
  expect_values(bytes, {1}, {5});
  EXPECT_EQ(bytes.version(), 0U);
  // A divisor with dimensions takes the result along; one that fits once converted is used as it is then.
  expect_values(bytes % tensor({256}), {1}, {5});
  expect_values(ints.clone().remainder_(tensor({int64_t{1} << 40})), {1}, {5});
  expect_values(tensor({5}, {int8}) % 128, {1}, {-123});
  expect_values(256 % bytes, {1}, {0});
  // Where there is no result, nothing is divided.
  EXPECT_EQ((zeros({3, 0}, {int64}) % zeros({3, 1}, {int64})).shape(), (Shape{3, 0}));
}

TEST(Division, TheLeastIntegerByMinusOneWrapsAround) {
  const Tensor least = tensor(std::vector<int64_t>{std::numeric_limits<int64_t>::min()}),
               minus = tensor(std::vector<int64_t>{-1});
  EXPECT_EQ(floor_divide(least, minus).item<int64_t>(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(div(least, minus, Rounding::trunc).item<int64_t>(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(remainder(least, minus).item<int64_t>(), 0);
  EXPECT_EQ(fmod(least, minus).item<int64_t>(), 0);
  EXPECT_EQ(floor_divide(tensor(std::vector<int8_t>{-128}), -1).item<int>(), -128);
}

TEST(Division, RealEdges) {
  for (const DType type : {float32, float64}) {
    const Tensor a = tensor({1.0, -1.0, 0.0, infinity, 5.0, -5.0, -0.0}, {type}),
                 b = tensor({0.0, 0.0, 0.0, 2.0, infinity, infinity, 3.0}, {type});
    expect_values(floor_divide(a, b), {7}, {infinity, -infinity, nan, nan, 0, -1, 0});
    expect_values(div(a, b, Rounding::trunc), {7}, {infinity, -infinity, nan, infinity, 0, 0, 0});
    expect_values(remainder(a, b), {7}, {nan, nan, nan, nan, 5, infinity, 0});
    expect_values(fmod(a, b), {7}, {nan, nan, nan, nan, 5, -5, 0});
  }
  expect_values(floor_divide(tensor({1.0}), tensor({0.1})), {1}, {9});  // as Python's 1.0 // 0.1
}

TEST(Division, Derivatives) {
  using Inputs = std::vector<Tensor>;
  const Tensor a = (test::noise({3, 4}, float64, 1) * 5).requires_grad_(),
               b = (test::noise({4}, float64, 2) * 0.3 + 1.7).requires_grad_();
  test::gradchecks([](const Inputs& v) { return remainder(v[0], v[1]) * v[0]; }, {a, b});
  test::gradchecks([](const Inputs& v) { return fmod(v[0], v[1]) * v[0]; }, {a, b});
  test::gradchecks([](const Inputs& v) { return floor_divide(v[0], v[1]) * v[0]; }, {a, b});
  test::gradchecks([](const Inputs& v) { return v[0] / v[1]; }, {a, b});
  test::gradcheck([](const Inputs& v) { return (v[0] * 1.0).remainder_(v[1]); }, {a, b});
  test::gradcheck([](const Inputs& v) { return (v[0] * 1.0).div_(v[1], Rounding::floor) + v[0] + v[1]; }, {a, b});
}

TEST(Power, RealNumbersToFrequentAndOtherExponents) {
  const Tensor x = tensor({-1.0, 4.0, 0.0, infinity, -infinity, nan});
  expect_values(pow(x, 0.5), {6}, {nan, 2, 0, infinity, nan, nan});
  expect_values(pow(x, -0.5), {6}, {nan, 0.5, infinity, 0, nan, nan});
  expect_values(pow(x, -1), {6}, {-1, 0.25, infinity, 0, 0, nan});
  expect_values(pow(x, -2), {6}, {1, 0.0625, infinity, 0, 0, nan});
  expect_values(pow(x, 0), {6}, {1, 1, 1, 1, 1, 1});
  expect_values(pow(x, 1), {6}, {-1, 4, 0, infinity, -infinity, nan});
  expect_values(pow(x, 3), {6}, {-1, 64, 0, infinity, -infinity, nan});
  expect_values(pow(tensor({2.0, 9.0}), 1.5), {2}, {std::pow(2, 1.5), 27}, 1e-6);
  expect_values(pow(tensor({2.0, 3.0}), tensor({3.0, -1.0})), {2}, {8, 1.0 / 3}, 1e-6);
  expect_values(pow(2, tensor({-1.0, 3.0})), {2}, {0.5, 8});
  for (const double e : {0.5, 2.0, 3.0, -1.0, 1.7, 0.0, 1.0}) {
    const Tensor base = test::noise({40}, float64) + 1.5, y = base.clone();
    EXPECT_TRUE(test::identical(y.pow_(e), pow(base, e))) << e;
  }
}

TEST(Power, IntegersToIntegers) {
  expect_values(pow(tensor({2, 3, 1, -1, 0}), tensor({-1, 2, -5, -3, 0})), {5}, {0, 9, 1, -1, 1});
  expect_values(pow(tensor({2, -3}), 3), {2}, {8, -27});
  expect_values(pow(tensor(std::vector<uint8_t>{3, 7}), 5), {2}, {243, 167});  // wraps around
  expect_values(pow(2, tensor({-1, 3})), {2}, {0, 8});
  EXPECT_EQ(pow(tensor({2}), 2.0).dtype(), float32);
  EXPECT_EQ(pow(tensor({true}), 2).dtype(), int64);
  EXPECT_EQ(pow(2.5, tensor({1})).dtype(), float32);
  EXPECT_EQ(error_of([] { pow(tensor({2}), -1); }),
            "[pow] integers to negative integer powers are not allowed: convert to a real type first");
  EXPECT_NE(error_of([] { pow(tensor(std::vector<uint8_t>{2}), 300); }), "");
  EXPECT_NE(error_of([] { pow(tensor({true}), tensor({true})); }), "");
  EXPECT_EQ(error_of([] { tensor({2}).pow_(0.5); }), "[pow_] a result of type float32 cannot be stored into int64");
}

TEST(Power, Derivatives) {
  using Inputs = std::vector<Tensor>;
  const Tensor x = (test::noise({2, 3}, float64, 1) + 2.0).requires_grad_(),
               e = (test::noise({3}, float64, 2) * 2).requires_grad_();
  for (const double exponent : {2.0, 3.0, -1.0, 0.5, 1.7, 1.0})
    test::gradchecks([exponent](const Inputs& v) { return pow(v[0], exponent); }, {x});
  test::gradchecks([](const Inputs& v) { return pow(v[0], v[1]); }, {x, e});
  test::gradchecks([](const Inputs& v) { return pow(2.5, v[0]); }, {e});
  test::gradcheck([](const Inputs& v) { return (v[0] * 1.0).pow_(v[1]); }, {x, e});
  test::gradcheck([](const Inputs& v) { return (v[0] * 1.0).pow_(3); }, {x});
}

TEST(Power, DerivativesAtZero) {
  const Tensor x = tensor({0.0, 0.0, 0.0}).requires_grad_(), e = tensor({0.0, 1.0, 2.0}).requires_grad_();
  pow(x, e).sum().backward();
  expect_values(x.grad(), {3}, {0, 1, 0});
  expect_values(e.grad(), {3}, {0, 0, 0});
  x.set_grad({});
  pow(x, 0).sum().backward();
  expect_values(x.grad(), {3}, {0, 0, 0});
}

TEST(Bits, OfIntegersAndBool) {
  for (const DType type : {uint8, int8, int16, int32, int64}) {
    const Tensor a = tensor({12, 10, 7}).to(type), b = tensor({10, 3, 1}).to(type);
    expect_values(a & b, {3}, {8, 2, 1});
    expect_values(a | b, {3}, {14, 11, 7});
    expect_values(a ^ b, {3}, {6, 9, 6});
    expect_values(a << 1, {3}, {24, 20, 14});
    expect_values(a >> 1, {3}, {6, 5, 3});
    expect_values(gcd(a, b), {3}, {2, 1, 1});
    expect_values(lcm(a, b), {3}, {60, 30, 7});
    expect_values((a + 0).bitwise_and_(b), {3}, {8, 2, 1});
    expect_values((a + 0).bitwise_or_(b), {3}, {14, 11, 7});
    expect_values((a + 0).bitwise_xor_(b), {3}, {6, 9, 6});
  }
  expect_values(~tensor({0, -1, 5}), {3}, {-1, 0, -6});
  expect_values(~tensor({true, false}), {2}, {0, 1});
  expect_values(tensor({true, true}) ^ tensor({true, false}), {2}, {0, 1});
  EXPECT_EQ((tensor({true}) & 3).dtype(), int64);
  EXPECT_EQ((tensor({true}) & true).dtype(), boolean);
  EXPECT_NE(error_of([] { tensor({1}) & 1.5; }), "");
  EXPECT_NE(error_of([] { tensor({1.0}) << 1; }), "");
  EXPECT_NE(error_of([] { tensor({true}) << tensor({true}); }), "");
  EXPECT_NE(error_of([] { tensor({1.0}).bitwise_not(); }), "");
  EXPECT_NE(error_of([] { gcd(tensor({1.0}), tensor({1.0})); }), "");
}

TEST(Bits, ShiftsBeyondTheWidth) {
  const Tensor x = tensor(std::vector<int64_t>{1, -8});
  expect_values(x << 64, {2}, {0, 0});
  expect_values(x >> 64, {2}, {0, -1});
  expect_values(x << -1, {2}, {0, 0});
  expect_values(x >> -1, {2}, {0, -1});
  expect_values(tensor(std::vector<uint8_t>{200}) >> 9, {1}, {0});
  expect_values(tensor(std::vector<int8_t>{1}) << 7, {1}, {-128});
}

TEST(Bits, DivisorsOfZeroAndOfTheLeastInteger) {
  const int64_t least = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(gcd(tensor(std::vector<int64_t>{least}), tensor(std::vector<int64_t>{0})).item<int64_t>(), least);
  expect_values(gcd(tensor({0, -4}), tensor({0, 6})), {2}, {0, 2});
  expect_values(lcm(tensor({0, -4, 3}), tensor({0, 6, -5})), {3}, {0, 12, 15});
}

}  // namespace
}  // namespace tenon::division_test
