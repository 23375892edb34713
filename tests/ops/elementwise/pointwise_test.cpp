// The functions that src/ops/elementwise/pointwise.inc lists: each has what the list promises.
#include <cctype>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <tenon/tenon.h>

#include "tensor/check.h"
#include "tests_folder.h"

namespace tenon::pointwise_test {
namespace {

struct Function {
  std::string name;
  Tensor (Tensor::*method)() const;
  const Tensor& (Tensor::*in_place)() const;
};

const std::vector<Function> functions{
#define POINTWISE(name, ...) {#name, &Tensor::name, &Tensor::name##_},
#define SPECIAL(...)
#include "ops/elementwise/pointwise.inc"
};

TEST(Pointwise, InPlaceGivesTheSameNumbersToTheTensorItself) {
  for (const Function& f : functions) {
    const Tensor x = f.name == "bitwise_not" ? tensor({1, 2, 3}) : tensor({0.25f, 0.5f, 0.75f});
    const Tensor y = (x.*f.method)(), z = x.clone();
    EXPECT_TRUE((z.*f.in_place)().is_same(z)) << f.name;
    EXPECT_TRUE(test::identical(y, z)) << f.name;
    EXPECT_FALSE(y.shares_storage_with(x)) << f.name;
  }
}

TEST(Pointwise, ErrorsNameTheFunctionThatWasCalled) {
  const Tensor carried = zeros({2}, {.dtype = uint16});
  for (const Function& f : functions) {
    const auto refused = [&](auto call) { return test::error_of(call); };
    EXPECT_NE(refused([&] { (void)(carried.*f.method)(); }), "") << f.name;
    EXPECT_NE(refused([&] { (carried.*f.in_place)(); }), "") << f.name;
  }
  EXPECT_EQ(test::error_of([] { tensor({true}).neg(); }),
            "[neg] not defined for bool tensors: convert to another type first");
  EXPECT_EQ(test::error_of([] { tensor({true}).neg_(); }),
            "[neg_] not defined for bool tensors: convert to another type first");
}

TEST(Pointwise, IsRecordedUnderItsName) {
  for (const Function& f : functions) {
    if (f.name == "bitwise_not") continue;
    const Tensor x = tensor({0.25f, 0.5f}).requires_grad_(), y = (x.*f.method)();
    std::string name = f.name + "Backward0";
    name[0] = static_cast<char>(std::toupper(name[0]));
    EXPECT_EQ(y.grad_fn()->name(), name);
    y.sum().backward();
    EXPECT_EQ(x.grad().shape(), x.shape()) << f.name;
  }
}

TEST(Pointwise, TheTableOfOperationsHasEach) {
  std::ifstream file(test::tests_folder() + "/../docs/operations.md");
  const std::string table{std::istreambuf_iterator<char>(file), {}};
  ASSERT_FALSE(table.empty());
  for (const Function& f : functions) EXPECT_NE(table.find("| `" + f.name + "` |"), std::string::npos) << f.name;
}

}  // namespace
}  // namespace tenon::pointwise_test
