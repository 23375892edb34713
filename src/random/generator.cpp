// Generators: a stream of numbers and the lock that one operation at a time holds.
#include <utility>

#include <tenon/random/default_generator.h>

#include "base/fork.h"
#include "random/draw.h"

namespace tenon {

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

namespace {
constinit thread_local random::DefaultGenerator* in_its_place = nullptr;
}  // namespace

random::DefaultGenerator::DefaultGenerator(Generator& generator)
    : generator_(&generator), before_(std::exchange(in_its_place, this)) {}
random::DefaultGenerator::DefaultGenerator(uint64_t seed)
    : generator_(nullptr), seed_(seed), before_(std::exchange(in_its_place, this)) {}
random::DefaultGenerator::~DefaultGenerator() { in_its_place = before_; }

Generator& random::DefaultGenerator::get() {
  if (!generator_) generator_ = &own_.emplace(seed_);
  return *generator_;
}

Generator& default_generator() {
  if (in_its_place) [[unlikely]]
    return in_its_place->get();
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
