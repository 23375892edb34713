// Real functions of two numbers: atan2, hypot, copysign, nextafter, logaddexp, xlogy, heaviside, ldexp; degrees.
#include <numbers>

#include "ops/elementwise/binary.h"

namespace tenon {

Tensor atan2(const Tensor& a, const Tensor& b) {
  Tensor y = binary(BinaryOp::atan2, "atan2", a, b);
  if (needs_grad(a, b))
    record("atan2", y, {&a, &b}, {&a, &b}, [la = Like(a), lb = Like(b)](Grads& g) {
      const Tensor s = g.saved(0), c = g.saved(1), squares = s * s + c * c;
      const Tensor scale = where(squares == 0, 0, squares.reciprocal());  // the origin has no direction
      if (g.needs(0)) g.give(0, reduce_to(g.in() * (c * scale), la));
      if (g.needs(1)) g.give(1, reduce_to(g.in() * (-s * scale), lb));
    });
  return y;
}

Tensor hypot(const Tensor& a, const Tensor& b) {
  Tensor y = binary(BinaryOp::hypot, "hypot", a, b);
  if (needs_grad(a, b))
    record("hypot", y, {&a, &b}, {&a, &b, &y}, [la = Like(a), lb = Like(b)](Grads& g) {
      if (g.needs(0)) g.give(0, reduce_to(g.in() * (g.saved(0) / g.saved(2)), la));
      if (g.needs(1)) g.give(1, reduce_to(g.in() * (g.saved(1) / g.saved(2)), lb));
    });
  return y;
}

Tensor copysign(const Tensor& a, const Tensor& b) {
  Tensor y = binary(BinaryOp::copysign, "copysign", a, b);
  if (needs_grad(a, b))
    record("copysign", y, {&a, &b}, {&a, &y}, [la = Like(a), lb = Like(b)](Grads& g) {
      const Tensor x = g.saved(0);
      if (g.needs(0)) g.give(0, reduce_to(g.in() * where(x == 0, 0, g.saved(1) / x), la));
      if (g.needs(1)) g.give(1, reduce_to(zeros_like(g.in()), lb));
    });
  return y;
}
Tensor copysign(const Tensor& a, const Scalar& b) { return copysign(a, number_for(a, b)); }

Tensor nextafter(const Tensor& a, const Tensor& b) {
  Tensor y = binary(BinaryOp::nextafter, "nextafter", a, b);
  if (needs_grad(a, b))
    record("nextafter", y, {&a, &b}, {&a, &b}, [la = Like(a), lb = Like(b)](Grads& g) {
      // It is a, but for a step that is too small to count; where there is none, PyTorch's gradient is 0.
      if (g.needs(0)) g.give(0, reduce_to(where(g.saved(0) == g.saved(1), 0, g.in()), la));
      if (g.needs(1)) g.give(1, zeros(lb.shape, {.dtype = lb.dtype, .device = lb.device}));
    });
  return y;
}

Tensor logaddexp(const Tensor& a, const Tensor& b) {
  Tensor y = binary(BinaryOp::logaddexp, "logaddexp", a, b);
  if (needs_grad(a, b))
    record("logaddexp", y, {&a, &b}, {&a, &b}, [la = Like(a), lb = Like(b)](Grads& g) {
      const Tensor apart = g.saved(1) - g.saved(0);
      if (g.needs(0)) g.give(0, reduce_to(g.in() / (1 + apart.exp()), la));
      if (g.needs(1)) g.give(1, reduce_to(g.in() / (1 + (-apart).exp()), lb));
    });
  return y;
}

Tensor logaddexp2(const Tensor& a, const Tensor& b) {
  Tensor y = binary(BinaryOp::logaddexp2, "logaddexp2", a, b);
  if (needs_grad(a, b))
    record("logaddexp2", y, {&a, &b}, {&a, &b}, [la = Like(a), lb = Like(b)](Grads& g) {
      const Tensor apart = g.saved(1) - g.saved(0);
      if (g.needs(0)) g.give(0, reduce_to(g.in() / (1 + apart.exp2()), la));
      if (g.needs(1)) g.give(1, reduce_to(g.in() / (1 + (-apart).exp2()), lb));
    });
  return y;
}

Tensor xlogy(const Tensor& a, const Tensor& b) {
  Tensor y = binary(BinaryOp::xlogy, "xlogy", a, b);
  if (needs_grad(a, b))
    record("xlogy", y, {&a, &b}, {&a, &b}, [la = Like(a), lb = Like(b)](Grads& g) {
      const Tensor x = g.saved(0), other = g.saved(1);
      if (g.needs(0)) g.give(0, reduce_to(where(logical_and(x == 0, other <= 0), 0, xlogy(g.in(), other)), la));
      if (g.needs(1)) g.give(1, reduce_to(g.in() * x / other, lb));
    });
  return y;
}
Tensor xlogy(const Tensor& a, const Scalar& b) { return xlogy(a, number_for(a, b)); }
Tensor xlogy(const Scalar& a, const Tensor& b) { return xlogy(number_for(b, a), b); }

Tensor heaviside(const Tensor& a, const Tensor& b) {
  Tensor y = binary(BinaryOp::heaviside, "heaviside", a, b);
  if (needs_grad(a, b))
    record("heaviside", y, {&a, &b}, {}, [](Grads&) { fail("heaviside", "has no gradient: detach() its arguments"); });
  return y;
}

const Tensor& Tensor::atan2_(const Tensor& other) const {
  return binary_in_place(BinaryOp::atan2, "atan2_", *this, other, tenon::atan2);
}
const Tensor& Tensor::hypot_(const Tensor& other) const {
  return binary_in_place(BinaryOp::hypot, "hypot_", *this, other, tenon::hypot);
}
const Tensor& Tensor::copysign_(const Tensor& other) const {
  return binary_in_place(BinaryOp::copysign, "copysign_", *this, other,
                         [](const Tensor& a, const Tensor& b) { return tenon::copysign(a, b); });
}
const Tensor& Tensor::nextafter_(const Tensor& other) const {
  return binary_in_place(BinaryOp::nextafter, "nextafter_", *this, other, tenon::nextafter);
}
const Tensor& Tensor::xlogy_(const Tensor& other) const {
  return binary_in_place(BinaryOp::xlogy, "xlogy_", *this, other,
                         [](const Tensor& a, const Tensor& b) { return tenon::xlogy(a, b); });
}
const Tensor& Tensor::heaviside_(const Tensor& other) const {
  return binary_in_place(BinaryOp::heaviside, "heaviside_", *this, other, tenon::heaviside);
}

Tensor ldexp(const Tensor& a, const Tensor& b) {
  if (is_floating_point(b.dtype())) return a * pow(2.0, b);
  Tensor y = binary(BinaryOp::ldexp, "ldexp", a, b);  // 2^b itself may be beyond the type
  if (needs_grad(a))
    record("ldexp", y, {&a}, {&b}, [la = Like(a)](Grads& g) { g.give(0, reduce_to(ldexp(g.in(), g.saved(0)), la)); });
  return y;
}

namespace {
constexpr double degree = std::numbers::pi / 180, radian = 180 / std::numbers::pi;
}

Tensor Tensor::deg2rad() const { return as_type(*this, real_type(dtype())) * degree; }
Tensor Tensor::rad2deg() const { return as_type(*this, real_type(dtype())) * radian; }
const Tensor& Tensor::deg2rad_() const {
  check_result_fits("deg2rad_", *this, shape(), real_type(dtype()));
  return mul_(degree);
}
const Tensor& Tensor::rad2deg_() const {
  check_result_fits("rad2deg_", *this, shape(), real_type(dtype()));
  return mul_(radian);
}

const Tensor& Tensor::copysign_(const Scalar& other) const { return copysign_(number_for(*this, other)); }
const Tensor& Tensor::xlogy_(const Scalar& other) const { return xlogy_(number_for(*this, other)); }
const Tensor& Tensor::ldexp_(const Tensor& other) const { return mul_(tenon::pow(2.0, other)); }

Tensor Tensor::atan2(const Tensor& other) const { return tenon::atan2(*this, other); }
Tensor Tensor::hypot(const Tensor& other) const { return tenon::hypot(*this, other); }
Tensor Tensor::copysign(const Tensor& other) const { return tenon::copysign(*this, other); }
Tensor Tensor::copysign(const Scalar& other) const { return tenon::copysign(*this, other); }
Tensor Tensor::nextafter(const Tensor& other) const { return tenon::nextafter(*this, other); }
Tensor Tensor::logaddexp(const Tensor& other) const { return tenon::logaddexp(*this, other); }
Tensor Tensor::logaddexp2(const Tensor& other) const { return tenon::logaddexp2(*this, other); }
Tensor Tensor::xlogy(const Tensor& other) const { return tenon::xlogy(*this, other); }
Tensor Tensor::xlogy(const Scalar& other) const { return tenon::xlogy(*this, other); }
Tensor Tensor::heaviside(const Tensor& values) const { return tenon::heaviside(*this, values); }
Tensor Tensor::ldexp(const Tensor& other) const { return tenon::ldexp(*this, other); }

}  // namespace tenon
