#include "io/checksum.h"

#include <algorithm>

#include <zlib.h>

namespace tenon::io {

uint32_t checksum(std::span<const std::byte> bytes, uint32_t before) {
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min<std::size_t>(bytes.size(), 1U << 30));  // zlib counts in 32 bits
    before = static_cast<uint32_t>(
        crc32(before, reinterpret_cast<const Bytef*>(part.data()), static_cast<uInt>(part.size())));
    bytes = bytes.subspan(part.size());
  }
  return before;
}

}  // namespace tenon::io
