// How results lie in memory, and where draws fall to: as PyTorch 2.15 laid out and drew layouts.json.
#include "ops/layout_functions.h"
#include "tensor/check.h"
#include "tensor/recorded.h"

namespace tenon::result_layout_test {
namespace {

Shape shape_of(const nlohmann::json& list) { return {list.get<std::vector<int64_t>>()}; }

/// Ones in this layout; sines, of which matrices can be inverted, where the type is float64.
Tensor laid_out(const nlohmann::json& description) {
  const std::string type = description[0];
  const Tensor whole =
      type == "float64" ? arange(4096, {float64}).square().sin() : ones({20000}, {type == "int64" ? int64 : float32});
  return whole.as_strided(shape_of(description[1]), shape_of(description[2]), 0);
}

/// Whether these are x's strides; null stands for any.
bool lies(const Tensor& x, const nlohmann::json& strides) {
  bool all = x.strides().size() == strides.size();
  for (std::size_t d = 0; all && d < strides.size(); ++d)
    all = strides[d].is_null() || strides[d].get<int64_t>() == x.strides()[d];
  return all;
}

TEST(ResultLayout, IsPyTorchsWhateverTheOperandsLayouts) {
  for (const auto& recorded : test::recorded("ops/layouts.json")) {
    const std::string text = recorded.dump();
    std::vector<Tensor> operands;
    for (const auto& description : recorded[1]) operands.push_back(laid_out(description));
    manual_seed(3);
    std::vector<Tensor> results;
    EXPECT_NO_THROW(results = test::layout_function(recorded[0])(operands)) << text;
    ASSERT_EQ(results.size(), recorded[2].size()) << text;
    for (std::size_t i = 0; i < results.size(); ++i)
      EXPECT_TRUE(lies(results[i], recorded[2][i]))
          << "strides " << results[i].strides() << " of result " << i << " of " << text;
    if (recorded.size() < 4) continue;
    const auto drawn = results[0].to_vector<double>();
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

TEST(ResultLayout, OfEmptyTensorsAndOfTheMetaDeviceIsTheSame) {
  const Tensor meta = zeros({4, 2, 3}, {.device = kMeta}).permute({2, 0, 1});
  EXPECT_EQ(meta.sort(0).values.strides(), meta.strides());
  EXPECT_EQ(meta.flip({0}).strides(), meta.strides());
  EXPECT_EQ(meta.sum({0}, true).strides(), (Shape{8, 2, 1}));
  EXPECT_EQ(meta.index({Slice(), tensor({0, 1}).to(kMeta)}).strides(), (Shape{1, 3, 6}));
  const Tensor none = zeros({0, 3}).t();
  EXPECT_EQ(none.sort(0).values.shape(), none.shape());
  EXPECT_EQ(none.flip({0}).shape(), none.shape());
  EXPECT_EQ(none.sum({1}).shape(), (Shape{3}));
  EXPECT_EQ(none.index({tensor({0, 0})}).shape(), (Shape{2, 0}));
  EXPECT_EQ(none.nonzero().shape(), (Shape{0, 2}));
  EXPECT_EQ(slice_scatter(zeros({4, 6}).t(), zeros({0, 4}), 0, {0, 0}).strides(), (Shape{1, 6}));
}

// torch.arange(60.).reshape(3, 4, 5)[…] with i = torch.tensor([[0, 1, 2], [2, 1, 0]]).t()
TEST(ResultLayout, OfAnIndexThatLiesByColumnsFollowsIt) {
  const Tensor x = arange(60.0).reshape({3, 4, 5}), i = tensor({{0, 1, 2}, {2, 1, 0}}).t();
  EXPECT_EQ(x.index({i}).strides(), (Shape{20, 60, 5, 1}));
  EXPECT_EQ(x.index({Slice(), i}).strides(), (Shape{30, 5, 15, 1}));
  EXPECT_EQ(x.index({Ellipsis, i}).strides(), (Shape{24, 6, 1, 3}));
  EXPECT_EQ(x.index({i, i}).strides(), (Shape{5, 15, 1}));
  EXPECT_EQ(x.index({i, i.contiguous()}).strides(), (Shape{5, 15, 1}));
  EXPECT_EQ(x.index({i, Slice(), i}).strides(), (Shape{4, 12, 1}));
  EXPECT_EQ(x.permute({2, 1, 0}).index({i}).strides(), (Shape{12, 36, 1, 4}));
  EXPECT_TRUE(x.index({Slice(), i}).equal(x.index({Slice(), i.contiguous()})));
}

TEST(ResultLayout, OfAnyKindCanBeChangedInPlaceOnTheTape) {
  const Tensor a = tensor({{2.0, 1.0}, {1.0, 3.0}}, {.dtype = float64}).requires_grad_();
  for (const auto& f : std::vector<std::function<Tensor(const Tensor&)>>{
           [](const Tensor& x) { return linalg::lstsq(x, x * 2); },
           [](const Tensor& x) { return x.t().sort(0).values; }, [](const Tensor& x) { return x.quantile(0.5, 0); },
           [](const Tensor& x) { return x.t().sum({0}, true); }}) {
    a.set_grad({});
    (f(a) * 3).sum().backward();
    const Tensor expected = a.grad();
    a.set_grad({});
    f(a).mul_(3).sum().backward();
    EXPECT_TRUE(a.grad().allclose(expected));
  }
}

TEST(ResultLayout, WhatIsScatteredIntoAViewKeepsGapsAndGradients) {
  const Tensor whole = arange(24, {float64}).reshape({4, 6}).requires_grad_();
  const Tensor x = whole.slice(1, {0, 6, 2}), source = ones({3}, {float64}).requires_grad_();
  const Tensor y = x.select_scatter(source, 0, 1);
  EXPECT_EQ(y.strides(), x.strides());
  EXPECT_TRUE(y[1].equal(source));
  EXPECT_TRUE(y[0].equal(x[0]));
  y.square().sum().backward();
  EXPECT_TRUE(source.grad().equal(source.detach() * 2));
  Tensor expected = zeros({4, 6}, {float64});
  expected.slice(1, {0, 6, 2}).copy_(x.detach() * 2);
  expected[1].fill_(0);
  EXPECT_TRUE(whole.grad().equal(expected));
}

}  // namespace
}  // namespace tenon::result_layout_test
