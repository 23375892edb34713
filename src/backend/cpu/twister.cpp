// MT19937 and the numbers that are drawn one at a time.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <tenon/random/stream.h>

#include "backend/cpu/draw.h"
#include "backend/cpu/random_kernels.h"

namespace tenon::random {

namespace kernels = backend::cpu::random;

void Stream::seed(uint64_t seed) {
  seed_ = seed;
  words_[0] = static_cast<uint32_t>(seed);
  for (uint32_t i = 1; i < words_.size(); ++i) words_[i] = 1812433253U * (words_[i - 1] ^ (words_[i - 1] >> 30)) + i;
  left_ = 1;  // the seed's own words are never given out: the first draw refills
  next_ = 0;
  kept_normal_.reset();
  kept_float_normal_.reset();
}

void Stream::refill() {
  kernels::twist(words_.data());
  left_ = kernels::twister_words + 1;
  next_ = 0;
}

uint32_t Stream::next32() {
  if (left_ == 1) refill();
  --left_;
  return kernels::tempered(words_[static_cast<std::size_t>(next_++)]);
}

uint64_t Stream::next64() {
  const uint64_t high = next32();
  return high << 32 | next32();
}

void Stream::next32(std::span<uint32_t> out) {
  while (!out.empty()) {
    if (left_ == 1) refill();
    const auto n = std::min(out.size(), static_cast<std::size_t>(left_ - 1));
    kernels::temper(words_.data() + next_, out.data(), static_cast<int64_t>(n));
    left_ -= static_cast<int>(n);
    next_ += static_cast<int>(n);
    out = out.subspan(n);
  }
}

double Stream::next_uniform() { return kernels::fraction(next64()); }

double Stream::next_normal() {
  if (kept_normal_) {
    const double kept = *kept_normal_;
    kept_normal_.reset();
    return kept;
  }
  const double u1 = next_uniform(), u2 = next_uniform();
  const double radius = std::sqrt(-2 * std::log1p(-u2)), theta = 2 * std::numbers::pi * u1;
  kept_normal_ = radius * std::sin(theta);
  return radius * std::cos(theta);
}

}  // namespace tenon::random
