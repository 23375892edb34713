#pragma once
// Reductions the slow way: which elements go into each result.
#include "tensor/check.h"

namespace tenon::test {

/// The elements of x that each result over `dims` (empty: all) is made of, in row order; results in row order.
inline std::vector<std::vector<double>> groups(const Tensor& x, const Shape& dims) {
  std::vector<bool> reduced(x.shape().size(), dims.empty());
  for (const int64_t d : dims)
    if (x.dim() > 0) reduced[static_cast<std::size_t>(d < 0 ? d + x.dim() : d)] = true;
  Shape kept;
  for (std::size_t d = 0; d < reduced.size(); ++d)
    if (!reduced[d]) kept.push_back(x.shape()[d]);
  std::vector<std::vector<double>> all(static_cast<std::size_t>(kept.numel()));
  for_each_index(x.shape(), [&](const Shape& i) {
    int64_t at = 0;
    for (std::size_t d = 0; d < i.size(); ++d)
      if (!reduced[d]) at = at * x.shape()[d] + i[d];
    all[static_cast<std::size_t>(at)].push_back(element(x, i));
  });
  return all;
}

/// Compares y, row by row, with f of each group.
template <class F>
void expect_of_groups(const Tensor& y, const Tensor& x, const Shape& dims, double relative, double absolute, F f) {
  const auto all = groups(x, dims);
  ASSERT_EQ(y.numel(), static_cast<int64_t>(all.size()));
  std::size_t k = 0;
  expect_elements(y, relative, absolute, [&](const Shape&) { return f(all[k++]); });
  if (testing::Test::HasFailure())
    FAIL() << name(x.dtype()) << " " << x.shape().to_string() << " with strides " << x.strides().to_string() << " over "
           << dims.to_string();
}

/// All sets of dimensions, as reductions take them; the empty set means all.
inline std::vector<Shape> dim_sets(int64_t dims) {
  std::vector<Shape> all;
  for (int64_t bits = 0; bits < (int64_t{1} << dims); ++bits) {
    Shape set;
    for (int64_t d = 0; d < dims; ++d)
      if (bits >> d & 1) set.push_back(bits & 2 ? d - dims : d);  // some counted from the end
    all.push_back(set);
  }
  return all;
}

/// f(x, dims) for many shapes, layouts and sets of dimensions of a type.
template <class F>
void for_many(DType type, F f) {
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{7}, Shape{70}, Shape{3, 5}, Shape{2, 3, 4}, Shape{2, 3, 2, 3},
                             Shape{5, 37}, Shape{37, 5}})
    for (const Tensor& x : layouts(numbers(shape, type, 3)))
      for (const Shape& dims : dim_sets(x.dim())) {
        f(x, dims);
        if (testing::Test::HasFatalFailure() || testing::Test::HasFailure()) return;
      }
}

}  // namespace tenon::test
