#include "tensor/check.h"

namespace tenon::compare_test {
namespace {

using test::element;
using test::nan;

TEST(Compare, EveryTypeAndLayout) {
  struct Case {
    Tensor (*function)(const Tensor&, const Tensor&);
    bool (*wanted)(double, double);
  };
  const Case cases[]{
      {[](const Tensor& a, const Tensor& b) { return a == b; }, [](double a, double b) { return a == b; }},
      {[](const Tensor& a, const Tensor& b) { return a != b; }, [](double a, double b) { return a != b; }},
      {[](const Tensor& a, const Tensor& b) { return a < b; }, [](double a, double b) { return a < b; }},
      {[](const Tensor& a, const Tensor& b) { return a <= b; }, [](double a, double b) { return a <= b; }},
      {[](const Tensor& a, const Tensor& b) { return a > b; }, [](double a, double b) { return a > b; }},
      {[](const Tensor& a, const Tensor& b) { return a >= b; }, [](double a, double b) { return a >= b; }},
  };
  for (const Case& c : cases)
    for (const DType type : test::all_types)
      for (const Shape& shape : {Shape{}, Shape{5}, Shape{4, 9}, Shape{0}})
        for (const Tensor& a : test::layouts(test::numbers(shape, type, 1)))
          for (const Tensor& b :
               {test::numbers(shape, type, 1), test::numbers(shape, type, 2), test::numbers({1}, type)}) {
            const Tensor y = c.function(a, b);
            ASSERT_EQ(y.dtype(), boolean);
            test::expect_elements(y, 0, 0,
                                  [&](const Shape& i) { return c.wanted(element(a, i), element(b, i)) ? 1 : 0; });
          }
}

TEST(Compare, ANanEqualsNothing) {
  const Tensor x = tensor({nan, 1.0});
  test::expect_values(x == x, {2}, {0, 1});
  test::expect_values(x != x, {2}, {1, 0});
  test::expect_values(x <= x, {2}, {0, 1});
  test::expect_values(x > 0, {2}, {0, 1});
}

TEST(Compare, NumbersPromoteAsInArithmetic) {
  test::expect_values(tensor({1, 2, 3}) > 1.5, {3}, {0, 1, 1});
  test::expect_values(tensor({1.0, 2.0}).eq(2), {2}, {0, 1});
  test::expect_values(tensor({true, false}) == 1, {2}, {1, 0});
  const int64_t n = (int64_t{1} << 53) + 1;
  test::expect_values(tensor(std::vector<int64_t>{n}) == n - 1, {1}, {0});
}

TEST(Compare, NothingIsRecorded) {
  const Tensor x = ones({2}, {.requires_grad = true});
  EXPECT_FALSE((x > 0).requires_grad());
}

TEST(EqualParallel, FindsOneDifferenceAnywhereInEveryTypeAndLayout) {
  for (const DType type : test::all_types)
    for (const Tensor& x : test::layouts(test::numbers({130, 301}, type))) {
      EXPECT_TRUE(x.equal(x.clone()));
      for (const int64_t row : {0, 64, 129}) {
        const Tensor y = x.clone();
        y[row][300].copy_(y[row][300] == 0);  // 1 for 0, 0 for others
        EXPECT_FALSE(x.equal(y)) << name(type);
      }
    }
}

TEST(Equal, TakesZerosOfEitherSignForOneAndNoNanForItself) {
  for (const DType type : test::real_types) {
    EXPECT_TRUE(tensor({0.0, 1.0}).to(type).equal(tensor({-0.0, 1.0}).to(type))) << name(type);
    EXPECT_FALSE(tensor({1.0, test::nan}).to(type).equal(tensor({1.0, test::nan}).to(type))) << name(type);
    EXPECT_TRUE(tensor({test::infinity}).to(type).equal(tensor({test::infinity}).to(type))) << name(type);
  }
  EXPECT_TRUE(tensor({1, 2}).equal(tensor({1.0, 2.0})));
  EXPECT_TRUE(zeros({0, 2}).equal(zeros({0, 2})));
  EXPECT_FALSE(zeros({0, 2}).equal(zeros({2, 0})));
  EXPECT_EQ(test::error_of([] { zeros({2}, {.device = kMeta}).equal(zeros({2}, {.device = kMeta})); }),
            "[equal] a tensor on the meta device has no data");
}

}  // namespace
}  // namespace tenon::compare_test
