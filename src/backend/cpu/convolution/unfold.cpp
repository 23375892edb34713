// Windows as columns of a matrix, and back.
#include "backend/cpu/convolution/kernels.h"
#include "backend/cpu/loop.h"

namespace tenon::backend::cpu {
namespace {

/// f(channel of the batch, tap, row of the window places, x's row or −1 where that is outside) with the columns' and
/// x's elements of one channel.
struct Columns {
  Columns(const Tensor& columns, const Tensor& x, const Windows& windows) : w(windows) {
    const Shape& c = columns.shape();
    const Shape& image = x.shape();
    planes = c[0] * c[1];
    for (std::size_t d = 0; d < 2; ++d) {
      kernel[d] = c[2 + d];
      out[d] = c[4 + d];
      in[d] = image[2 + d];
    }
  }
  /// Of window places along d, those at which this tap is inside: [first, last).
  std::pair<int64_t, int64_t> inside(std::size_t d, int64_t tap) const {
    const int64_t at = tap * w.dilation[d] - w.padding[d], stride = w.stride[d];
    const auto up = [stride](int64_t n) { return n <= 0 ? 0 : (n + stride - 1) / stride; };
    const int64_t first = std::min(up(-at), out[d]);
    return {first, std::clamp(up(in[d] - at), first, out[d])};
  }

  const Windows& w;
  int64_t planes;
  std::array<int64_t, 2> kernel, out, in;
};

/// one_row(columns' elements, x's elements, their number, x's step) for every row of every tap of a plane.
template <class T, class F>
void for_rows(const Columns& c, int64_t plane, T* columns, T* x, F one_row) {
  const int64_t places = c.out[0] * c.out[1];
  columns += plane * c.kernel[0] * c.kernel[1] * places;
  x += plane * c.in[0] * c.in[1];
  for (int64_t i = 0; i < c.kernel[0]; ++i)
    for (int64_t j = 0; j < c.kernel[1]; ++j, columns += places) {
      const auto [top, bottom] = c.inside(0, i);
      const auto [left, right] = c.inside(1, j);
      for (int64_t o = top; o < bottom; ++o)
        one_row(columns + o * c.out[1] + left,
                x + (o * c.w.stride[0] + i * c.w.dilation[0] - c.w.padding[0]) * c.in[1] + left * c.w.stride[1] +
                    j * c.w.dilation[1] - c.w.padding[1],
                right - left, c.w.stride[1]);
    }
}

int64_t grain(const Columns& c) {
  return elementwise_grain / (c.kernel[0] * c.kernel[1] * c.out[0] * c.out[1] + 1) + 1;
}

}  // namespace

void unfold(const Tensor& columns, const Tensor& x, const Windows& windows) {
  const Columns c(columns, x, windows);
  const int64_t each = c.kernel[0] * c.kernel[1] * c.out[0] * c.out[1];
  with_type(x.dtype(), [&]<class T>() {
    T* to = reinterpret_cast<T*>(columns.impl()->data);
    T* from = reinterpret_cast<T*>(x.impl()->data);
    parallel_for(c.planes, grain(c), [&](int64_t begin, int64_t end) {
      std::fill(to + begin * each, to + end * each, T{});
      for (int64_t plane = begin; plane < end; ++plane)
        for_rows(c, plane, to, from, [](T* y, const T* row, int64_t n, int64_t step) {
          if (step == 1) std::copy_n(row, n, y);
          else
            for (int64_t i = 0; i < n; ++i) y[i] = row[i * step];
        });
    });
  });
}

void fold(const Tensor& x, const Tensor& columns, const Windows& windows) {
  const Columns c(columns, x, windows);
  const int64_t each = c.in[0] * c.in[1];
  with_type(x.dtype(), [&]<class T>() {
    T* to = reinterpret_cast<T*>(x.impl()->data);
    T* from = reinterpret_cast<T*>(columns.impl()->data);
    parallel_for(c.planes, grain(c), [&](int64_t begin, int64_t end) {
      std::fill(to + begin * each, to + end * each, T{});
      for (int64_t plane = begin; plane < end; ++plane)
        for_rows(c, plane, from, to, [](const T* y, T* row, int64_t n, int64_t step) {
          for (int64_t i = 0; i < n; ++i) row[i * step] = static_cast<T>(row[i * step] + y[i]);
        });
    });
  });
}

}  // namespace tenon::backend::cpu
