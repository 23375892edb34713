// The inverse of sigmoid.
#include <limits>

#include "ops/elementwise/unary.h"

namespace tenon {

/// log(x/(1 − x)), with x first moved into [eps, 1 − eps] where eps is given.
Tensor Tensor::logit(std::optional<double> eps) const {
  const double low = eps.value_or(0), high = 1 - low;
  Tensor y;
  {
    const NoGrad guard;
    Tensor x = as_type(*this, real_type(dtype()));
    if (eps) x = tenon::where(x < low, low, tenon::where(x > high, high, x));  // low wins where eps is above 1/2
    y = (x / (1 - x)).log();
  }
  if (needs_grad(*this))
    record("logit", y, {this}, {this},
           [low, high, outside = eps ? 0.0 : std::numeric_limits<double>::quiet_NaN()](Grads& g) {
             const Tensor x = g.saved(0);
             // the absolute value: at −0 the slope is +∞ as it is at 0
             g.give(0, tenon::where(tenon::logical_and(x >= low, x <= high), g.in() / (x * (1 - x)).abs(), outside));
           });
  return y;
}

const Tensor& Tensor::logit_(std::optional<double> eps) const {
  return in_place_by_copy("logit_", *this, {}, [&](const Tensor& x) { return x.logit(eps); });
}

}  // namespace tenon
