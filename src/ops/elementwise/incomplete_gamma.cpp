// Functions of two numbers from mathematical physics: the incomplete gamma functions, Hurwitz's zeta function. By their
// parameter they have no derivative here, as in PyTorch.
#include "ops/elementwise/binary.h"

namespace tenon {
namespace {

[[noreturn]] void no_derivative(const char* name) {
  fail(name, "the derivative by the first argument is not implemented: detach() it");
}

Tensor incomplete_gamma(BinaryOp op, const char* name, const Tensor& a, const Tensor& x, double sign) {
  Tensor y = binary(op, name, a, x);
  if (needs_grad(a, x))
    record(name, y, {&a, &x}, {&a, &x}, [name, sign, lx = Like(x)](Grads& g) {
      if (g.needs(0)) no_derivative(name);
      const Tensor at = g.saved(0), in = g.saved(1);  // the density of the gamma distribution
      g.give(1, reduce_to(g.in() * (((at - 1) * in.log() - in - at.lgamma()).exp() * sign), lx));
    });
  return y;
}

}  // namespace

Tensor igamma(const Tensor& a, const Tensor& x) { return incomplete_gamma(BinaryOp::igamma, "igamma", a, x, 1); }
Tensor igammac(const Tensor& a, const Tensor& x) { return incomplete_gamma(BinaryOp::igammac, "igammac", a, x, -1); }

Tensor special::zeta(const Tensor& s, const Tensor& q) {
  Tensor y = binary(BinaryOp::zeta, "special.zeta", s, q);
  if (needs_grad(s, q))
    record("zeta", y, {&s, &q}, {&s, &q}, [lq = Like(q)](Grads& g) {
      if (g.needs(0)) no_derivative("special.zeta");
      const Tensor power = g.saved(0);
      g.give(1, reduce_to(g.in() * (-power * special::zeta(power + 1, g.saved(1))), lq));
    });
  return y;
}
Tensor special::zeta(const Tensor& s, const Scalar& q) { return zeta(s, number_for(s, q)); }
Tensor special::zeta(const Scalar& s, const Tensor& q) { return zeta(number_for(q, s), q); }

Tensor Tensor::igamma(const Tensor& other) const { return tenon::igamma(*this, other); }
Tensor Tensor::igammac(const Tensor& other) const { return tenon::igammac(*this, other); }
const Tensor& Tensor::igamma_(const Tensor& other) const {
  return binary_in_place(BinaryOp::igamma, "igamma_", *this, other,
                         [](const Tensor& a, const Tensor& x) { return tenon::igamma(a, x); });
}
const Tensor& Tensor::igammac_(const Tensor& other) const {
  return binary_in_place(BinaryOp::igammac, "igammac_", *this, other,
                         [](const Tensor& a, const Tensor& x) { return tenon::igammac(a, x); });
}

}  // namespace tenon
