#include "tensor/layout.h"

#include <algorithm>
#include <numeric>

namespace tenon {

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
