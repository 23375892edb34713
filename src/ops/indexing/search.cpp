// Places in sorted numbers, and counts: searchsorted, bucketize, isin, bincount, histc; places in a shape:
// unravel_index.
#include <cmath>

#include "backend/index.h"
#include "backend/sort.h"
#include "ops/indexing/offsets.h"

namespace tenon {
namespace {

/// What numbers are compared in: int64, float32 or float64.
DType comparison_type(const Tensor& a, const Tensor& b, const char* name) {
  if (a.dtype() == boolean || b.dtype() == boolean)
    fail(name, "bool tensors have no order: convert them to uint8 first");
  const DType type = result_type(a, b);
  return is_integral(type) ? int64 : type == float64 ? float64 : float32;
}

Tensor search(const char* name, const Tensor& sorted, const Tensor& values, bool right) {
  check_same_device(sorted, values, name);
  const NoGrad guard;
  const DType type = comparison_type(sorted, values, name);
  const Tensor out = new_tensor(values.shape(), int64, values.device());
  on<SortKernels>(out.device())
      .searchsorted(out, as_type(sorted, type).contiguous(), as_type(values, type).contiguous(), right);
  return out;
}

}  // namespace

Tensor searchsorted(const Tensor& sorted, const Tensor& values, bool right) {
  if (sorted.dim() == 0) fail("searchsorted", "expected sorted numbers of at least 1 dimension, got a 0-dim tensor");
  if (sorted.dim() > 1) {
    Shape rows = sorted.shape(), others = values.shape();
    rows.pop_back();
    if (!others.empty()) others.pop_back();
    if (values.dim() != sorted.dim() || rows != others)
      fail("searchsorted",
           "expected sorted numbers in a vector, or as many rows of them as of values: got shapes {} and {}",
           sorted.shape().to_string(), values.shape().to_string());
  }
  return search("searchsorted", sorted, values, right);
}

Tensor bucketize(const Tensor& values, const Tensor& boundaries, bool right) {
  if (boundaries.dim() != 1)
    fail("bucketize", "expected a vector of boundaries, got shape {}", boundaries.shape().to_string());
  return search("bucketize", boundaries, values, right);
}

Tensor isin(const Tensor& x, const Tensor& among, bool invert) {
  const Device device = common_device("isin", {&x, &among});
  const NoGrad guard;
  const DType given = result_type(x, among), type = given == boolean ? uint8 : given;
  const Tensor values = as_type(x, type).to(device);
  Tensor sorted = as_type(among, type).to(device).flatten().sort().values;
  if (!sorted.is_meta()) sorted = sorted.masked_select(sorted == sorted);  // NaN has no place, and equals nothing
  if (sorted.numel() == 0) return full(x.shape(), invert, {.device = device});
  const Tensor places = search("isin", sorted, values, false).clamp_({}, sorted.numel() - 1);
  const Tensor found = sorted.take(places);
  return invert ? found != values : found == values;
}
Tensor isin(const Tensor& x, const Scalar& among, bool invert) { return isin(x, number_for(x, among), invert); }

std::vector<Tensor> unravel_index(const Tensor& places, const Shape& shape) {
  if (!is_integral(places.dtype())) fail("unravel_index", "expected places of an integer type, got {}", places.dtype());
  for (const int64_t size : shape)
    if (size < 0 || (size == 0 && places.numel() > 0))
      fail("unravel_index", "expected sizes of 1 or more, got {}", shape.to_string());
  std::vector<Tensor> coordinates(shape.size());
  Tensor rest = as_type(places, int64);  // the sizes may be beyond a narrower type
  for (std::size_t d = shape.size(); d-- > 0;) {
    coordinates[d] = remainder(rest, shape[d]);
    rest = floor_divide(rest, shape[d]);
  }
  return coordinates;
}

Tensor bincount(const Tensor& x, const Tensor& weights, int64_t minlength) {
  if (x.dim() != 1 || !is_integral(x.dtype()))
    fail("bincount", "expected a vector of integers, got shape {} of {}", x.shape().to_string(), x.dtype());
  if (minlength < 0) fail("bincount", "minlength cannot be negative: {}", minlength);
  if (weights.defined()) {
    check_same_device(x, weights, "bincount");
    if (weights.shape() != x.shape())
      fail("bincount", "expected a weight for each of {} numbers, got shape {}", x.numel(),
           weights.shape().to_string());
  }
  if (x.is_meta()) fail("bincount", "the largest number depends on data, which a tensor on the meta device has not");
  const NoGrad guard;
  const Tensor at = as_type(x, int64).contiguous();
  const auto range = on<IndexKernels>(x.device()).range_outside(at, 0);
  if (range && range->first < 0) fail("bincount", "expected numbers of 0 or more, got {}", range->first);
  const int64_t n = std::max(minlength, range ? range->second + 1 : 0);
  const DType type = !weights.defined() ? int64 : weights.dtype() == float32 ? float32 : float64;
  const TensorOptions options{.dtype = type, .device = x.device()};
  const Tensor counts = zeros({n}, options);
  put_at(counts, {at, 0, 1}, weights.defined() ? as_type(weights, type) : ones({}, options), true);
  return counts;
}

Tensor histc(const Tensor& x, int64_t bins, double min, double max) {
  if (!x.is_floating_point()) fail("histc", "expected floating-point numbers, got {}: convert them first", x.dtype());
  if (bins < 1) fail("histc", "expected 1 bin or more, got {}", bins);
  const NoGrad guard;
  if (x.is_meta()) return new_tensor({bins}, x.dtype(), x.device());
  const Tensor values = as_type(x, computed_type(x.dtype())).contiguous();
  if (min == max && values.numel() > 0) {
    min = values.amin().item<double>();
    max = values.amax().item<double>();
  }
  if (min == max) {
    min -= 1;
    max += 1;
  }
  if (!std::isfinite(min) || !std::isfinite(max)) fail("histc", "the range {} … {} is not finite", min, max);
  if (min > max) fail("histc", "expected a range from the lesser to the greater, got {} … {}", min, max);
  const Tensor counts = new_tensor({bins}, int64, x.device());
  on<SortKernels>(x.device()).histogram(counts, values, min, max);
  return counts.to(x.dtype());
}

Tensor Tensor::bincount(const Tensor& weights, int64_t minlength) const {
  return tenon::bincount(*this, weights, minlength);
}
Tensor Tensor::histc(int64_t bins, double min, double max) const { return tenon::histc(*this, bins, min, max); }

}  // namespace tenon
