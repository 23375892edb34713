// special:: what is only there and is more than a formula of pointwise.inc: the normal distribution, entropy.
#include <limits>
#include <numbers>

#include "ops/elementwise/binary.h"
#include "ops/elementwise/unary.h"

namespace tenon::special {
namespace {

constexpr double root_half = 1 / std::numbers::sqrt2;

}  // namespace

Tensor ndtr(const Tensor& x) {
  if (x.dtype() == float16 || x.dtype() == bfloat16) return ndtr(x.to(float32)).to(x.dtype());  // rounded once
  const Tensor t = as_type(x, real_type(x.dtype())) * root_half;
  return (-t).erfc() * 0.5;
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

}  // namespace tenon::special
