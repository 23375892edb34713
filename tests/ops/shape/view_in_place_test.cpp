// squeeze_, unsqueeze_, t_, transpose_, as_strided_, resize_, set_data: a tensor that changes its own header.
#include "autograd/gradcheck.h"
#include "tensor/check.h"

namespace tenon::view_in_place_test {
namespace {

/// In row-major order.
void expect_elements(const Tensor& x, const std::vector<double>& values) {
  test::expect_values(x.reshape(-1), {static_cast<int64_t>(values.size())}, values);
}

using test::error_of;

TEST(ViewInPlace, EveryHandleSeesTheShapeAndNoElementMoves) {
  const Tensor x = arange(6).reshape({2, 3}), handle = x, view = x[1];
  x.t_();
  EXPECT_EQ(handle.shape(), Shape({3, 2}));
  expect_elements(handle, {0, 3, 1, 4, 2, 5});
  x.unsqueeze_(0).transpose_(0, 2);
  EXPECT_EQ(x.shape(), Shape({2, 3, 1}));
  x.squeeze_();
  EXPECT_EQ(x.shape(), Shape({2, 3}));
  EXPECT_TRUE(x.is_contiguous());
  expect_elements(view, {3, 4, 5});
  x.as_strided_({2, 2}, {1, 2}, 1);
  expect_elements(x, {1, 3, 2, 4});
}

TEST(ViewInPlace, CountsAsAChange) {
  const Tensor x = zeros({1, 3});
  const uint32_t before = x.version();
  x.squeeze_();
  EXPECT_GT(x.version(), before);
}

TEST(ViewInPlace, IsRecorded) {
  const Tensor leaf = ones({2, 3}, {.requires_grad = true}), x = leaf * 2;
  x.t_().unsqueeze_(0);
  EXPECT_EQ(x.shape(), Shape({1, 3, 2}));
  (x * arange(6).reshape({1, 3, 2})).sum().backward();
  expect_elements(leaf.grad(), {0, 4, 8, 2, 6, 10});
}

TEST(ViewInPlace, OfATensorWithViewsKeepsTheirGradients) {
  const Tensor leaf = ones({2, 3}, {.requires_grad = true}), x = leaf * 2, view = x[0];
  x.t_();
  view.mul_(5);
  x.sum().backward();
  expect_elements(leaf.grad(), {10, 10, 10, 2, 2, 2});
}

// z = x * 2; v = z[:, 1:]; v.unsqueeze_(0); v.mul_(2): torch.autograd.grad(z.sum(), x) is [[2, 4, 4]]
TEST(ViewInPlace, OfAViewLeavesItsBaseAsItIs) {
  const Tensor x = ones({1, 3}, {.requires_grad = true}), z = x * 2, v = z.narrow(1, 1, 2);
  v.unsqueeze_(0);
  EXPECT_EQ(v.shape(), Shape({1, 1, 2}));
  expect_elements(autograd::grad({v.sum()}, {x}, {.retain_graph = true})[0], {0, 2, 2});
  v.mul_(2);
  EXPECT_EQ(z.shape(), Shape({1, 3}));
  expect_elements(autograd::grad({z.sum()}, {x})[0], {2, 4, 4});
}

TEST(ViewInPlace, OfALeafThatRequiresGradIsRefusedBeforeAnythingChanges) {
  const Tensor leaf = ones({1, 3}, {.requires_grad = true});
  EXPECT_NE(error_of([&] { leaf.squeeze_(); }).find("leaf"), std::string::npos);
  EXPECT_EQ(leaf.shape(), Shape({1, 3}));
  const NoGrad guard;
  leaf.squeeze_();
  EXPECT_EQ(leaf.shape(), Shape({3}));
  EXPECT_TRUE(leaf.requires_grad());
  EXPECT_EQ(error_of([&] {
              zeros({2, 3, 4}).t_();
            }),
            "[t] expected at most 2 dimensions, got (2, 3, 4): use transpose() or permute()");
}

TEST(ViewInPlace, OfAnExpandedTensorIsAllowed) {
  const Tensor x = ones({1}).expand({2, 3});
  x.t_();
  EXPECT_EQ(x.shape(), Shape({3, 2}));
}

// torch.arange(6.).resize_(2, 2), then .resize_(6)
TEST(Resize, ShowsTheSameMemoryInAnotherShape) {
  const Tensor x = arange(6);
  x.resize_({2, 2});
  expect_elements(x, {0, 1, 2, 3});
  x.resize_(6);
  expect_elements(x, {0, 1, 2, 3, 4, 5});
  const Tensor t = arange(6).reshape({2, 3}).t();
  t.resize_({2, 2});
  expect_elements(t, {0, 1, 2, 3});
}

TEST(Resize, KeepsWhatWasThereWhereItGrows) {
  const Tensor x = arange(6), view = x.narrow(0, 2, 4);
  x.resize_({2, 5});
  EXPECT_EQ(x.numel(), 10);
  expect_elements(x.reshape(-1).narrow(0, 0, 6), {0, 1, 2, 3, 4, 5});
  expect_elements(view, {2, 3, 4, 5});
  view.resize_({3, 2});  // torch: [[2, 3], [4, 5], [?, ?]]
  expect_elements(view.narrow(0, 0, 2), {2, 3, 4, 5});
  view.fill_(7);
  expect_elements(x.reshape(-1).narrow(0, 0, 6), {0, 1, 2, 3, 4, 5});
  const Tensor none = empty({0});
  none.resize_({2, 2}).fill_(1);
  expect_elements(none, {1, 1, 1, 1});
  const Tensor meta = zeros({2}, {.device = kMeta});
  meta.resize_({3, 4});
  EXPECT_EQ(meta.shape(), Shape({3, 4}));
}

TEST(Resize, RefusesGradientsAndNegativeSizes) {
  EXPECT_NE(error_of([] { zeros({3}, {.requires_grad = true}).resize_(2); }).find("requires grad"), std::string::npos);
  EXPECT_NE(error_of([] { zeros({3}).resize_(-1); }).find("negative"), std::string::npos);
  EXPECT_NE(error_of([] { (zeros({3}, {.requires_grad = true}) * 1).resize_(2); }).find("requires grad"),
            std::string::npos);
}

TEST(SetData, IsSeenByEveryHandleAndKeepsTheFlag) {
  const Tensor x = ones({3}, {.requires_grad = true}), handle = x, other = tensor({5.0, 6.0}, {.dtype = float64});
  (x * x).sum().backward();
  const Tensor view = x.detach();
  x.set_data(other);
  EXPECT_EQ(handle.shape(), Shape({2}));
  EXPECT_EQ(handle.dtype(), float64);
  EXPECT_TRUE(handle.requires_grad());
  EXPECT_FALSE(x.grad().defined());  // it does not fit any more
  expect_elements(view, {1, 1, 1});
  other.fill_(2);
  (x * x).sum().backward();
  expect_elements(x.grad(), {4, 4});
  x.set_data(zeros({2}, {.dtype = float64}));
  expect_elements(x.grad(), {4, 4});  // as in PyTorch
}

TEST(SetData, MakesWhatWasRecordedStale) {
  const Tensor x = ones({3}, {.requires_grad = true}), y = (x * x).sum();
  x.set_data(zeros({3}));
  EXPECT_NE(error_of([&] { y.backward(); }).find("changed in place"), std::string::npos);
}

TEST(SetData, RefusesViewsComputedTensorsAndIntegersForALeaf) {
  const Tensor x = ones({3}, {.requires_grad = true});
  EXPECT_NE(error_of([&] { (x * 2).set_data(zeros({3})); }).find("computed"), std::string::npos);
  EXPECT_NE(error_of([] { zeros({3})[0].set_data(zeros({})); }).find("view"), std::string::npos);
  EXPECT_NE(error_of([&] { x.set_data(arange(3)); }).find("int64"), std::string::npos);
}

}  // namespace
}  // namespace tenon::view_in_place_test
