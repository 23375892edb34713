// Quantiles: between the two elements of the sorted line that are nearest to the rank.
#include "ops/autocast.h"
#include "ops/reduction/reduction.h"

namespace tenon {
namespace {

/// The last dimension's quantiles for q (k), in its place: (…, n) → (…, k). Ranks are counted among a line's numbers;
/// a NaN is none where `skip_nan`, else it is the whole line's quantile.
Tensor of_lines(const Tensor& lines, const Tensor& q, Interpolation how, bool skip_nan) {
  const Tensor sorted = lines.sort(-1).values;  // NaNs stand last
  const Tensor nan = sorted.detach().isnan();
  const int64_t last = lines.size(-1) - 1;
  Tensor rank;  // (…, k)
  if (skip_nan) rank = q * (nan.logical_not().sum({-1}, true) - 1).clamp(0).to(lines.dtype());
  else rank = (q * last).masked_fill(nan.any({-1}, true), last);
  if (how == Interpolation::lower) rank = rank.floor();
  if (how == Interpolation::higher) rank = rank.ceil();
  if (how == Interpolation::nearest) rank = rank.round();
  const Tensor below = rank.detach().floor();
  const Tensor low = sorted.gather(-1, below.to(int64));
  if (how != Interpolation::linear && how != Interpolation::midpoint) return low;
  const Tensor high = sorted.gather(-1, rank.detach().ceil().to(int64));
  return low.lerp(high, how == Interpolation::midpoint ? full_like(rank, 0.5) : rank - below);
}

void check_lines(const char* name, const Tensor& x) {
  if (x.dtype() != float32 && x.dtype() != float64)
    fail(name, "expected a tensor of float32 or float64, got {}", x.dtype());
  if (x.numel() == 0) fail(name, "expected a tensor with elements, got shape {}", x.shape().to_string());
}

/// `of(lines)` is (…, n) → (…, k). That dimension comes first, the reduced one goes or becomes 1: (k, …).
template <class Of>
Tensor along_lines(const char* name, const Tensor& x, std::optional<int64_t> d, bool keepdim, Of of) {
  const int64_t along = d ? wrap_dim(*d, x.dim(), name) : 0;
  if (!d || x.dim() == 0) {
    const Tensor y = of(x.reshape({x.numel()}));
    Shape sizes(static_cast<std::size_t>(keepdim ? x.dim() + 1 : 1), int64_t{1});
    sizes[0] = y.numel();
    return y.reshape(sizes);
  }
  const Tensor y = of(x.movedim({along}, {-1}));
  return (keepdim ? y.unsqueeze(along) : y).movedim({-1}, {0});
}

Tensor number(const char* name, double q, const Tensor& given) {
  const Tensor x = autocasts() ? in_float(given) : given;
  check_lines(name, x);
  return full({}, q, {x.dtype(), x.device()});
}

Tensor quantile_of(const char* name, const Tensor& x, const Tensor& q, std::optional<int64_t> d, bool keepdim,
                   Interpolation how, bool skip_nan) {
  if (autocasts()) [[unlikely]]
    return in_float_type([&](const auto&... in) { return quantile_of(name, in..., d, keepdim, how, skip_nan); }, x, q);
  check_lines(name, x);
  if (q.dtype() != x.dtype()) fail(name, "expected q of the tensor's type {}, got {}", x.dtype(), q.dtype());
  if (q.dim() > 1) fail(name, "expected q to be a number or a vector, got shape {}", q.shape().to_string());
  check_same_device(x, q, name);
  if (!q.is_meta())
    for (const double p : q.to_vector<double>())
      if (!(p >= 0 && p <= 1)) fail(name, "expected q between 0 and 1, got {}", p);
  const Tensor y = along_lines(
      name, x, d, keepdim, [&](const Tensor& lines) { return of_lines(lines, q.reshape({q.numel()}), how, skip_nan); });
  return q.dim() == 0 ? y.squeeze(0) : y;
}

}  // namespace

Tensor Tensor::quantile(double q, std::optional<int64_t> d, bool keepdim, Interpolation how) const {
  return quantile_of("quantile", *this, number("quantile", q, *this), d, keepdim, how, false);
}
Tensor Tensor::quantile(const Tensor& q, std::optional<int64_t> d, bool keepdim, Interpolation how) const {
  return quantile_of("quantile", *this, q, d, keepdim, how, false);
}
Tensor Tensor::nanquantile(double q, std::optional<int64_t> d, bool keepdim, Interpolation how) const {
  return quantile_of("nanquantile", *this, number("nanquantile", q, *this), d, keepdim, how, true);
}
Tensor Tensor::nanquantile(const Tensor& q, std::optional<int64_t> d, bool keepdim, Interpolation how) const {
  return quantile_of("nanquantile", *this, q, d, keepdim, how, true);
}

}  // namespace tenon
