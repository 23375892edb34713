#include "backend/cpu/memory_order.h"

#include <tuple>

namespace tenon::backend::cpu::random {

SmallVector<Dimension, 8> memory_order(const Tensor& x) {
  SmallVector<Dimension, 8> all;
  for (std::size_t d = x.shape().size(); d-- > 0;) {
    if (x.shape()[d] != 1) all.push_back({x.strides()[d], x.shape()[d]});
  }
  std::sort(all.begin(), all.end(), [](const Dimension& a, const Dimension& b) {
    return std::tie(a.stride, a.size) < std::tie(b.stride, b.size);
  });
  SmallVector<Dimension, 8> joined;
  for (const Dimension& d : all) {
    if (!joined.empty() && joined.back().stride * joined.back().size == d.stride) joined.back().size *= d.size;
    else joined.push_back(d);
  }
  return joined;
}

}  // namespace tenon::backend::cpu::random
