#include <tenon/scalar.h>

#include <tenon/error.h>

namespace tenon {

void Scalar::has_imaginary_part() const {
  fail("Scalar", "the complex number {}{:+}j cannot be a real one: take its real part first", real_, imag_);
}

}  // namespace tenon
