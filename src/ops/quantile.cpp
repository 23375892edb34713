// Quantiles: between the two elements of the sorted line that are nearest to the rank.
#include <cmath>
#include <limits>

#include "ops/reduction.h"

namespace tenon {
namespace {

/// Where each quantile stands among n elements: at `base`, and on by `part` of the way from `below` to `above`. The
/// base is the nearer one.
struct Ranks {
  std::vector<int64_t> below, above, base;
  std::vector<double> part;

  Ranks(const std::vector<double>& q, int64_t n, DType type, Interpolation how) {
    for (const double p : q) {
      if (!(p >= 0 && p <= 1)) fail("quantile", "expected q between 0 and 1, got {}", p);
      const auto last = static_cast<double>(n - 1);
      double rank = type == float32 ? static_cast<double>(static_cast<float>(p) * static_cast<float>(last))
                                    : p * last;  // as the type rounds it
      if (how == Interpolation::lower) rank = std::floor(rank);
      if (how == Interpolation::higher) rank = std::ceil(rank);
      if (how == Interpolation::nearest) rank = std::nearbyint(rank);
      const double weight = how == Interpolation::midpoint ? 0.5 : rank - std::floor(rank);
      below.push_back(static_cast<int64_t>(rank));
      above.push_back(static_cast<int64_t>(std::ceil(rank)));
      base.push_back(weight < 0.5 ? below.back() : above.back());
      part.push_back(weight < 0.5 ? weight : weight - 1);
    }
  }
};

/// q's quantiles of the last dimension, in its place: (…, n) → (…, q).
/// `on_tape` are the same quantiles where gradients go back to them too, else undefined.
Tensor of_lines(const Tensor& lines, const std::vector<double>& q, Interpolation how, const Tensor& on_tape) {
  const Ranks ranks(q, lines.size(-1), lines.dtype(), how);
  const Tensor sorted = lines.sort(-1).values;
  const auto at = [&](const std::vector<int64_t>& places) {
    return sorted.index_select(-1, tensor(places).to(lines.device()));
  };
  const Tensor part = tensor(ranks.part, {lines.dtype(), lines.device()});
  const Tensor apart = at(ranks.above) - at(ranks.below);
  Tensor y = at(ranks.base) + apart * part;
  if (on_tape.defined() && how == Interpolation::linear)  // adds nothing but the slope
    y = y + apart * ((on_tape - on_tape.detach()) * static_cast<double>(lines.size(-1) - 1));
  const Tensor last = sorted.detach().narrow(-1, lines.size(-1) - 1, 1);
  return y.masked_fill(last != last, std::numeric_limits<double>::quiet_NaN());  // NaN stands last
}

/// The same of the numbers among each line's elements, which NaNs do not count among; q (k). Ranks are of each line's
/// own.
Tensor of_lines_without_nan(const Tensor& lines, const Tensor& q, Interpolation how) {
  const Tensor sorted = lines.sort(-1).values;  // NaNs stand last
  const Tensor last = (sorted.detach().isnan().logical_not().sum({-1}, true) - 1).clamp(0);
  Tensor rank = q * last.to(lines.dtype());  // (…, k)
  if (how == Interpolation::lower) rank = rank.floor();
  if (how == Interpolation::higher) rank = rank.ceil();
  if (how == Interpolation::nearest) rank = rank.round();
  const Tensor below = rank.detach().floor(), above = rank.detach().ceil();
  const Tensor low = sorted.gather(-1, below.to(int64)), high = sorted.gather(-1, above.to(int64));
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
  const Tensor y = of(x.transpose(along, -1)).transpose(along, -1).unsqueeze(0).transpose(0, along + 1);
  return (keepdim ? y : y.squeeze(along + 1)).contiguous();
}

void check_q(const char* name, const Tensor& x, const Tensor& q) {
  check_lines(name, x);
  if (q.dtype() != x.dtype()) fail(name, "expected q of the tensor's type {}, got {}", x.dtype(), q.dtype());
  if (q.dim() > 1) fail(name, "expected q to be a number or a vector, got shape {}", q.shape().to_string());
  check_same_device(x, q, name);
}

}  // namespace

Tensor Tensor::quantile(double q, std::optional<int64_t> d, bool keepdim, Interpolation how) const {
  check_lines("quantile", *this);
  return along_lines("quantile", *this, d, keepdim, [&](const Tensor& lines) { return of_lines(lines, {q}, how, {}); })
      .squeeze(0);
}

Tensor Tensor::quantile(const Tensor& q, std::optional<int64_t> d, bool keepdim, Interpolation how) const {
  check_q("quantile", *this, q);
  const Tensor y = along_lines("quantile", *this, d, keepdim, [&](const Tensor& lines) {
    return of_lines(lines, q.to_vector<double>(), how, needs_grad(q) ? q.reshape({q.numel()}) : Tensor());
  });
  return q.dim() == 0 ? y.squeeze(0) : y;
}

Tensor Tensor::nanquantile(double q, std::optional<int64_t> d, bool keepdim, Interpolation how) const {
  check_lines("nanquantile", *this);
  return nanquantile(full({}, q, {dtype(), device()}), d, keepdim, how);
}

Tensor Tensor::nanquantile(const Tensor& q, std::optional<int64_t> d, bool keepdim, Interpolation how) const {
  check_q("nanquantile", *this, q);
  if (!q.is_meta() && !tenon::logical_and(q >= 0, q <= 1).all().item<bool>())
    fail("nanquantile", "expected q between 0 and 1");
  const Tensor y = along_lines("nanquantile", *this, d, keepdim, [&](const Tensor& lines) {
    return of_lines_without_nan(lines, q.reshape({q.numel()}), how);
  });
  return q.dim() == 0 ? y.squeeze(0) : y;
}

}  // namespace tenon
