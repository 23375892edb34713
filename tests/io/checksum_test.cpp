#include "io/checksum.h"

#include <gtest/gtest.h>

#include <vector>

namespace tenon::io::checksum_test {
namespace {

/// Bit by bit, as the format's description has it.
uint32_t slowly(std::span<const std::byte> bytes, uint32_t before) {
  uint32_t c = ~before;
  for (const std::byte b : bytes) {
    c ^= static_cast<uint32_t>(b);
    for (int bit = 0; bit < 8; ++bit) c = (c >> 1) ^ (c & 1 ? 0xEDB88320 : 0);
  }
  return ~c;
}

TEST(Checksum, IsTheSlowOneForEveryLengthPlaceAndBeginning) {
  std::vector<std::byte> bytes(5000);
  uint32_t random = 1;
  for (std::byte& b : bytes) b = static_cast<std::byte>((random = random * 1664525 + 1013904223) >> 24);
  for (std::size_t begin = 0; begin < 17; ++begin)
    for (std::size_t n = 0; n + begin <= bytes.size(); n += n < 300 ? 1 : 97)
      for (const uint32_t before : {0U, 1U, 0xFFFFFFFFU, 0x12345678U}) {
        const std::span<const std::byte> part = std::span(bytes).subspan(begin, n);
        ASSERT_EQ(checksum(part, before), slowly(part, before)) << begin << " " << n;
      }
  EXPECT_EQ(checksum(std::as_bytes(std::span("123456789", 9))), 0xCBF43926);
}

}  // namespace
}  // namespace tenon::io::checksum_test
