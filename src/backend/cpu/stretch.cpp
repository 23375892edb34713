#include "backend/cpu/stretch.h"

#include <cstring>

namespace tenon::backend::cpu {
namespace {

/// n elements from one place to another that it does not overlap, by strides in bytes.
template <class T>
void move(std::byte* __restrict to, int64_t to_stride, const std::byte* __restrict from, int64_t from_stride,
          int64_t n) {
  for (int64_t i = 0; i < n; ++i) std::memcpy(to + i * to_stride, from + i * from_stride, sizeof(T));
}

}  // namespace

void gather_elements(std::byte* to, const std::byte* from, int64_t stride, int64_t size, int64_t n) {
  with_size(size, [&]<class T>() {
    if (stride == 2 * sizeof(T)) move<T>(to, sizeof(T), from, 2 * sizeof(T), n);  // every other: vectors
    else move<T>(to, sizeof(T), from, stride, n);
  });
}

void scatter_elements(std::byte* to, int64_t stride, const std::byte* from, int64_t size, int64_t n) {
  with_size(size, [&]<class T>() { move<T>(to, stride, from, sizeof(T), n); });
}

Operand load_stretch(DType type, const std::byte* row, int64_t stride, int64_t n, StretchBuffer& buffer) {
  const bool single = stride == 0, ready = single || stride == item_size(type);
  if (single) n = 1;
  if (!is_half(type)) {
    if (ready) return {row, single};
    gather_elements(buffer.bytes.data(), row, stride, item_size(type), n);
  } else {
    std::array<uint16_t, stretch_size> halves;
    if (!ready) gather_elements(reinterpret_cast<std::byte*>(halves.data()), row, stride, sizeof(uint16_t), n);
    vector_widen(type, buffer.as<float>(), ready ? static_cast<const void*>(row) : halves.data(), n);
  }
  return {buffer.bytes.data(), single};
}

void store_stretch(DType type, std::byte* row, int64_t stride, int64_t n, StretchBuffer& buffer) {
  if (!is_half(type)) return scatter_elements(row, stride, buffer.bytes.data(), item_size(type), n);
  const auto* from = buffer.as<float>();
  if (stride == item_size(type)) return vector_narrow(type, row, from, n);
  std::array<uint16_t, stretch_size> halves;
  vector_narrow(type, halves.data(), from, n);
  scatter_elements(row, stride, reinterpret_cast<const std::byte*>(halves.data()), sizeof(uint16_t), n);
}

}  // namespace tenon::backend::cpu
