#include <tenon/optim/muon.h>

#include <algorithm>
#include <cmath>

#include <tenon/ops.h>

namespace tenon::optim {
namespace {

/// How much of the rate a matrix of this shape takes.
double share_of_rate(const MuonOptions& o, const Tensor& p) {
  const auto rows = static_cast<double>(p.size(0)), columns = static_cast<double>(p.size(1));
  if (o.adjust_lr_fn == "match_rms_adamw") return 0.2 * std::sqrt(std::max(rows, columns));
  const double ratio = rows / columns;
  return std::sqrt(o.adjust_lr_fn == "spectral_unclamped" ? ratio : std::max(1.0, ratio));
}

/// Near to U·Vᵀ of the matrix's U·S·Vᵀ, by a few steps of Newton and Schulz. They need no more than bfloat16, and the
/// smaller of the two squares.
Tensor orthogonalized(const Tensor& matrix, const MuonOptions& o) {
  const auto [a, b, c] = o.ns_coefficients;
  const bool is_tall = matrix.size(0) > matrix.size(1);
  Tensor x = matrix.to(bfloat16);
  if (is_tall) x = x.t();
  x = x.div(x.norm().clamp_(o.eps));  // no direction is longer than 1
  for (int64_t i = 0; i < o.ns_steps; ++i) {
    const Tensor square = x.matmul(x.t());
    x = x.addmm(square.addmm(square, square, b, c), x, a);
  }
  return is_tall ? x.t() : x;
}

}  // namespace

void check(const MuonOptions& o, std::string_view optimizer) {
  constexpr std::string_view known[] = {"original", "match_rms_adamw", "spectral_unclamped"};
  if (o.adjust_lr_fn && std::ranges::find(known, *o.adjust_lr_fn) == std::end(known))
    fail(optimizer, "expected adjust_lr_fn 'original', 'match_rms_adamw' or 'spectral_unclamped', or none; got '{}'",
         *o.adjust_lr_fn);
  if (o.ns_steps >= 100) fail(optimizer, "expected ns_steps < 100, got {}", o.ns_steps);
}

void Muon::check_parameter(const Tensor& p, std::string_view optimizer) {
  if (p.dim() != 2)
    fail(optimizer, "expected parameters of two dimensions, got shape {}; give others to another optimizer",
         p.shape().to_string());
}

void Muon::update(const MuonOptions& o, std::span<const Step> steps) {
  for (const Step& s : steps) {
    const Tensor& average = s["momentum_buffer"].lerp_(s.grad, 1 - o.momentum);
    const Tensor step = orthogonalized(o.nesterov ? s.grad.lerp(average, o.momentum) : average, o);
    s.p.mul_(1 - o.lr * o.weight_decay).add_(step.to(s.p.dtype()), -o.lr * share_of_rate(o, s.p));
  }
}

}  // namespace tenon::optim
