// frexp: a number's mantissa and exponent.
#include "ops/elementwise/unary.h"

namespace tenon {

MantissaAndExponent Tensor::frexp() const {
  if (!is_floating_point())
    fail("frexp", "expected a floating-point tensor, got {}: convert with to(float32)", dtype());
  MantissaAndExponent y;
  {
    const NoGrad guard;
    y = {unary(UnaryOp::mantissa, "frexp", *this), unary(UnaryOp::binary_exponent, "frexp", *this).to(int32)};
  }
  if (needs_grad(*this))
    record("frexp", y.mantissa, {this}, {&y.exponent},
           [like = Like(*this)](Grads& g) { g.give(0, g.in() / g.saved(0).to(like.dtype).exp2()); });
  return y;
}

}  // namespace tenon
