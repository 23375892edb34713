#include "tensor/layout.h"

#include <algorithm>
#include <numeric>

#include <tenon/error.h>

namespace tenon {

void too_many_elements(const Shape& sizes, std::string_view operation) {
  fail(operation, "{} has more elements than memory has addresses", sizes.to_string());
}

void check_numel(const Shape& sizes, std::string_view operation) {
  int64_t n = 1;
  for (const int64_t d : sizes)
    if (__builtin_mul_overflow(n, std::max<int64_t>(d, 1), &n) || n > most_elements)
      too_many_elements(sizes, operation);
}

Shape contiguous_strides(const Shape& sizes) {
  Shape strides(sizes.size(), int64_t{1});
  for (std::size_t d = sizes.size(); d-- > 1;) strides[d - 1] = strides[d] * std::max<int64_t>(sizes[d], 1);
  return strides;
}

bool is_contiguous(const Shape& sizes, const Shape& strides) {
  int64_t expected = 1;
  bool contiguous = true;
  for (std::size_t d = sizes.size(); d-- > 0;) {
    if (sizes[d] == 0) return true;
    if (sizes[d] == 1) continue;
    contiguous = contiguous && strides[d] == expected;
    expected *= sizes[d];
  }
  return contiguous;
}

bool is_dense(const Shape& sizes, const Shape& strides) {
  SmallVector<std::size_t, 8> order(sizes.size(), std::size_t{0});
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return strides[a] < strides[b]; });
  int64_t expected = 1;
  for (const std::size_t d : order) {
    if (sizes[d] == 1) continue;
    if (strides[d] != expected) return false;
    expected *= sizes[d];
  }
  return true;
}

int64_t wrap_dim(int64_t dim, int64_t dims, std::string_view operation) {
  const int64_t range = std::max<int64_t>(dims, 1);
  if (dim < -range || dim >= range)
    fail(operation, "dimension {} is out of range: expected one of {} … {}", dim, -range, range - 1);
  return dim < 0 ? dim + range : dim;
}

Shape strides_in_order(const Shape& sizes, std::span<const Shape> others) {
  // Below 0: a is the faster one; above: the slower one; 0: nobody tells.
  const auto compare = [&](std::size_t a, std::size_t b) {
    for (const Shape& strides : others) {
      if (strides[a] == 0 || strides[b] == 0) continue;
      if (strides[a] != strides[b]) return strides[a] < strides[b] ? -1 : 1;
      if (sizes[a] > sizes[b]) return 1;
    }
    return 0;
  };
  // Sorted by insertion, from row-major order on: a dimension is carried past those that it cannot be compared with.
  Shape order(sizes.size(), int64_t{0});
  std::iota(order.begin(), order.end(), int64_t{0});
  std::reverse(order.begin(), order.end());
  const auto at = [&](std::size_t k) { return static_cast<std::size_t>(order[k]); };
  for (std::size_t i = 1; i < order.size(); ++i) {
    std::size_t here = i;
    for (std::size_t k = i; k-- > 0;) {
      const int slower = compare(at(k), at(here));
      if (slower < 0) break;
      if (slower == 0) continue;
      std::swap(order[k], order[here]);
      here = k;
    }
  }
  Shape strides(sizes.size(), int64_t{1});
  int64_t step = 1;
  for (const int64_t d : order) {
    strides[static_cast<std::size_t>(d)] = step;
    step *= std::max<int64_t>(sizes[static_cast<std::size_t>(d)], 1);
  }
  return strides;
}

}  // namespace tenon
