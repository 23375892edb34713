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

void check_matrix(const char* name, const Tensor& x) {
  if (x.dim() != 2) fail(name, "expected a matrix, got shape {}", x.shape().to_string());
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

const Tensor& eye_(const Tensor& x) {
  check_matrix("eye_", x);
  const NoGrad guard;
  x.zero_();
  x.diagonal().fill_(1);
  return x;
}

const Tensor& dirac_(const Tensor& weight, int64_t groups) {
  if (weight.dim() < 3 || weight.dim() > 5)
    fail("dirac_", "expected a weight of shape (out, in, *) with 3 to 5 dimensions, got {}",
         weight.shape().to_string());
  if (groups < 1 || weight.size(0) % groups != 0)
    fail("dirac_", "expected a size of dimension 0 that {} groups divide, got {}", groups, weight.size(0));
  const NoGrad guard;
  weight.zero_();
  const int64_t each = weight.size(0) / groups;
  Tensor middle = weight;  // (out, in)
  for (int64_t d = weight.dim() - 1; d >= 2; --d) {
    if (weight.size(d) == 0) return weight;
    middle = middle.select(d, weight.size(d) / 2);
  }
  for (int64_t g = 0; g < groups; ++g) middle.narrow(0, g * each, each).diagonal().fill_(1);
  return weight;
}

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

const Tensor& orthogonal_(const Tensor& weight, double gain, Generator* generator) {
  if (weight.dim() < 2)
    fail("orthogonal_", "expected a weight of two dimensions or more, got shape {}", weight.shape().to_string());
  if (weight.numel() == 0 || weight.is_meta()) return weight;
  const NoGrad guard;
  const int64_t rows = weight.size(0), columns = weight.numel() / rows;
  const Tensor drawn = empty({rows, columns}, {weight.dtype(), weight.device()});
  tenon::normal_(drawn, 0, 1, generator);
  const auto [q, r] = linalg::qr(rows < columns ? drawn.t() : drawn);
  const Tensor directed = q * r.diagonal().sign();  // unique, so that it is uniform among all
  weight.copy_((rows < columns ? directed.t() : directed).reshape(weight.shape()));
  return weight.mul_(gain);
}

const Tensor& sparse_(const Tensor& weight, double sparsity, double std, Generator* generator) {
  check_matrix("sparse_", weight);
  if (weight.is_meta()) return weight;
  const int64_t rows = weight.size(0), zeros = static_cast<int64_t>(std::ceil(sparsity * static_cast<double>(rows)));
  if (zeros < 0 || zeros > rows) fail("sparse_", "expected a sparsity between 0 and 1, got {}", sparsity);
  const NoGrad guard;
  tenon::normal_(weight, 0, std, generator);
  for (int64_t column = 0; column < weight.size(1); ++column)
    weight.select(1, column).index_fill_(0, randperm(rows).narrow(0, 0, zeros).to(weight.device()), 0);
  return weight;
}

}  // namespace tenon::nn::init
