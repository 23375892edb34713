#include <tenon/dtype.h>

#include <array>
#include <cmath>
#include <utility>

#include <tenon/error.h>

#include "tensor/carried.h"

namespace tenon {
namespace {

constexpr std::array<std::string_view, dtype_count> names{
    "bool",      "uint8",         "int8",        "int16",           "int32",           "int64",
    "float16",   "bfloat16",      "float32",     "float64",         "uint16",          "uint32",
    "uint64",    "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu",
    "complex32", "complex64",     "complex128"};

/// PyTorch's other names.
constexpr std::array<std::pair<std::string_view, DType>, 9> aliases{{{"short", DType::int16},
                                                                     {"int", DType::int32},
                                                                     {"long", DType::int64},
                                                                     {"half", DType::float16},
                                                                     {"float", DType::float32},
                                                                     {"double", DType::float64},
                                                                     {"chalf", DType::complex32},
                                                                     {"cfloat", DType::complex64},
                                                                     {"cdouble", DType::complex128}}};

constexpr bool is_wide_unsigned(DType t) { return t >= DType::uint16 && t <= DType::uint64; }

DType complex_of(DType part) { return part == float16 ? complex32 : part == float64 ? complex128 : complex64; }

}  // namespace

std::string_view name(DType t) { return names[static_cast<std::size_t>(t)]; }

DType dtype_from_name(std::string_view text) {
  constexpr std::string_view prefix = "torch.";
  const std::string_view wanted = text.starts_with(prefix) ? text.substr(prefix.size()) : text;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == wanted) return static_cast<DType>(i);
  for (const auto& [alias, type] : aliases)
    if (alias == wanted) return type;
  fail("dtype_from_name", "expected the name of a data type, such as float32 or torch.int64, got \"{}\"", text);
}

DType promote_types(DType a, DType b) {
  if (a == b) return a;
  if (a > b) std::swap(a, b);  // the enumeration is ordered: bool < integers < floating point < carried
  if (is_carried(b)) {
    const bool real = is_floating_point(a) && !is_carried(a);
    if (is_complex(b) && !is_float8(a) && !is_wide_unsigned(a))
      return a < DType::float16 ? b : complex_of(promote_types(part_type(a), part_type(b)));
    if (is_wide_unsigned(b) && real) return a;
    fail("promote_types", "there is no type that holds both {} and {}: convert one of them", a, b);
  }
  if (a == DType::boolean) return b;
  if (a == DType::uint8 && b == DType::int8) return DType::int16;  // neither holds the other
  if (a == DType::float16 && b == DType::bfloat16) return DType::float32;
  return b;
}

void fail_carried(DType t) {
  const DType instead = is_integral(t) ? int64 : t == complex128 ? float64 : float32;
  fail("Tensor", "{} tensors are stored, copied and converted, but not computed with: convert with to({}) first{}", t,
       instead, is_complex(t) ? ", which takes the real part" : "");
}

// binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits.
Half::Half(float value) {
  const auto u = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (u >> 16) & 0x8000, magnitude = u & 0x7FFFFFFF;
  if (magnitude > 0x7F800000) bits = static_cast<uint16_t>(sign | 0x7E00);        // NaN
  else if (magnitude >= 0x477FF000) bits = static_cast<uint16_t>(sign | 0x7C00);  // 65520 and more round to infinity
  else if (magnitude < 0x38800000) {  // below 2^-14: subnormal, in units of 2^-24
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
