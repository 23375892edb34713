// Uniform and normal numbers.
#include <cmath>
#include <limits>
#include <numbers>

#include "random/draw.h"
#include "random/kernels.h"
#include "random/memory_order.h"
#include "random/visit.h"

namespace tenon {
namespace {

using namespace random;

// Single precision is what a half type is computed in; it is rounded at the end.
template <class T>
constexpr bool is_half = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;

constexpr double largest(DType t) {
  switch (t) {
    case DType::float16: return 65504;
    case DType::bfloat16: return 0x1.FEp127;
    case DType::float32: return std::numeric_limits<float>::max();
    default: return std::numeric_limits<double>::max();
  }
}

// ---- uniform

void draw_uniform(float* out, int64_t n, double from, double to, Stream& stream) {
  draw_blocks<1>(stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
    kernels::uniform(words, out + first, count, static_cast<float>(from), static_cast<float>(to));
  });
}

template <class T>
requires is_half<T>
void draw_uniform(T* out, int64_t n, double from, double to, Stream& stream) {
  std::array<float, block_words> wide;
  const T low(static_cast<float>(from)), high(static_cast<float>(to));
  draw_blocks<1>(stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
    kernels::uniform(words, wide.data(), count, static_cast<float>(from), static_cast<float>(to));
    for (int64_t i = 0; i < count; ++i) {
      const T x(wide[static_cast<std::size_t>(i)]);
      out[first + i] = x.bits == high.bits ? low : x;  // rounding must not close the interval
    }
  });
}

void draw_uniform(double* out, int64_t n, double from, double to, Stream& stream) {
  const double range = to - from;
  draw_blocks<2>(stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      const double x = std::fma(fraction(draw64(words, i)), range, from);
      out[first + i] = x == to ? from : x;
    }
  });
}

// ---- normal, 16 elements or more: blocks of 16 uniforms become normals; where 16 does not divide n, the last 16
// elements are drawn once more, after all others. (Half types draw block by block: the last 16 only once where they are
// not whole.)

void box_muller(double* uniforms, double mean, double std) {
  for (int j = 0; j < 8; ++j) {
    const double radius = std::sqrt(-2 * std::log(1 - uniforms[j])), theta = 2 * std::numbers::pi * uniforms[j + 8];
    uniforms[j] = std::fma(radius * std::cos(theta), std, mean);
    uniforms[j + 8] = std::fma(radius * std::sin(theta), std, mean);
  }
}

void draw_normal_blocks(float* out, int64_t n, double mean, double std, Stream& stream) {
  draw_blocks<1>(stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
    kernels::uniform(words, out + first, count, 0, 1);
    kernels::box_muller(out + first, count, static_cast<float>(mean), static_cast<float>(std));
  });
}

void draw_normal_blocks(double* out, int64_t n, double mean, double std, Stream& stream) {
  draw_uniform(out, n, 0, 1, stream);
  for (int64_t block = 0; block < n; block += 16) box_muller(out + block, mean, std);
}

template <class T>
requires is_half<T>
void draw_normal_blocks(T* out, int64_t n, double mean, double std, Stream& stream) {
  std::array<float, block_words> wide;
  for (int64_t first = 0; first < n; first += block_words) {
    const int64_t count = std::min(block_words, n - first);
    draw_normal_blocks(wide.data(), count, mean, std, stream);
    std::copy_n(wide.data(), count, out + first);
  }
}

template <class T>
void draw_normal_contiguous(T* out, int64_t n, double mean, double std, Stream& stream) {
  const int64_t rest = n % 16;
  draw_normal_blocks(out, n - rest, mean, std, stream);
  if (rest == 0) return;
  if constexpr (!is_half<T>) {  // the elements that are drawn once more had their turn as well
    std::array<T, 16> unused;
    draw_uniform(unused.data(), rest, 0, 1, stream);
  }
  draw_normal_blocks(out + n - 16, 16, mean, std, stream);
}

template <class T>
void draw_normal_singly(T* out, int64_t n, double mean, double std, Stream& stream) {
  for (int64_t i = 0; i < n; ++i) {
    const double x = std::fma(stream.next_normal(), std, mean);
    if constexpr (std::is_same_v<T, double>) out[i] = x;
    else out[i] = static_cast<float>(x);
  }
}

// ---- for a tensor; `operation` names what the user called

void fill_uniform(const Tensor& x, double from, double to, Generator* generator, const char* operation) {
  if (!is_floating_point(x.dtype())) fail(operation, "expected a floating-point type, got {}", x.dtype());
  const double limit = largest(x.dtype());
  if (!(std::abs(from) <= limit && std::abs(to) <= limit))
    fail(operation, "the bounds {} and {} must be finite in {}", from, to, x.dtype());
  if (from > to) fail(operation, "expected from <= to, got from = {} and to = {}", from, to);
  if (to - from > limit) fail(operation, "the range from {} to {} is wider than {} can express", from, to, x.dtype());
  if (x.is_meta()) return;
  const Drawing stream(generator);
  visit_floating_point(x.dtype(), [&]<class T>(Type<T>) {
    fill_in_memory_order<T>(x, operation, [&](T* out, int64_t n) { draw_uniform(out, n, from, to, *stream); });
  });
}

void fill_normal(const Tensor& x, double mean, double std, Generator* generator, const char* operation) {
  if (!is_floating_point(x.dtype())) fail(operation, "expected a floating-point type, got {}", x.dtype());
  if (!(std >= 0)) fail(operation, "the standard deviation must not be negative, got {}", std);
  if (x.is_meta()) return;
  const Drawing stream(generator);
  const bool in_blocks = x.is_contiguous() && x.numel() >= 16;
  visit_floating_point(x.dtype(), [&]<class T>(Type<T>) {
    fill_in_memory_order<T>(x, operation, [&](T* out, int64_t n) {
      if (in_blocks) draw_normal_contiguous(out, n, mean, std, *stream);
      else draw_normal_singly(out, n, mean, std, *stream);
    });
  });
}

}  // namespace

void uniform_(const Tensor& x, double from, double to, Generator* generator) {
  redraw("uniform_", x, [&](const Tensor& y) { fill_uniform(y, from, to, generator, "uniform_"); });
}

void normal_(const Tensor& x, double mean, double std, Generator* generator) {
  redraw("normal_", x, [&](const Tensor& y) { fill_normal(y, mean, std, generator, "normal_"); });
}

Tensor rand(const Shape& shape, const TensorOptions& options, Generator* generator) {
  Tensor x = empty(shape, options);
  fill_uniform(x, 0, 1, generator, "rand");
  return x;
}

Tensor randn(const Shape& shape, const TensorOptions& options, Generator* generator) {
  Tensor x = empty(shape, options);
  fill_normal(x, 0, 1, generator, "randn");
  return x;
}

Tensor rand_like(const Tensor& like, const TensorOptions& options, Generator* generator) {
  Tensor x = empty_like(like, options);
  fill_uniform(x, 0, 1, generator, "rand_like");
  return x;
}

Tensor randn_like(const Tensor& like, const TensorOptions& options, Generator* generator) {
  Tensor x = empty_like(like, options);
  fill_normal(x, 0, 1, generator, "randn_like");
  return x;
}

const Tensor& Tensor::uniform_(double from, double to) const {
  tenon::uniform_(*this, from, to, nullptr);
  return *this;
}

const Tensor& Tensor::normal_(double mean, double std) const {
  tenon::normal_(*this, mean, std, nullptr);
  return *this;
}

}  // namespace tenon
