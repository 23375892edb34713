// Shapes and types without data, and devices that are not there.
#include <tenon/nn/functional.h>

#include "tensor/check.h"

namespace tenon::meta_test {
namespace {

using test::error_of;

TEST(Meta, OperationsGiveShapesAndTypes) {
  const Tensor x = empty({4, 3}, {.device = kMeta}), w = empty({5, 3}, {.device = kMeta}),
               b = empty({5}, {.device = kMeta});
  const Tensor y = nn::functional::linear(x, w, b).relu();
  EXPECT_EQ(y.shape(), (Shape{4, 5}));
  EXPECT_TRUE(y.is_meta());
  EXPECT_EQ(softmax(y, 1).sum({0}).shape(), (Shape{5}));
  EXPECT_EQ((x + x.to(float64)).dtype(), float64);
  EXPECT_EQ((x * 2.0 == x).dtype(), boolean);
  EXPECT_EQ(x.argmax(1).dtype(), int64);
  EXPECT_EQ(cat({x, x}).shape(), (Shape{8, 3}));
  EXPECT_EQ(x.index_select(0, zeros({7}, {int64, kMeta})).shape(), (Shape{7, 3}));
  EXPECT_EQ(x.norm().dim(), 0);
  const Tensor target = zeros({4}, {int64, kMeta});
  EXPECT_EQ(nn::functional::cross_entropy(y, target).dim(), 0);
  EXPECT_EQ(nn::functional::dropout(x, 0.5, true).shape(), x.shape());
}

TEST(Meta, ReductionsAndOrderGiveShapes) {
  const Tensor x = empty({4, 3}, {.device = kMeta});
  for (const Tensor& y :
       {x.sum({1}), x.nansum({1}), x.nanmean({1}), x.prod(1), x.mean({1}), x.var({1}), x.std({1}), x.norm(3, {1}),
        x.logsumexp({1}), x.amax({1}), x.max(1).indices, x.argmin(1), x.all({1}), x.count_nonzero({1}),
        x.median(1).values, x.mode(1).values, x.kthvalue(2, 1).values, x.quantile(0.5, 1)})
    EXPECT_EQ(y.shape(), (Shape{4}));
  for (const Tensor& y : {x.cumsum(1), x.cumprod(0), x.logcumsumexp(1), x.cummax(0).indices, x.sort(0).values,
                          x.topk(3).values, x.softmax(0)}) {
    EXPECT_EQ(y.shape(), x.shape());
    EXPECT_TRUE(y.is_meta());
  }
  for (const Tensor& y : {x.max(), x.median(), x.quantile(0.5), x.any(), dist(x, x)}) EXPECT_EQ(y.dim(), 0);
  EXPECT_NE(error_of([&] { unique(x); }), "");
}

TEST(Meta, ShapesAreStillChecked) {
  EXPECT_NE(error_of([] { empty({2}, {.device = kMeta}) + empty({3}, {.device = kMeta}); }), "");
}

TEST(Meta, NoMemoryIsTaken) {
  const Tensor x = zeros({int64_t{1} << 50}, {.device = kMeta});
  EXPECT_EQ((x + x).numel(), int64_t{1} << 50);
}

TEST(Meta, ACopyThereLiesInMemoryAsItsSource) {
  const Tensor x = ones({2, 3, 4});
  // torch.ones(2, 3, 4).transpose(0, 2).to("meta").stride(), and so on
  EXPECT_EQ(x.transpose(0, 2).to(kMeta).strides(), (Shape{1, 4, 12}));
  EXPECT_EQ(ones({4, 6}).slice(1, Slice(0, 6, 2)).t().to(kMeta).strides(), (Shape{1, 3}));
  EXPECT_EQ(ones({3, 1}).expand({3, 4}).to(kMeta).strides(), (Shape{4, 1}));
  EXPECT_EQ(empty_like(ones({2, 3}).t(), {.device = kMeta}).strides(), (Shape{1, 3}));
}

TEST(Meta, NumbersGoAlong) {
  const Tensor x = empty({2, 3}, {.device = kMeta}), whole = x.to(int64), number = tensor(2.0);
  for (const Tensor& y : {x * 2, 1 - x, x + number, number / x, pow(2, x), x.lerp(x, 0.5), where(x > 1, x, 0),
                          x.addcmul(number, number), whole % 0, isin(whole, 3), number.lerp(x, x)}) {
    EXPECT_TRUE(y.is_meta());
    EXPECT_EQ(y.shape(), x.shape());
  }
  EXPECT_TRUE(where(x > 1, 1, 0).is_meta());
  EXPECT_TRUE(Tensor(x.clone()).add_(1).mul_(number).is_meta());
  EXPECT_THROW(ones({}).add_(empty({}, {.device = kMeta})), Error);
  // torch: "Cannot copy out of meta tensor; no data!"
  const Tensor trained = tensor(2.0).requires_grad_();
  EXPECT_EQ(
      error_of([&] { (x * trained).sum().backward(); }),
      "backward of mul: [to] a tensor on the meta device has no data to copy to cpu: use empty_like() or to_empty()");
}

TEST(Meta, GoesBackToo) {
  const Tensor w = empty({3, 2}, {.device = kMeta, .requires_grad = true});
  matmul(empty({4, 3}, {.device = kMeta}), w).relu().sum().backward();
  EXPECT_EQ(w.grad().shape(), (Shape{3, 2}));
  EXPECT_TRUE(w.grad().is_meta());
}

TEST(Meta, ThereIsNoDataToReach) {
  const Tensor x = zeros({1}, {.device = kMeta});
  const std::string text =
      "[data] a tensor on the meta device has no data: move the module with to_empty(), or load with assign";
  EXPECT_EQ(error_of([&] { x.item<float>(); }), text);
  EXPECT_EQ(error_of([&] { x.data<float>(); }), text);
  EXPECT_EQ(error_of([&] { (void)x.raw_data(); }), text);
  EXPECT_EQ(error_of([&] { x.span<float>(); }), text);
  EXPECT_EQ(error_of([&] { x.to_vector<float>(); }), text);
  EXPECT_EQ(error_of([&] { x.cpu(); }),
            "[to] a tensor on the meta device has no data to copy to cpu: use empty_like() or to_empty()");
}

TEST(Meta, ATensorCanBeMovedThereAndNotMixed) {
  const Tensor x = ones({2, 3});
  EXPECT_TRUE(x.to(kMeta).is_meta());
  EXPECT_EQ(x.to(kMeta).shape(), x.shape());
  EXPECT_NE(error_of([&] { x + x.to(kMeta); }).find("expected tensors on one device, got cpu and meta"),
            std::string::npos);
  EXPECT_NE(error_of([&] { matmul(x.t(), x.to(kMeta)); }), "");
  EXPECT_EQ((x.to(kMeta) + tensor(1.0)).shape(), x.shape());  // a number goes along
}

TEST(Cuda, IsAClearErrorWhereItIsNotBuilt) {
  const std::string text = "[Device] cuda:0 is not there: this build of tenon has no CUDA; use \"cpu\" or \"meta\"";
  EXPECT_EQ(error_of([] { ones({2}).to("cuda"); }), text);
  EXPECT_EQ(error_of([] { zeros({2}, {.device = kCUDA}); }), text);
  EXPECT_EQ(error_of([] { tensor({1.0}, {.device = "cuda:0"}); }), text);
}

}  // namespace
}  // namespace tenon::meta_test
