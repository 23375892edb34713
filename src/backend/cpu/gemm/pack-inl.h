// Panels: a strip of a matrix, written so that a tile reads it in order; half types become float. Include after
// hwy/highway.h.
#if defined(TENON_BACKEND_CPU_GEMM_PACK_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TENON_BACKEND_CPU_GEMM_PACK_INL_H
#undef TENON_BACKEND_CPU_GEMM_PACK_INL_H
#else
#define TENON_BACKEND_CPU_GEMM_PACK_INL_H
#endif

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Of what several numbers are moved at a time: 16 bytes, or one number where there are no vectors.
template <class T>
inline constexpr int64_t block_of = HWY_TARGET == HWY_SCALAR ? 1 : 16 / sizeof(T);

/// A vector of float or double from numbers of that type or of a half type.
template <class D, class S>
HWY_INLINE hn::Vec<D> LoadWide(D d, const S* p) {
  if constexpr (std::is_same_v<S, hn::TFromD<D>>) {
    return hn::LoadU(d, p);
  } else if constexpr (HWY_TARGET != HWY_SCALAR && std::is_same_v<S, BFloat16>) {
    return hn::PromoteTo(d, hn::LoadU(hn::Rebind<hwy::bfloat16_t, D>(), reinterpret_cast<const hwy::bfloat16_t*>(p)));
  } else if constexpr (HWY_TARGET <= HWY_AVX2) {
    return hn::PromoteTo(d, hn::LoadU(hn::Rebind<hwy::float16_t, D>(), reinterpret_cast<const hwy::float16_t*>(p)));
  } else {  // Highway's own way to widen float16 takes infinities and NaNs for numbers
    HWY_ALIGN float wide[hn::MaxLanes(d)];
    for (std::size_t i = 0; i < hn::MaxLanes(d); ++i) wide[i] = static_cast<float>(p[i]);
    return hn::Load(d, wide);
  }
}

/// A block of 16 bytes by 16 bytes, transposed: of `from`, whose rows lie `across` elements apart, the columns become
/// rows, `width` apart.
template <class S, class T>
HWY_INLINE void TransposeBlock(T* to, [[maybe_unused]] int64_t width, const S* from, [[maybe_unused]] int64_t across) {
#if HWY_TARGET == HWY_SCALAR
  *to = static_cast<T>(*from);
#else
  const hn::FixedTag<T, block_of<T>> d;
  if constexpr (block_of<T> == 2) {
    const auto a = LoadWide(d, from), b = LoadWide(d, from + across);
    hn::StoreU(hn::InterleaveLower(d, a, b), d, to);
    hn::StoreU(hn::InterleaveUpper(d, a, b), d, to + width);
  } else {
    const hn::FixedTag<double, 2> pairs;
    const auto a = LoadWide(d, from), b = LoadWide(d, from + across);
    const auto c = LoadWide(d, from + 2 * across), e = LoadWide(d, from + 3 * across);
    const auto low = [&](auto x, auto y) HWY_ATTR { return hn::BitCast(pairs, hn::InterleaveLower(d, x, y)); };
    const auto high = [&](auto x, auto y) HWY_ATTR { return hn::BitCast(pairs, hn::InterleaveUpper(d, x, y)); };
    const auto ab = low(a, b), ce = low(c, e), ab_high = high(a, b), ce_high = high(c, e);
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, ab, ce)), d, to);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, ab, ce)), d, to + width);
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, ab_high, ce_high)), d, to + 2 * width);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, ab_high, ce_high)), d, to + 3 * width);
  }
#endif
}

