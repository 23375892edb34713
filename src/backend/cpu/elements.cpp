#include "backend/cpu/elements.h"

#include <cstring>

namespace tenon::backend::cpu {
namespace {

constexpr int64_t stretch = 512;  // elements: a few stretches stay in the first-level cache
constexpr std::size_t most = 4;

struct Types {
  std::size_t count;  ///< of tensors, out first
  std::array<int64_t, most> size;
};

/// n elements from one place to another that it does not overlap, by strides in bytes.
template <class T>
void move(std::byte* __restrict to, int64_t to_stride, const std::byte* __restrict from, int64_t from_stride,
          int64_t n) {
  for (int64_t i = 0; i < n; ++i) std::memcpy(to + i * to_stride, from + i * from_stride, sizeof(T));
}

void gather(std::byte* to, const std::byte* from, int64_t stride, int64_t size, int64_t n) {
  with_size(size, [&]<class T>() {
    if (stride == 2 * sizeof(T)) move<T>(to, sizeof(T), from, 2 * sizeof(T), n);  // every other: vectors
    else move<T>(to, sizeof(T), from, stride, n);
  });
}

void scatter(std::byte* to, int64_t stride, const std::byte* from, int64_t size, int64_t n) {
  with_size(size, [&]<class T>() { move<T>(to, stride, from, sizeof(T), n); });
}

template <std::size_t N>
void run_row(const Row<N>& r, const Types& types, Loop loop, int64_t number) {
  std::array<const void*, N> in;
  bool ready = r.stride[0] == types.size[0];
  for (std::size_t k = 1; k < N; ++k) {
    ready = ready && r.stride[k] == types.size[k];
    in[k - 1] = r.data[k];
  }
  if (ready) return loop(r.data[0], in.data(), r.n, number);
  struct alignas(64) Buffer {
    std::byte bytes[stretch * 8];
  };
  std::array<Buffer, N> buffers;
  for (std::size_t k = 1; k < N; ++k)
    if (r.stride[k] == 0) {  // one element for the whole row
      gather(buffers[k].bytes, r.data[k], 0, types.size[k], std::min(stretch, r.n));
      in[k - 1] = buffers[k].bytes;
    }
  for (int64_t i = 0; i < r.n; i += stretch) {
    const int64_t n = std::min(stretch, r.n - i);
    for (std::size_t k = 1; k < N; ++k) {
      const std::byte* from = r.data[k] + i * r.stride[k];
      if (r.stride[k] == types.size[k]) {
        in[k - 1] = from;
      } else if (r.stride[k] != 0) {
        gather(buffers[k].bytes, from, r.stride[k], types.size[k], n);
        in[k - 1] = buffers[k].bytes;
      }
    }
    std::byte* to = r.data[0] + i * r.stride[0];
    if (r.stride[0] == types.size[0]) {
      loop(to, in.data(), n, number);
    } else {
      loop(buffers[0].bytes, in.data(), n, number);
      scatter(to, r.stride[0], buffers[0].bytes, types.size[0], n);
    }
  }
}

template <std::size_t N>
void run(const std::array<const Tensor*, most>& all, const Types& types, Loop loop, int64_t number) {
  std::array<const Tensor*, N> tensors;
  std::copy_n(all.begin(), N, tensors.begin());
  for_rows<N>(tensors, [&](const Row<N>& r) { run_row<N>(r, types, loop, number); });
}

}  // namespace

void for_elements(const Tensor& out, std::initializer_list<const Tensor*> in, Loop loop, int64_t number) {
  std::array<const Tensor*, most> all{&out};
  std::copy(in.begin(), in.end(), all.begin() + 1);
  Types types{in.size() + 1, {}};
  bool alike = out.is_contiguous();
  for (std::size_t k = 0; k < types.count; ++k) {
    refuse_carried(all[k]->dtype());
    types.size[k] = item_size(all[k]->dtype());
    alike = alike && all[k]->is_contiguous() && all[k]->shape() == out.shape();
  }
  if (alike)  // the common case, without building a walk
    return parallel_for(out.numel(), elementwise_grain, [&](int64_t begin, int64_t end) {
      std::array<const void*, most> from;
      for (std::size_t k = 1; k < types.count; ++k) from[k - 1] = all[k]->impl()->data + begin * types.size[k];
      loop(out.impl()->data + begin * types.size[0], from.data(), end - begin, number);
    });
  switch (types.count) {
    case 2: return run<2>(all, types, loop, number);
    case 3: return run<3>(all, types, loop, number);
    default: return run<4>(all, types, loop, number);
  }
}

}  // namespace tenon::backend::cpu
