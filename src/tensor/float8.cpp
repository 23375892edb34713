// The eight-bit floating-point formats, there and back.
#include <bit>
#include <cmath>
#include <limits>

#include <tenon/dtype.h>

namespace tenon::detail {
namespace {

enum class Beyond : uint8_t { saturates, infinity, nan };

/// One sign bit, then the exponent, then the fraction.
struct Format {
  int fraction_bits, bias;
  int largest;    ///< the code of the largest finite number
  uint8_t nan;    ///< without a sign
  Beyond beyond;  ///< what is too large becomes
  bool unsigned_zero;
};

constexpr Format format_of(DType t) {
  switch (t) {
    case DType::float8_e5m2: return {2, 15, 0x7B, 0x7F, Beyond::infinity, false};
    case DType::float8_e4m3fnuz: return {3, 8, 0x7F, 0x80, Beyond::nan, true};
    case DType::float8_e5m2fnuz: return {2, 16, 0x7F, 0x80, Beyond::nan, true};
    default: return {3, 7, 0x7E, 0x7F, Beyond::saturates, false};
  }
}

/// float8_e8m0fnu is a float's exponent, rounded by the fraction's first bit; a tie goes up, but for the float below
/// all normal ones.
uint8_t exponent_bits(float value) {
  const auto u = std::bit_cast<uint32_t>(value);
  const uint32_t exponent = (u >> 23) & 0xFF, fraction = u & 0x7FFFFF;
  if (exponent == 0xFF) return 0xFF;
  constexpr uint32_t half = 0x400000;
  return static_cast<uint8_t>(exponent + (fraction > half || (fraction == half && exponent > 0) ? 1 : 0));
}

}  // namespace

uint8_t float8_bits(DType type, float value) {
  if (type == DType::float8_e8m0fnu) return exponent_bits(value);
  const Format f = format_of(type);
  const auto sign = static_cast<uint8_t>(std::signbit(value) ? 0x80 : 0);
  if (std::isnan(value)) return sign | f.nan;
  const float magnitude = std::abs(value);
  int code = f.largest + 1;
  if (magnitude < 0x1p20F) {  // beyond every format's range
    const int exponent = magnitude < std::ldexp(1.0F, 1 - f.bias) ? 1 - f.bias : std::ilogb(magnitude);
    const auto steps = static_cast<int>(std::nearbyint(std::ldexp(magnitude, f.fraction_bits - exponent)));
    code = ((exponent + f.bias - 1) << f.fraction_bits) +
           steps;  // steps that round up to a power of two carry into the exponent
  }
  if (code > f.largest) {
    if (f.beyond == Beyond::nan) return f.nan;
    code = f.beyond == Beyond::saturates ? f.largest : f.largest + 1;
  }
  return code == 0 && f.unsigned_zero ? 0 : sign | static_cast<uint8_t>(code);
}

float float8_value(DType type, uint8_t bits) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  if (type == DType::float8_e8m0fnu) return bits == 0xFF ? nan : std::ldexp(1.0F, bits - 127);
  const Format f = format_of(type);
  const int code = bits & 0x7F, exponent = code >> f.fraction_bits, fraction = code & ((1 << f.fraction_bits) - 1);
  float magnitude = exponent == 0 ? std::ldexp(static_cast<float>(fraction), 1 - f.bias - f.fraction_bits)
                                  : std::ldexp(static_cast<float>((1 << f.fraction_bits) + fraction),
                                               exponent - f.bias - f.fraction_bits);
  if (f.unsigned_zero && bits == 0x80) return nan;
  if (code > f.largest)
    magnitude = f.beyond == Beyond::infinity && fraction == 0 ? std::numeric_limits<float>::infinity() : nan;
  return bits & 0x80 ? -magnitude : magnitude;
}

}  // namespace tenon::detail
