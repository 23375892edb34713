// Compiled once for each instruction set; the processor's own is chosen at run time.
#include "backend/cpu/random_kernels.h"

#include <cmath>
#include <numbers>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/random_kernels.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h

#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::random::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Words = hn::ScalableTag<uint32_t>;
using Floats = hn::ScalableTag<float>;

// MT19937's constants (Matsumoto and Nishimura).
constexpr int middle = 397;
constexpr uint32_t upper = 0x80000000U, lower = 0x7FFFFFFFU, matrix = 0x9908B0DFU;

HWY_INLINE uint32_t TwistOne(uint32_t word, uint32_t next, uint32_t far) {
  const uint32_t y = (word & upper) | (next & lower);
  return far ^ (y >> 1) ^ ((y & 1) != 0 ? matrix : 0);
}

// words[i] for i in [begin, end), each from itself, its successor and words[i + distance].
HWY_INLINE void TwistRange(uint32_t* words, int begin, int end, int distance) {
  const Words d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  int i = begin;
  for (; i + lanes <= end; i += lanes) {
    const auto y = hn::Or(hn::And(hn::LoadU(d, words + i), hn::Set(d, upper)),
                          hn::And(hn::LoadU(d, words + i + 1), hn::Set(d, lower)));
    const auto odd = hn::Sub(hn::Zero(d), hn::And(y, hn::Set(d, 1U)));  // all ones or all zeros
    const auto far = hn::LoadU(d, words + i + distance);
    hn::StoreU(hn::Xor(hn::Xor(far, hn::ShiftRight<1>(y)), hn::And(odd, hn::Set(d, matrix))), d, words + i);
  }
  for (; i < end; ++i) words[i] = TwistOne(words[i], words[i + 1], words[i + distance]);
}

void Twist(uint32_t* words) {
  constexpr int n = twister_words;
  TwistRange(words, 0, n - middle, middle);
  TwistRange(words, n - middle, n - 1,
             middle - n);  // these look back at new words, further away than any vector is long
  words[n - 1] = TwistOne(words[n - 1], words[0], words[middle - 1]);
}

void Temper(const uint32_t* words, uint32_t* out, int64_t n) {
  const Words d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    auto y = hn::LoadU(d, words + i);
    y = hn::Xor(y, hn::ShiftRight<11>(y));
    y = hn::Xor(y, hn::And(hn::ShiftLeft<7>(y), hn::Set(d, 0x9D2C5680U)));
    y = hn::Xor(y, hn::And(hn::ShiftLeft<15>(y), hn::Set(d, 0xEFC60000U)));
    hn::StoreU(hn::Xor(y, hn::ShiftRight<18>(y)), d, out + i);
  }
  for (; i < n; ++i) out[i] = tempered(words[i]);
}

constexpr uint32_t fraction_bits = 0xFFFFFF;
constexpr float fraction_unit = 0x1p-24F;

void Uniform(const uint32_t* bits, float* out, int64_t n, float from, float to) {
  const float range = to - from;
  int64_t i = 0;
  // Without a fused multiply-add, two roundings give PyTorch's numbers only where the addition is of nothing.
  if (HWY_NATIVE_FMA || from == 0) {
    const Words d;
    const Floats f;
    const hn::RebindToSigned<Words> s;
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    for (; i + lanes <= n; i += lanes) {
      const auto fraction = hn::And(hn::LoadU(d, bits + i), hn::Set(d, fraction_bits));
      const auto x = hn::Mul(hn::ConvertTo(f, hn::BitCast(s, fraction)), hn::Set(f, fraction_unit));
      const auto v = hn::MulAdd(x, hn::Set(f, range), hn::Set(f, from));
      hn::StoreU(hn::IfThenElse(hn::Eq(v, hn::Set(f, to)), hn::Set(f, from), v), f, out + i);
    }
  }
  for (; i < n; ++i) {
    const float v = std::fma(static_cast<float>(bits[i] & fraction_bits) * fraction_unit, range, from);
    out[i] = v == to ? from : v;
  }
}

