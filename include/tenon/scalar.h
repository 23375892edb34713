#pragma once
// A number given to an operation: an integer, a floating-point number or a truth value.
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <tenon/dtype.h>

namespace tenon {

/// A number in another type. Real numbers come to integers by way of int64, so that −1 is 255 in uint8, as in PyTorch (where
/// C++ leaves open what happens); what int64 does not hold, NaN too, becomes its least number there.
template <class To, class From>
To number_to(From x) {
  if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To> && !std::is_same_v<To, bool>) {
    const bool fits = x >= static_cast<From>(-0x1p63) && x < static_cast<From>(0x1p63);
    return static_cast<To>(fits ? static_cast<int64_t>(x) : std::numeric_limits<int64_t>::min());
  } else {
    return static_cast<To>(x);
  }
}

class Scalar {
 public:
  Scalar(std::same_as<bool> auto b) : kind_(DType::boolean), integer_(b) {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Scalar(T i) : kind_(DType::int64), integer_(static_cast<int64_t>(i)) {}
  template <std::floating_point T>
  Scalar(T d) : kind_(DType::float64), real_(static_cast<double>(d)) {}

  /// boolean, int64 or float64.
  DType kind() const { return kind_; }
  template <class T>
  T to() const {
    if (kind_ == DType::float64) return number_to<T>(real_);
    return static_cast<T>(integer_);
  }
  double to_double() const { return kind_ == DType::float64 ? real_ : static_cast<double>(integer_); }

 private:
  DType kind_;
  union {
    int64_t integer_;
    double real_;
  };
};

}  // namespace tenon
