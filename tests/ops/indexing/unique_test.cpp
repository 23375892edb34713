// Different elements, and different slices.
#include <map>

#include "tensor/check.h"

namespace tenon::unique_test {
namespace {

using test::error_of;
using test::expect_values;
using test::nan;

TEST(Unique, EveryTypeAndLayout) {
  for (const DType type : test::all_types)
    for (const Shape& shape : {Shape{}, Shape{1}, Shape{50}, Shape{3, 40}, Shape{2, 1500}})
      for (const Tensor& x : test::layouts(test::numbers(shape, type))) {
        std::map<double, double> count;
        for (const double v : test::elements(x)) ++count[v];
        const Unique y = unique(x, {.return_inverse = true, .return_counts = true});
        ASSERT_EQ(y.values.dtype(), type);
        ASSERT_EQ(y.values.numel(), static_cast<int64_t>(count.size()));
        int64_t k = 0;
        for (const auto& [value, times] : count) {
          ASSERT_EQ(y.values[k].item<double>(), value);
          ASSERT_EQ(y.counts[k++].item<double>(), times);
        }
        ASSERT_EQ(y.inverse.shape(), x.shape());
        test::expect_elements(y.inverse, 0, 0, [&](const Shape& i) {
          return static_cast<double>(std::distance(count.begin(), count.find(test::element(x, i))));
        });
      }
}

TEST(Unique, WhatIsNotAskedForIsUndefined) {
  const Unique y = unique(tensor({2, 1, 2}));
  EXPECT_FALSE(y.inverse.defined());
  EXPECT_FALSE(y.counts.defined());
  EXPECT_FALSE(unique(ones({3}, {.requires_grad = true})).values.requires_grad());
}

TEST(Unique, NansAreDifferentAndZerosEqual) {
  const Unique y = unique(tensor({nan, 1.0, nan, 0.0, -0.0}), {.return_inverse = true, .return_counts = true});
  expect_values(y.values, {4}, {0, 1, nan, nan});
  expect_values(y.inverse, {5}, {2, 1, 3, 0, 0});
  expect_values(y.counts, {4}, {2, 1, 1, 1});
}

TEST(Unique, Slices) {
  const Tensor x = tensor({{1, 2}, {1, 2}, {0, 5}});
  const Unique rows = unique(x, {.return_inverse = true, .return_counts = true, .dim = 0});
  expect_values(rows.values, {2, 2}, {0, 5, 1, 2});
  expect_values(rows.inverse, {3}, {1, 1, 0});
  expect_values(rows.counts, {2}, {1, 2});
  const Unique columns = unique(tensor({{2, 1, 2}, {3, 4, 3}}), {.return_inverse = true, .dim = -1});
  expect_values(columns.values, {2, 2}, {1, 2, 4, 3});
  expect_values(columns.inverse, {3}, {1, 0, 1});
  EXPECT_EQ(unique(tensor({{nan, 1.0}, {nan, 1.0}}), {.dim = 0}).values.size(0), 2);
  EXPECT_EQ(unique(zeros({0, 2}), {.return_inverse = true, .dim = 0}).inverse.shape(), (Shape{0}));
  EXPECT_NE(error_of([] { unique(zeros({2, 0}), {.dim = 0}); }), "");
  EXPECT_NE(error_of([] { unique(zeros({0, 0}), {.dim = 0}); }), "");
  EXPECT_NE(error_of([] { unique(tensor(3.0), {.dim = 0}); }), "");
  EXPECT_NE(error_of([] { unique(zeros({2}), {.dim = 1}); }), "");
}

TEST(Unique, OfNothing) {
  const Unique y = unique(zeros({0, 3}), {.return_inverse = true, .return_counts = true});
  EXPECT_EQ(y.values.shape(), (Shape{0}));
  EXPECT_EQ(y.inverse.shape(), (Shape{0, 3}));
  EXPECT_EQ(y.counts.shape(), (Shape{0}));
}

TEST(UniqueConsecutive, RunsOfEquals) {
  const Unique y = unique_consecutive(tensor({1, 1, 2, 2, 1}), {.return_inverse = true, .return_counts = true});
  expect_values(y.values, {3}, {1, 2, 1});
  expect_values(y.inverse, {5}, {0, 0, 1, 1, 2});
  expect_values(y.counts, {3}, {2, 2, 1});
  const Unique rows =
      unique_consecutive(tensor({{1, 1}, {1, 1}, {2, 1}}), {.return_inverse = true, .return_counts = true, .dim = 0});
  expect_values(rows.values, {2, 2}, {1, 1, 2, 1});
  expect_values(rows.inverse, {3}, {0, 0, 1});
  expect_values(rows.counts, {2}, {2, 1});
  EXPECT_EQ(unique_consecutive(tensor({nan, nan})).values.numel(), 2);
  expect_values(unique_consecutive(tensor({{1, 1}, {2, 2}}), {.return_inverse = true}).inverse, {2, 2}, {0, 0, 1, 1});
}

}  // namespace
}  // namespace tenon::unique_test
