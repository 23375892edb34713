#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace tenon::io {

/// The CRC-32 of zip archives; `before`: of the bytes that these come after.
uint32_t checksum(std::span<const std::byte> bytes, uint32_t before = 0);

}  // namespace tenon::io
