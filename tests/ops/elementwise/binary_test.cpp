// + − · / maximum minimum against a loop over indices, in every type, layout and way of broadcasting.
#include "tensor/check.h"

namespace tenon::binary_test {
namespace {

using test::element;
using test::error_of;
using test::expect_elements;
using test::expect_values;

struct Case {
  const char* name;
  Tensor (*function)(const Tensor&, const Tensor&);
  double (*wanted)(double, double);
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"add", [](const Tensor& a, const Tensor& b) { return a + b; }, [](double a, double b) { return a + b; }},
      {"sub", [](const Tensor& a, const Tensor& b) { return a - b; }, [](double a, double b) { return a - b; }},
      {"mul", [](const Tensor& a, const Tensor& b) { return a * b; }, [](double a, double b) { return a * b; }},
      {"div", [](const Tensor& a, const Tensor& b) { return a / b; }, [](double a, double b) { return a / b; }},
      {"maximum", maximum, [](double a, double b) { return a > b ? a : b; }},
      {"minimum", minimum, [](double a, double b) { return a < b ? a : b; }},
  };
  return all;
}

double wrapped(double x, DType type) {
  return type == uint8 ? std::fmod(x + 512, 256) : type == int8 ? std::fmod(x + 384, 256) - 128 : x;
}

void expect_case(const Case& c, const Tensor& a, const Tensor& b, DType type) {
  const Tensor y = c.function(a, b);
  ASSERT_EQ(y.dtype(), type);
  ASSERT_EQ(y.shape(), broadcast_shapes(a.shape(), b.shape()));
  expect_elements(y, test::tolerance(type), 0,
                  [&](const Shape& i) { return wrapped(c.wanted(element(a, i), element(b, i)), type); });
  if (testing::Test::HasFailure())
    FAIL() << c.name << " of " << name(a.dtype()) << " " << a.shape().to_string() << a.strides().to_string() << " and "
           << b.shape().to_string() << b.strides().to_string();
}

TEST(Binary, EveryTypeAndLayout) {
  for (const Case& c : cases())
    for (const DType type : test::number_types)
      for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 35}, Shape{2, 3, 5}, Shape{0, 3}}) {
        const std::vector<Tensor> as = test::layouts(test::numbers(shape, type, 1)),
                                  bs = test::layouts(test::numbers(shape, type, 2));
        for (const Tensor& a : as)
          for (const Tensor& b : bs)
            expect_case(c, a, b, c.name == std::string("div") && !is_floating_point(type) ? float32 : type);
      }
}

TEST(Binary, BroadcastsEitherSide) {
  const std::vector<std::pair<Shape, Shape>> shapes{
      {{3, 4}, {4}},       {{4}, {3, 4}},       {{3, 1}, {1, 4}},    {{2, 3, 4}, {3, 1}}, {{}, {2, 3}},
      {{2, 3}, {}},        {{1, 1}, {5}},       {{2, 1, 4}, {3, 1}}, {{1}, {0}},          {{0, 1}, {1, 4}},
      {{33, 1}, {33, 17}}, {{33, 17}, {33, 1}}, {{1, 70}, {6, 70}}};
  for (const Case& c : cases())
    for (const DType type : {int32, float16, float32, float64})
      for (const auto& [sa, sb] : shapes)
        for (const Tensor& a : test::layouts(test::numbers(sa, type, 1)))
          for (const Tensor& b : test::layouts(test::numbers(sb, type, 2)))
            expect_case(c, a, b, c.name == std::string("div") && !is_floating_point(type) ? float32 : type);
}

TEST(Binary, AnExpandedTensorIsAnOperandLikeAnyOther) {
  const Tensor a = test::numbers({4, 1}).expand({4, 37}), b = test::numbers({37}, float32, 3).expand({4, 37});
  for (const Case& c : cases()) expect_case(c, a, b, float32);
}

TEST(Binary, ShapesThatDoNotBroadcastAreNamed) {
  EXPECT_EQ(error_of([] {
              zeros({2, 3}) * zeros({2});
            }),
            "[mul] shapes (2, 3) and (2,) do not broadcast: sizes 3 and 2 meet in dimension 1");
}

TEST(Binary, ShapesThatBroadcastToTooMuchAreAnError) {
  const int64_t n = int64_t{1} << 32;
  EXPECT_NE(error_of([&] {
              zeros({1}).expand({n, 1}) + zeros({1}).expand({1, n});
            }).find("more elements"),
            std::string::npos);
}

