// special:: what is only there: the normal distribution, Bessel functions, entropy.
#include <cmath>
#include <limits>
#include <numbers>

#include "ops/elementwise/binary.h"
#include "ops/elementwise/unary.h"

namespace tenon::special {
namespace {

constexpr double root_half = 1 / std::numbers::sqrt2;
const double root_two_pi = std::sqrt(2 * std::numbers::pi);

/// The normal density by the distribution, r(x); r' = −r·(x + r).
Tensor density_ratio(const Tensor& x) {
  Tensor r;
  {
    const NoGrad guard;
    r = std::numbers::sqrt2 * std::numbers::inv_sqrtpi / erfcx(x * -root_half);
  }
  if (needs_grad(x))
    record("density_ratio", r, {&x}, {&x}, [](Grads& g) {
      const Tensor in = g.saved(0), ratio = density_ratio(in);
      g.give(0, g.in() * where(ratio == 0, 0, -ratio * (in + ratio)));
    });
  return r;
}

/// whole(x) − y / x, the derivative of i1 or i1e; 1/2 at and around 0, where its own is 0, as in PyTorch.
template <class F>
Tensor less_quotient(const Tensor& x, const Tensor& y, F whole) {
  const Tensor small = x.abs() <= (x.dtype() == float64 ? std::numeric_limits<double>::epsilon()
                                                        : std::numeric_limits<float>::epsilon());
  return where(small, 0.5, whole(x) - y / where(small, 1, x));
}

}  // namespace

Tensor ndtr(const Tensor& x) {
  if (x.dtype() == float16 || x.dtype() == bfloat16) return ndtr(x.to(float32)).to(x.dtype());  // rounded once
  const Tensor t = as_type(x, real_type(x.dtype())) * root_half;
  return (-t).erfc() * 0.5;
}

Tensor log_ndtr(const Tensor& x) {
  Tensor y = unary(UnaryOp::log_ndtr, "special.log_ndtr", x);
  if (needs_grad(x)) record("log_ndtr", y, {&x}, {&x}, [](Grads& g) { g.give(0, g.in() * density_ratio(g.saved(0))); });
  return y;
}

Tensor ndtri(const Tensor& p) {
  Tensor y = unary(UnaryOp::ndtri, "special.ndtri", p);
  if (needs_grad(p))
    record("ndtri", y, {&p}, {&y},
           [](Grads& g) { g.give(0, g.in() * ((g.saved(0).square() / 2).exp() * root_two_pi)); });
  return y;
}

Tensor erfcx(const Tensor& x) {
  Tensor y = unary(UnaryOp::erfcx, "special.erfcx", x);
  if (needs_grad(x))
    record("erfcx", y, {&x}, {&x, &y},
           [](Grads& g) { g.give(0, g.in() * (2 * g.saved(0) * g.saved(1) - 2 * std::numbers::inv_sqrtpi)); });
  return y;
}

Tensor entr(const Tensor& x) {
  const Tensor in = as_type(x, real_type(x.dtype()));
  Tensor y;
  {
    const NoGrad guard;
    y = where(in < 0, -std::numeric_limits<double>::infinity(), -xlogy(in, in));
  }
  if (needs_grad(in)) record("entr", y, {&in}, {&in}, [](Grads& g) { g.give(0, g.in() * (-1 - g.saved(0).log())); });
  return y;
}

Tensor xlog1py(const Tensor& a, const Tensor& b) {
  const DType type = real_type(result_type(a, b));
  const Tensor x = as_type(a, type), other = as_type(b, type);
  Tensor y;
  {
    const NoGrad guard;
    y = where(logical_and(x == 0, other == other), 0, x * other.log1p());
  }
  if (needs_grad(x, other))
    record("xlog1py", y, {&x, &other}, {&x, &other}, [lx = Like(x), lo = Like(other)](Grads& g) {
      const Tensor s = g.saved(0), o = g.saved(1);
      if (g.needs(0)) g.give(0, reduce_to(where(logical_and(s == 0, o <= -1), 0, g.in() * o.log1p()), lx));
      if (g.needs(1)) g.give(1, reduce_to(g.in() * (s / (o + 1)), lo));
    });
  return y;
}
Tensor xlog1py(const Tensor& a, const Scalar& b) { return xlog1py(a, number_for(a, b)); }
Tensor xlog1py(const Scalar& a, const Tensor& b) { return xlog1py(number_for(b, a), b); }

Tensor i0e(const Tensor& x) {
  Tensor y = unary(UnaryOp::i0e, "special.i0e", x);
  if (needs_grad(x))
    record("i0e", y, {&x}, {&x, &y}, [](Grads& g) {
      const Tensor in = g.saved(0);
      g.give(0, g.in() * (i1e(in) - in.sign() * g.saved(1)));
    });
  return y;
}

Tensor i1(const Tensor& x) {
  Tensor y = unary(UnaryOp::i1, "special.i1", x);
  if (needs_grad(x))
    record("i1", y, {&x}, {&x, &y}, [](Grads& g) {
      g.give(0, g.in() * less_quotient(g.saved(0), g.saved(1), [](const Tensor& in) { return in.i0(); }));
    });
  return y;
}

Tensor i1e(const Tensor& x) {
  Tensor y = unary(UnaryOp::i1e, "special.i1e", x);
  if (needs_grad(x))
    record("i1e", y, {&x}, {&x, &y}, [](Grads& g) {
      const Tensor y1 = g.saved(1);
      g.give(0, g.in() * less_quotient(g.saved(0), y1, [&](const Tensor& in) { return i0e(in) - in.sign() * y1; }));
    });
  return y;
}

}  // namespace tenon::special
