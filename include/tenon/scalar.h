#pragma once
// A number given to an operation: an integer, a floating-point number or a truth value.
#include <concepts>
#include <cstdint>

#include <tenon/dtype.h>

namespace tenon {

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
    if (kind_ == DType::float64) return static_cast<T>(real_);
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
