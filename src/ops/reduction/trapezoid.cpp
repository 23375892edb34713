// Integrals of samples by the trapezoidal rule.
#include "ops/common.h"

namespace tenon {
namespace {

/// The dimension, counted from the end: there places of more dimensions have it too.
int64_t check_samples(const char* name, const Tensor& y, int64_t dim) {
  if (y.dtype() == boolean) fail(name, "bool tensors cannot be integrated: convert to another type first");
  if (y.dim() == 0) fail(name, "expected at least 1 dimension, got a 0-dim tensor");
  return wrap_dim(dim, y.dim(), name) - y.dim();
}

/// The sums of neighbours along dim.
Tensor pairs(const Tensor& y, int64_t dim) { return y.slice(dim, {0, -1}) + y.slice(dim, {1}); }

/// The distances of neighbours along dim of y, for places x that are a vector along it, or broadcast.
Tensor distances(const char* name, const Tensor& y, const Tensor& x, int64_t dim) {
  if (x.dtype() == boolean) fail(name, "places cannot be bool: convert to another type first");
  Shape sizes = x.shape();
  if (x.dim() == 1) {
    if (x.size(0) != y.size(dim))
      fail(name, "expected {} places, one for each sample of dimension {}, got {}", y.size(dim), dim + y.dim(),
           x.size(0));
    sizes = Shape(static_cast<std::size_t>(-dim), int64_t{1});  // the dimensions from dim on
    sizes[0] = x.size(0);
  }
  Tensor places = x.reshape(sizes);
  while (places.dim() < y.dim()) places = places.unsqueeze(0);
  return places.slice(dim, {1}) - places.slice(dim, {0, -1});
}

}  // namespace

Tensor trapezoid(const Tensor& y, const Tensor& x, int64_t d) {
  const int64_t dim = check_samples("trapezoid", y, d);
  if (y.size(dim) == 0) return y.sum({dim}, false, y.dtype());
  return (pairs(y, dim) * distances("trapezoid", y, x, dim)).sum({dim}) / 2;
}

Tensor trapezoid(const Tensor& y, double dx, int64_t d) {
  const int64_t dim = check_samples("trapezoid", y, d);
  if (y.size(dim) == 0) return y.sum({dim}, false, y.dtype());
  return (y.sum({dim}) - (y.select(dim, 0) + y.select(dim, -1)) * 0.5) * dx;
}

Tensor cumulative_trapezoid(const Tensor& y, const Tensor& x, int64_t d) {
  const int64_t dim = check_samples("cumulative_trapezoid", y, d);
  return (pairs(y, dim) * distances("cumulative_trapezoid", y, x, dim)).cumsum(dim) / 2;
}

Tensor cumulative_trapezoid(const Tensor& y, double dx, int64_t d) {
  const int64_t dim = check_samples("cumulative_trapezoid", y, d);
  return (pairs(y, dim) * (dx / 2)).cumsum(dim);
}

}  // namespace tenon
