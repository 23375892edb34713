// Many images as one, against torchvision.utils.make_grid of torchvision 0.29.
#include <tenon/data/image.h>
#include <tenon/tenon.h>

#include "tensor/check.h"

namespace tenon::image_grid_test {
namespace {

using data::make_grid;
using test::error_of;
using test::expect_values;

TEST(MakeGrid, PutsImagesIntoRows) {
  const Tensor x = arange(24).reshape({3, 2, 2, 2}), y = make_grid(x, {.columns = 2, .padding = 1, .pad_value = 9});
  expect_values(y[0], {7, 7}, {9, 9, 9, 9, 9,  9,  9, 9, 0, 1, 9, 8,  9,  9, 9, 2, 3, 9, 10, 11, 9, 9, 9, 9, 9,
                               9, 9, 9, 9, 16, 17, 9, 9, 9, 9, 9, 18, 19, 9, 9, 9, 9, 9, 9,  9,  9, 9, 9, 9});
  expect_values(y[1].narrow(0, 1, 2), {2, 7}, {9, 4, 5, 9, 12, 13, 9, 9, 6, 7, 9, 14, 15, 9});
  EXPECT_EQ(y.dtype(), int64);
}

TEST(MakeGrid, MakesGreyImagesRGB) {
  const Tensor x = arange(8).reshape({2, 1, 2, 2});
  EXPECT_EQ(make_grid(x).shape(), Shape({3, 6, 10}));
  EXPECT_EQ(make_grid(x.narrow(0, 0, 1)).shape(), Shape({3, 2, 2}));
  EXPECT_EQ(make_grid(x[0]).shape(), Shape({3, 2, 2}));
}

TEST(MakeGrid, BringsValuesBetweenZeroAndOne) {
  const Tensor x = arange(8).to(float32).reshape({2, 1, 2, 2});
  const auto first = [&](data::MakeGridOptions o) {
    o.padding = 0;
    o.normalize = true;
    return make_grid(x, o)[0];
  };
  const float n = 1.0F / 7;
  expect_values(first({}), {2, 4}, {0, n, 4 * n, 5 * n, 2 * n, 3 * n, 6 * n, 1}, 1e-6);
  expect_values(first({.scale_each = true}), {2, 4}, {0, 1.0 / 3, 0, 1.0 / 3, 2.0 / 3, 1, 2.0 / 3, 1}, 1e-6);
  expect_values(first({.value_range = {{2, 6}}}), {2, 4}, {0, 0, 0.5, 0.75, 0, 0.25, 1, 1}, 1e-6);
}

TEST(MakeGrid, RefusesWhatAreNoImages) {
  EXPECT_EQ(error_of([] {
              make_grid(ones({2, 2}));
            }),
            "[make_grid] expected images (N, C, H, W), columns of 1 or more and padding of 0 or more, got (2, 2), 8 "
            "and 2");
  EXPECT_EQ(error_of([] {
              make_grid(ones({2, 1, 2, 2}, {uint8}), {.normalize = true});
            }),
            "[make_grid] normalize takes floating-point images, got uint8");
}

}  // namespace
}  // namespace tenon::image_grid_test
