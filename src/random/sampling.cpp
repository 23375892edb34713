// Draws whose probabilities stand in a tensor: coins, normal numbers with means of their own, choices by weight.
#include "backend/memory.h"
#include "ops/elementwise/binary.h"
#include "ops/elementwise/unary.h"
#include "random/draw.h"

namespace tenon {
namespace {

void check_deviations(const Tensor& std) {
  if (!std.is_meta() && (std < 0).any().item<bool>()) fail("normal", "the standard deviations must not be negative");
}

/// Standard normal numbers of a shape, times `std`, plus `mean`.
Tensor moved_normals(const Shape& shape, DType dtype, const Tensor& mean, const Tensor& std, Generator* generator) {
  const NoGrad guard;
  const Tensor y = randn(shape, {.dtype = dtype, .device = mean.device()}, generator);
  return y.mul_(std).add_(mean);
}

void check_probabilities(const Tensor& p, const char* operation) {
  if (!is_floating_point(p.dtype()))
    fail(operation, "expected probabilities of a floating-point type, got {}", p.dtype());
  if (!p.is_meta() && !logical_and(p >= 0, p <= 1).all().item<bool>())
    fail(operation, "the probabilities must lie between 0 and 1");
}

/// Coins for p, of x's shape: bool, in the order in which x lies in memory.
Tensor tossed(const Tensor& x, const Tensor& p, Generator* generator) {
  const NoGrad guard;
  const DType drawn = computed_type(p.dtype());
  return rand_like(x, {.dtype = drawn}, generator) < as_type(p, drawn);
}

void check_weights(const Tensor& weights, int64_t samples, bool replacement) {
  if (!is_floating_point(weights.dtype()))
    fail("multinomial", "expected weights of a floating-point type, got {}", weights.dtype());
  if (weights.dim() != 1 && weights.dim() != 2)
    fail("multinomial", "expected weights of shape (n) or (rows, n), got {}", weights.shape().to_string());
  const int64_t n = weights.size(-1);
  if (samples < 1) fail("multinomial", "expected 1 sample or more, got {}", samples);
  if (n == 0)
    fail("multinomial", "there is nothing to choose from: the weights have shape {}", weights.shape().to_string());
  if (!replacement && samples > n)
    fail("multinomial", "{} samples cannot be drawn from {} without replacement", samples, n);
  if (weights.is_meta()) return;
  if (!logical_and(weights >= 0, weights.isfinite()).all().item<bool>())
    fail("multinomial", "the weights must be finite and 0 or more");
  if ((weights.amax({-1}) == 0).any().item<bool>()) fail("multinomial", "each row needs a weight above 0");
}

Tensor with_replacement(const Tensor& weights, int64_t samples, Generator* generator) {
  Shape shape = weights.shape();
  shape.back() = samples;
  const Tensor y = new_tensor(shape, int64, weights.device());
  // Shares are summed up in float32, or in float64 where the weights are.
  const Tensor from = weights.to(computed_type(weights.dtype())).contiguous();
  random::draw("multinomial", y, generator, &RandomKernels::multinomial, from);
  return y;
}

}  // namespace

void bernoulli_(const Tensor& x, const Tensor& p, Generator* generator) {
  check_probabilities(p, "bernoulli_");
  check_same_device(x, p, "bernoulli_");
  if (broadcast_shapes(x.shape(), p.shape(), "bernoulli_") != x.shape())
    fail("bernoulli_", "probabilities of shape {} do not broadcast to {}", p.shape().to_string(),
         x.shape().to_string());
  overwrite(
      "bernoulli_", x, {}, [&](const Tensor& to) { on<MemoryKernels>(to.device()).copy(to, tossed(to, p, generator)); },
      [](Grads&) {});
}

Tensor bernoulli(const Tensor& p, Generator* generator) {
  check_probabilities(p, "bernoulli");
  const Tensor y = as_type(tossed(p.contiguous(), p.contiguous(), generator), p.dtype());
  if (needs_grad(p)) record("bernoulli", y, {&p}, {}, give_zeros);
  return y;
}

Tensor normal(const Tensor& mean, const Tensor& std, Generator* generator) {
  check_deviations(std);
  const Shape shape = broadcast_shapes(mean.shape(), std.shape(), "normal");
  Tensor y = moved_normals(shape, mean.dtype(), mean, std, generator);
  record_constant("normal", y, mean, std);
  return y;
}

Tensor normal(const Tensor& mean, double std, Generator* generator) {
  Tensor y;
  {
    const NoGrad guard;
    y = new_tensor(mean.shape(), mean.dtype(), mean.device());
    normal_(y, 0, std, generator);
    y.add_(mean);
  }
  if (needs_grad(mean)) record("normal", y, {&mean}, {}, give_zeros);
  return y;
}

Tensor normal(double mean, const Tensor& std, Generator* generator) {
  check_deviations(std);
  Tensor y = moved_normals(std.shape(), std.dtype(), full({}, mean, {std.dtype(), std.device()}), std, generator);
  if (needs_grad(std)) record("normal", y, {&std}, {}, give_zeros);
  return y;
}

Tensor poisson(const Tensor& rate, Generator* generator) {
  random::check_real_type("poisson", rate);
  const Tensor y = new_tensor(rate.shape(), rate.dtype(), rate.device());
  {
    const NoGrad guard;
    if (!rate.is_meta() && !logical_and(rate >= 0, rate.isfinite()).all().item<bool>())
      fail("poisson", "the rates must be finite and 0 or more");
    random::draw("poisson", y, generator, &RandomKernels::poisson, rate.contiguous());
  }
  if (needs_grad(rate)) record("poisson", y, {&rate}, {}, give_zeros);
  return y;
}

Tensor multinomial(const Tensor& weights, int64_t samples, bool replacement, Generator* generator) {
  const NoGrad guard;
  check_weights(weights, samples, replacement);
  if (replacement && samples > 1) return with_replacement(weights, samples, generator);
  // Each place waits for an exponential time at the rate of its weight: the first to come are the sample.
  const Tensor waits = new_tensor(weights.shape(), weights.dtype(), weights.device());
  exponential_(waits, 1, generator);
  const Tensor order = weights / waits;
  return samples == 1 ? order.argmax(-1, true) : order.topk(samples, -1).indices;
}

const Tensor& Tensor::bernoulli_(const Tensor& p) const {
  tenon::bernoulli_(*this, p, nullptr);
  return *this;
}

Tensor Tensor::bernoulli() const { return tenon::bernoulli(*this); }
Tensor Tensor::multinomial(int64_t num_samples, bool replacement) const {
  return tenon::multinomial(*this, num_samples, replacement);
}

}  // namespace tenon
