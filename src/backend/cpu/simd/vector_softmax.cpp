#include "backend/cpu/simd/vector_softmax.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/simd/vector_softmax.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>

#include "backend/cpu/simd/vector_common-inl.h"
#include "backend/cpu/simd/vector_exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <int k>
using Lane = std::integral_constant<int, k>;

/// f(vector, i, count, k) for all of a row; the last few elements are padded with `pad` to a whole vector. k goes round
/// 0 … 3, for sums that need not wait for each other.
template <class T, class F>
HWY_INLINE void ForRow(const T* in, int64_t n, T pad, F f) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    f(hn::LoadU(d, in + i), i, lanes, Lane<0>());
    f(hn::LoadU(d, in + i + lanes), i + lanes, lanes, Lane<1>());
    f(hn::LoadU(d, in + i + 2 * lanes), i + 2 * lanes, lanes, Lane<2>());
    f(hn::LoadU(d, in + i + 3 * lanes), i + 3 * lanes, lanes, Lane<3>());
  }
  for (; i + lanes <= n; i += lanes) f(hn::LoadU(d, in + i), i, lanes, Lane<0>());
  if (i == n) return;
  HWY_ALIGN T tail[HWY_MAX_BYTES / sizeof(T)];
  hn::Store(hn::Set(d, pad), d, tail);
  std::memcpy(tail, in + i, static_cast<std::size_t>(n - i) * sizeof(T));
  f(hn::Load(d, tail), i, n - i, Lane<1>());
}

template <int k, class V>
HWY_INLINE V& Pick(V& a, V& b, V& c, V& d) {
  if constexpr (k == 0) return a;
  else if constexpr (k == 1) return b;
  else if constexpr (k == 2) return c;
  else return d;
}

/// Stores `count` elements.
template <class D, class V, class T>
HWY_INLINE void StoreSome(D d, V v, T* to, int64_t count) {
  if (count == static_cast<int64_t>(hn::Lanes(d))) return hn::StoreU(v, d, to);
  HWY_ALIGN T tail[HWY_MAX_BYTES / sizeof(T)];
  hn::Store(v, d, tail);
  std::memcpy(to, tail, static_cast<std::size_t>(count) * sizeof(T));
}

template <class T>
struct Shifted {
  T shift, sum;
};

/// The shift and the sum as ExpSum has them, and the terms in `terms` unless that is null. Where a NaN or +inf is in
/// the row, both are NaN.
template <class T>
HWY_INLINE Shifted<T> MaxAndSum(const T* in, int64_t n, T* terms = nullptr) {
  const hn::ScalableTag<T> d;
  const T infinity = std::numeric_limits<T>::infinity(), none = std::numeric_limits<T>::quiet_NaN();
  auto m0 = hn::Set(d, -infinity), m1 = m0, m2 = m0, m3 = m0;
  // Whether all numbers of a lane are below +inf. Max ignores a NaN in one operand, so that is looked for on its own.
  auto whole = hn::Eq(m0, m0);
  ForRow(in, n, -infinity, [&](auto x, int64_t, int64_t, auto k) HWY_ATTR {
    whole = hn::And(whole, hn::Lt(x, hn::Set(d, infinity)));
    auto& m = Pick<k>(m0, m1, m2, m3);
    m = hn::Max(m, x);
  });
  if (!hn::AllTrue(d, whole)) {
    for (int64_t i = 0; terms && i < n; ++i) terms[i] = none;
    return {none, none};
  }
  const T largest = hn::GetLane(hn::MaxOfLanes(d, hn::Max(hn::Max(m0, m1), hn::Max(m2, m3))));
  const T shift = largest == -infinity ? T{0} : largest;
  auto s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
  ForRow(in, n, -infinity, [&](auto x, int64_t i, int64_t count, auto k) HWY_ATTR {
    const auto e = ExpBelow0(d, hn::Sub(x, hn::Set(d, shift)));
    if (terms) StoreSome(d, e, terms + i, count);
    auto& s = Pick<k>(s0, s1, s2, s3);
    s = hn::Add(s, e);
  });
  return {shift, hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3))))};
}

template <class T>
ExpSum ExpSumOf(const T* in, int64_t n) {
  const Shifted<T> s = MaxAndSum(in, n);
  return {static_cast<double>(s.shift), static_cast<double>(s.sum)};
}

template <class T>
void ScaledExp(T* out, const T* in, double shift, double scale, int64_t n) {
  const hn::ScalableTag<T> d;
  const auto from = hn::Set(d, static_cast<T>(shift)), factor = hn::Set(d, static_cast<T>(scale));
  ForRow(in, n, T{0}, [&](auto x, int64_t i, int64_t count, auto) HWY_ATTR {
    const auto y = NormalOrZero(d, hn::Mul(ExpBelow0(d, hn::Sub(x, from)), factor));
    StoreSome(d, hn::IfThenElse(hn::IsNaN(x), x, y), out + i, count);
  });
}

/// f of each vector of `in` to `out`, past the caches where `stream` and the memory allow it.
template <class T, class F>
HWY_INLINE void Write(T* out, const T* in, int64_t n, bool stream, F f) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  if (!stream || reinterpret_cast<uintptr_t>(out) % (static_cast<std::size_t>(lanes) * sizeof(T)) != 0)
    return ForRow(in, n, T{0},
                  [&](auto x, int64_t i, int64_t count, auto) HWY_ATTR { StoreSome(d, f(x), out + i, count); });
  ForRow(in, n, T{0}, [&](auto x, int64_t i, int64_t count, auto) HWY_ATTR {
    if (count == lanes) hn::Stream(f(x), d, out + i);
    else StoreSome(d, f(x), out + i, count);
  });
  hwy::FlushStream();
}