/// `count` numbers that lie together, and zeros up to `room`, which is less than a vector away.
template <class S, class T>
HWY_INLINE void PackRow(T* to, const S* from, int64_t count, int64_t room) {
  const hn::ScalableTag<T> d;
  const hn::FixedTag<T, block_of<T>> part;
  constexpr auto lanes = static_cast<int64_t>(hn::MaxLanes(hn::ScalableTag<T>())), block = block_of<T>;
  int64_t j = 0;
  for (; j + lanes <= count; j += lanes) hn::StoreU(LoadWide(d, from + j), d, to + j);
#if HWY_TARGET <= HWY_AVX2  // older processors have no loads of a part of a vector
  if constexpr (std::is_same_v<S, T>)
    if (j < count && j + lanes <= room) {
      hn::StoreU(hn::MaskedLoad(hn::FirstN(d, static_cast<std::size_t>(count - j)), d, from + j), d, to + j);
      return;
    }
#endif
  if constexpr (lanes >= 4 && lanes / 2 != block)
    if (j + lanes / 2 <= count) {
      const hn::Half<decltype(d)> half;
      hn::StoreU(LoadWide(half, from + j), half, to + j);
      j += lanes / 2;
    }
  if (count < block)
    for (; j < count; ++j) to[j] = static_cast<T>(from[j]);
  for (; j < count; j += block) {
    const int64_t at = std::min(j, count - block);  // the last one overlaps the one before it
    hn::StoreU(LoadWide(part, from + at), part, to + at);
  }
  for (j = count; j < room; ++j) to[j] = T{0};
}

/// A panel of a matrix that lies along k: to[l·width + j] = from[j·across + l].
template <class S, class T>
HWY_INLINE void PackTransposed(T* HWY_RESTRICT to, int64_t width, const S* HWY_RESTRICT from, int64_t across,
                               int64_t count, int64_t k) {
  constexpr int64_t block = block_of<T>;
  const int64_t whole = count < block ? 0 : k / block * block;
  // Few rows at a time: many that lie a power of two apart would drive each other out of the cache.
  for (int64_t j = 0; j < count && whole > 0; j += 2 * block) {
    const int64_t first = std::min(j, count - block), second = std::min(j + block, count - block);
    for (int64_t l = 0; l < whole; l += block) {
      TransposeBlock(to + l * width + first, width, from + first * across + l, across);
      if (second > first) TransposeBlock(to + l * width + second, width, from + second * across + l, across);
    }
  }
  for (int64_t l = whole; l < k; ++l)
    for (int64_t j = 0; j < count; ++j) to[l * width + j] = static_cast<T>(from[j * across + l]);
}

/// A strip of a matrix, whose element (j, l) lies at from[j·across + l·along], as panels, one after the other: `width`
/// of its `count` lines each, the last one what is left, made up with zeros to a multiple of `unit`. A panel begins
/// width·stride after the one before it.
template <int64_t usual, class S, class T>
void Pack(T* HWY_RESTRICT to, const S* HWY_RESTRICT from, int64_t across, int64_t along, int64_t count, int64_t k,
          int64_t width, int64_t unit, int64_t stride) {
  const int64_t rest = count % width, room = (rest + unit - 1) / unit * unit;
  if (across == 1 && along != 1) {
    constexpr int64_t at_once =
        32;  // panels, so that what is read is long enough and what is written not too scattered
    const auto rows = [&](auto panel) HWY_ATTR {
      for (int64_t group = 0; group < count; group += at_once * width) {
        const int64_t end = std::min(count, group + at_once * width);
        for (int64_t l = 0; l < k; ++l) {
          const S* row = from + l * along;
          int64_t j = group;
          for (; j + panel <= end; j += panel) PackRow<S, T>(to + j * stride + l * panel, row + j, panel, panel);
          if (j < end) PackRow(to + j * stride + l * room, row + j, rest, room);
        }
      }
    };
    if (width == usual) rows(std::integral_constant<int64_t, usual>());
    else rows(width);
    return;
  }
  for (int64_t j = 0; j < count; j += width) {
    const int64_t lines = std::min(width, count - j), step = lines == width ? width : room;
    T* panel = to + j * stride;
    const S* lying = from + j * across;
    for (int64_t l = 0; l < k && lines < step; ++l)
      for (int64_t i = lines; i < step; ++i) panel[l * step + i] = T{0};
    if (along == 1) {
      PackTransposed(panel, step, lying, across, lines, k);
      continue;
    }
    for (int64_t l = 0; l < k; ++l)
      for (int64_t i = 0; i < lines; ++i) panel[l * step + i] = static_cast<T>(lying[i * across + l * along]);
  }
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
