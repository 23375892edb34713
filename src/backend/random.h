#pragma once
// Random numbers. Elements are drawn in the order in which they lie in memory, and no two lie in one place; any strides
// and any type that is computed with, unless said. The caller holds the stream. PyTorch's numbers to the bit are the
// CPU's affair: a processor that cannot draw one number after the other takes the seed of its own from the stream.
#include <tenon/random/stream.h>

#include "backend/kernels.h"

namespace tenon {

struct RandomKernels {
  using Stream = random::Stream;

  // Of real types.
  /// From `from` to `to`, which is left out; both, and their distance, are finite in out's type.
  Kernel<"uniform", void(const Tensor& out, double from, double to, Stream&)> uniform;
  Kernel<"normal", void(const Tensor& out, double mean, double std, Stream&)> normal;
  Kernel<"log_normal", void(const Tensor& out, double mean, double std, Stream&)> log_normal;
  /// Of the density rate · exp(−rate·x).
  Kernel<"exponential", void(const Tensor& out, double rate, Stream&)> exponential;
  Kernel<"cauchy", void(const Tensor& out, double median, double sigma, Stream&)> cauchy;
  /// How many events there are where `rates`, finite and 0 or more, are expected. Of one type, contiguous.
  Kernel<"poisson", void(const Tensor& out, const Tensor& rates, Stream&)> poisson;

  // Of any type.
  /// Tries of probability p, in (0, 1), until the first success.
  Kernel<"geometric", void(const Tensor& out, double p, Stream&)> geometric;
  /// 1 with probability p, else 0.
  Kernel<"bernoulli", void(const Tensor& out, double p, Stream&)> bernoulli;
  /// low … low + range − 1, all of which the type holds exactly.
  Kernel<"integers", void(const Tensor& out, int64_t low, uint64_t range, Stream&)> integers;
  /// All from 0 that an integer type holds; up to 2^digits of a real one.
  Kernel<"any_integers", void(const Tensor& out, Stream&)> any_integers;

  /// Dropout's: `scale` with the given probability, else 0. float32.
  Kernel<"keep_mask", void(const Tensor& out, double keep_probability, float scale, Stream&)> keep_mask;
  /// The numbers 0 … n − 1, of which none comes twice. int64, contiguous.
  Kernel<"permutation", void(const Tensor& out, Stream&)> permutation;
  /// Places (rows, samples), int64, of weights (rows, n), float32 or float64; both contiguous. A place may come again.
  Kernel<"multinomial", void(const Tensor& out, const Tensor& weights, Stream&)> multinomial;

  TENON_INTERNAL_API static const RandomKernels cpu, cuda, meta;
};

}  // namespace tenon
