#pragma once
// The data types and their rules. Ten are computed with; the others are carried: stored, copied, printed and
// converted, no more.
#include <algorithm>
#include <bit>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <tenon/format.h>

#pragma GCC visibility push(default)

namespace tenon {

// A kind on a line. Those after the first line are carried.
// clang-format off
enum class DType : uint8_t {
  boolean, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64,
  uint16, uint32, uint64,
  float8_e4m3fn, float8_e5m2, float8_e4m3fnuz, float8_e5m2fnuz, float8_e8m0fnu,
  complex32, complex64, complex128,
};
// clang-format on
inline constexpr int dtype_count = 21;

// PyTorch's names, so that one writes tenon::float32. `boolean` because `bool` is taken.
inline constexpr DType boolean = DType::boolean, uint8 = DType::uint8, int8 = DType::int8, int16 = DType::int16,
                       int32 = DType::int32, int64 = DType::int64, float16 = DType::float16, bfloat16 = DType::bfloat16,
                       float32 = DType::float32, float64 = DType::float64, uint16 = DType::uint16,
                       uint32 = DType::uint32, uint64 = DType::uint64, float8_e4m3fn = DType::float8_e4m3fn,
                       float8_e5m2 = DType::float8_e5m2, float8_e4m3fnuz = DType::float8_e4m3fnuz,
                       float8_e5m2fnuz = DType::float8_e5m2fnuz, float8_e8m0fnu = DType::float8_e8m0fnu,
                       complex32 = DType::complex32, complex64 = DType::complex64, complex128 = DType::complex128;

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

namespace detail {
uint8_t float8_bits(DType type, float value);
float float8_value(DType type, uint8_t bits);
}  // namespace detail

/// An eight-bit floating-point number, kept as its bits. e4m3: 4 bits of exponent, 3 of fraction; fn: no infinities;
/// uz: one zero, one NaN; e8m0: a power of two. Rounds to nearest even; e4m3fn saturates at ±448, the others leave
/// their range as PyTorch's do.
template <DType Type>
struct Float8 {
  uint8_t bits = 0;
  Float8() = default;
  Float8(float value) : bits(detail::float8_bits(Type, value)) {}
  operator float() const { return detail::float8_value(Type, bits); }
};
using Float8_e4m3fn = Float8<float8_e4m3fn>;
using Float8_e5m2 = Float8<float8_e5m2>;
using Float8_e4m3fnuz = Float8<float8_e4m3fnuz>;
using Float8_e5m2fnuz = Float8<float8_e5m2fnuz>;
using Float8_e8m0fnu = Float8<float8_e8m0fnu>;

/// A complex number of two halves. (Of floats and doubles: std::complex.)
struct ComplexHalf {
  using value_type = Half;
  Half re, im;
  ComplexHalf() = default;
  ComplexHalf(Half real, Half imag = {}) : re(real), im(imag) {}
  Half real() const { return re; }
  Half imag() const { return im; }
};

/// std::complex<T> and what looks like it: a real and an imaginary part, nothing else.
template <class T>
concept ComplexNumber = sizeof(T) == 2 * sizeof(typename T::value_type) &&
                        requires(const T& x, typename T::value_type part) {
  { x.real() } -> std::convertible_to<typename T::value_type>;
  { x.imag() } -> std::convertible_to<typename T::value_type>;
  T(part, part);
};

constexpr int64_t item_size(DType t) {
  switch (t) {
    case DType::boolean:
    case DType::uint8:
    case DType::int8:
    case DType::float8_e4m3fn:
    case DType::float8_e5m2:
    case DType::float8_e4m3fnuz:
    case DType::float8_e5m2fnuz:
    case DType::float8_e8m0fnu: return 1;
    case DType::int16:
    case DType::uint16:
    case DType::float16:
    case DType::bfloat16: return 2;
    case DType::int32:
    case DType::uint32:
    case DType::float32:
    case DType::complex32: return 4;
    case DType::int64:
    case DType::uint64:
    case DType::float64:
    case DType::complex64: return 8;
    case DType::complex128: return 16;
  }
  return 0;
}
/// Stored, copied, printed and converted, but not computed with.
constexpr bool is_carried(DType t) { return t > DType::float64; }
constexpr bool is_float8(DType t) { return t >= DType::float8_e4m3fn && t <= DType::float8_e8m0fnu; }
constexpr bool is_complex(DType t) { return t >= DType::complex32; }
constexpr bool is_half(DType t) { return t == DType::float16 || t == DType::bfloat16; }
constexpr bool is_floating_point(DType t) { return (t >= DType::float16 && t <= DType::float64) || is_float8(t); }
constexpr bool is_integral(DType t) {
  return (t > DType::boolean && t < DType::float16) || (t >= DType::uint16 && t <= DType::uint64);
}
/// Whether it has negative numbers.
constexpr bool is_signed(DType t) {
  return t != DType::boolean && t != DType::uint8 && !(t >= DType::uint16 && t <= DType::uint64) &&
         t != DType::float8_e8m0fnu;
}
/// The type of a complex type's parts: float32 for complex64. Any other type is its own.
constexpr DType part_type(DType t) {
  return t == complex32 ? float16 : t == complex64 ? float32 : t == complex128 ? float64 : t;
}

/// "float32", as PyTorch prints after `torch.`.
std::string_view name(DType t);
/// The type of that name, also with `torch.` before it, or one of PyTorch's other names for it (float, half, long,
/// cfloat …).
DType dtype_from_name(std::string_view name);

/// The type that holds both, by PyTorch's table (torch.promote_types). An error where PyTorch has none: float8 with
/// anything else; uint16, uint32 and uint64 with integers and complex types.
DType promote_types(DType a, DType b);

/// The DType of a C++ type: dtype_of<float>() is float32.
template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, bool>) return DType::boolean;
  else if constexpr (std::is_same_v<T, float>) return DType::float32;
  else if constexpr (std::is_same_v<T, double>) return DType::float64;
  else if constexpr (std::is_same_v<T, Half>) return DType::float16;
  else if constexpr (std::is_same_v<T, BFloat16>) return DType::bfloat16;
  else if constexpr (std::is_same_v<T, Float8_e4m3fn>) return DType::float8_e4m3fn;
  else if constexpr (std::is_same_v<T, Float8_e5m2>) return DType::float8_e5m2;
  else if constexpr (std::is_same_v<T, Float8_e4m3fnuz>) return DType::float8_e4m3fnuz;
  else if constexpr (std::is_same_v<T, Float8_e5m2fnuz>) return DType::float8_e5m2fnuz;
  else if constexpr (std::is_same_v<T, Float8_e8m0fnu>) return DType::float8_e8m0fnu;
  else if constexpr (ComplexNumber<T>) {
    constexpr DType part = dtype_of<typename T::value_type>();
    static_assert(part == DType::float16 || part == DType::float32 || part == DType::float64,
                  "no tensor data type matches this C++ type");
    return part == DType::float16 ? DType::complex32 : part == DType::float32 ? DType::complex64 : DType::complex128;
  } else {
    static_assert(std::is_integral_v<T>, "no tensor data type matches this C++ type");
    if constexpr (std::is_unsigned_v<T>)
      return sizeof(T) == 1   ? DType::uint8
             : sizeof(T) == 2 ? DType::uint16
             : sizeof(T) == 4 ? DType::uint32
                              : DType::uint64;
    else
      return sizeof(T) == 1   ? DType::int8
             : sizeof(T) == 2 ? DType::int16
             : sizeof(T) == 4 ? DType::int32
                              : DType::int64;
  }
}

}  // namespace tenon

template <>
inline constexpr bool tenon::detail::streams<tenon::DType> = true;
template <>
struct fmt::formatter<tenon::DType> : tenon::detail::TextFormatter {
  auto format(tenon::DType t, fmt::format_context& c) const { return write(tenon::name(t), c); }
};

#pragma GCC visibility pop
