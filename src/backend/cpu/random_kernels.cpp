// Compiled once for each instruction set; the processor's own is chosen at run time.
#include "backend/cpu/random_kernels.h"

#include <cstddef>
#include <limits>
#include <numbers>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/random_kernels.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h

#include <hwy/highway.h>

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

// The logarithm, sine and cosine of PyTorch's normal numbers, which are those of the Cephes library (S. L. Moshier) in
// single precision: the same steps, fused where PyTorch's compiler fuses them, so that each number is the same to its
// last bit. Without fused multiply-adds, on processors of before 2013, some differ in it.

using Lanes = hn::CappedTag<float, 8>;
using Lane = hn::Vec<Lanes>;
using Integers = hn::RebindToSigned<Lanes>;

template <std::size_t n>
Lane Polynomial(const float (&coefficients)[n], Lane x) {
  Lane y = hn::Set(Lanes(), coefficients[0]);
  for (std::size_t i = 1; i < n; ++i) y = hn::MulAdd(y, x, hn::Set(Lanes(), coefficients[i]));
  return y;
}

/// log(x) of 0 < x ≤ 1: of the exponent and the fraction, which is brought between √½ and √2.
Lane Log(Lane x) {
  constexpr float coefficients[] = {7.0376836292E-2F,  -1.1514610310E-1F, 1.1676998740E-1F,
                                    -1.2420140846E-1F, 1.4249322787E-1F,  -1.6668057665E-1F,
                                    2.0000714765E-1F,  -2.4999993993E-1F, 3.3333331174E-1F};
  constexpr float log2_high = 0.693359375F, log2_low = -2.12194440E-4F, sqrt_half = 0.707106781186547524F;
  const Lanes f;
  const Integers i;
  x = hn::Max(x, hn::Set(f, std::numeric_limits<float>::min()));
  const auto bits = hn::BitCast(i, x);
  const Lane fraction =
      hn::BitCast(f, hn::Or(hn::And(bits, hn::Set(i, 0x007FFFFF)), hn::Set(i, 0x3F000000)));  // in [½, 1)
  const auto is_small = hn::Lt(fraction, hn::Set(f, sqrt_half));
  const auto one = hn::Set(f, 1.0F);
  const Lane e =
      hn::Sub(hn::ConvertTo(f, hn::Sub(hn::ShiftRight<23>(bits), hn::Set(i, 0x7E))), hn::IfThenElseZero(is_small, one));
  const Lane v = hn::Add(hn::Sub(fraction, one), hn::IfThenElseZero(is_small, fraction));
  const Lane square = hn::Mul(v, v);
  Lane y = hn::MulAdd(hn::Mul(Polynomial(coefficients, v), v), square, hn::Mul(e, hn::Set(f, log2_low)));
  y = hn::NegMulAdd(square, hn::Set(f, 0.5F), y);
  return hn::MulAdd(e, hn::Set(f, log2_high), hn::Add(v, y));
}

/// The sine and cosine of 0 ≤ x ≤ 2π: x is brought between −π/4 and π/4, by a π/4 in three parts.
void SinCos(Lane x, Lane& sin, Lane& cos) {
  constexpr float of_cos[] = {2.443315711809948E-5F, -1.388731625493765E-3F, 4.166664568298827E-2F},
                  of_sin[] = {-1.9515295891E-4F, 8.3321608736E-3F, -1.6666654611E-1F};
  const Lanes f;
  const Integers i;
  auto octant = hn::ConvertTo(i, hn::Mul(x, hn::Set(f, 1.27323954473516F)));  // 4/π
  octant = hn::And(hn::Add(octant, hn::Set(i, 1)), hn::Set(i, ~1));
  const Lane eighths = hn::ConvertTo(f, octant);
  for (const float part : {-0.78515625F, -2.4187564849853515625E-4F, -3.77489497744594108E-8F})
    x = hn::MulAdd(eighths, hn::Set(f, part), x);
  const Lane square = hn::Mul(x, x);
  Lane c = hn::Mul(Polynomial(of_cos, square), square);
  c = hn::Add(hn::MulSub(c, square, hn::Mul(square, hn::Set(f, 0.5F))), hn::Set(f, 1.0F));
  const Lane s = hn::MulAdd(hn::Mul(Polynomial(of_sin, square), square), x, x);
  const auto bit = [&](auto v, int which) { return hn::And(v, hn::Set(i, which)); };
  const auto straight = hn::RebindMask(f, hn::Eq(bit(octant, 2), hn::Zero(i)));
  const auto sign_of_sin = hn::BitCast(f, hn::ShiftLeft<29>(bit(octant, 4))),
             sign_of_cos = hn::BitCast(f, hn::ShiftLeft<29>(bit(hn::Not(hn::Sub(octant, hn::Set(i, 2))), 4)));
  sin = hn::Xor(hn::IfThenElse(straight, s, c), sign_of_sin);
  cos = hn::Xor(hn::IfThenElse(straight, c, s), sign_of_cos);
}

void BoxMuller(float* uniforms, int64_t n, float mean, float std) {
  const Lanes f;
  const auto lanes = static_cast<int64_t>(hn::Lanes(f));
  constexpr auto two_pi = static_cast<float>(2 * std::numbers::pi);
  const Lane m = hn::Set(f, mean), s = hn::Set(f, std);
  for (int64_t block = 0; block < n; block += 16) {
    for (int64_t j = block; j < block + 8; j += lanes) {
      const Lane u1 = hn::Sub(hn::Set(f, 1.0F), hn::LoadU(f, uniforms + j));  // (0, 1]: its logarithm is finite
      const Lane radius = hn::Sqrt(hn::Mul(hn::Set(f, -2.0F), Log(u1)));
      Lane sin, cos;
      SinCos(hn::Mul(hn::Set(f, two_pi), hn::LoadU(f, uniforms + j + 8)), sin, cos);
      hn::StoreU(hn::MulAdd(hn::Mul(radius, cos), s, m), f, uniforms + j);
      hn::StoreU(hn::MulAdd(hn::Mul(radius, sin), s, m), f, uniforms + j + 8);
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
