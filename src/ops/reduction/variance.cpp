// Variances and standard deviations, alone and with their means.
#include "backend/reduction.h"
#include "ops/reduction/reduction.h"

namespace tenon {
namespace {

/// The gradient of x, for that of the variance, g, with its dimensions kept.
Tensor variance_gradient(const Tensor& g, const Tensor& x, const Shape& dims, double correction, int64_t n) {
  const Tensor mean = x.mean(dims, true);
  const double freedom = static_cast<double>(n) - correction;
  if (freedom <= 0)  // infinite, or NaN where x is the mean, as in PyTorch
    return constant_in(g * ((x != mean).to(x.dtype()) / 0), x);
  return g * (2 / freedom) * (x - mean);
}

struct Both {
  Tensor spread, mean;
};

/// The variance, or its root, and the mean, of float32 or float64; each has its own place on the tape.
Both measure(const Tensor& x, const Shape& dims, double correction, bool keepdim, bool root, bool with_mean,
             const char* name) {
  check_real(x, name);
  if (x.dtype() == float16 || x.dtype() == bfloat16) {
    const Both wide = measure(x.to(float32), dims, correction, keepdim, root, with_mean, name);
    return {wide.spread.to(x.dtype()), with_mean ? wide.mean.to(x.dtype()) : Tensor()};
  }
  Both y;
  Shape kept;
  int64_t n;
  {
    const NoGrad guard;
    const Reduction r(x, dims, name);
    y = {r.result(keepdim), r.result(keepdim)};
    on<ReductionKernels>(x.device()).variance(y.spread, y.mean, r.x, r.outer, r.n, r.inner, correction, root);
    y = {y.spread.contiguous(), y.mean.contiguous()};
    kept = r.kept;
    n = r.n;
  }
  if (!needs_grad(x)) return y;
  record(name, y.spread, {&x}, {&x, root ? &y.spread : nullptr}, [kept, dims, correction, n, root](Grads& g) {
    const Tensor g_variance = root ? ratio_or_zero(g.in(), g.saved(1) * 2) : g.in();
    g.give(0, variance_gradient(g_variance.reshape(kept), g.saved(0), dims, correction, n));
  });
  if (with_mean)
    record("mean", y.mean, {&x}, {},
           [kept, whole = x.shape(), n](Grads& g) { g.give(0, spread(g.in() / static_cast<double>(n), kept, whole)); });
  return y;
}

}  // namespace

Tensor Tensor::var(const Shape& dims, double correction, bool keepdim) const {
  return measure(*this, dims, correction, keepdim, false, false, "var").spread;
}
Tensor Tensor::std(const Shape& dims, double correction, bool keepdim) const {
  return measure(*this, dims, correction, keepdim, true, false, "std").spread;
}
VarianceAndMean var_mean(const Tensor& x, const Shape& dims, double correction, bool keepdim) {
  const Both y = measure(x, dims, correction, keepdim, false, true, "var_mean");
  return {y.spread, y.mean};
}
DeviationAndMean std_mean(const Tensor& x, const Shape& dims, double correction, bool keepdim) {
  const Both y = measure(x, dims, correction, keepdim, true, true, "std_mean");
  return {y.spread, y.mean};
}

}  // namespace tenon