void SelectBelow(const uint32_t* bits, float* out, int64_t n, uint64_t threshold, float scale) {
  // 21 bits of the first word and all of the second; compared as signed numbers, which every instruction set has.
  constexpr uint32_t high_bits = 0x1FFFFF, sign = 0x80000000U;
  const auto high_limit = static_cast<int32_t>(threshold >> 32);
  const auto low_limit = static_cast<int32_t>(static_cast<uint32_t>(threshold) ^ sign);
  const Words d;
  const Floats f;
  const hn::RebindToSigned<Words> s;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    hn::Vec<Words> first, second;
    hn::LoadInterleaved2(d, bits + 2 * i, first, second);
    const auto high = hn::BitCast(s, hn::And(first, hn::Set(d, high_bits)));
    const auto low = hn::BitCast(s, hn::Xor(second, hn::Set(d, sign)));
    const auto tie = hn::And(hn::Eq(high, hn::Set(s, high_limit)), hn::Lt(low, hn::Set(s, low_limit)));
    const auto below = hn::Or(hn::Lt(high, hn::Set(s, high_limit)), tie);
    hn::StoreU(hn::IfThenElseZero(hn::RebindMask(f, below), hn::Set(f, scale)), f, out + i);
  }
  for (; i < n; ++i) {
    const uint64_t draw = static_cast<uint64_t>(bits[2 * i] & high_bits) << 32 | bits[2 * i + 1];
    out[i] = draw < threshold ? scale : 0;
  }
}

void BoxMuller(float* uniforms, int64_t n, float mean, float std) {
  const hn::CappedTag<float, 8> f;
  const auto lanes = static_cast<int64_t>(hn::Lanes(f));
  constexpr auto two_pi = static_cast<float>(2 * std::numbers::pi);
  for (int64_t block = 0; block < n; block += 16) {
    for (int64_t j = block; j < block + 8; j += lanes) {
      const auto u1 = hn::Sub(hn::Set(f, 1.0F), hn::LoadU(f, uniforms + j));  // (0, 1]: its logarithm is finite
      const auto radius = hn::Sqrt(hn::Mul(hn::Set(f, -2.0F), hn::Log(f, u1)));
      const auto theta = hn::Mul(hn::Set(f, two_pi), hn::LoadU(f, uniforms + j + 8));
      const auto m = hn::Set(f, mean), s = hn::Set(f, std);
      hn::StoreU(hn::MulAdd(hn::Mul(radius, hn::Cos(f, theta)), s, m), f, uniforms + j);
      hn::StoreU(hn::MulAdd(hn::Mul(radius, hn::Sin(f, theta)), s, m), f, uniforms + j + 8);
    }
  }
}

}  // namespace tenon::backend::cpu::random::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu::random {

HWY_EXPORT(Twist);
HWY_EXPORT(Temper);
HWY_EXPORT(Uniform);
HWY_EXPORT(SelectBelow);
HWY_EXPORT(BoxMuller);

void twist(uint32_t* words) { HWY_DYNAMIC_DISPATCH(Twist)(words); }
void temper(const uint32_t* words, uint32_t* out, int64_t n) { HWY_DYNAMIC_DISPATCH(Temper)(words, out, n); }
void uniforms(const uint32_t* bits, float* out, int64_t n, float from, float to) {
  HWY_DYNAMIC_DISPATCH(Uniform)(bits, out, n, from, to);
}
void select_below(const uint32_t* bits, float* out, int64_t n, uint64_t threshold, float scale) {
  HWY_DYNAMIC_DISPATCH(SelectBelow)(bits, out, n, threshold, scale);
}
void box_muller(float* uniforms, int64_t n, float mean, float std) {
  HWY_DYNAMIC_DISPATCH(BoxMuller)(uniforms, n, mean, std);
}

}  // namespace tenon::backend::cpu::random
#endif
