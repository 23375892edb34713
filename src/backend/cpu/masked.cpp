// By mask: where it is true, and what stands there; the triangles of matrices.
#include <cstring>

#include "backend/cpu/loop.h"
#include "backend/cpu/workspace.h"
#include "backend/index.h"

namespace tenon::backend::cpu {
namespace {

constexpr int64_t chunk = 1 << 16;  // of a mask, in elements

int64_t count(const std::byte* mask, int64_t n) {
  int64_t sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += static_cast<int64_t>(mask[i]);
  return sum;
}

/// How many are true in each chunk.
Workspace<int64_t> counts(const Tensor& mask) {
  Workspace<int64_t> all(static_cast<std::size_t>((mask.numel() + chunk - 1) / chunk));
  parallel_chunks(mask.numel(), chunk, [&](int64_t c, int64_t begin, int64_t end) {
    all[static_cast<std::size_t>(c)] = count(mask.impl()->data + begin, end - begin);
  });
  return all;
}

/// Writes the coordinates of what is true from element `begin` on to p … end. Every element's are written, and stay if
/// it is true: no branch depends on the mask, which nothing could predict.
void places_in(const std::byte* mask, const Shape& sizes, int64_t begin, int64_t* p, const int64_t* end) {
  const std::size_t dims = sizes.size();
  if (dims == 1) {
    for (int64_t i = begin; p < end; ++i) {
      *p = i;
      p += static_cast<int64_t>(mask[i]);
    }
    return;
  }
  Shape at(dims, int64_t{0});
  int64_t rest = begin;
  for (std::size_t d = dims; d-- > 0;) {
    at[d] = rest % sizes[d];
    rest /= sizes[d];
  }
  for (int64_t i = begin; p < end; ++i) {
    for (std::size_t d = 0; d < dims; ++d) p[d] = at[d];
    p += static_cast<int64_t>(mask[i]) * static_cast<int64_t>(dims);
    for (std::size_t d = dims; d-- > 0 && ++at[d] == sizes[d];) at[d] = 0;
  }
}

}  // namespace

void masked_copy(const Tensor& out, const Tensor& mask, const Tensor& in) {
  with_size(out.dtype(), [&]<class T>() {
    for_rows<3>({&out, &mask, &in}, [](const Row<3>& r) {
      const auto size = static_cast<int64_t>(sizeof(T));
      if (r.stride[0] == size && r.stride[1] == 1 &&
          r.stride[2] == 0) {  // masked_fill: the compiler makes vectors of it
        T* to = reinterpret_cast<T*>(r.data[0]);
        const T value = at<T>(r.data[2]);
        for (int64_t i = 0; i < r.n; ++i) to[i] = static_cast<bool>(r.data[1][i]) ? value : to[i];
        return;
      }
      for (int64_t i = 0; i < r.n; ++i)
        if (at<bool>(r.data[1] + i * r.stride[1]))
          at<T>(r.data[0] + i * r.stride[0]) = at<T>(r.data[2] + i * r.stride[2]);
    });
  });
}

int64_t count_true(const Tensor& mask) {
  int64_t sum = 0;
  for (const int64_t n : counts(mask)) sum += n;
  return sum;
}

void true_places(const Tensor& out, const Tensor& mask) {
  if (out.numel() == 0) return;
  const std::byte* in = mask.impl()->data;
  auto* to = reinterpret_cast<int64_t*>(out.impl()->data);
  Workspace<int64_t> before = counts(mask);  // how many come before each chunk
  int64_t sum = 0;
  for (int64_t& n : before) sum += std::exchange(n, sum);
  parallel_chunks(mask.numel(), chunk, [&](int64_t c, int64_t begin, int64_t) {
    int64_t* p = to + before[static_cast<std::size_t>(c)] * mask.dim();
    const auto next = static_cast<std::size_t>(c) + 1;
    places_in(in, mask.shape(), begin, p, to + (next < before.size() ? before[next] * mask.dim() : out.numel()));
  });
}

void clear_triangle(const Tensor& x, int64_t k, bool above) {
  const int64_t rows = x.size(-2), columns = x.size(-1), size = item_size(x.dtype());
  if (x.numel() == 0) return;
  parallel_for(
      x.numel() / columns, std::max<int64_t>(copy_grain / (columns * size), 1), [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
          const int64_t diagonal = r % rows + k;  // its column in this row
          const int64_t from = above ? std::clamp<int64_t>(diagonal + 1, 0, columns) : 0;
          const int64_t to = above ? columns : std::clamp<int64_t>(diagonal, 0, columns);
          std::memset(x.impl()->data + (r * columns + from) * size, 0, static_cast<std::size_t>((to - from) * size));
        }
      });
}

}  // namespace tenon::backend::cpu
