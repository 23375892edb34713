// Integers, coin tosses, permutations.
#include <cmath>
#include <limits>
#include <numeric>

#include "backend/cpu/draw.h"
#include "backend/cpu/loop.h"
#include "backend/cpu/memory_order.h"
#include "backend/cpu/random_kernels.h"
#include "backend/random.h"

namespace tenon::backend::cpu::random {
namespace {

template <class T>
constexpr int digits() {
  if constexpr (std::is_same_v<T, Half>) return 11;
  else if constexpr (std::is_same_v<T, BFloat16>) return 8;
  else return std::numeric_limits<T>::digits;
}
template <class T>
constexpr bool is_real = std::is_floating_point_v<compute_t<T>>;

template <class T>
T converted(uint64_t x) {
  return static_cast<T>(static_cast<compute_t<T>>(static_cast<int64_t>(x)));
}

// ---- the whole range of a type

template <class T>
void draw_any(T* out, int64_t n, Stream& stream) {
  // Integers take as many bits as they have without the sign. Floating-point types count up to and including 2^digits.
  const auto bounded = [](uint64_t draw) {
    constexpr uint64_t end = uint64_t{1} << digits<T>();
    return converted<T>(is_real<T> ? draw % (end + 1) : draw & (end - 1));
  };
  if constexpr (sizeof(T) == 8) {
    draw_blocks<2>(stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
      for (int64_t i = 0; i < count; ++i) out[first + i] = bounded(draw64(words, i));
    });
  } else {
    draw_blocks<1>(stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
      for (int64_t i = 0; i < count; ++i) out[first + i] = bounded(words[i]);
    });
  }
}

// ---- a given range

constexpr uint64_t wide_range = uint64_t{1}
                                << 28;  // from here on PyTorch takes 64 bits, so that no remainder is favoured

template <class T>
void draw_between(T* out, int64_t n, int64_t low, uint64_t range, Stream& stream) {
  const auto base = static_cast<uint64_t>(low);
  if (range >= wide_range) {
    draw_blocks<2>(stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
      for (int64_t i = 0; i < count; ++i) out[first + i] = converted<T>(draw64(words, i) % range + base);
    });
  } else {
    const auto narrow = static_cast<uint32_t>(range);
    draw_blocks<1>(stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
      for (int64_t i = 0; i < count; ++i) out[first + i] = converted<T>(words[i] % narrow + base);
    });
  }
}

// ---- a coin

// p in units of 2^-53, rounded up: a draw of 53 bits lies below it exactly if its fraction lies below p.
uint64_t threshold(double p) { return static_cast<uint64_t>(std::ceil(p * 0x1p53)); }

template <class T>
void toss(T* out, int64_t n, double p, Stream& stream) {
  std::array<float, block_words / 2> tossed;
  draw_blocks<2>(stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
    select_below(words, tossed.data(), count, threshold(p), 1);
    std::transform(tossed.data(), tossed.data() + count, out + first, [](float x) { return static_cast<T>(x); });
  });
}

}  // namespace

void any_integers(const Tensor& out, Stream& stream) {
  with_type(out.dtype(),
            [&]<class T>() { fill_in_memory_order<T>(out, [&](T* x, int64_t n) { draw_any(x, n, stream); }); });
}

void integers(const Tensor& out, int64_t low, uint64_t range, Stream& stream) {
  with_type(out.dtype(), [&]<class T>() {
    fill_in_memory_order<T>(out, [&](T* x, int64_t n) { draw_between(x, n, low, range, stream); });
  });
}

void bernoulli(const Tensor& out, double p, Stream& stream) {
  with_type(out.dtype(),
            [&]<class T>() { fill_in_memory_order<T>(out, [&](T* x, int64_t n) { toss(x, n, p, stream); }); });
}

void keep_mask(const Tensor& out, double keep_probability, float scale, Stream& stream) {
  fill_in_memory_order<float>(out, [&](float* x, int64_t n) {
    draw_blocks<2>(stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
      select_below(words, x + first, count, threshold(keep_probability), scale);
    });
  });
}

void permutation(const Tensor& out, Stream& stream) {
  const int64_t n = out.numel();
  auto* const order = reinterpret_cast<int64_t*>(out.impl()->data);
  constexpr int64_t many =
      std::numeric_limits<uint32_t>::max() / 20;  // PyTorch's bound for what 32 bits are enough for
  if (n < many) {
    std::iota(order, order + n, int64_t{0});
    draw_blocks<1>(stream, n - 1, [&](const uint32_t* words, int64_t first, int64_t count) {
      for (int64_t k = 0; k < count; ++k) {
        const int64_t i = first + k;
        std::swap(order[i], order[i + words[k] % static_cast<uint32_t>(n - i)]);
      }
    });
  } else {
    draw_blocks<2>(stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
      for (int64_t k = 0; k < count; ++k) {
        const int64_t i = first + k;
        const auto j = static_cast<int64_t>(draw64(words, k) % static_cast<uint64_t>(i + 1));
        order[i] = order[j];  // i and j may be one: then this is the memory's own value, overwritten at once
        order[j] = i;
      }
    });
  }
}

}  // namespace tenon::backend::cpu::random
