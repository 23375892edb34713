#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tenon/value.h>

namespace tenon {

BigInt BigInt::from_bytes(std::span<const std::byte> bytes) {
  const auto negative = [](std::byte b) { return (b & std::byte{0x80}) != std::byte{}; };
  // A last byte that only repeats the sign of the one before it says nothing.
  while (!bytes.empty()) {
    const bool sign = bytes.size() > 1 && negative(bytes[bytes.size() - 2]);
    if (bytes.back() != (sign ? std::byte{0xFF} : std::byte{})) break;
    bytes = bytes.first(bytes.size() - 1);
  }
  BigInt i;
  i.bytes_.assign(bytes.begin(), bytes.end());
  return i;
}

int64_t BigInt::to_int64() const {
  if (!fits_64_bits()) fail("BigInt", "{} does not fit into 64 bits", to_string());
  uint64_t bits = is_negative() ? ~uint64_t{0} : 0;
  for (std::size_t i = bytes_.size(); i-- > 0;) bits = bits << 8 | static_cast<uint64_t>(bytes_[i]);
  return static_cast<int64_t>(bits);
}

double BigInt::to_double() const {
  double d = is_negative() ? -1 : 0;
  for (std::size_t i = bytes_.size(); i-- > 0;) d = d * 256 + static_cast<double>(static_cast<uint8_t>(bytes_[i]));
  return d;
}

std::string BigInt::to_string() const {
  // The magnitude in digits of base 2^32, highest first; divided by 10^9 until nothing is left.
  std::vector<uint32_t> digits((bytes_.size() + 3) / 4 + 1, is_negative() ? ~uint32_t{0} : 0);
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    uint32_t& d = digits[digits.size() - 1 - i / 4];
    const unsigned shift = 8 * (i % 4);
    d = (d & ~(uint32_t{0xFF} << shift)) | static_cast<uint32_t>(bytes_[i]) << shift;
  }
  if (is_negative()) {
    uint32_t carry = 1;
    for (std::size_t i = digits.size(); i-- > 0;) {
      digits[i] = ~digits[i] + carry;
      carry = carry && digits[i] == 0;
    }
  }
  constexpr uint32_t base = 1'000'000'000;
  std::vector<uint32_t> parts;
  for (std::size_t first = 0; first < digits.size();) {
    if (digits[first] == 0) {
      ++first;
      continue;
    }
    uint64_t rest = 0;
    for (std::size_t i = first; i < digits.size(); ++i) {
      rest = rest << 32 | digits[i];
      digits[i] = static_cast<uint32_t>(rest / base);
      rest %= base;
    }
    parts.push_back(static_cast<uint32_t>(rest));
  }
  if (parts.empty()) return "0";
  std::string text = fmt::format("{}{}", is_negative() ? "-" : "", parts.back());
  for (std::size_t i = parts.size() - 1; i-- > 0;) text += fmt::format("{:09}", parts[i]);
  return text;
}

}  // namespace tenon