TEST(Binary, IntegersWrapAround) {
  EXPECT_EQ((tensor(std::vector<uint8_t>{200}) + tensor(std::vector<uint8_t>{100})).item<int>(), 44);
  EXPECT_EQ((tensor(std::vector<int8_t>{-128}) - tensor(std::vector<int8_t>{1})).item<int>(), 127);
  EXPECT_EQ((tensor(std::vector<int16_t>{-1}) * tensor(std::vector<int16_t>{-1})).item<int>(), 1);
  EXPECT_EQ((tensor(std::vector<int16_t>{-32768}) * tensor(std::vector<int16_t>{-32768})).item<int>(), 0);
  EXPECT_EQ((tensor(1 << 30, {int32}) * tensor(4, {int32})).item<int>(), 0);
  const int64_t most = std::numeric_limits<int64_t>::max();
  EXPECT_EQ((tensor(std::vector<int64_t>{most}) + tensor(std::vector<int64_t>{1})).item<int64_t>(),
            std::numeric_limits<int64_t>::min());
  EXPECT_EQ(add(tensor(std::vector<uint8_t>{3}), tensor(std::vector<uint8_t>{5}), -1).item<int>(), 254);
}

TEST(Binary, Int64IsExactBeyondWhatADoubleHolds) {
  const int64_t n = (int64_t{1} << 53) + 1;
  EXPECT_EQ((tensor(n) + tensor(int64_t{2})).item<int64_t>(), n + 2);
  EXPECT_EQ((tensor(n) * 3).item<int64_t>(), n * 3);
  EXPECT_EQ((tensor(std::vector<int64_t>{n}) + n).item<int64_t>(), 2 * n);
}

TEST(Binary, TruthValues) {
  const Tensor a = tensor({true, true, false, false}), b = tensor({true, false, true, false});
  expect_values(a + b, {4}, {1, 1, 1, 0});
  expect_values(a * b, {4}, {1, 0, 0, 0});
  expect_values(maximum(a, b), {4}, {1, 1, 1, 0});
  expect_values(minimum(a, b), {4}, {1, 0, 0, 0});
  expect_values(a / b, {4}, {1, test::infinity, 0, test::nan});
  EXPECT_EQ((a + b).dtype(), boolean);
  EXPECT_EQ((a + 1).dtype(), int64);
  EXPECT_EQ(error_of([&] { a - b; }), "[sub] bool tensors cannot be subtracted: convert one to int64 first");
}

TEST(Binary, ANanWinsOverBothExtremes) {
  using test::nan;
  for (const DType type : test::real_types) {
    const Tensor a = tensor({nan, 1.0, nan, 2.0}, {type}), b = tensor({1.0, nan, nan, 3.0}, {type});
    const std::vector<std::pair<Tensor, Tensor>> both{{a, b}, {a.unsqueeze(1).expand({4, 2}).select(1, 0), b}};
    for (const auto& [x, y] : both) {
      expect_values(maximum(x, y), {4}, {nan, nan, nan, 3});
      expect_values(minimum(x, y), {4}, {nan, nan, nan, 2});
    }
  }
}

TEST(Binary, DivisionByZero) {
  expect_values(tensor({1, -1, 0}) / tensor({0, 0, 0}), {3}, {test::infinity, -test::infinity, test::nan});
  expect_values(tensor({1.0, -1.0}) / 0, {2}, {test::infinity, -test::infinity});
}

TEST(Binary, AlphaScalesTheSecond) {
  const Tensor a = test::numbers({2, 9}), b = test::numbers({2, 9}, float32, 4);
  expect_elements(add(a, b, 2.5), 0, 0, [&](const Shape& i) { return element(a, i) + 2.5 * element(b, i); });
  expect_elements(sub(a, b, 3), 0, 0, [&](const Shape& i) { return element(a, i) - 3 * element(b, i); });
  expect_elements(add(a.t(), b.to(int64).t(), -1), 0, 0,
                  [&](const Shape& i) { return element(a.t(), i) - std::trunc(element(b.t(), i)); });
  expect_values(sub(tensor({5, 6}), tensor({1, 2}), 2), {2}, {3, 2});
  EXPECT_EQ(error_of([] { add(tensor({1}), tensor({2}), 0.5); }),
            "[add] alpha must be an integer for a result of type int64");
}

TEST(Binary, NumbersStandOnEitherSide) {
  const Tensor x = tensor({1.0, 4.0});
  expect_values(x + 1, {2}, {2, 5});
  expect_values(1 - x, {2}, {0, -3});
  expect_values(2.0 * x, {2}, {2, 8});
  expect_values(8 / x, {2}, {8, 2});
  expect_values(x / 2, {2}, {0.5, 2});
}

TEST(BinaryParallel, LargeTensorsAreSharedOut) {
  const Tensor a = test::noise({257, 513}), b = test::noise({257, 513}, float32, 2),
               row = test::noise({513}, float32, 3);
  expect_elements(a.t() * b.t(), 1e-6, 0, [&](const Shape& i) { return element(a.t(), i) * element(b.t(), i); });
  expect_elements(a + row, 1e-6, 1e-7, [&](const Shape& i) { return element(a, i) + element(row, i); });
  expect_elements(a.t() - b.narrow(0, 0, 1).t().narrow(0, 0, 513), 1e-6, 1e-7, [&](const Shape& i) {
    return element(a.t(), i) - element(b, {0, i[0]});
  });
}

}  // namespace
}  // namespace tenon::binary_test
