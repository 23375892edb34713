// Tensors one after the other.
#include <cstring>

#include "backend/cpu/parallel.h"
#include "backend/memory.h"

namespace tenon::backend::cpu {

void join(const Tensor& out, std::span<const Tensor> parts, int64_t dim) {
  if (out.numel() == 0) return;
  int64_t outer = 1;
  for (int64_t d = 0; d < dim; ++d) outer *= out.size(d);
  std::vector<int64_t> begins{0};  // of each part in a row of bytes
  for (const Tensor& t : parts) begins.push_back(begins.back() + t.nbytes() / outer);
  const int64_t row = begins.back();
  // The result is cut anywhere, so that two large parts, or ten thousand small ones, are shared out evenly.
  parallel_for(outer * row, copy_grain * 2, [&](int64_t begin, int64_t end) {
    int64_t o = begin / row, within = begin % row;
    auto p = static_cast<std::size_t>(std::upper_bound(begins.begin(), begins.end(), within) - begins.begin()) - 1;
    while (begin < end) {
      const int64_t width = begins[p + 1] - begins[p], skipped = within - begins[p],
                    n = std::min(width - skipped, end - begin);
      if (n > 0)
        std::memcpy(out.impl()->data + begin, parts[p].impl()->data + o * width + skipped, static_cast<std::size_t>(n));
      begin += n;
      within += n;
      if (++p == parts.size()) {
        p = 0;
        within = 0;
        ++o;
      }
    }
  });
}

}  // namespace tenon::backend::cpu
