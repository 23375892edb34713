// MT19937 and the numbers that are drawn one at a time.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <tenon/random.h>

#include "base/fork.h"
#include "random/draw.h"
#include "random/kernels.h"

namespace tenon {

namespace kernels = random::kernels;

void random::Stream::seed(uint64_t seed) {
  seed_ = seed;
  words_[0] = static_cast<uint32_t>(seed);
  for (uint32_t i = 1; i < words_.size(); ++i) words_[i] = 1812433253U * (words_[i - 1] ^ (words_[i - 1] >> 30)) + i;
  left_ = 1;  // the seed's own words are never given out: the first draw refills
  next_ = 0;
  kept_normal_.reset();
  kept_float_normal_.reset();
}

void random::Stream::refill() {
  kernels::twist(words_.data());
  left_ = kernels::twister_words + 1;
  next_ = 0;
}

uint32_t random::Stream::next32() {
  if (left_ == 1) refill();
  --left_;
  return kernels::tempered(words_[static_cast<std::size_t>(next_++)]);
}

uint64_t random::Stream::next64() {
  const uint64_t high = next32();
  return high << 32 | next32();
}

void random::Stream::next32(std::span<uint32_t> out) {
  while (!out.empty()) {
    if (left_ == 1) refill();
    const auto n = std::min(out.size(), static_cast<std::size_t>(left_ - 1));
    kernels::temper(words_.data() + next_, out.data(), static_cast<int64_t>(n));
    left_ -= static_cast<int>(n);
    next_ += static_cast<int>(n);
    out = out.subspan(n);
  }
}

double random::Stream::next_uniform() { return static_cast<double>(next64() & ((uint64_t{1} << 53) - 1)) * 0x1p-53; }

double random::Stream::next_normal() {
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

Generator& Generator::operator=(const Generator& o) {
  if (this == &o) return *this;
  const random::Stream other = o.snapshot();  // never both locks at once: two threads may assign crosswise
  const std::lock_guard lock(mutex_);
  stream_ = other;
  return *this;
}

random::Stream Generator::snapshot() const {
  const std::lock_guard lock(mutex_);
  return stream_;
}

Generator& Generator::manual_seed(uint64_t seed) {
  random::Drawing(*this)->seed(seed);
  return *this;
}
uint64_t Generator::initial_seed() const {
  const std::lock_guard lock(mutex_);
  return stream_.seed_;
}

uint32_t Generator::next32() { return random::Drawing(*this)->next32(); }
uint64_t Generator::next64() { return random::Drawing(*this)->next64(); }
void Generator::next32(std::span<uint32_t> out) { random::Drawing(*this)->next32(out); }
double Generator::next_uniform() { return random::Drawing(*this)->next_uniform(); }
double Generator::next_normal() { return random::Drawing(*this)->next_normal(); }

Tensor Generator::get_state() const { return snapshot().get_state(); }
void Generator::set_state(const Tensor& state) {
  random::Stream stream;  // without the lock: it takes memory, and may fail
  stream.set_state(state);
  *random::Drawing(*this) = stream;
}

Generator& default_generator() {
  static Generator& generator = *[] {
    auto* const made = new Generator;  // never destroyed: other threads may draw while the program ends
    hold_across_forks(ProcessLock::generator, made->mutex_);
    return made;
  }();
  return generator;
}

namespace {
// Made while the library is loaded: what a thread is making while another one forks stays unfinished in the child.
[[maybe_unused]] const Generator& made_early = default_generator();
}  // namespace

}  // namespace tenon
