#pragma once
// The element types that are computed with, and their rules.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <fmt/core.h>

namespace tenon {

enum class DType : uint8_t { boolean, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64 };

// PyTorch's names, so that one writes tenon::float32. `boolean` because `bool` is taken.
inline constexpr DType boolean = DType::boolean, uint8 = DType::uint8, int8 = DType::int8, int16 = DType::int16,
                       int32 = DType::int32, int64 = DType::int64, float16 = DType::float16, bfloat16 = DType::bfloat16,
                       float32 = DType::float32, float64 = DType::float64;

/// IEEE 754 binary16, kept as its bits; computed with as float.
struct Half {
  uint16_t bits = 0;
  Half() = default;
  Half(float value);
  operator float() const;
};

/// The upper half of a float32, rounded to nearest even.
struct BFloat16 {
  uint16_t bits = 0;
  BFloat16() = default;
  BFloat16(float value) {
    const auto u = std::bit_cast<uint32_t>(value);
    // A NaN must stay one: rounding could carry it into infinity.
    bits = value != value ? uint16_t{0x7FC0} : static_cast<uint16_t>((u + 0x7FFF + ((u >> 16) & 1)) >> 16);
  }
  operator float() const { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }
};

constexpr int64_t item_size(DType t) {
  switch (t) {
    case DType::boolean:
    case DType::uint8:
    case DType::int8: return 1;
    case DType::int16:
    case DType::float16:
    case DType::bfloat16: return 2;
    case DType::int32:
    case DType::float32: return 4;
    case DType::int64:
    case DType::float64: return 8;
  }
  return 0;
}
constexpr bool is_floating_point(DType t) { return t >= DType::float16; }
constexpr bool is_integral(DType t) { return t < DType::float16 && t != DType::boolean; }

/// "float32", as PyTorch prints after `torch.`.
std::string_view name(DType t);

/// The type that holds both, by PyTorch's table (torch.promote_types).
DType promote_types(DType a, DType b);

/// The DType of a C++ type: dtype_of<float>() is float32.
template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, bool>) return DType::boolean;
  else if constexpr (std::is_same_v<T, float>) return DType::float32;
  else if constexpr (std::is_same_v<T, double>) return DType::float64;
  else if constexpr (std::is_same_v<T, Half>) return DType::float16;
  else if constexpr (std::is_same_v<T, BFloat16>) return DType::bfloat16;
  else if constexpr (std::is_integral_v<T> && std::is_unsigned_v<T> && sizeof(T) == 1) return DType::uint8;
  else {
    static_assert(std::is_integral_v<T> && std::is_signed_v<T>, "no tensor element type matches this C++ type");
    return sizeof(T) == 1 ? DType::int8 : sizeof(T) == 2 ? DType::int16 : sizeof(T) == 4 ? DType::int32 : DType::int64;
  }
}

}  // namespace tenon

template <>
struct fmt::formatter<tenon::DType> {
  constexpr auto parse(format_parse_context& c) { return c.begin(); }
  auto format(tenon::DType t, format_context& c) const {
    const auto text = tenon::name(t);
    return std::copy(text.begin(), text.end(), c.out());
  }
};
