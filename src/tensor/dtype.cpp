#include <tenon/dtype.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace tenon {

std::string_view name(DType t) {
  constexpr std::array<std::string_view, 10> names{"bool",  "uint8",   "int8",     "int16",   "int32",
                                                   "int64", "float16", "bfloat16", "float32", "float64"};
  return names[static_cast<std::size_t>(t)];
}

DType promote_types(DType a, DType b) {
  if (a == b) return a;
  if (a > b) std::swap(a, b);  // the enumeration is ordered: bool < integers < floating point
  if (a == DType::boolean) return b;
  if (a == DType::uint8 && b == DType::int8) return DType::int16;  // neither holds the other
  if (a == DType::float16 && b == DType::bfloat16) return DType::float32;
  return b;
}

// binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits.
Half::Half(float value) {
  const auto u = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (u >> 16) & 0x8000, magnitude = u & 0x7FFFFFFF;
  if (magnitude > 0x7F800000) bits = static_cast<uint16_t>(sign | 0x7E00);           // NaN
  else if (magnitude >= 0x477FF000) bits = static_cast<uint16_t>(sign | 0x7C00);     // 65520 and more round to infinity
  else if (magnitude < 0x38800000) {                                                 // below 2^-14: subnormal, in units of 2^-24
    const float scaled = std::bit_cast<float>(magnitude) * 16777216.0F;
    bits = static_cast<uint16_t>(sign | static_cast<uint32_t>(std::nearbyint(scaled)));
  } else {
    const uint32_t rebased = magnitude - (uint32_t{112} << 23);
    bits = static_cast<uint16_t>(sign | ((rebased + 0xFFF + ((rebased >> 13) & 1)) >> 13));
  }
}

Half::operator float() const {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16, magnitude = bits & 0x7FFF;
  if (magnitude >= 0x7C00) return std::bit_cast<float>(sign | 0x7F800000 | ((magnitude & 0x3FF) << 13));
  if (magnitude < 0x0400) {  // subnormal or zero
    const float value = static_cast<float>(magnitude) * 0x1p-24F;
    return sign ? -value : value;
  }
  return std::bit_cast<float>(sign | ((magnitude << 13) + (uint32_t{112} << 23)));
}

}  // namespace tenon
