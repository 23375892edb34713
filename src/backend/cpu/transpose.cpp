#include "backend/cpu/transpose.h"

#include <algorithm>

#include "backend/cpu/loop.h"

namespace tenon::backend::cpu {
namespace {

// A walk row by row touches a cache line of one side for each element. Here a strip is as wide as `in`'s lines, and
// goes along `out`'s: what is touched is soon used up.
constexpr int64_t block = 8;
template <class T>
inline constexpr int64_t strip = std::max<int64_t>(block, 64 / static_cast<int64_t>(sizeof(T)));

/// out(i, j) = in(i, j) for at most a strip of rows; out's columns and in's rows follow each other in memory.
template <class T>
void copy_strip(T* out, int64_t out_row, const T* in, int64_t in_column, int64_t rows, int64_t columns) {
  const int64_t whole = rows / block * block;
  int64_t j = 0;
  for (; j + block <= columns; j += block) {
    for (int64_t i = 0; i < whole; i += block) {
      T values[block][block];
      for (int64_t c = 0; c < block; ++c)
        for (int64_t r = 0; r < block; ++r) values[r][c] = in[(j + c) * in_column + i + r];
      for (int64_t r = 0; r < block; ++r) std::copy_n(values[r], block, out + (i + r) * out_row + j);
    }
    for (int64_t i = whole; i < rows; ++i)
      for (int64_t c = j; c < j + block; ++c) out[i * out_row + c] = in[c * in_column + i];
  }
  for (; j < columns; ++j)
    for (int64_t i = 0; i < rows; ++i) out[i * out_row + j] = in[j * in_column + i];
}

/// The dimension along which elements follow each other, the longest one; -1 for none.
int64_t dense_dim(const Tensor& x) {
  int64_t best = -1;
  for (int64_t d = 0; d < x.dim(); ++d)
    if (x.stride(d) == 1 && x.size(d) >= block && (best < 0 || x.size(d) > x.size(best))) best = d;
  return best;
}

}  // namespace

bool copy_transposed(const Tensor& out, const Tensor& in) {
  if (out.dim() < 2 || (out.is_contiguous() && in.is_contiguous()) || out.shape() != in.shape()) return false;
  const int64_t across = dense_dim(out), down = dense_dim(in);
  if (across < 0 || down < 0 || across == down || in.stride(across) == 0) return false;
  int64_t matrices = 1;
  for (int64_t d = 0; d < out.dim(); ++d)
    if (d != across && d != down) matrices *= out.size(d);
  with_size(out.dtype(), [&]<class T>() {
    const int64_t rows = out.size(down), columns = out.size(across), strips = (rows + strip<T> - 1) / strip<T>;
    parallel_for(matrices * strips, std::max<int64_t>(1, elementwise_grain / (strip<T> * columns)),
                 [&](int64_t begin, int64_t end) {
                   for (int64_t n = begin; n < end; ++n) {
                     T* to = reinterpret_cast<T*>(out.impl()->data);
                     const T* from = reinterpret_cast<const T*>(in.impl()->data);
                     int64_t rest = n / strips;
                     for (int64_t d = out.dim() - 1; d >= 0; --d) {
                       if (d == across || d == down) continue;
                       to += rest % out.size(d) * out.stride(d);
                       from += rest % out.size(d) * in.stride(d);
                       rest /= out.size(d);
                     }
                     const int64_t row = n % strips * strip<T>;
                     copy_strip(to + row * out.stride(down), out.stride(down), from + row, in.stride(across),
                                std::min(strip<T>, rows - row), columns);
                   }
                 });
  });
  return true;
}

}  // namespace tenon::backend::cpu
