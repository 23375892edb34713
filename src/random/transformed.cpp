// Numbers that are made of uniform or normal ones of double precision, one element at a time.
#include <cmath>
#include <numbers>

#include "ops/common.h"
#include "ops/elementwise/unary.h"
#include "random/draw.h"
#include "random/memory_order.h"
#include "random/visit.h"

namespace tenon {
namespace {

using namespace random;

template <class T>
void store(T& out, double x) {
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) out = T(static_cast<float>(x));
  else out = number_to<T>(x);
}

/// x's elements are f(a uniform number in [0, 1)).
template <class T, class F>
void fill_from_uniform(const Tensor& x, const char* operation, Generator* generator, F f) {
  const Drawing stream(generator);
  fill_in_memory_order<T>(x, operation, [&](T* out, int64_t n) {
    draw_blocks<2>(*stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
      for (int64_t i = 0; i < count; ++i) store(out[first + i], f(fraction(draw64(words, i))));
    });
  });
}

void check_real_type(const Tensor& x, const char* operation) {
  if (!is_floating_point(x.dtype())) fail(operation, "expected a floating-point type, got {}", x.dtype());
}

/// Redraws a tensor of real numbers from uniform ones.
template <class F>
void redraw_from_uniform(const Tensor& x, const char* operation, Generator* generator, F f) {
  check_real_type(x, operation);
  redraw(operation, x, [&](const Tensor& to) {
    if (to.is_meta()) return;
    visit_floating_point(to.dtype(), [&]<class T>(Type<T>) { fill_from_uniform<T>(to, operation, generator, f); });
  });
}

/// How many events there are where `rate` are expected: by counting for small rates, else by W. Hörmann, "The
/// transformed rejection method for generating Poisson random variables" (1993), algorithm PTRS, as PyTorch has it.
double draw_poisson(double rate, Stream& stream) {
  if (rate == 0) return 0;
  if (rate < 10) {
    const double end = std::exp(-rate);
    double events = 0;
    for (double product = stream.next_uniform(); product > end; product *= stream.next_uniform()) ++events;
    return events;
  }
  const double b = 0.931 + 2.53 * std::sqrt(rate), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), accepted_at_once = 0.9277 - 3.6224 / (b - 2);
  while (true) {
    const double u = stream.next_uniform() - 0.5, v = stream.next_uniform(), inside = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / inside + b) * u + rate + 0.43);
    if (inside >= 0.07 && v <= accepted_at_once) return k;
    if (k < 0 || (inside < 0.013 && v > inside)) continue;
    if (std::log(v) + std::log(inverse_alpha) - std::log(a / (inside * inside) + b) <=
        -rate + k * std::log(rate) - std::lgamma(k + 1))
      return k;
  }
}

}  // namespace

void exponential_(const Tensor& x, double rate, Generator* generator) {
  if (!(rate > 0)) fail("exponential_", "expected a rate above 0, got {}", rate);
  redraw_from_uniform(x, "exponential_", generator, [rate](double u) { return -1 / rate * std::log1p(-u); });
}

void cauchy_(const Tensor& x, double median, double sigma, Generator* generator) {
  if (!(sigma > 0)) fail("cauchy_", "expected sigma above 0, got {}", sigma);
  redraw_from_uniform(x, "cauchy_", generator,
                      [=](double u) { return median + sigma * std::tan(std::numbers::pi * (u - 0.5)); });
}

void geometric_(const Tensor& x, double p, Generator* generator) {
  if (!(p > 0 && p < 1)) fail("geometric_", "the probability must lie between 0 and 1, got {}", p);
  redraw("geometric_", x, [&](const Tensor& to) {
    if (to.is_meta()) return;
    visit_any(to.dtype(), [&]<class T>(Type<T>) {
      fill_from_uniform<T>(to, "geometric_", generator,
                           [p](double u) { return std::ceil(std::log(u) / std::log1p(-p)); });
    });
  });
}

void log_normal_(const Tensor& x, double mean, double std, Generator* generator) {
  if (!(std > 0)) fail("log_normal_", "expected a standard deviation above 0, got {}", std);
  check_real_type(x, "log_normal_");
  redraw("log_normal_", x, [&](const Tensor& to) {
    if (to.is_meta()) return;
    const Drawing stream(generator);
    visit_floating_point(to.dtype(), [&]<class T>(Type<T>) {
      fill_in_memory_order<T>(to, "log_normal_", [&](T* out, int64_t n) {
        for (int64_t i = 0; i < n; ++i) store(out[i], std::exp(stream->next_normal() * std + mean));
      });
    });
  });
}

Tensor poisson(const Tensor& rate, Generator* generator) {
  check_real_type(rate, "poisson");
  const Tensor y = new_tensor(rate.shape(), rate.dtype(), rate.device());
  if (!rate.is_meta()) {
    const NoGrad guard;
    if (!logical_and(rate >= 0, rate.isfinite()).all().item<bool>())
      fail("poisson", "the rates must be finite and 0 or more");
    const Tensor from = rate.contiguous();
    const Drawing stream(generator);
    visit_floating_point(y.dtype(), [&]<class T>(Type<T>) {
      const T* const rates = reinterpret_cast<const T*>(from.impl()->data);
      T* const out = reinterpret_cast<T*>(y.impl()->data);
      for (int64_t i = 0; i < y.numel(); ++i) store(out[i], draw_poisson(static_cast<double>(rates[i]), *stream));
    });
  }
  if (needs_grad(rate)) record("poisson", y, {&rate}, {}, give_zeros);
  return y;
}

const Tensor& Tensor::exponential_(double rate) const {
  tenon::exponential_(*this, rate, nullptr);
  return *this;
}
const Tensor& Tensor::geometric_(double p) const {
  tenon::geometric_(*this, p, nullptr);
  return *this;
}
const Tensor& Tensor::log_normal_(double mean, double std) const {
  tenon::log_normal_(*this, mean, std, nullptr);
  return *this;
}
const Tensor& Tensor::cauchy_(double median, double sigma) const {
  tenon::cauchy_(*this, median, sigma, nullptr);
  return *this;
}

}  // namespace tenon
