// Uniform and normal numbers, and the table of all that are drawn: PyTorch's, bit for bit.
#include "backend/random.h"

#include <cmath>
#include <numbers>

#include "backend/cpu/draw.h"
#include "backend/cpu/loop.h"
#include "backend/cpu/memory_order.h"
#include "backend/cpu/random_kernels.h"

namespace tenon {
namespace backend::cpu::random {
namespace {

// Single precision is what a half type is computed in; it is rounded at the end.
template <class T>
constexpr bool is_half = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;

// ---- uniform

void draw_uniform(float* out, int64_t n, double from, double to, Stream& stream) {
  draw_blocks<1>(stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
    uniforms(words, out + first, count, static_cast<float>(from), static_cast<float>(to));
  });
}

template <class T>
requires is_half<T>
void draw_uniform(T* out, int64_t n, double from, double to, Stream& stream) {
  std::array<float, block_words> wide;
  const T low(static_cast<float>(from)), high(static_cast<float>(to));
  draw_blocks<1>(stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
    uniforms(words, wide.data(), count, static_cast<float>(from), static_cast<float>(to));
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
    uniforms(words, out + first, count, 0, 1);
    random::box_muller(out + first, count, static_cast<float>(mean), static_cast<float>(std));
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

// ---- for a tensor

void uniform(const Tensor& out, double from, double to, Stream& stream) {
  with_real_type(out.dtype(), [&]<class T>() {
    fill_in_memory_order<T>(out, [&](T* x, int64_t n) { draw_uniform(x, n, from, to, stream); });
  });
}

void normal(const Tensor& out, double mean, double std, Stream& stream) {
  const bool in_blocks = out.is_contiguous() && out.numel() >= 16;
  with_real_type(out.dtype(), [&]<class T>() {
    fill_in_memory_order<T>(out, [&](T* x, int64_t n) {
      if (in_blocks) draw_normal_contiguous(x, n, mean, std, stream);
      else draw_normal_singly(x, n, mean, std, stream);
    });
  });
}

}  // namespace

// random_transformed.cpp
KernelFunction<&RandomKernels::log_normal> log_normal;
KernelFunction<&RandomKernels::exponential> exponential;
KernelFunction<&RandomKernels::cauchy> cauchy;
KernelFunction<&RandomKernels::poisson> poisson;
KernelFunction<&RandomKernels::geometric> geometric;
KernelFunction<&RandomKernels::multinomial> multinomial;
// random_integers.cpp
KernelFunction<&RandomKernels::bernoulli> bernoulli;
KernelFunction<&RandomKernels::integers> integers;
KernelFunction<&RandomKernels::any_integers> any_integers;
KernelFunction<&RandomKernels::keep_mask> keep_mask;
KernelFunction<&RandomKernels::permutation> permutation;

}  // namespace backend::cpu::random

namespace kernels = backend::cpu::random;

constinit const RandomKernels RandomKernels::cpu{
    .uniform = kernels::uniform,
    .normal = kernels::normal,
    .log_normal = kernels::log_normal,
    .exponential = kernels::exponential,
    .cauchy = kernels::cauchy,
    .poisson = kernels::poisson,
    .geometric = kernels::geometric,
    .bernoulli = kernels::bernoulli,
    .integers = kernels::integers,
    .any_integers = kernels::any_integers,
    .keep_mask = kernels::keep_mask,
    .permutation = kernels::permutation,
    .multinomial = kernels::multinomial,
};

}  // namespace tenon
