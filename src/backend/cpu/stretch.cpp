#include "backend/cpu/stretch.h"

#include <cstring>

namespace tenon::backend::cpu {
namespace {

template <class T>
void gather(T* to, const std::byte* row, int64_t stride, int64_t n) {
  for (int64_t i = 0; i < n; ++i) std::memcpy(to + i, row + i * stride, sizeof(T));
}

template <class T>
void scatter(const T* from, std::byte* row, int64_t stride, int64_t n) {
  for (int64_t i = 0; i < n; ++i) std::memcpy(row + i * stride, from + i, sizeof(T));
}

}  // namespace

Operand load_stretch(DType type, const std::byte* row, int64_t stride, int64_t n, StretchBuffer& buffer) {
  const bool single = stride == 0, ready = single || stride == item_size(type);
  if (single) n = 1;
  switch (type) {
    case DType::float64:
      if (ready) return {row, single};
      gather(buffer.as<double>(), row, stride, n);
      break;
    case DType::float32:
      if (ready) return {row, single};
      gather(buffer.as<float>(), row, stride, n);
      break;
    default: {
      std::array<uint16_t, stretch_size> halves;
      if (!ready) gather(halves.data(), row, stride, n);
      vector_widen(type, buffer.as<float>(), ready ? static_cast<const void*>(row) : halves.data(), n);
    }
  }
  return {buffer.bytes.data(), single};
}

void store_stretch(DType type, std::byte* row, int64_t stride, int64_t n, StretchBuffer& buffer) {
  switch (type) {
    case DType::boolean: return scatter(buffer.as<bool>(), row, stride, n);
    case DType::float64: return scatter(buffer.as<double>(), row, stride, n);
    case DType::float32: return scatter(buffer.as<float>(), row, stride, n);
    default: break;
  }
  const auto* from = buffer.as<float>();
  if (stride == item_size(type)) return vector_narrow(type, row, from, n);
  std::array<uint16_t, stretch_size> halves;
  vector_narrow(type, halves.data(), from, n);
  scatter(halves.data(), row, stride, n);
}

}  // namespace tenon::backend::cpu
