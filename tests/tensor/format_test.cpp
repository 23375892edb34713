// How tensors and what belongs to them are printed by {fmt} and by streams.
#include <sstream>

#include <gtest/gtest.h>

#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::format_test {
namespace {

using test::error_of;

template <class T>
std::string streamed(const T& x) {
  std::ostringstream out;
  out << x;
  return out.str();
}

TEST(Format, AShapeHasWidthAndAlignment) {
  EXPECT_EQ(fmt::format("{:>10}|{:<8}|{:*^10}|{}", Shape{2, 3}, Shape{1}, Shape{2, 3}, Shape{}),
            "    [2, 3]|[1]     |**[2, 3]**|[]");
  EXPECT_EQ(fmt::format("{:>8}|{:<8}|{:>6}", float32, kCPU, Value("a")), " float32|cpu     |   'a'");
  EXPECT_EQ(error_of([] { (void)fmt::format("{:d}", Shape{2}); }).rfind("[format] {:d}: ", 0), 0U);
}

// Python: f"{torch.tensor(2 / 3):.4f}", f"{torch.tensor(7):5d}", f"{torch.tensor(True):d}".
TEST(Format, ATensorOfOneElementIsFormattedAsItsNumber) {
  EXPECT_EQ(fmt::format("{:.4f}", tensor(2.0 / 3)), "0.6667");
  EXPECT_EQ(fmt::format("{:.2e}", tensor(1234.5, {.dtype = float64})), "1.23e+03");
  EXPECT_EQ(fmt::format("{:5d}|{:.1f}|{:d}", tensor(7), tensor(7), tensor(true)), "    7|7.0|1");
  EXPECT_EQ(fmt::format("{:.3f}", nn::Parameter(tensor({1.5}))), "1.500");
  EXPECT_EQ(fmt::format("{}", tensor(7)), "tensor(7)");
  EXPECT_EQ(fmt::format("{}", nn::Parameter(tensor({1.5}))).rfind("Parameter containing:\ntensor([1.5000]", 0), 0U);
}

TEST(Format, ATensorOfMoreElementsIsNoNumber) {
  EXPECT_EQ(error_of([] {
              (void)fmt::format("{:.4f}", zeros({2, 2}));
            }),
            "[format] {:.4f} is for a tensor of one element, got shape (2, 2): print it with {}, and see "
            "set_printoptions");
}

TEST(Format, AStreamPrintsWhatFmtDoes) {
  EXPECT_EQ(streamed(tensor({1.0, 2.0})), "tensor([1., 2.])");
  EXPECT_EQ(streamed(nn::Parameter(tensor(1.0))), fmt::format("{}", nn::Parameter(tensor(1.0))));
  EXPECT_EQ(streamed(Shape{2, 3}), "[2, 3]");
  EXPECT_EQ(streamed(float32), "float32");
  EXPECT_EQ(streamed(kMeta), "meta");
  EXPECT_EQ(streamed(Dict{{"a", 1}}), "{'a': 1}");
  EXPECT_EQ(streamed(nn::Linear(2, 3)), "Linear(in_features=2, out_features=3, bias=True)");
  EXPECT_EQ(streamed(nn::Sequential{}), "Sequential()");
}

TEST(Format, ItemWithoutATypeIsANumber) {
  EXPECT_EQ(tensor(7).item().to<int>(), 7);
  EXPECT_EQ(tensor(2.5).item().kind(), float64);
  const Tensor x = zeros({2}) + tensor(3).item();
  EXPECT_EQ(x.to_vector<int>(), (std::vector{3, 3}));
}

TEST(Format, NoneIsAnEndOfASlice) {
  const Tensor x = arange(6);
  EXPECT_TRUE(x[Slice(4, None)].equal(tensor({4, 5})));
  EXPECT_TRUE(x[Slice(None, 2)].equal(tensor({0, 1})));
  EXPECT_TRUE(x[Slice(None, None, 3)].equal(tensor({0, 3})));
  EXPECT_TRUE(x.index({Slice(-1, None), None}).equal(tensor({{5}})));
}

TEST(Format, AHookMayReturnNothing) {
  const Tensor x = ones({2}, {.requires_grad = true});
  Tensor seen;
  HookHandle watching = x.register_hook([&](const Tensor& grad) { seen = grad; });
  HookHandle doubling = x.register_hook([](Tensor grad) { return grad * 2; });
  x.sum().backward();
  EXPECT_TRUE(seen.equal(ones({2})));
  EXPECT_TRUE(x.grad().equal(full({2}, 2.0)));
  watching.remove();
  doubling.remove();
}

}  // namespace
}  // namespace tenon::format_test
