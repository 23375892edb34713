#pragma once
// The twister's outputs by the block: a loop over them has no calls inside.
#include <algorithm>
#include <array>
#include <cstdint>

#include <tenon/random/stream.h>

namespace tenon::backend::cpu::random {

using tenon::random::Stream;

inline constexpr int64_t block_words = 2048;

/// Calls use(const uint32_t* words, int64_t first, int64_t count) for elements first … first + count − 1 of n, each of
/// which takes `words_each` outputs. A block holds a multiple of 16 elements, except the last.
template <int words_each, class Use>
void draw_blocks(Stream& stream, int64_t n, const Use& use) {
  alignas(64) std::array<uint32_t, block_words> words;
  constexpr int64_t elements = block_words / words_each;
  for (int64_t first = 0; first < n; first += elements) {
    const int64_t count = std::min(elements, n - first);
    stream.next32({words.data(), static_cast<std::size_t>(count * words_each)});
    use(words.data(), first, count);
  }
}

/// The i-th 64-bit draw of a block: the first output is the high word.
inline uint64_t draw64(const uint32_t* words, int64_t i) {
  return static_cast<uint64_t>(words[2 * i]) << 32 | words[2 * i + 1];
}

/// Its low 53 bits as a fraction in [0, 1).
inline double fraction(uint64_t draw) { return static_cast<double>(draw & ((uint64_t{1} << 53) - 1)) * 0x1p-53; }

}  // namespace tenon::backend::cpu::random
