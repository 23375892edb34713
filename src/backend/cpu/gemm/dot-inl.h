// Dot products of several rows of a with several columns of b, both of which lie along k: nothing is packed, each
// vector is read once for all sums that it is part of. Include after hwy/highway.h.
#if defined(TENON_BACKEND_CPU_GEMM_DOT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TENON_BACKEND_CPU_GEMM_DOT_INL_H
#undef TENON_BACKEND_CPU_GEMM_DOT_INL_H
#else
#define TENON_BACKEND_CPU_GEMM_DOT_INL_H
#endif

#include <array>
#include <cstdint>
#include <utility>

#include <hwy/highway.h>

#include "backend/cpu/gemm/pack-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET <= HWY_AVX3
inline constexpr int dot_rows = 4, dot_columns = 6;
#else
inline constexpr int dot_rows = 3, dot_columns = 4;
#endif

/// The sum of each of 16 bytes' worth of vectors (four of float, two of double), in one order whatever they belong to.
template <class T, class V>
HWY_INLINE void StoreSums(const V* x, T* to) {
  const hn::ScalableTag<T> d;
#if HWY_TARGET == HWY_SCALAR
  hn::StoreU(*x, d, to);
#else
  const hn::FixedTag<T, block_of<T>> block;
  V sums;
  if constexpr (sizeof(T) == 8) {
    sums = hn::Add(hn::InterleaveLower(d, x[0], x[1]), hn::InterleaveUpper(d, x[0], x[1]));
  } else {
    const hn::RepartitionToWide<decltype(d)> pairs;
    const auto ab = hn::BitCast(pairs, hn::Add(hn::InterleaveLower(d, x[0], x[1]), hn::InterleaveUpper(d, x[0], x[1])));
    const auto ce = hn::BitCast(pairs, hn::Add(hn::InterleaveLower(d, x[2], x[3]), hn::InterleaveUpper(d, x[2], x[3])));
    sums =
        hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, ab, ce)), hn::BitCast(d, hn::InterleaveUpper(pairs, ab, ce)));
  }
  constexpr auto bytes = hn::MaxLanes(d) * sizeof(T);
  if constexpr (bytes == 64) {
    const hn::Half<decltype(d)> half;
    const hn::Half<decltype(half)> quarter;
    const auto y = hn::Add(hn::LowerHalf(half, sums), hn::UpperHalf(half, sums));
    hn::StoreU(hn::Add(hn::LowerHalf(quarter, y), hn::UpperHalf(quarter, y)), block, to);
  } else if constexpr (bytes == 32) {
    const hn::Half<decltype(d)> half;
    hn::StoreU(hn::Add(hn::LowerHalf(half, sums), hn::UpperHalf(half, sums)), block, to);
  } else {
    hn::StoreU(sums, d, to);
  }
#endif
}

/// sums[r·dot_columns + c] += Σ_l a[r·a_row + l]·b[c·b_column + l] for R rows and C columns.
template <int R, int C, class S, class T>
HWY_NOINLINE void Dot(int64_t k, const S* HWY_RESTRICT a, int64_t a_row, const S* HWY_RESTRICT b, int64_t b_column,
                      T* HWY_RESTRICT sums) {
  const hn::ScalableTag<T> d;
  using Vec = hn::Vec<decltype(d)>;
  constexpr int lanes = static_cast<int>(hn::MaxLanes(hn::ScalableTag<T>())), group = block_of<T>;
  constexpr int places = (R * C + group - 1) / group * group;
  Vec all[places];
#pragma GCC unroll 24
  for (int i = 0; i < places; ++i) all[i] = hn::Zero(d);
  const auto step = [&](const auto* x, int64_t x_row, const auto* y, int64_t y_column) HWY_ATTR {
    Vec column[C];
#pragma GCC unroll 8
    for (int c = 0; c < C; ++c) column[c] = LoadWide(d, y + c * y_column);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      const Vec row = LoadWide(d, x + r * x_row);
#pragma GCC unroll 8
      for (int c = 0; c < C; ++c) all[r * C + c] = hn::MulAdd(row, column[c], all[r * C + c]);
    }
  };
  int64_t l = 0;
  for (; l + lanes <= k; l += lanes) step(a + l, a_row, b + l, b_column);
  if (l < k) {  // the rest of each, beside zeros
    HWY_ALIGN T x[R * lanes] = {}, y[C * lanes] = {};
    for (int64_t i = l; i < k; ++i) {
      for (int r = 0; r < R; ++r) x[r * lanes + i - l] = static_cast<T>(a[r * a_row + i]);
      for (int c = 0; c < C; ++c) y[c * lanes + i - l] = static_cast<T>(b[c * b_column + i]);
    }
    step(x, lanes, y, lanes);
  }
  HWY_ALIGN T whole[places];
#pragma GCC unroll 24
  for (int i = 0; i < places; i += group) StoreSums(all + i, whole + i);
  for (int r = 0; r < R; ++r)
    for (int c = 0; c < C; ++c) sums[r * dot_columns + c] += whole[r * C + c];
}

template <class S, class T>
using DotFunction = void (*)(int64_t, const S*, int64_t, const S*, int64_t, T*);

template <class S, class T, int C, int... R>
constexpr auto DotsOfWidth(std::integer_sequence<int, R...>) {
  return std::array<DotFunction<S, T>, sizeof...(R)>{Dot<R + 1, C, S, T>...};
}
/// dots[0 … 2][rows − 1], of dot_columns, half of that, and one. `static`, because g++ would export it.
template <class S, class T>
static constexpr std::array dots = {DotsOfWidth<S, T, dot_columns>(std::make_integer_sequence<int, dot_rows>()),
                                    DotsOfWidth<S, T, dot_columns / 2>(std::make_integer_sequence<int, dot_rows>()),
                                    DotsOfWidth<S, T, 1>(std::make_integer_sequence<int, dot_rows>())};

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
