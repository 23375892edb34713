// How elementwise results lie in memory, and where draws fall to: as PyTorch 2.15 laid out and drew layouts.json.
#include <map>

#include <tenon/nn/functional.h>
#include <tenon/random.h>

#include "tensor/check.h"
#include "tensor/recorded.h"

namespace tenon {
namespace {

using Function = std::function<Tensor(const std::vector<Tensor>&)>;

const std::map<std::string, Function>& functions() {
  static const std::map<std::string, Function> all{
      {"empty_like", [](const auto& x) { return empty_like(x[0]); }},
      {"clone", [](const auto& x) { return x[0].clone(); }},
      {"to", [](const auto& x) { return x[0].to(float64); }},
      {"neg", [](const auto& x) { return -x[0]; }},
      {"exp", [](const auto& x) { return x[0].exp(); }},
      {"isnan", [](const auto& x) { return x[0].isnan(); }},
      {"pow", [](const auto& x) { return x[0].pow(2); }},
      {"clamp", [](const auto& x) { return x[0].clamp(0); }},
      {"masked_fill", [](const auto& x) { return x[0].masked_fill(x[0] > 1, 1); }},
      {"softmax", [](const auto& x) { return x[0].to(float64).softmax(-1); }},
      {"add one", [](const auto& x) { return x[0] + 1; }},
      {"one minus", [](const auto& x) { return 1 - x[0]; }},
      {"less than one", [](const auto& x) { return x[0] < 1; }},
      {"add", [](const auto& x) { return x[0] + x[1]; }},
      {"less", [](const auto& x) { return x[0] < x[1]; }},
      {"maximum", [](const auto& x) { return maximum(x[0], x[1]); }},
      {"divide", [](const auto& x) { return x[0] / x[1]; }},
      {"where", [](const auto& x) { return where(x[0] > 0, x[1], x[2]); }},
      {"addcmul", [](const auto& x) { return x[0].addcmul(x[1], x[2]); }},
      {"clamp to", [](const auto& x) { return x[0].clamp(x[1], x[2]); }},
      {"dropout", [](const auto& x) { return nn::functional::dropout(x[0], 0.5); }},
      {"rand_like", [](const auto& x) { return rand_like(x[0]); }},
      {"randn_like", [](const auto& x) { return randn_like(x[0]); }},
  };
  return all;
}

Shape shape_of(const nlohmann::json& list) { return {list.get<std::vector<int64_t>>()}; }

/// Ones in this layout.
Tensor laid_out(const nlohmann::json& description) {
  const DType type = description[0].get<std::string>() == "int64" ? int64 : float32;
  return ones({4096}, {type}).as_strided(shape_of(description[1]), shape_of(description[2]), 0);
}

TEST(ResultLayout, IsPyTorchsWhateverTheOperandsLayouts) {
  for (const auto& recorded : test::recorded("ops/layouts.json")) {
    const std::string text = recorded.dump();
    std::vector<Tensor> operands;
    for (const auto& description : recorded[1]) operands.push_back(laid_out(description));
    manual_seed(3);
    const Tensor y = functions().at(recorded[0])(operands);
    EXPECT_EQ(y.strides(), shape_of(recorded[2])) << text;
    if (recorded.size() < 4) continue;
    const auto drawn = y.to_vector<double>();
    for (std::size_t i = 0; i < drawn.size(); ++i) ASSERT_NEAR(drawn[i], recorded[3][i].get<double>(), 2e-6) << text;
  }
}

TEST(ResultLayout, AGradientIsLaidOutAsItsLeafWhereThatIsDense) {
  const Tensor leaf = zeros({4, 3}).t().requires_grad_();
  (leaf * ones({3, 4})).sum().backward();
  EXPECT_EQ(leaf.grad().strides(), leaf.strides());
  const Tensor cut = zeros({4, 6}).t().slice(0, {0, 6, 2}).detach().requires_grad_();  // with gaps: row by row
  (cut * ones({3, 4})).sum().backward();
  EXPECT_EQ(cut.grad().strides(), (Shape{4, 1}));
}

}  // namespace
}  // namespace tenon
