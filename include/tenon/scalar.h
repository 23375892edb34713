#pragma once
// A number given to an operation: an integer, a floating-point or complex number, or a bool.
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <tenon/dtype.h>

#pragma GCC visibility push(default)

namespace tenon {

/// A number in another type. Real numbers come to integers by way of int64, so that −1 is 255 in uint8, or of int32
/// where that and the type's sign suffice, as in PyTorch (where C++ leaves open what happens); what that does not hold,
/// NaN too, becomes its least number there.
template <class To, class From>
To number_to(From x) {
  if constexpr (std::is_floating_point_v<From> && std::is_same_v<To, uint64_t>) {
    constexpr auto half = static_cast<From>(0x1p63);  // the upper half of the range is the lower one, moved
    return x >= half ? static_cast<uint64_t>(number_to<int64_t>(x - half)) ^ (uint64_t{1} << 63)
                     : static_cast<uint64_t>(number_to<int64_t>(x));
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To> && !std::is_same_v<To, bool>) {
    constexpr bool narrow = sizeof(To) < 8 && (std::is_signed_v<To> || sizeof(To) == 2);
    using Via = std::conditional_t<narrow, int32_t, int64_t>;
    constexpr auto end = static_cast<From>(narrow ? 0x1p31 : 0x1p63);
    const bool fits = x >= -end && x < end;
    return static_cast<To>(fits ? static_cast<Via>(x) : std::numeric_limits<Via>::min());
  } else {
    return static_cast<To>(x);
  }
}

class Scalar {
 public:
  Scalar(std::same_as<bool> auto b) : kind_(DType::boolean), integer_(b) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Scalar(T i)
      : kind_(std::is_unsigned_v<T> && static_cast<uint64_t>(i) >> 63 != 0 ? DType::uint64 : DType::int64),
        integer_(static_cast<int64_t>(i)) {}
  template <std::floating_point T>
  Scalar(T d) : kind_(DType::float64), real_(static_cast<double>(d)) {}
  template <ComplexNumber T>
  Scalar(const T& z)
      : kind_(DType::complex128), real_(static_cast<double>(z.real())), imag_(static_cast<double>(z.imag())) {}

  /// boolean, int64 (uint64 for integers beyond it), float64 or complex128.
  DType kind() const { return kind_; }
  /// As T; an error for a complex number with an imaginary part where T has none.
  template <class T>
  T to() const {
    if constexpr (ComplexNumber<T>) {
      using Part = typename T::value_type;
      if (kind_ == DType::complex128) return T(number_to<Part>(real_), number_to<Part>(imag_));
      return T(to<Part>(), Part{});
    } else {
      if (kind_ == DType::float64) return number_to<T>(real_);
      if (kind_ == DType::complex128) return number_to<T>(real_part());
      if (kind_ == DType::uint64) return static_cast<T>(static_cast<uint64_t>(integer_));
      return static_cast<T>(integer_);
    }
  }
  double to_double() const { return to<double>(); }

 private:
  double real_part() const {
    if (imag_ != 0) [[unlikely]]
      has_imaginary_part();
    return real_;
  }
  [[noreturn]] void has_imaginary_part() const;

  DType kind_;
  union {
    int64_t integer_;
    double real_;
  };
  double imag_ = 0;
};

}  // namespace tenon

#pragma GCC visibility pop
