// Statements 43 and 46: the printed tree. The texts are PyTorch 2.15's.
#include "nn/semantics/models.h"

namespace tenon::nn::semantics::semantics_print_test {
namespace {

struct Described : Module<Described> {
  std::string text;
  Linear inner{1, 2};
  explicit Described(std::string t) : text(std::move(t)) {}
  std::string extra_repr() const override { return text; }
  TENON_MODULE(Described, text, inner)
};

TEST(semantics, 43_print_gives_PyTorchs_text) {
  EXPECT_EQ(fmt::format("{}", Linear(2, 3)), "Linear(in_features=2, out_features=3, bias=True)");
  EXPECT_EQ(fmt::format("{}", Sequential()), "Sequential()");
  EXPECT_EQ(fmt::format("{}", Sequential{Linear(2, 3), named("act", ReLU())}),
            "Sequential(\n  (0): Linear(in_features=2, out_features=3, bias=True)\n  (act): ReLU()\n)");
  EXPECT_EQ(fmt::format("{}", Sequential{named("a", Sequential{named("b", Sequential{ReLU()}), Dropout(0.5)})}),
            "Sequential(\n  (a): Sequential(\n    (b): Sequential(\n      (0): ReLU()\n    )\n    (1): Dropout(p=0.5, "
            "inplace=False)\n  )\n)");
}

TEST(semantics, 46_extra_repr_of_a_users_module_stands_as_in_PyTorch) {
  EXPECT_EQ(fmt::format("{}", Described("width=3, deep=True")),
            "Described(\n  width=3, deep=True\n  (inner): Linear(in_features=1, out_features=2, bias=True)\n)");
  EXPECT_EQ(fmt::format("{}", Described("first\nsecond")),
            "Described(\n  first\n  second\n  (inner): Linear(in_features=1, out_features=2, bias=True)\n)");
}

TEST(semantics, 46_without_extra_repr_a_module_shows_its_children_and_nothing_else) {
  EXPECT_EQ(fmt::format("{}", Scale()), "Scale()");
  Net net;
  net.register_module("extra", Scale());
  EXPECT_EQ(fmt::format("{}", net),
            "Net(\n  (first): Scale()\n  (norm): Norm()\n  (last): Scale()\n  (extra): Scale()\n)");
}

}  // namespace
}  // namespace tenon::nn::semantics::semantics_print_test
