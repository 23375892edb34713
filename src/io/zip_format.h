#pragma once
// The numbers of the zip format: little-endian, at fixed places (PKWARE's APPNOTE, 4.3).
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tenon::io::zip {

inline constexpr uint32_t local_signature = 0x04034B50, central_signature = 0x02014B50, end_signature = 0x06054B50,
                          end64_signature = 0x06064B50, locator_signature = 0x07064B50,
                          descriptor_signature = 0x08074B50;
inline constexpr std::size_t local_size = 30, central_size = 46, end_size = 22, end64_size = 56, locator_size = 20;
inline constexpr uint16_t extra64 = 1;            ///< the extra field with numbers of 64 bits
inline constexpr uint32_t in_extra = 0xFFFFFFFF;  ///< a number of 32 bits that stands there instead
inline constexpr uint16_t stored = 0, deflated = 8;
inline constexpr uint16_t encrypted_flag = 1, utf8_flag = 1 << 11, descriptor_flag = 1 << 3;

/// Numbers out of bytes; the caller has checked that they are there.
template <class T>
T get(std::span<const std::byte> bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value | static_cast<T>(static_cast<T>(bytes[at + i]) << (8 * i)));
  return value;
}

/// Numbers into bytes.
class Bytes {
 public:
  template <class T>
  Bytes& put(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i)
      bytes_.push_back(static_cast<std::byte>(static_cast<uint64_t>(value) >> (8 * i)));
    return *this;
  }
  Bytes& put_all(std::span<const std::byte> more) {
    bytes_.insert(bytes_.end(), more.begin(), more.end());
    return *this;
  }
  const std::vector<std::byte>& get() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace tenon::io::zip
