// histogram: counts, or sums of weights, between edges.
#include <cmath>

#include "ops/common.h"

namespace tenon {
namespace {

Histogram counted(const Tensor& x, const Tensor& edges, const HistogramOptions& o) {
  if (o.weight.defined() && (o.weight.shape() != x.shape() || o.weight.dtype() != x.dtype()))
    fail("histogram", "expected weights like the elements, {} {}, got {} {}", x.dtype(), x.shape().to_string(),
         o.weight.dtype(), o.weight.shape().to_string());
  const int64_t bins = edges.numel() - 1;
  const Tensor values = x.reshape({x.numel()});
  // The bin is where the value would stand behind its equals; the last edge belongs to the last bin.
  const Tensor bin = (bucketize(values, edges, true) - 1).masked_fill(values == edges[-1], bins - 1);
  const Tensor within = logical_and(values >= edges[0], values <= edges[-1]);
  const Tensor weights = o.weight.defined() ? o.weight.reshape({x.numel()}) : ones_like(values);
  Histogram h{bincount(bin.masked_select(within), weights.masked_select(within), bins).to(x.dtype()), edges};
  if (o.density) h.hist = h.hist / h.hist.sum() / edges.diff();
  return h;
}

void check(const Tensor& x) {
  if (x.dtype() != float32 && x.dtype() != float64)
    fail("histogram", "expected float32 or float64, got {}: convert it first", x.dtype());
}

}  // namespace

Histogram histogram(const Tensor& x, int64_t bins, const HistogramOptions& options) {
  check(x);
  if (bins < 1) fail("histogram", "expected 1 bin or more, got {}", bins);
  const NoGrad guard;
  auto [low, high] = options.range.value_or(std::pair(0.0, 0.0));
  if (!options.range && x.numel() > 0) {
    low = x.amin().item<double>();
    high = x.amax().item<double>();
  } else if (!options.range) {
    high = 1;
  }
  if (!std::isfinite(low) || !std::isfinite(high)) fail("histogram", "the range {} … {} is not finite", low, high);
  if (low > high) fail("histogram", "expected a range from the lesser to the greater, got {} … {}", low, high);
  if (low == high) {
    low -= 0.5;
    high += 0.5;
  }
  return counted(x, linspace(low, high, bins + 1, {.dtype = x.dtype(), .device = x.device()}), options);
}

Histogram histogram(const Tensor& x, const Tensor& edges, const HistogramOptions& options) {
  check(x);
  check_same_device(x, edges, "histogram");
  if (edges.dim() != 1 || edges.numel() < 2 || edges.dtype() != x.dtype())
    fail("histogram", "expected a vector of 2 edges or more of {}, got {} {}", x.dtype(), edges.dtype(),
         edges.shape().to_string());
  if (options.range) fail("histogram", "edges say where bins end: leave out the range");
  const NoGrad guard;
  return counted(x, edges, options);
}

Histogram Tensor::histogram(int64_t bins) const { return tenon::histogram(*this, bins); }
Histogram Tensor::histogram(int64_t bins, const HistogramOptions& options) const {
  return tenon::histogram(*this, bins, options);
}
Histogram Tensor::histogram(const Tensor& edges) const { return tenon::histogram(*this, edges); }
Histogram Tensor::histogram(const Tensor& edges, const HistogramOptions& options) const {
  return tenon::histogram(*this, edges, options);
}

}  // namespace tenon
