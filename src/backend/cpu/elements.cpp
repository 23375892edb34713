#include "backend/cpu/elements.h"

#include "backend/cpu/stretch.h"

namespace tenon::backend::cpu {
namespace {

constexpr std::size_t most = 4;

struct Types {
  std::size_t count;  ///< of tensors, out first
  std::array<int64_t, most> size;
};

template <std::size_t N>
void run(const std::array<const Tensor*, most>& all, const Types& types, Loop loop, int64_t number) {
  std::array<const Tensor*, N> tensors;
  std::array<int64_t, N> sizes;
  std::copy_n(all.begin(), N, tensors.begin());
  std::copy_n(types.size.begin(), N, sizes.begin());
  for_rows<N>(tensors, [&](const Row<N>& r) { for_elements(r, sizes, loop, number); });
}

}  // namespace

template <std::size_t N>
void for_elements(const Row<N>& r, const std::array<int64_t, N>& sizes, Loop loop, int64_t number) {
  std::array<const void*, N> in;
  bool ready = r.stride[0] == sizes[0];
  int64_t most_elements = stretch_size;
  for (std::size_t k = 0; k < N; ++k) {
    ready = ready && r.stride[k] == sizes[k];
    if (k > 0) in[k - 1] = r.data[k];
    if (sizes[k] > 8) most_elements = stretch_size / 2;  // of complex128
  }
  if (ready) return loop(r.data[0], in.data(), r.n, number);
  std::array<StretchBuffer, N> buffers;
  for (std::size_t k = 1; k < N; ++k)
    if (r.stride[k] == 0) {  // one element for the whole row
      gather_elements(buffers[k].bytes.data(), r.data[k], 0, sizes[k], std::min(most_elements, r.n));
      in[k - 1] = buffers[k].bytes.data();
    }
  for (int64_t i = 0; i < r.n; i += most_elements) {
    const int64_t n = std::min(most_elements, r.n - i);
    for (std::size_t k = 1; k < N; ++k) {
      const std::byte* from = r.data[k] + i * r.stride[k];
      if (r.stride[k] == sizes[k]) {
        in[k - 1] = from;
      } else if (r.stride[k] != 0) {
        gather_elements(buffers[k].bytes.data(), from, r.stride[k], sizes[k], n);
        in[k - 1] = buffers[k].bytes.data();
      }
    }
    std::byte* to = r.data[0] + i * r.stride[0];
    if (r.stride[0] == sizes[0]) {
      loop(to, in.data(), n, number);
    } else {
      loop(buffers[0].bytes.data(), in.data(), n, number);
      scatter_elements(to, r.stride[0], buffers[0].bytes.data(), sizes[0], n);
    }
  }
}

template void for_elements<4>(const Row<4>&, const std::array<int64_t, 4>&, Loop, int64_t);

void for_elements(const Tensor& out, std::initializer_list<const Tensor*> in, Loop loop, int64_t number) {
  std::array<const Tensor*, most> all{&out};
  std::copy(in.begin(), in.end(), all.begin() + 1);
  Types types{in.size() + 1, {}};
  bool alike = out.is_contiguous();
  for (std::size_t k = 0; k < types.count; ++k) {
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
