#pragma once
// Rows of any layout and real type, shown to a kernel as stretches of contiguous floats (doubles for float64): half
// types are widened, strided elements gathered, and the result goes the same way back. One kernel a function then
// serves every type and layout.
#include "backend/cpu/loop.h"
#include "backend/cpu/simd/vector_elementwise.h"

namespace tenon::backend::cpu {

/// Elements of a stretch: a few of them stay in the first-level cache.
inline constexpr int64_t stretch_size = 512;
struct alignas(64) StretchBuffer {
  std::array<std::byte, stretch_size * sizeof(double)> bytes;
  template <class T>
  T* as() {
    return reinterpret_cast<T*>(bytes.data());
  }
};

/// n elements of `size` bytes, `stride` bytes apart, side by side, and back.
void gather_elements(std::byte* to, const std::byte* from, int64_t stride, int64_t size, int64_t n);
void scatter_elements(std::byte* to, int64_t stride, const std::byte* from, int64_t size, int64_t n);

/// The type that a stretch of `type` has.
inline DType stretch_type(DType type) { return type == float64 ? float64 : float32; }

/// n elements of a row as a kernel's operand, by way of the buffer where they do not lie ready.
Operand load_stretch(DType type, const std::byte* row, int64_t stride, int64_t n, StretchBuffer& buffer);
/// A stretch from the buffer to where it belongs; `type` may be bool, whose stretches are bools.
void store_stretch(DType type, std::byte* row, int64_t stride, int64_t n, StretchBuffer& buffer);

/// kernel(void* out, operands, n) over all of out (real, or bool); the inputs are real and broadcast. `work` as in
/// for_rows.
template <std::size_t N, class F>
void for_stretches(const Tensor& out, const std::array<const Tensor*, N>& in, F&& kernel, int64_t work = 1) {
  for (const Tensor* x : in) refuse_carried(x->dtype());
  std::array<const Tensor*, N + 1> all{&out};
  std::copy(in.begin(), in.end(), all.begin() + 1);
  const DType out_type = out.dtype();
  const bool ready = out_type != float16 && out_type != bfloat16;
  for_rows<N + 1>(
      all,
      [&](const Row<N + 1>& r) {
        const bool direct = ready && r.stride[0] == item_size(out_type);
        std::array<StretchBuffer, N + 1> buffers;
        std::array<Operand, N> operands;
        bool whole = direct;
        for (std::size_t k = 0; k < N && whole; ++k) {
          const DType type = in[k]->dtype();
          const int64_t stride = r.stride[k + 1];
          whole = (type == float32 || type == float64) && (stride == 0 || stride == item_size(type));
          operands[k] = {r.data[k + 1], stride == 0};
        }
        if (whole) return kernel(static_cast<void*>(r.data[0]), operands, r.n);
        for (int64_t i = 0; i < r.n; i += stretch_size) {
          const int64_t n = std::min(stretch_size, r.n - i);
          for (std::size_t k = 0; k < N; ++k)
            operands[k] =
                load_stretch(in[k]->dtype(), r.data[k + 1] + i * r.stride[k + 1], r.stride[k + 1], n, buffers[k + 1]);
          std::byte* to = r.data[0] + i * r.stride[0];
          kernel(direct ? static_cast<void*>(to) : static_cast<void*>(buffers[0].bytes.data()), operands, n);
          if (!direct) store_stretch(out_type, to, r.stride[0], n, buffers[0]);
        }
      },
      work);
}

}  // namespace tenon::backend::cpu
