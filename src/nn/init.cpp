#include <tenon/nn/init.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <tenon/autograd.h>
#include <tenon/ops.h>

namespace tenon::nn::init {
namespace {

double normal_cdf(double x) { return (1 + std::erf(x / std::sqrt(2.0))) / 2; }

double kaiming_std(const Tensor& weight, const KaimingOptions& options) {
  const Fans fans = calculate_fans(weight);
  const int64_t fan = options.mode == FanMode::fan_in ? fans.in : fans.out;
  return calculate_gain(options.nonlinearity, options.a) / std::sqrt(static_cast<double>(fan));
}

double xavier_std(const Tensor& weight, double gain) {
  const Fans fans = calculate_fans(weight);
  return gain * std::sqrt(2.0 / static_cast<double>(fans.in + fans.out));
}

// The nearest number that the tensor can hold, so that the bounds judge its elements fairly.
double rounded_to(DType dtype, double value) {
  return full({}, value, {.dtype = dtype, .device = kCPU}).item<double>();
}

// Most of the distribution lies inside: draw the normal, and draw a whole tensor again for those that fell outside.
void truncate_by_redrawing(const Tensor& x, double mean, double std, double a, double b, Generator* generator) {
  const double low = rounded_to(x.dtype(), a), high = rounded_to(x.dtype(), b);
  const auto outside = [&](double v) { return v < low || v > high; };
  tenon::normal_(x, mean, std, generator);
  std::vector<double> values = x.to_vector<double>();
  while (std::any_of(values.begin(), values.end(), outside)) {
    const Tensor again = empty_like(x);
    tenon::normal_(again, mean, std, generator);
    const std::vector<double> fresh = again.to_vector<double>();
    for (std::size_t i = 0; i < values.size(); ++i)
      if (outside(values[i])) values[i] = fresh[i];
  }
  x.copy_(tensor(values, {.device = kCPU}).reshape(x.shape()));
}

// [a, b] lies in a tail: draw uniformly, and accept with the probability that the density has there. Each round draws
// for all elements and keeps what was accepted. Computed in the tensor's own type, since a rounding decides over
// acceptance.
void truncate_by_rejection(const Tensor& x, double mean, double std, double a, double b, Generator* generator) {
  const double mode = std::max(a, std::min(mean, b));
  const double log_peak = -0.5 * ((mode - mean) / std) * ((mode - mean) / std);
  std::vector<double> values(static_cast<std::size_t>(x.numel()));
  std::vector<bool> pending(values.size(), true);
  const Tensor candidates = empty_like(x), chance = empty_like(x);
  while (std::find(pending.begin(), pending.end(), true) != pending.end()) {
    tenon::uniform_(candidates, a, b, generator);
    const std::vector<double> drawn = candidates.to_vector<double>();
    candidates.sub_(mean).div_(std);
    candidates.mul_(candidates).mul_(-0.5).sub_(log_peak);
    tenon::uniform_(chance, 0, 1, generator);
    const std::vector<bool> rejected = (chance.log() > candidates).to_vector<bool>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!pending[i]) continue;
      values[i] = drawn[i];
      pending[i] = rejected[i];
    }
  }
  x.copy_(tensor(values, {.device = kCPU}).reshape(x.shape()));
}

}  // namespace

double calculate_gain(Nonlinearity nonlinearity, std::optional<double> slope) {
  switch (nonlinearity) {
    case Nonlinearity::linear:
    case Nonlinearity::sigmoid: return 1;
    case Nonlinearity::tanh: return 5.0 / 3;
    case Nonlinearity::relu: return std::sqrt(2.0);
    case Nonlinearity::leaky_relu: {
      const double s = slope.value_or(0.01);
      return std::sqrt(2.0 / (1 + s * s));
    }
    case Nonlinearity::selu: return 3.0 / 4;
  }
  return 1;
}

Fans calculate_fans(const Tensor& weight) {
  if (weight.dim() < 2)
    fail("init", "expected a weight of two dimensions or more, (out, in, *), to know its fans; got shape {}",
         weight.shape().to_string());
  int64_t field = 1;
  for (int64_t d = 2; d < weight.dim(); ++d) field *= weight.size(d);
  return {.in = weight.size(1) * field, .out = weight.size(0) * field};
}

const Tensor& uniform_(const Tensor& x, double a, double b, Generator* generator) {
  NoGrad guard;
  tenon::uniform_(x, a, b, generator);
  return x;
}

const Tensor& normal_(const Tensor& x, double mean, double std, Generator* generator) {
  NoGrad guard;
  tenon::normal_(x, mean, std, generator);
  return x;
}

const Tensor& trunc_normal_(const Tensor& x, double mean, double std, double a, double b, Generator* generator) {
  if (x.is_meta()) return x;
  NoGrad guard;
  const double inside = normal_cdf((b - mean) / std) - normal_cdf((a - mean) / std);
  if (inside > 0.3) truncate_by_redrawing(x, mean, std, a, b, generator);
  else truncate_by_rejection(x, mean, std, a, b, generator);
  return x;
}

const Tensor& constant_(const Tensor& x, const Scalar& value) {
  NoGrad guard;
  return x.fill_(value);
}
const Tensor& ones_(const Tensor& x) { return constant_(x, 1); }
const Tensor& zeros_(const Tensor& x) { return constant_(x, 0); }

const Tensor& xavier_uniform_(const Tensor& weight, double gain, Generator* generator) {
  const double bound = std::sqrt(3.0) * xavier_std(weight, gain);
  return init::uniform_(weight, -bound, bound, generator);
}

const Tensor& xavier_normal_(const Tensor& weight, double gain, Generator* generator) {
  return init::normal_(weight, 0, xavier_std(weight, gain), generator);
}

const Tensor& kaiming_uniform_(const Tensor& weight, const KaimingOptions& options) {
  if (weight.numel() == 0) return weight;
  const double bound = std::sqrt(3.0) * kaiming_std(weight, options);
  return init::uniform_(weight, -bound, bound, options.generator);
}

const Tensor& kaiming_normal_(const Tensor& weight, const KaimingOptions& options) {
  if (weight.numel() == 0) return weight;
  return init::normal_(weight, 0, kaiming_std(weight, options), options.generator);
}

}  // namespace tenon::nn::init
