// Integers, permutations, coin tosses.
#include <cmath>
#include <limits>
#include <numeric>

#include "random/distributions.h"
#include "random/draw.h"
#include "random/kernels.h"
#include "random/memory_order.h"
#include "random/visit.h"

namespace tenon {
namespace {

using namespace random;

template <class T>
constexpr int digits() {
  if constexpr (std::is_same_v<T, Half>) return 11;
  else if constexpr (std::is_same_v<T, BFloat16>) return 8;
  else return std::numeric_limits<T>::digits;
}
template <class T>
constexpr bool is_real = std::is_floating_point_v<T> || std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;

template <class T>
T converted(uint64_t x) {
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>)
    return static_cast<float>(static_cast<int64_t>(x));
  else return static_cast<T>(static_cast<int64_t>(x));
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

template <class T>
void check_holds(const char* operation, int64_t low, int64_t last) {
  int64_t smallest = 0, greatest = 0;  // every integer between is exact
  if constexpr (is_real<T>) {
    greatest = int64_t{1} << digits<T>();
    smallest = -greatest;
  } else {
    smallest = static_cast<int64_t>(std::numeric_limits<T>::min());
    greatest = static_cast<int64_t>(std::numeric_limits<T>::max());
  }
  if (low < smallest || last > greatest)
    fail(operation, "{} holds the integers from {} to {}, not all of those from {} to {}", dtype_of<T>(), smallest,
         greatest, low, last);
}

void check_order(const char* operation, int64_t low, int64_t high) {
  if (low >= high) fail(operation, "expected low < high, got low = {} and high = {}", low, high);
}

void fill_between(const char* operation, const Tensor& x, int64_t low, int64_t high, Generator* generator) {
  const uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  visit_any(x.dtype(), [&]<class T>(Type<T>) {
    check_holds<T>(operation, low, high - 1);
    if (x.is_meta()) return;
    const Drawing stream(generator);
    fill_in_memory_order<T>(x, operation, [&](T* out, int64_t n) { draw_between(out, n, low, range, *stream); });
  });
}

// ---- a coin

// p in units of 2^-53, rounded up: a draw of 53 bits lies below it exactly if its fraction lies below p.
uint64_t threshold(double p) { return static_cast<uint64_t>(std::ceil(p * 0x1p53)); }

template <class T>
void toss(T* out, int64_t n, double p, Stream& stream) {
  std::array<float, block_words / 2> tossed;
  draw_blocks<2>(stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
    kernels::select_below(words, tossed.data(), count, threshold(p), 1);
    std::transform(tossed.data(), tossed.data() + count, out + first, [](float x) { return static_cast<T>(x); });
  });
}

}  // namespace

void fill_keep_mask(float* out, int64_t n, double keep_probability, float scale, Generator* generator) {
  const Drawing stream(generator);
  draw_blocks<2>(*stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
    kernels::select_below(words, out + first, count, threshold(keep_probability), scale);
  });
}

void random_(const Tensor& x, Generator* generator) {
  redraw("random_", x, [&](const Tensor& to) {
    if (to.is_meta()) return;
    const Drawing stream(generator);
    visit_any(to.dtype(), [&]<class T>(Type<T>) {
      fill_in_memory_order<T>(to, "random_", [&](T* out, int64_t n) { draw_any(out, n, *stream); });
    });
  });
}

void random_(const Tensor& x, int64_t low, int64_t high, Generator* generator) {
  check_order("random_", low, high);
  redraw("random_", x, [&](const Tensor& to) { fill_between("random_", to, low, high, generator); });
}

void bernoulli_(const Tensor& x, double p, Generator* generator) {
  if (!(p >= 0 && p <= 1)) fail("bernoulli_", "the probability must lie between 0 and 1, got {}", p);
  redraw("bernoulli_", x, [&](const Tensor& to) {
    if (to.is_meta()) return;
    const Drawing stream(generator);
    visit_any(to.dtype(), [&]<class T>(Type<T>) {
      fill_in_memory_order<T>(to, "bernoulli_", [&](T* out, int64_t n) { toss(out, n, p, *stream); });
    });
  });
}

Tensor randint(int64_t low, int64_t high, const Shape& shape, const TensorOptions& options, Generator* generator) {
  check_order("randint", low, high);
  TensorOptions with_type = options;
  with_type.dtype = options.dtype.value_or(int64);
  Tensor x = empty(shape, with_type);
  fill_between("randint", x, low, high, generator);
  return x;
}

Tensor randint_like(const Tensor& like, int64_t low, int64_t high, const TensorOptions& options, Generator* generator) {
  check_order("randint_like", low, high);
  Tensor x = empty_like(like, options);
  fill_between("randint_like", x, low, high, generator);
  return x;
}

Tensor randperm(int64_t n, Generator* generator) {
  if (n < 0) fail("randperm", "expected a number of items, got {}", n);
  Tensor x = empty({n}, {.dtype = int64});
  auto* const order = reinterpret_cast<int64_t*>(x.impl()->data);
  const Drawing stream(generator);
  constexpr int64_t many =
      std::numeric_limits<uint32_t>::max() / 20;  // PyTorch's bound for what 32 bits are enough for
  if (n < many) {
    std::iota(order, order + n, int64_t{0});
    draw_blocks<1>(*stream, n - 1, [&](const uint32_t* words, int64_t first, int64_t count) {
      for (int64_t k = 0; k < count; ++k) {
        const int64_t i = first + k;
        std::swap(order[i], order[i + words[k] % static_cast<uint32_t>(n - i)]);
      }
    });
  } else {
    draw_blocks<2>(*stream, n, [&](const uint32_t* words, int64_t first, int64_t count) {
      for (int64_t k = 0; k < count; ++k) {
        const int64_t i = first + k;
        const auto j = static_cast<int64_t>(draw64(words, k) % static_cast<uint64_t>(i + 1));
        order[i] = order[j];  // i and j may be one: then this is the memory's own value, overwritten at once
        order[j] = i;
      }
    });
  }
  return x;
}

const Tensor& Tensor::random_() const {
  tenon::random_(*this, nullptr);
  return *this;
}

const Tensor& Tensor::random_(int64_t low, int64_t high) const {
  tenon::random_(*this, low, high, nullptr);
  return *this;
}

const Tensor& Tensor::bernoulli_(double p) const {
  tenon::bernoulli_(*this, p, nullptr);
  return *this;
}

}  // namespace tenon
