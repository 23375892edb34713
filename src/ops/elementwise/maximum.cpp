// The larger and the smaller of two: maximum and minimum, where NaN wins; fmax and fmin, where it loses.
#include "ops/elementwise/binary.h"

namespace tenon {
namespace {

/// The gradient goes to whoever is `ahead` of the other, in halves where both are equal, to both where either is NaN.
Tensor extremum(BinaryOp op, const char* name, const Tensor& a, const Tensor& b,
                Tensor (*ahead)(const Tensor&, const Tensor&)) {
  Tensor y = binary(op, name, a, b);
  if (needs_grad(a, b))
    record(name, y, {&a, &b}, {&a, &b}, [ahead, la = Like(a), lb = Like(b)](Grads& g) {
      const Tensor x = g.saved(0), other = g.saved(1);
      const Tensor share = where(x == other, g.in() / 2, g.in());
      if (g.needs(0)) g.give(0, reduce_to(where(ahead(other, x), 0, share), la));
      if (g.needs(1)) g.give(1, reduce_to(where(ahead(x, other), 0, share), lb));
    });
  return y;
}

/// The gradient goes to one alone, to a where it is `chosen` or b is NaN, and in halves where both are equal.
Tensor extremum_of_numbers(BinaryOp op, const char* name, const Tensor& a, const Tensor& b,
                           Tensor (*chosen)(const Tensor&, const Tensor&)) {
  Tensor y = binary(op, name, a, b);
  if (needs_grad(a, b))
    record(name, y, {&a, &b}, {&a, &b}, [chosen, la = Like(a), lb = Like(b)](Grads& g) {
      const Tensor x = g.saved(0), other = g.saved(1), tie = x == other;
      const Tensor share = where(tie, g.in() / 2, g.in()), first = logical_or(chosen(x, other), other.isnan());
      if (g.needs(0)) g.give(0, reduce_to(where(logical_or(first, tie), share, 0), la));
      if (g.needs(1)) g.give(1, reduce_to(where(first, 0, share), lb));
    });
  return y;
}

}  // namespace

Tensor maximum(const Tensor& a, const Tensor& b) { return extremum(BinaryOp::maximum, "maximum", a, b, operator>); }
Tensor minimum(const Tensor& a, const Tensor& b) { return extremum(BinaryOp::minimum, "minimum", a, b, operator<); }
Tensor fmax(const Tensor& a, const Tensor& b) { return extremum_of_numbers(BinaryOp::fmax, "fmax", a, b, operator>); }
Tensor fmin(const Tensor& a, const Tensor& b) { return extremum_of_numbers(BinaryOp::fmin, "fmin", a, b, operator<); }

Tensor Tensor::maximum(const Tensor& other) const { return tenon::maximum(*this, other); }
Tensor Tensor::minimum(const Tensor& other) const { return tenon::minimum(*this, other); }
Tensor Tensor::fmax(const Tensor& other) const { return tenon::fmax(*this, other); }
Tensor Tensor::fmin(const Tensor& other) const { return tenon::fmin(*this, other); }

}  // namespace tenon
