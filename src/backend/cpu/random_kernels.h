#pragma once
// The inner loops of random numbers, in the widest instructions that the processor has. They draw nothing themselves.
#include <cstdint>

namespace tenon::backend::cpu::random {

inline constexpr int twister_words = 624;

/// The Mersenne Twister's step: the next 624 words from these, in place.
void twist(uint32_t* words);
/// What the twister makes of a word before it gives it out.
constexpr uint32_t tempered(uint32_t y) {
  y ^= y >> 11;
  y ^= (y << 7) & 0x9D2C5680U;
  y ^= (y << 15) & 0xEFC60000U;
  return y ^ (y >> 18);
}
/// out[i] = tempered(words[i]).
void temper(const uint32_t* words, uint32_t* out, int64_t n);

/// out[i] = the low 24 bits of bits[i] as a fraction in [0, 1), times `range`, plus `from` with one rounding. What
/// rounds up to `to` becomes `from`, as in PyTorch: the interval is open.
void uniforms(const uint32_t* bits, float* out, int64_t n, float from, float to);

/// out[i] = scale where the i-th 64-bit draw, made of bits[2i] (high) and bits[2i+1], has low 53 bits below
/// `threshold`, else 0.
void select_below(const uint32_t* bits, float* out, int64_t n, uint64_t threshold, float scale);

/// Box–Muller, in place, on n uniforms in blocks of 16: the first 8 of a block give the radius, the last 8 the angle.
void box_muller(float* uniforms, int64_t n, float mean, float std);

}  // namespace tenon::backend::cpu::random
