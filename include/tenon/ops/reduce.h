#pragma once
// Sums, extrema, order: functions over some or all dimensions. Most have one subject and are methods too.
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon {

inline Tensor sum(const Tensor& x, const Shape& dims = {}, bool keepdim = false) { return x.sum(dims, keepdim); }
inline Tensor nansum(const Tensor& x, const Shape& dims = {}, bool keepdim = false) { return x.nansum(dims, keepdim); }
inline Tensor prod(const Tensor& x, std::optional<int64_t> dim = {}, bool keepdim = false) {
  return x.prod(dim, keepdim);
}
inline Tensor mean(const Tensor& x, const Shape& dims = {}, bool keepdim = false) { return x.mean(dims, keepdim); }
inline Tensor nanmean(const Tensor& x, const Shape& dims = {}, bool keepdim = false) {
  return x.nanmean(dims, keepdim);
}
inline Tensor var(const Tensor& x, const Shape& dims = {}, double correction = 1, bool keepdim = false) {
  return x.var(dims, correction, keepdim);
}
inline Tensor std(const Tensor& x, const Shape& dims = {}, double correction = 1, bool keepdim = false) {
  return x.std(dims, correction, keepdim);
}
/// Both at once.
struct VarianceAndMean {
  Tensor variance, mean;
};
VarianceAndMean var_mean(const Tensor& x, const Shape& dims = {}, double correction = 1, bool keepdim = false);
struct DeviationAndMean {
  Tensor deviation, mean;
};
DeviationAndMean std_mean(const Tensor& x, const Shape& dims = {}, double correction = 1, bool keepdim = false);
inline Tensor norm(const Tensor& x, double p = 2, const Shape& dims = {}, bool keepdim = false) {
  return x.norm(p, dims, keepdim);
}
/// The p-norm of a − b.
Tensor dist(const Tensor& a, const Tensor& b, double p = 2);
inline Tensor logsumexp(const Tensor& x, const Shape& dims, bool keepdim = false) { return x.logsumexp(dims, keepdim); }
inline Tensor amax(const Tensor& x, const Shape& dims = {}, bool keepdim = false) { return x.amax(dims, keepdim); }
inline Tensor amin(const Tensor& x, const Shape& dims = {}, bool keepdim = false) { return x.amin(dims, keepdim); }
struct MinAndMax {
  Tensor min, max;
};
/// Both at once; of everything, or along one dimension.
MinAndMax aminmax(const Tensor& x, std::optional<int64_t> dim = {}, bool keepdim = false);
inline Tensor max(const Tensor& x) { return x.max(); }
inline Tensor min(const Tensor& x) { return x.min(); }
inline ValuesAndIndices max(const Tensor& x, int64_t dim, bool keepdim = false) { return x.max(dim, keepdim); }
inline ValuesAndIndices min(const Tensor& x, int64_t dim, bool keepdim = false) { return x.min(dim, keepdim); }
inline Tensor argmax(const Tensor& x, std::optional<int64_t> dim = {}, bool keepdim = false) {
  return x.argmax(dim, keepdim);
}
inline Tensor argmin(const Tensor& x, std::optional<int64_t> dim = {}, bool keepdim = false) {
  return x.argmin(dim, keepdim);
}
inline Tensor all(const Tensor& x, const Shape& dims = {}, bool keepdim = false) { return x.all(dims, keepdim); }
inline Tensor any(const Tensor& x, const Shape& dims = {}, bool keepdim = false) { return x.any(dims, keepdim); }
inline Tensor count_nonzero(const Tensor& x, const Shape& dims = {}) { return x.count_nonzero(dims); }
inline Tensor median(const Tensor& x) { return x.median(); }
inline ValuesAndIndices median(const Tensor& x, int64_t dim, bool keepdim = false) { return x.median(dim, keepdim); }
inline ValuesAndIndices mode(const Tensor& x, int64_t dim = -1, bool keepdim = false) { return x.mode(dim, keepdim); }
inline ValuesAndIndices kthvalue(const Tensor& x, int64_t k, int64_t dim = -1, bool keepdim = false) {
  return x.kthvalue(k, dim, keepdim);
}
inline Tensor nanmedian(const Tensor& x) { return x.nanmedian(); }
inline ValuesAndIndices nanmedian(const Tensor& x, int64_t dim, bool keepdim = false) {
  return x.nanmedian(dim, keepdim);
}
inline Tensor quantile(const Tensor& x, double q, std::optional<int64_t> dim = {}, bool keepdim = false,
                       Interpolation how = Interpolation::linear) {
  return x.quantile(q, dim, keepdim, how);
}
inline Tensor nanquantile(const Tensor& x, double q, std::optional<int64_t> dim = {}, bool keepdim = false,
                          Interpolation how = Interpolation::linear) {
  return x.nanquantile(q, dim, keepdim, how);
}
/// Of variables in rows and observations in columns, (n, m) → (n, n); of a vector, its variance. `fweights`: how often
/// an observation was made (integers); `aweights`: how much it counts.
Tensor cov(const Tensor& x, int64_t correction = 1, const Tensor& fweights = {}, const Tensor& aweights = {});
Tensor corrcoef(const Tensor& x);  ///< correlations: cov(), divided by both deviations

// ---- along a dimension
/// The integral of y by the trapezoidal rule, at places x (of y's shape, or a vector along dim), or dx apart.
Tensor trapezoid(const Tensor& y, const Tensor& x, int64_t dim = -1);
Tensor trapezoid(const Tensor& y, double dx = 1, int64_t dim = -1);
/// The integrals up to each place but the first.
Tensor cumulative_trapezoid(const Tensor& y, const Tensor& x, int64_t dim = -1);
Tensor cumulative_trapezoid(const Tensor& y, double dx = 1, int64_t dim = -1);
inline Tensor cumsum(const Tensor& x, int64_t dim) { return x.cumsum(dim); }
inline Tensor cumprod(const Tensor& x, int64_t dim) { return x.cumprod(dim); }
inline Tensor logcumsumexp(const Tensor& x, int64_t dim) { return x.logcumsumexp(dim); }
inline ValuesAndIndices cummax(const Tensor& x, int64_t dim) { return x.cummax(dim); }
inline ValuesAndIndices cummin(const Tensor& x, int64_t dim) { return x.cummin(dim); }
inline Tensor diff(const Tensor& x, int64_t n = 1, int64_t dim = -1, const Tensor& prepend = {},
                   const Tensor& append = {}) {
  return x.diff(n, dim, prepend, append);
}
inline ValuesAndIndices sort(const Tensor& x, int64_t dim = -1, bool descending = false, bool stable = false) {
  return x.sort(dim, descending, stable);
}
inline Tensor argsort(const Tensor& x, int64_t dim = -1, bool descending = false, bool stable = false) {
  return x.argsort(dim, descending, stable);
}
inline ValuesAndIndices topk(const Tensor& x, int64_t k, int64_t dim = -1, bool largest = true, bool sorted = true) {
  return x.topk(k, dim, largest, sorted);
}
inline Tensor softmax(const Tensor& x, int64_t dim, std::optional<DType> dtype = {}) { return x.softmax(dim, dtype); }
inline Tensor log_softmax(const Tensor& x, int64_t dim, std::optional<DType> dtype = {}) {
  return x.log_softmax(dim, dtype);
}
inline Tensor renorm(const Tensor& x, double p, int64_t dim, double maxnorm) { return x.renorm(p, dim, maxnorm); }

/// Which different elements (or, with `dim`, slices) there are, in ascending order.
struct UniqueOptions {
  bool return_inverse = false;
  bool return_counts = false;
  std::optional<int64_t> dim = {};
};
struct Unique {
  Tensor values;
  Tensor inverse;  ///< of x's shape: where each element stands in values; undefined unless asked for
  Tensor counts;   ///< how often each value occurs; undefined unless asked for
};
Unique unique(const Tensor& x, const UniqueOptions& options = {});
/// The same for runs of equal neighbours, in their order.
Unique unique_consecutive(const Tensor& x, const UniqueOptions& options = {});

}  // namespace tenon

#pragma GCC visibility pop
