#pragma once
// The numbers of a generator. An operation draws from it while it holds the generator's lock.
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon {

class Generator;

namespace random {

/// The twister and what is kept beside it: a generator's numbers, without its lock.
class Stream {
 public:
  void seed(uint64_t seed);
  uint32_t next32();
  uint64_t next64();
  void next32(std::span<uint32_t> out);
  double next_uniform();
  double next_normal();

  Tensor get_state() const;
  void set_state(const Tensor& state);

 private:
  friend class tenon::Generator;
  void refill();

  std::array<uint32_t, 624> words_{};
  int left_ = 1;  // outputs left before the next refill, plus one
  int next_ = 0;  // the next word
  uint64_t seed_ = 0;
  std::optional<double> kept_normal_;
  std::optional<float>
      kept_float_normal_;  // no operation of ours keeps one: held so that a state comes back as it was set
};

}  // namespace random
}  // namespace tenon

#pragma GCC visibility pop
