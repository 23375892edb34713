// Windows as columns, and back. Expected numbers are PyTorch 2.15's.
#include <tenon/device.h>
#include <tenon/nn/functional/convolution.h>

#include "autograd/gradcheck.h"

namespace tenon::functional_unfold_test {
namespace {

namespace F = nn::functional;
using test::error_of;
using test::expect_values;
using test::noise;
using test::numbers;

TEST(Unfold, AndFoldArePyTorchs) {
  // F.unfold(torch.arange(6.).view(1, 1, 2, 3), (2, 2), padding=(0, 1), stride=(1, 2))
  expect_values(F::unfold(arange(6).to(float32).reshape({1, 1, 2, 3}), 2, {.padding = {0, 1}, .stride = {1, 2}}),
                {1, 4, 2}, {0, 1, 0, 2, 0, 4, 3, 5});
  // F.fold(torch.arange(12.).view(1, 4, 3), (2, 4), (2, 2))
  expect_values(F::fold(arange(12).to(float32).reshape({1, 4, 3}), {2, 4}, 2), {1, 1, 2, 4},
                {0, 4, 6, 5, 6, 16, 18, 11});
  EXPECT_EQ(F::unfold(zeros({4, 4, 5}), 2).shape(), Shape({16, 12}));
  EXPECT_EQ(F::fold(zeros({8, 12}), {4, 5}, 2).shape(), Shape({2, 4, 5}));
  EXPECT_EQ(F::unfold(zeros({0, 2, 4, 5}), 2).shape(), Shape({0, 8, 12}));
  EXPECT_EQ(F::fold(zeros({0, 8, 12}), {4, 5}, 2).shape(), Shape({0, 2, 4, 5}));
}

TEST(Unfold, TakesTensorsOfAnyLayoutAndTypes) {
  const F::UnfoldOptions options{.dilation = {1, 2}, .padding = 1, .stride = {2, 1}};
  for (const DType type : test::real_types) {
    const Tensor x = numbers({2, 3, 5, 6}, type);
    const Tensor columns = F::unfold(x, {2, 3}, options);
    for (const Tensor& image : test::layouts(x))
      EXPECT_TRUE(test::identical(F::unfold(image, {2, 3}, options), columns));
    const Tensor wanted = F::fold(columns.to(float64), {5, 6}, {2, 3}, options).to(type);
    for (const Tensor& c : test::layouts(columns))
      EXPECT_TRUE(test::identical(F::fold(c, {5, 6}, {2, 3}, options), wanted));
  }
}

TEST(Unfold, GradientsAndTheirGradients) {
  const F::UnfoldOptions options{.dilation = {1, 2}, .padding = {1, 0}, .stride = {2, 1}};
  test::gradchecks([&](const auto& in) { return F::unfold(in[0], 2, options).square(); }, {test::leaf({2, 2, 3, 4})});
  test::gradchecks(
      [&](const auto& in) {
        return F::fold(in[0], {3, 4}, 2, options).square();
      },
      {test::leaf({2, 8, 4})});
}

TEST(UnfoldParallel, GivesTheSameBitsOnAnyNumberOfThreads) {
  const int before = num_threads();
  const Tensor x = noise({4, 8, 40, 40});
  set_num_threads(1);
  const Tensor columns = F::unfold(x, 3, {.padding = 1}), image = F::fold(columns, 40, 3, {.padding = 1});
  set_num_threads(3);
  EXPECT_TRUE(test::identical(F::unfold(x, 3, {.padding = 1}), columns));
  EXPECT_TRUE(test::identical(F::fold(columns, 40, 3, {.padding = 1}), image));
  set_num_threads(before);
}

TEST(Unfold, RefusesWhatDoesNotFit) {
  const auto unfold_error = [](const Shape& x, const IntList<2>& kernel, const F::UnfoldOptions& options = {}) {
    return error_of([&] { F::unfold(zeros(x), kernel, options); });
  };
  EXPECT_EQ(unfold_error({4, 5}, 2),
            "[unfold] expected an input of shape (N, C, H, W) or (C, H, W), of which N alone may be 0, got (4, 5)");
  EXPECT_EQ(
      unfold_error({1, 0, 4, 5}, 2),
      "[unfold] expected an input of shape (N, C, H, W) or (C, H, W), of which N alone may be 0, got (1, 0, 4, 5)");
  EXPECT_EQ(unfold_error({1, 2, 4, 5}, 6),
            "[unfold] expected windows no larger than the padded image, got an image of (4, 5), padding (0, 0), kernel "
            "(6, 6), dilation (1, 1)");
  EXPECT_EQ(unfold_error({1, 2, 4, 5}, 0), "[unfold] expected a kernel size of 1 or more, got (0, 0)");
  EXPECT_EQ(unfold_error({1, 2, 4, 5}, 2, {.padding = -1}), "[unfold] expected a padding of 0 or more, got (-1, -1)");
  EXPECT_EQ(unfold_error({1, 2, 4, 5}, 2, {.stride = 0}), "[unfold] expected a stride of 1 or more, got (0, 0)");
  EXPECT_EQ(unfold_error({1, 2, 4, 5}, 2, {.dilation = 0}), "[unfold] expected a dilation of 1 or more, got (0, 0)");
  EXPECT_EQ(error_of([] {
              F::unfold(zeros({1, 2, 4, 5}, {int64}), 2);
            }),
            "[unfold] expected a floating-point tensor, got int64");
  const auto fold_error = [](const Shape& x, const IntList<2>& size) {
    return error_of([&] { F::fold(zeros(x), size, 2); });
  };
  EXPECT_EQ(fold_error({1, 7, 12}, {4, 5}),
            "[fold] expected an input of shape (N, C·4, 12) for kernel (2, 2) on an image of (4, 5), got (1, 7, 12)");
  EXPECT_EQ(fold_error({1, 8, 11}, {4, 5}),
            "[fold] expected an input of shape (N, C·4, 12) for kernel (2, 2) on an image of (4, 5), got (1, 8, 11)");
  EXPECT_EQ(
      fold_error({1, 8, 11, 1}, {4, 5}),
      "[fold] expected an input of shape (N, C·kernel, L) or (C·kernel, L), of which N alone may be 0, got (1, 8, "
      "11, 1)");
  EXPECT_EQ(
      fold_error({1, 0, 12}, {4, 5}),
      "[fold] expected an input of shape (N, C·kernel, L) or (C·kernel, L), of which N alone may be 0, got (1, 0, "
      "12)");
  EXPECT_EQ(fold_error({1, 8, 12}, {0, 5}), "[fold] expected an output_size of 1 or more, got (0, 5)");
  EXPECT_EQ(
      fold_error({1, 8, 12}, {1, 5}),
      "[fold] expected windows no larger than the padded image, got an image of (1, 5), padding (0, 0), kernel (2, "
      "2), dilation (1, 1)");
}

}  // namespace
}  // namespace tenon::functional_unfold_test
