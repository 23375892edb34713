// Loops over elements give the same whatever the layout: in stretches, beside one element for a row, in place.
#include "backend/cpu/elements.h"

#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::elements_test {
namespace {

using Binary = std::function<Tensor(const Tensor&, const Tensor&)>;

const std::vector<std::pair<std::string, Binary>>& operations() {
  static const std::vector<std::pair<std::string, Binary>> all{
      {"add", [](const Tensor& a, const Tensor& b) { return a + b; }},
      {"add scaled", [](const Tensor& a, const Tensor& b) { return a.add(b, a.dtype() == boolean ? 1 : 3); }},
      {"mul", [](const Tensor& a, const Tensor& b) { return a * b; }},
      {"maximum", [](const Tensor& a, const Tensor& b) { return maximum(a, b); }},
      {"bitwise_and", [](const Tensor& a, const Tensor& b) { return a.bitwise_and(b); }},
      {"bitwise_xor", [](const Tensor& a, const Tensor& b) { return a.bitwise_xor(b); }},
      {"eq", [](const Tensor& a, const Tensor& b) { return a.eq(b); }},
      {"lt", [](const Tensor& a, const Tensor& b) { return a.lt(b); }},
      {"logical_xor", [](const Tensor& a, const Tensor& b) { return a.logical_xor(b); }},
      {"bitwise_not", [](const Tensor& a, const Tensor&) { return a.bitwise_not(); }},
      {"to float", [](const Tensor& a, const Tensor&) { return a.to(float32); }},
      {"to int16", [](const Tensor& a, const Tensor&) { return a.to(int16); }},
      {"to bool", [](const Tensor& a, const Tensor&) { return a.to(boolean); }},
  };
  return all;
}

Tensor numbers(int64_t n, DType dtype, uint64_t seed) {
  manual_seed(seed);
  return randint(dtype == uint8 || dtype == boolean ? 0 : -9, dtype == boolean ? 2 : 10, {n}).to(dtype);
}

/// The same elements, two memory places apart.
Tensor apart(const Tensor& x) { return stack({x, x}, 1).select(1, 0); }

class Elements : public testing::TestWithParam<DType> {};

TEST_P(Elements, OneByOneAndInARowAreTheSame) {
  const Tensor a = numbers(40, GetParam(), 1), b = numbers(40, GetParam(), 2);
  for (const auto& [name, f] : operations()) {
    const Tensor all = f(a, b);
    for (int64_t i = 0; i < 40; ++i)
      EXPECT_TRUE(test::identical(all[i], f(a[i].clone(), b[i].clone()))) << name << ' ' << i;
  }
}

TEST_P(Elements, EveryLayoutIsTheSame) {
  for (const int64_t n : {0, 1, 7, 511, 512, 513, 1700}) {
    const Tensor a = numbers(n, GetParam(), 3), b = numbers(n, GetParam(), 4);
    for (const auto& [name, f] : operations()) {
      const Tensor wanted = f(a, b);
      EXPECT_TRUE(test::identical(f(apart(a), b), wanted)) << name << ' ' << n;
      EXPECT_TRUE(test::identical(f(a, apart(b)), wanted)) << name << ' ' << n;
      EXPECT_TRUE(test::identical(f(a.flip({0}), b.flip({0})).flip({0}), wanted)) << name << ' ' << n;
      if (n == 0) continue;
      const Tensor one = b.narrow(0, 0, 1);
      EXPECT_TRUE(test::identical(f(a, one.expand({n})), f(a, one.expand({n}).clone()))) << name << ' ' << n;
      EXPECT_TRUE(test::identical(f(one.expand({n}), a), f(one.expand({n}).clone(), a))) << name << ' ' << n;
    }
  }
}

TEST_P(Elements, AResultMayLieApartOrInThePlaceOfAnInput) {
  const Tensor a = numbers(1700, GetParam(), 5), b = numbers(1700, GetParam(), 6);
  const Tensor wanted = a * b, room = zeros({1700, 2}).to(GetParam()), places = room.select(1, 1);
  places.copy_(a);
  places.mul_(b);
  EXPECT_TRUE(test::identical(places.clone(), wanted));
  EXPECT_TRUE(test::identical(room.select(1, 0).clone(), zeros({1700}).to(GetParam())));
  a.mul_(b);
  EXPECT_TRUE(test::identical(a, wanted));
}

INSTANTIATE_TEST_SUITE_P(Types, Elements, testing::Values(boolean, uint8, int8, int16, int32, int64));

TEST(ElementsOfHalfTypes, AreConvertedInVectorsAsOneByOne) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Tensor x = tensor({0.1, -2.5, 1e6, 3e-8, -0.0, 70000.0, 1.0009765, infinity, -infinity}).to(float32);
  for (const DType half : {float16, bfloat16}) {
    const Tensor many = x.repeat({70}).to(half);
    for (int64_t i = 0; i < x.size(0); ++i) {
      EXPECT_TRUE(test::identical(many[i], x[i].clone().to(half)));
      EXPECT_TRUE(test::identical(many[9 * 69 + i], many[i]));
    }
    EXPECT_TRUE(test::identical(many.to(float32).to(half), many));
  }
}

}  // namespace
}  // namespace tenon::elements_test
