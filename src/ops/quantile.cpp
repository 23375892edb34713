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

/// The quantiles' dimension comes first, the reduced one goes or becomes 1: (q, …).
Tensor quantiles(const Tensor& x, const std::vector<double>& q, std::optional<int64_t> d, bool keepdim,
                 Interpolation how, const Tensor& on_tape = {}) {
  if (x.dtype() != float32 && x.dtype() != float64)
    fail("quantile", "expected a tensor of float32 or float64, got {}", x.dtype());
  if (x.numel() == 0) fail("quantile", "expected a tensor with elements, got shape {}", x.shape().to_string());
  const int64_t along = d ? wrap_dim(*d, x.dim(), "quantile") : 0;
  if (!d || x.dim() == 0) {
    Shape sizes(static_cast<std::size_t>(keepdim ? x.dim() + 1 : 1), int64_t{1});
    sizes[0] = static_cast<int64_t>(q.size());
    return of_lines(x.reshape({x.numel()}), q, how, on_tape).reshape(sizes);
  }
  const Tensor y =
      of_lines(x.transpose(along, -1), q, how, on_tape).transpose(along, -1).unsqueeze(0).transpose(0, along + 1);
  return (keepdim ? y : y.squeeze(along + 1)).contiguous();
}

}  // namespace

Tensor Tensor::quantile(double q, std::optional<int64_t> d, bool keepdim, Interpolation how) const {
  return quantiles(*this, {q}, d, keepdim, how).squeeze(0);
}

Tensor Tensor::quantile(const Tensor& q, std::optional<int64_t> d, bool keepdim, Interpolation how) const {
  if (q.dtype() != dtype()) fail("quantile", "expected q of the tensor's type {}, got {}", dtype(), q.dtype());
  if (q.dim() > 1) fail("quantile", "expected q to be a number or a vector, got shape {}", q.shape().to_string());
  check_same_device(*this, q, "quantile");
  const Tensor y =
      quantiles(*this, q.to_vector<double>(), d, keepdim, how, needs_grad(q) ? q.reshape({q.numel()}) : Tensor());
  return q.dim() == 0 ? y.squeeze(0) : y;
}

}  // namespace tenon
