#pragma once
// The CRC-32 of zip archives, by the processor's carry-less multiplication.
#include <cstddef>
#include <cstdint>

#include "base/internal_api.h"

namespace tenon::backend::cpu {

/// As zlib's crc32: goes on from the checksum `before`.
TENON_INTERNAL_API uint32_t vector_crc32(uint32_t before, const std::byte* bytes, std::size_t n);

}  // namespace tenon::backend::cpu
