// special:: Bessel functions. What PyTorch cannot differentiate gives a result without grad here, too.
#include <limits>

#include "ops/elementwise/unary.h"

namespace tenon::special {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// y / x, 1/2 where x is 0.
Tensor by_argument(const Tensor& y, const Tensor& x) {
  const Tensor none = x == 0;
  return where(none, 0.5, y / where(none, 1, x));
}

}  // namespace

Tensor bessel_j0(const Tensor& x) {
  Tensor y = unary(UnaryOp::bessel_j0, "special.bessel_j0", x);
  if (needs_grad(x)) record("bessel_j0", y, {&x}, {&x}, [](Grads& g) { g.give(0, g.in() * -bessel_j1(g.saved(0))); });
  return y;
}

Tensor bessel_j1(const Tensor& x) {
  Tensor y = unary(UnaryOp::bessel_j1, "special.bessel_j1", x);
  if (needs_grad(x))
    record("bessel_j1", y, {&x}, {&x, &y}, [](Grads& g) {
      const Tensor in = g.saved(0);
      g.give(0, g.in() * (bessel_j0(in) - by_argument(g.saved(1), in)));
    });
  return y;
}

Tensor bessel_y0(const Tensor& x) {
  Tensor y = unary(UnaryOp::bessel_y0, "special.bessel_y0", x);
  if (needs_grad(x)) record("bessel_y0", y, {&x}, {&x}, [](Grads& g) { g.give(0, g.in() * -bessel_y1(g.saved(0))); });
  return y;
}

Tensor bessel_y1(const Tensor& x) {
  Tensor y = unary(UnaryOp::bessel_y1, "special.bessel_y1", x);
  if (needs_grad(x))
    record("bessel_y1", y, {&x}, {&x, &y}, [](Grads& g) {
      const Tensor in = g.saved(0);
      g.give(0, g.in() * where(in == 0, infinity, bessel_y0(in) - g.saved(1) / in));
    });
  return y;
}

Tensor modified_bessel_k0(const Tensor& x) {
  Tensor y = unary(UnaryOp::bessel_k0, "special.modified_bessel_k0", x);
  if (needs_grad(x))
    record("modified_bessel_k0", y, {&x}, {&x}, [](Grads& g) { g.give(0, g.in() * -modified_bessel_k1(g.saved(0))); });
  return y;
}

Tensor modified_bessel_k1(const Tensor& x) {
  Tensor y = unary(UnaryOp::bessel_k1, "special.modified_bessel_k1", x);
  if (needs_grad(x))
    record("modified_bessel_k1", y, {&x}, {&x, &y}, [](Grads& g) {
      const Tensor in = g.saved(0);
      g.give(0, g.in() * (-modified_bessel_k0(in) - g.saved(1) / in));
    });
  return y;
}

Tensor scaled_modified_bessel_k0(const Tensor& x) {
  return unary(UnaryOp::bessel_k0e, "special.scaled_modified_bessel_k0", x);
}
Tensor scaled_modified_bessel_k1(const Tensor& x) {
  return unary(UnaryOp::bessel_k1e, "special.scaled_modified_bessel_k1", x);
}
Tensor spherical_bessel_j0(const Tensor& x) {
  return unary(UnaryOp::spherical_bessel_j0, "special.spherical_bessel_j0", x);
}

}  // namespace tenon::special
