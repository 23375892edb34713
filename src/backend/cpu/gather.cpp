// Reading by number: rows, and single elements.
#include <cstring>

#include "backend/cpu/loop.h"
#include "backend/index.h"

namespace tenon::backend::cpu {
namespace {

const int64_t* numbers(const Tensor& index) { return reinterpret_cast<const int64_t*>(index.impl()->data); }

/// to(i) = from(which(i)) for rows begin … end of so many bytes, which are moved at once. They may be several elements,
/// so they need not be aligned as a number of that size.
template <std::size_t bytes>
void gather_small_rows(std::byte* to, const std::byte* from, const int64_t* which, int64_t begin, int64_t end) {
  constexpr auto step = static_cast<int64_t>(bytes);
  for (int64_t i = begin; i < end; ++i) std::memcpy(to + i * step, from + which[i] * step, bytes);
}

}  // namespace

std::optional<std::pair<int64_t, int64_t>> range_outside(const Tensor& index, int64_t size) {
  const int64_t n = index.numel();
  if (n == 0) return {};
  const int64_t* which = numbers(index);
  uint64_t signs = 0;  // of n and size − 1 − n, which one pass without branches collects
  for (int64_t i = 0; i < n; ++i)
    signs |= static_cast<uint64_t>(which[i]) | (static_cast<uint64_t>(size - 1) - static_cast<uint64_t>(which[i]));
  if (static_cast<int64_t>(signs) >= 0) return {};
  int64_t least = which[0], greatest = which[0];
  for (int64_t i = 1; i < n; ++i) {
    least = std::min(least, which[i]);
    greatest = std::max(greatest, which[i]);
  }
  return std::pair(least, greatest);
}

void gather_rows(const Tensor& out, const Tensor& in, const Tensor& index, int64_t outer, int64_t inner) {
  const int64_t bytes = inner * item_size(in.dtype()), n = index.numel();
  if (out.numel() == 0) return;
  const int64_t* which = numbers(index);
  const int64_t block = in.numel() / outer * item_size(in.dtype());  // of one `outer`, in bytes
  const std::byte* from = in.impl()->data;
  std::byte* to = out.impl()->data;
  parallel_for(outer * n, std::max<int64_t>(copy_grain / bytes, 1), [&](int64_t begin, int64_t end) {
    while (begin < end) {  // an `outer`, or what of it is in this piece
      const int64_t o = begin / n, first = begin % n, last = std::min(n, first + end - begin);
      const std::byte* block_in = from + o * block;
      std::byte* block_out = to + o * n * bytes;
      if (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8 || bytes == 16)
        with_size(bytes, [&]<class T>() { gather_small_rows<sizeof(T)>(block_out, block_in, which, first, last); });
      else
        for (int64_t i = first; i < last; ++i)
          std::memcpy(block_out + i * bytes, block_in + which[i] * bytes, static_cast<std::size_t>(bytes));
      begin += last - first;
    }
  });
}

void gather(const Tensor& out, const Tensor& in, const Tensor& index, int64_t step) {
  with_size(out.dtype(), [&]<class T>() {
    for_rows<3>({&out, &in, &index}, [step](const Row<3>& r) {
      const auto size = static_cast<int64_t>(sizeof(T));
      if (r.stride[2] == 0 && r.stride[0] == size && r.stride[1] == size) {  // one number for a whole row
        std::memcpy(r.data[0], r.data[1] + at<int64_t>(r.data[2]) * step * size,
                    static_cast<std::size_t>(r.n) * sizeof(T));
        return;
      }
      if (r.stride[2] == item_size(int64) && r.stride[0] == size && (r.stride[1] == 0 || r.stride[1] == size)) {
        T* to = reinterpret_cast<T*>(r.data[0]);
        const T* from = reinterpret_cast<const T*>(r.data[1]);
        const auto* which = reinterpret_cast<const int64_t*>(r.data[2]);
        if (r.stride[1] == 0)
          for (int64_t i = 0; i < r.n; ++i) to[i] = from[which[i] * step];
        else
          for (int64_t i = 0; i < r.n; ++i) to[i] = from[i + which[i] * step];
        return;
      }
      for (int64_t i = 0; i < r.n; ++i)
        at<T>(r.data[0] + i * r.stride[0]) =
            at<T>(r.data[1] + i * r.stride[1] + at<int64_t>(r.data[2] + i * r.stride[2]) * step * size);
    });
  });
}

void place_offsets(const Tensor& out, const Tensor& places, const Shape& sizes, const Shape& strides) {
  const int64_t* from = numbers(places);
  auto* to = reinterpret_cast<int64_t*>(out.impl()->data);
  parallel_for(out.numel(), elementwise_grain / 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t rest = from[i], offset = 0;
      for (std::size_t d = sizes.size(); d-- > 0;) {
        offset += rest % sizes[d] * strides[d];
        rest /= sizes[d];
      }
      to[i] = offset;
    }
  });
}

}  // namespace tenon::backend::cpu