template <class T>
void Softmax(T* out, const T* in, int64_t n, bool log, bool stream) {
  const hn::ScalableTag<T> d;
  constexpr int64_t most = 8192 / sizeof(T);  // terms that fit into the first cache beside the row itself
  HWY_ALIGN T near[most];
  T* terms = log ? nullptr : n <= most ? near : out;
  const Shifted<T> s = MaxAndSum(in, n, terms);
  if (log) {  // in two steps, so that large numbers keep the digits of their differences
    const auto largest = hn::Set(d, s.shift), rest = hn::Set(d, static_cast<T>(std::log(static_cast<double>(s.sum))));
    return Write(out, in, n, stream, [largest, rest](auto x) HWY_ATTR { return hn::Sub(hn::Sub(x, largest), rest); });
  }
  const auto factor = hn::Set(d, 1 / s.sum);
  Write(out, terms, n, stream && terms == near, [factor](auto x) HWY_ATTR { return hn::Mul(x, factor); });
}

/// Row by row, with what belongs to each column at hand.
template <class T>
void SoftmaxColumns(T* out, const T* in, int64_t n, int64_t stride, int64_t width, bool log) {
  HWY_ALIGN T shifts[512];
  HWY_ALIGN T sums[512];
  const T low = -std::numeric_limits<T>::infinity();
  ForVectors<T>(width, [&](auto d, int64_t j) HWY_ATTR {
    hn::StoreU(hn::Set(d, low), d, shifts + j);
    hn::StoreU(hn::Zero(d), d, sums + j);
  });
  for (int64_t i = 0; i < n; ++i)
    ForVectors<T>(width, [&](auto d, int64_t j) HWY_ATTR {
      const auto x = hn::LoadU(d, in + i * stride + j), m = hn::LoadU(d, shifts + j);
      hn::StoreU(hn::IfThenElse(hn::Or(hn::Gt(m, x), hn::IsNaN(m)), m, x), d, shifts + j);
    });
  ForVectors<T>(width, [&](auto d, int64_t j) HWY_ATTR {
    const auto m = hn::LoadU(d, shifts + j);
    hn::StoreU(hn::IfThenZeroElse(hn::Eq(m, hn::Set(d, low)), m), d, shifts + j);
  });
  for (int64_t i = 0; i < n; ++i)
    ForVectors<T>(width, [&](auto d, int64_t j) HWY_ATTR {
      const auto x = hn::Sub(hn::LoadU(d, in + i * stride + j), hn::LoadU(d, shifts + j));
      const auto e = hn::IfThenElse(hn::IsNaN(x), x, ExpBelow0(d, x));
      hn::StoreU(hn::Add(hn::LoadU(d, sums + j), e), d, sums + j);
      if (!log) hn::StoreU(e, d, out + i * stride + j);
    });
  for (int64_t j = 0; log && j < width; ++j) sums[j] = std::log(sums[j]);
  for (int64_t i = 0; i < n; ++i)
    ForVectors<T>(width, [&](auto d, int64_t j) HWY_ATTR {
      const auto s = hn::LoadU(d, sums + j);
      T* to = out + i * stride + j;
      if (log) hn::StoreU(hn::Sub(hn::Sub(hn::LoadU(d, in + i * stride + j), hn::LoadU(d, shifts + j)), s), d, to);
      else hn::StoreU(hn::Div(hn::LoadU(d, to), s), d, to);
    });
}

// ---- by element type, as they are exported
void SoftmaxAny(DType type, void* out, const void* in, int64_t n, bool log, bool stream) {
  TENON_BY_TYPE(Softmax(static_cast<T*>(out), static_cast<const T*>(in), n, log, stream));
}
void SoftmaxColumnsAny(DType type, void* out, const void* in, int64_t n, int64_t stride, int64_t width, bool log) {
  TENON_BY_TYPE(SoftmaxColumns(static_cast<T*>(out), static_cast<const T*>(in), n, stride, width, log));
}
ExpSum ExpSumAny(DType type, const void* in, int64_t n) { TENON_BY_TYPE(ExpSumOf(static_cast<const T*>(in), n)); }
void ScaledExpAny(DType type, void* out, const void* in, double shift, double scale, int64_t n) {
  TENON_BY_TYPE(ScaledExp(static_cast<T*>(out), static_cast<const T*>(in), shift, scale, n));
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {

HWY_EXPORT(SoftmaxAny);
HWY_EXPORT(SoftmaxColumnsAny);
HWY_EXPORT(ExpSumAny);
HWY_EXPORT(ScaledExpAny);

void vector_softmax(DType type, void* out, const void* in, int64_t n, bool log, bool stream) {
  HWY_DYNAMIC_DISPATCH(SoftmaxAny)(type, out, in, n, log, stream);
}
void vector_softmax_columns(DType type, void* out, const void* in, int64_t n, int64_t stride, int64_t width, bool log) {
  HWY_DYNAMIC_DISPATCH(SoftmaxColumnsAny)(type, out, in, n, stride, width, log);
}
ExpSum vector_exp_sum(DType type, const void* in, int64_t n) { return HWY_DYNAMIC_DISPATCH(ExpSumAny)(type, in, n); }
void vector_scaled_exp(DType type, void* out, const void* in, double shift, double scale, int64_t n) {
  HWY_DYNAMIC_DISPATCH(ScaledExpAny)(type, out, in, shift, scale, n);
}

}  // namespace tenon::backend::cpu
#endif
