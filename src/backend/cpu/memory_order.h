#pragma once
// Elements in the order in which they lie in memory, whatever the order of the dimensions: random numbers are drawn in
// it.
#include <algorithm>
#include <array>
#include <cstdint>

#include <tenon/tensor.h>

namespace tenon::backend::cpu::random {

struct Dimension {
  int64_t stride, size;
};

/// x's dimensions, the one with the smallest stride first, those of one step left out, those that join without a gap
/// joined.
SmallVector<Dimension, 8> memory_order(const Tensor& x);

/// Calls draw(T* out, int64_t n) for the next n elements until all have been drawn; elements apart are drawn into a
/// buffer.
template <class T, class Draw>
void fill_in_memory_order(const Tensor& x, const Draw& draw) {
  if (x.numel() == 0) return;
  T* const data = reinterpret_cast<T*>(x.impl()->data);
  const auto dimensions = memory_order(x);
  if (dimensions.empty()) return draw(data, int64_t{1});

  const auto [stride, n] = dimensions[0];
  std::array<T, 1024> apart;
  SmallVector<int64_t, 8> index(dimensions.size(), 0);
  for (T* row = data;;) {
    if (stride == 1) {
      draw(row, n);
    } else {
      for (int64_t begin = 0; begin < n; begin += static_cast<int64_t>(apart.size())) {
        const int64_t count = std::min(n - begin, static_cast<int64_t>(apart.size()));
        draw(apart.data(), count);
        for (int64_t i = 0; i < count; ++i) row[(begin + i) * stride] = apart[static_cast<std::size_t>(i)];
      }
    }
    std::size_t d = 1;
    for (; d < dimensions.size(); ++d) {  // on to the next row, as an odometer turns
      row += dimensions[d].stride;
      if (++index[d] < dimensions[d].size) break;
      row -= dimensions[d].stride * dimensions[d].size;
      index[d] = 0;
    }
    if (d == dimensions.size()) return;
  }
}

}  // namespace tenon::backend::cpu::random
