// Numbers that are made of uniform or normal ones of double precision, one element at a time.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "backend/cpu/draw.h"
#include "backend/cpu/loop.h"
#include "backend/cpu/memory_order.h"
#include "backend/random.h"

namespace tenon::backend::cpu::random {
namespace {

template <class T>
void store(T& out, double x) {
  out = static_cast<T>(number_to<compute_t<T>>(x));
}

/// out's elements are f(a uniform number in [0, 1)).
template <class T, class F>
void fill_from_uniform(const Tensor& out, Stream& stream, F f) {
  fill_in_memory_order<T>(out, [&](T* x, int64_t n) {
    draw_blocks<2>(stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
      for (int64_t i = 0; i < count; ++i) store(x[first + i], f(fraction(draw64(words, i))));
    });
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

/// For each draw the first place whose share, with all before it, is not below a uniform number. Shares are summed up
/// in the type of the weights.
template <class T>
void choose_by_weight(const T* weights, int64_t n, int64_t* out, int64_t samples, Stream& stream) {
  std::vector<T> shares(static_cast<std::size_t>(n));
  T sum = 0;
  for (int64_t i = 0; i < n; ++i) shares[static_cast<std::size_t>(i)] = sum += weights[i];
  for (T& share : shares) share /= sum;
  shares.back() = 1;
  for (int64_t k = 0; k < samples; ++k) {
    const double at = stream.next_uniform();
    out[k] =
        std::partition_point(shares.begin(), shares.end(), [at](T share) { return static_cast<double>(share) < at; }) -
        shares.begin();
  }
}

}  // namespace

void exponential(const Tensor& out, double rate, Stream& stream) {
  with_real_type(out.dtype(), [&]<class T>() {
    fill_from_uniform<T>(out, stream, [rate](double u) { return -1 / rate * std::log1p(-u); });
  });
}

void cauchy(const Tensor& out, double median, double sigma, Stream& stream) {
  with_real_type(out.dtype(), [&]<class T>() {
    fill_from_uniform<T>(out, stream,
                         [=](double u) { return median + sigma * std::tan(std::numbers::pi * (u - 0.5)); });
  });
}

void geometric(const Tensor& out, double p, Stream& stream) {
  with_type(out.dtype(), [&]<class T>() {
    fill_from_uniform<T>(out, stream, [p](double u) { return std::ceil(std::log(u) / std::log1p(-p)); });
  });
}

void log_normal(const Tensor& out, double mean, double std, Stream& stream) {
  with_real_type(out.dtype(), [&]<class T>() {
    fill_in_memory_order<T>(out, [&](T* x, int64_t n) {
      for (int64_t i = 0; i < n; ++i) store(x[i], std::exp(stream.next_normal() * std + mean));
    });
  });
}

void poisson(const Tensor& out, const Tensor& rates, Stream& stream) {
  with_real_type(out.dtype(), [&]<class T>() {
    const T* const from = reinterpret_cast<const T*>(rates.impl()->data);
    T* const to = reinterpret_cast<T*>(out.impl()->data);
    for (int64_t i = 0; i < out.numel(); ++i) store(to[i], draw_poisson(static_cast<double>(from[i]), stream));
  });
}

void multinomial(const Tensor& out, const Tensor& weights, Stream& stream) {
  const int64_t n = weights.size(-1), samples = out.size(-1), rows = weights.numel() / n;
  const auto choose = [&](const auto* from) {
    for (int64_t row = 0; row < rows; ++row)
      choose_by_weight(from + row * n, n, out.data<int64_t>() + row * samples, samples, stream);
  };
  weights.dtype() == float64 ? choose(weights.data<double>()) : choose(weights.data<float>());
}

}  // namespace tenon::backend::cpu::random
