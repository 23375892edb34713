// Other headers on the same data.
#include "tensor/check.h"

namespace tenon::tensor_view_test {
namespace {

using test::error_of;
using test::expect_values;

const Tensor& counted() {  // (2, 3, 4), 0 … 23
  static const Tensor x = arange(24).reshape({2, 3, 4});
  return x;
}

/// Whether y(index) is x(origin(index)), and y a view of x.
template <class F>
void expect_view(const Tensor& y, const Tensor& x, const Shape& shape, F origin) {
  ASSERT_EQ(y.shape(), shape) << y.shape().to_string();
  EXPECT_TRUE(y.shares_storage_with(x));
  test::expect_elements(y, 0, 0, [&](const Shape& i) { return test::element(x, origin(i)); });
}

TEST(View, KeepsTheRowMajorOrder) {
  const Tensor x = counted();
  expect_view(x.view({4, 6}), x, {4, 6}, [](const Shape& i) {
    const int64_t n = i[0] * 6 + i[1];
    return Shape{n / 12, n / 4 % 3, n % 4};
  });
  EXPECT_EQ(x.view({-1}).shape(), (Shape{24}));
  EXPECT_EQ(x.view({2, -1, 2}).shape(), (Shape{2, 6, 2}));
  EXPECT_EQ(x.view({1, 24, 1}).shape(), (Shape{1, 24, 1}));
  EXPECT_EQ(tensor(1.0).view({1, 1}).shape(), (Shape{1, 1}));
  EXPECT_EQ(ones({1}).view({}).dim(), 0);
}

TEST(View, EveryReshapeOfStridedTensorsEqualsThatOfACopyAndIsAViewWherePossible) {
  const std::vector<Shape> targets{{24},         {1, 24},      {24, 1},      {2, 12},      {12, 2},
                                   {3, 8},       {8, 3},       {4, 6},       {6, 4},       {2, 3, 4},
                                   {4, 3, 2},    {3, 2, 4},    {2, 2, 2, 3}, {3, 2, 2, 2}, {1, 2, 1, 3, 4, 1},
                                   {2, 3, 2, 2}, {6, 1, 2, 2}, {2, 1, 12}};
  std::vector<Tensor> sources = test::layouts(counted());
  for (const Shape& order : {Shape{1, 0, 2}, Shape{2, 0, 1}, Shape{1, 2, 0}, Shape{0, 2, 1}})
    sources.push_back(counted().permute(order));
  sources.push_back(arange(48).reshape({4, 3, 4}).narrow(0, 1, 2));
  sources.push_back(arange(48).reshape({2, 3, 8}).narrow(2, 3, 4));
  sources.push_back(arange(12).reshape({3, 1, 4}).expand({3, 2, 4}));
  sources.push_back(arange(12).reshape({1, 3, 4}).expand({2, 3, 4}));
  int views = 0, refusals = 0;
  for (const Tensor& x : sources)
    for (const Shape& shape : targets) {
      const Tensor wanted = x.contiguous().view(shape), got = x.reshape(shape);
      ASSERT_EQ(test::elements(got), test::elements(wanted)) << x.strides().to_string() << " to " << shape.to_string();
      ASSERT_EQ(got.shape(), shape);
      const bool refused = !error_of([&] { x.view(shape); }).empty();
      ASSERT_EQ(refused, !got.shares_storage_with(x));
      refused ? ++refusals : ++views;
    }
  EXPECT_EQ(views, 101);  // as torch.Tensor.view allows for these
  EXPECT_EQ(refusals, 115);
}

TEST(View, ADimensionOfOneIsNoObstacleWhateverItsStride) {
  const Tensor x = arange(36).reshape({2, 3, 3, 2}).select(3, 0).permute({0, 2, 1}).narrow(1, 1, 1);
  ASSERT_EQ(x.strides(), (Shape{18, 2, 6}));
  EXPECT_EQ(x.view({6}).strides(), (Shape{6}));
  expect_values(x.view({6}), {6}, {2, 8, 14, 20, 26, 32});
}

TEST(View, ErrorsSayWhatDoesNotFit) {
  const Tensor x = counted();
  EXPECT_EQ(error_of([&] { x.view({5, 5}); }), "[view] (5, 5) does not fit 24 elements (shape (2, 3, 4))");
  EXPECT_EQ(error_of([&] { x.view({5, -1}); }), "[view] (5, -1) does not fit 24 elements (shape (2, 3, 4))");
  EXPECT_EQ(error_of([&] { x.view({-1, -1}); }), "[view] only one size can be −1: (-1, -1)");
  EXPECT_EQ(error_of([&] { x.reshape({-2, 12}); }), "[reshape] a size cannot be negative: (-2, 12)");
  EXPECT_EQ(error_of([&] { x.transpose(0, 2).view({24}); }),
            "[view] shape (4, 3, 2) with strides (1, 4, 12) cannot be viewed as (24,) without a copy: use reshape()");
  EXPECT_NE(error_of([] { zeros({0}).view({-1, 0}); }), "");  // any number would do
  const int64_t huge = int64_t{1} << 32;
  EXPECT_NE(error_of([&] { zeros({0}).view({huge, huge}); }), "");  // the product overflows to 0
  EXPECT_NE(error_of([&] { x.reshape({huge, huge, -1}); }), "");
}

TEST(View, EmptyTensorsAreReshaped) {
  EXPECT_EQ(zeros({0, 3}).view({3, 0, 2}).shape(), (Shape{3, 0, 2}));
  EXPECT_EQ(zeros({0, 3}).view({-1, 3}).shape(), (Shape{0, 3}));
  EXPECT_EQ(zeros({2, 0}).t().reshape({0}).shape(), (Shape{0}));
  EXPECT_EQ(zeros({2, 0, 3}).flatten().shape(), (Shape{0}));
}

TEST(View, AWriteThroughAViewIsSeenByAll) {
  const Tensor x = zeros({2, 3});
  x.t()[1].fill_(5);
  expect_values(x, {2, 3}, {0, 5, 0, 0, 5, 0});
  x.view({6}).narrow(0, 2, 2).fill_(7);
  expect_values(x, {2, 3}, {0, 5, 7, 7, 5, 0});
}

TEST(Flatten, JoinsARangeOfDimensions) {
  const Tensor x = counted();
  EXPECT_EQ(x.flatten().shape(), (Shape{24}));
  EXPECT_EQ(x.flatten(1).shape(), (Shape{2, 12}));
  EXPECT_EQ(x.flatten(0, 1).shape(), (Shape{6, 4}));
  EXPECT_EQ(x.flatten(-2, -1).shape(), (Shape{2, 12}));
  EXPECT_EQ(tensor(1.0).flatten().shape(), (Shape{1}));
  EXPECT_EQ(error_of([&] { x.flatten(2, 1); }), "[flatten] start_dim 2 comes after end_dim 1");
}

TEST(Permute, ReordersDimensions) {
  const Tensor x = counted();
  expect_view(x.permute({2, 0, 1}), x, {4, 2, 3}, [](const Shape& i) { return Shape{i[1], i[2], i[0]}; });
  expect_view(x.permute({-1, 1, 0}), x, {4, 3, 2}, [](const Shape& i) { return Shape{i[2], i[1], i[0]}; });
  expect_view(x.transpose(0, -1), x, {4, 3, 2}, [](const Shape& i) { return Shape{i[2], i[1], i[0]}; });
  EXPECT_EQ(tensor(1.0).permute({}).dim(), 0);
  EXPECT_EQ(tensor(1.0).transpose(0, -1).dim(), 0);
  EXPECT_EQ(x[0].t().shape(), (Shape{4, 3}));
  EXPECT_EQ(x[0][0].t().shape(), (Shape{4}));
  EXPECT_EQ(error_of([&] { x.permute({0, 1}); }), "[permute] expected 3 dimensions, got (0, 1)");
  EXPECT_EQ(error_of([&] { x.permute({0, 1, -2}); }), "[permute] dimension 1 is named twice: (0, 1, -2)");
  EXPECT_EQ(error_of([&] { x.t(); }), "[t] expected at most 2 dimensions, got (2, 3, 4): use transpose() or permute()");
}

TEST(Expand, RepeatsWithoutMemory) {
  const Tensor x = arange(3).reshape({3, 1});
  expect_view(x.expand({2, 3, 4}), x, {2, 3, 4}, [](const Shape& i) { return Shape{i[1], 0}; });
  expect_view(x.expand({-1, 2}), x, {3, 2}, [](const Shape& i) { return Shape{i[0], 0}; });
  EXPECT_EQ(tensor(2.0).expand({2, 2}).shape(), (Shape{2, 2}));
  EXPECT_EQ(ones({1}).expand({0}).shape(), (Shape{0}));
  EXPECT_EQ(error_of([&] {
              x.expand({4, 2});
            }),
            "[expand] size 3 of dimension 0 cannot become 4: only sizes of 1 expand ((3, 1) to (4, 2))");
  EXPECT_EQ(error_of([&] { x.expand({3}); }), "[expand] (3,) has fewer dimensions than (3, 1)");
  EXPECT_NE(error_of([&] { x.expand({-1, 3, 1}); }), "");
  const int64_t huge = int64_t{1} << 40;
  EXPECT_NE(error_of([&] { ones({1}).expand({huge, huge}); }), "");
}

TEST(Squeeze, DropsOneDimensionOfSizeOne) {
  EXPECT_EQ(zeros({2, 1, 3}).squeeze(1).shape(), (Shape{2, 3}));
  EXPECT_EQ(zeros({2, 1, 3}).squeeze(-2).shape(), (Shape{2, 3}));
  EXPECT_EQ(zeros({2, 1, 3}).squeeze(0).shape(), (Shape{2, 1, 3}));
  EXPECT_EQ(zeros({1}).squeeze(0).dim(), 0);
  EXPECT_EQ(tensor(1.0).squeeze(0).dim(), 0);
  EXPECT_NE(error_of([] { zeros({2}).squeeze(1); }), "");
}

TEST(Unsqueeze, AddsOneDimensionOfSizeOne) {
  const Tensor x = counted();
  EXPECT_EQ(x.unsqueeze(0).shape(), (Shape{1, 2, 3, 4}));
  EXPECT_EQ(x.unsqueeze(-1).shape(), (Shape{2, 3, 4, 1}));
  EXPECT_EQ(x.unsqueeze(2).shape(), (Shape{2, 3, 1, 4}));
  EXPECT_EQ(tensor(1.0).unsqueeze(0).shape(), (Shape{1}));
  EXPECT_TRUE(x.unsqueeze(1).is_contiguous());
  EXPECT_EQ(error_of([&] { x.unsqueeze(4); }), "[unsqueeze] dimension 4 is out of range: expected one of -4 … 3");
}

TEST(Select, TakesOneSlice) {
  const Tensor x = counted();
  expect_view(x.select(1, -1), x, {2, 4}, [](const Shape& i) { return Shape{i[0], 2, i[1]}; });
  expect_view(x.transpose(0, 2)[3], x, {3, 2}, [](const Shape& i) { return Shape{i[1], i[0], 3}; });
  EXPECT_EQ(x[1][2][3].item<int>(), 23);
  EXPECT_EQ(error_of([&] { x.select(1, 3); }), "[select] index 3 is out of range for dimension 1 of size 3");
  EXPECT_EQ(error_of([&] { x.select(1, -4); }), "[select] index -4 is out of range for dimension 1 of size 3");
  EXPECT_EQ(error_of([] { tensor(1.0)[0]; }), "[select] a 0-dim tensor cannot be indexed: use item()");
}

TEST(Narrow, TakesARange) {
  const Tensor x = counted();
  expect_view(x.narrow(2, 1, 2), x, {2, 3, 2}, [](const Shape& i) { return Shape{i[0], i[1], i[2] + 1}; });
  expect_view(x.narrow(1, -2, 2), x, {2, 2, 4}, [](const Shape& i) { return Shape{i[0], i[1] + 1, i[2]}; });
  EXPECT_EQ(x.narrow(0, 2, 0).shape(), (Shape{0, 3, 4}));
  EXPECT_EQ(error_of([&] { x.narrow(1, 2, 2); }),
            "[narrow] 2 elements from 2 on are out of range for dimension 1 of size 3");
  EXPECT_NE(error_of([&] { x.narrow(1, 0, -1); }), "");
  EXPECT_NE(error_of([&] { x.narrow(1, 4, 0); }), "");
  EXPECT_NE(error_of([&] { x.narrow(1, 1, std::numeric_limits<int64_t>::max()); }), "");
}

TEST(ViewAsType, ShowsTheBytesAndScalesTheLastDimension) {
  const Tensor x = arange(4, {.dtype = int32});
  expect_values(x.view(int64), {2}, {4294967296, 12884901890});
  expect_values(x.view(int16), {8}, {0, 0, 1, 0, 2, 0, 3, 0});
  EXPECT_TRUE(x.view(float32).shares_storage_with(x));
  EXPECT_EQ(zeros({4, 4}).narrow(1, 0, 2).view(float64).strides(), (Shape{2, 1}));
  EXPECT_EQ(zeros({4, 4}).narrow(1, 2, 2).view(float64).storage_offset(), 1);
  expect_values(tensor(1.0).view(int32), {}, {0x3F800000});
  x.view(int16)[0] = 5;
  EXPECT_EQ(x[0].item<int>(), 5);
  EXPECT_FALSE(zeros({2}).requires_grad_().view(int32).requires_grad());
  EXPECT_EQ(zeros({2, 3}, {complex64}).view(float32).shape(), (Shape{2, 6}));
}

TEST(ViewAsType, ErrorsSayWhatDoesNotFit) {
  const Tensor x = zeros({2, 3});
  EXPECT_EQ(
      error_of([&] { x.view(float64); }),
      "[view] the last size of 3 elements of float32 are no whole number of float64: shape (2, 3), strides (3, 1)");
  EXPECT_NE(error_of([&] { x.t().view(int16); }), "");
  EXPECT_NE(error_of([&] { zeros({4, 3}).narrow(1, 0, 2).view(float64); }), "");
  EXPECT_NE(error_of([&] { zeros({5}).narrow(0, 1, 4).view(float64); }), "");
  EXPECT_NE(error_of([&] { tensor(1.0).view(float64); }), "");
}

TEST(View, UnflattenMovedimTAndMT) {
  const Tensor x = counted();
  EXPECT_EQ(x.unflatten(-1, {2, -1}).shape(), (Shape{2, 3, 2, 2}));
  EXPECT_EQ(zeros({2, 0}).unflatten(1, {2, 0}).shape(), (Shape{2, 2, 0}));
  expect_view(x.movedim(0, 2), x, {3, 4, 2}, [](const Shape& i) { return Shape{i[2], i[0], i[1]}; });
  expect_view(x.movedim({0, 1}, {1, 2}), x, {4, 2, 3}, [](const Shape& i) { return Shape{i[1], i[2], i[0]}; });
  EXPECT_EQ(tensor(1.0).movedim(0, 0).dim(), 0);
  expect_view(x.T(), x, {4, 3, 2}, [](const Shape& i) { return Shape{i[2], i[1], i[0]}; });
  EXPECT_EQ(tensor(1.0).T().dim(), 0);
  expect_view(x.mT(), x, {2, 4, 3}, [](const Shape& i) { return Shape{i[0], i[2], i[1]}; });
  EXPECT_EQ(error_of([&] {
              x.unflatten(0, {2, 2});
            }),
            "[unflatten] (2, 2) does not multiply to 2, the size of dimension 0");
  EXPECT_NE(error_of([&] { x.unflatten(1, Shape{}); }), "");
  EXPECT_NE(error_of([&] { zeros({2, 0}).unflatten(1, {0, -1}); }), "");
  EXPECT_EQ(error_of([&] { x.movedim({0, 0}, {1, 2}); }), "[movedim] a dimension is named twice: (0, 0) to (1, 2)");
  EXPECT_NE(error_of([&] { x.movedim({0, 1}, {1}); }), "");
  EXPECT_EQ(error_of([] { zeros({2}).mT(); }), "[mT] expected a matrix or several, got shape (2,)");
}

TEST(View, SqueezeAllOneOrSeveral) {
  const Tensor x = zeros({1, 2, 1});
  EXPECT_EQ(x.squeeze().shape(), (Shape{2}));
  EXPECT_EQ(x.squeeze({0, 1}).shape(), (Shape{2, 1}));
  EXPECT_EQ(x.squeeze(Shape{}).shape(), (Shape{1, 2, 1}));
  EXPECT_EQ(tensor(1.0).squeeze().dim(), 0);
  EXPECT_EQ(error_of([&] { x.squeeze({0, -3}); }), "[squeeze] dimension 0 is named twice: (0, -3)");
}

}  // namespace
}  // namespace tenon::tensor_view_test
