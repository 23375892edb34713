#pragma once
// Moving elements without looking at them: one function for each size, not for each type.
#include <cstdint>

namespace tenon::backend::cpu {

/// f.template operator()<T>() with T an unsigned integer as large as the element.
template <class F>
decltype(auto) with_size(int64_t bytes, F&& f) {
  switch (bytes) {
    case 1: return f.template operator()<uint8_t>();
    case 2: return f.template operator()<uint16_t>();
    case 4: return f.template operator()<uint32_t>();
    default: return f.template operator()<uint64_t>();
  }
}

/// Bytes of a copy from which a second thread pays: what takes the time is waiting for memory, which two can do at once.
inline constexpr int64_t copy_grain = 1 << 16;

}  // namespace tenon::backend::cpu
