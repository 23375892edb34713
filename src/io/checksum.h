#pragma once
#include <cstdint>
#include <span>

#include "backend/cpu/simd/vector_crc32.h"

namespace tenon::io {

/// The CRC-32 of zip archives; `before`: of the bytes that these come after.
inline uint32_t checksum(std::span<const std::byte> bytes, uint32_t before = 0) {
  return backend::cpu::vector_crc32(before, bytes.data(), bytes.size());
}

}  // namespace tenon::io
