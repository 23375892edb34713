#include <tenon/scalar.h>

#include <cmath>
#include <complex>

#include <tenon/dtype_info.h>
#include <tenon/error.h>

#include "tensor/element.h"

namespace tenon {

void Scalar::has_imaginary_part() const {
  fail("Scalar", "the complex number {}{:+}j cannot be a real one: take its real part first", real_, imag_);
}

namespace {

bool fits_integer(const Scalar& value, const IntInfo& type) {
  if (value.kind() == float64) {
    const double x = value.to_double(), beyond = std::ldexp(1.0, type.bits - (type.min < 0 ? 1 : 0));
    return x >= (type.min < 0 ? -beyond : 0) && x < beyond;  // only integers wrap around
  }
  if (value.kind() == uint64) return value.to<uint64_t>() <= type.max;
  const auto x = value.to<int64_t>();
  if (x >= 0) return static_cast<uint64_t>(x) <= type.max;
  return type.min < 0 ? x >= type.min
                      : uint64_t{0} - static_cast<uint64_t>(x) <= type.max;  // unsigned types wrap once around
}

bool fits_real(double x, DType type) {
  if (std::isnan(x)) return true;
  return std::abs(x) <= finfo(type).max || (std::isinf(x) && type != float8_e4m3fn && type != float8_e4m3fnuz &&
                                            type != float8_e5m2fnuz && type != float8_e8m0fnu);
}

}  // namespace

bool fits(const Scalar& value, DType type) {
  if (is_complex(value.kind())) {
    const auto z = value.to<std::complex<double>>();
    return is_complex(type) ? fits_real(z.real(), type) && fits_real(z.imag(), type)
                            : z.imag() == 0 && fits(z.real(), type);
  }
  return type == boolean || (is_integral(type) ? fits_integer(value, iinfo(type)) : fits_real(value.to_double(), type));
}

void check_fits(const Scalar& value, DType type, std::string_view operation) {
  if (fits(value, type)) return;
  if (is_complex(value.kind())) {
    const auto z = value.to<std::complex<double>>();
    if (!is_complex(type) && z.imag() != 0)
      fail(operation, "the complex number {}{:+}j cannot be a real one: take its real part first", z.real(), z.imag());
    fail(operation, "the number {}{:+}j does not fit into {}", z.real(), z.imag(), type);
  }
  if (value.kind() == float64) fail(operation, "the number {} does not fit into {}", value.to_double(), type);
  if (value.kind() == uint64) fail(operation, "the number {} does not fit into {}", value.to<uint64_t>(), type);
  fail(operation, "the number {} does not fit into {}", value.to<int64_t>(), type);
}

}  // namespace tenon
