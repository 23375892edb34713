#include "backend/cpu/vector_softmax.h"

#include <cmath>
#include <cstring>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/vector_softmax.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// f(vector, i, count) for all of a row; the last few elements are padded with `pad` to a whole vector.
template <class T, class F>
HWY_INLINE void ForVectors(const T* in, int64_t n, T pad, F f) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) f(hn::LoadU(d, in + i), i, lanes);
  if (i == n) return;
  HWY_ALIGN T tail[HWY_MAX_BYTES / sizeof(T)];
  hn::Store(hn::Set(d, pad), d, tail);
  std::memcpy(tail, in + i, static_cast<std::size_t>(n - i) * sizeof(T));
  f(hn::Load(d, tail), i, n - i);
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

/// The shift and the sum as ExpSum has them, and the terms in `terms` unless that is null. Where a NaN or +inf is in the row, both are NaN.
template <class T>
HWY_INLINE Shifted<T> MaxAndSum(const T* in, int64_t n, T* terms = nullptr) {
  const hn::ScalableTag<T> d;
  const T infinity = std::numeric_limits<T>::infinity(), none = std::numeric_limits<T>::quiet_NaN();
  auto m = hn::Set(d, -infinity);
  auto whole = hn::Eq(m, m);  // whether all numbers of a lane are below +inf; max ignores NaN in one operand, so it is looked for on its own
  ForVectors(in, n, -infinity, [&](auto x, int64_t, int64_t) HWY_ATTR {
    whole = hn::And(whole, hn::Lt(x, hn::Set(d, infinity)));
    m = hn::Max(m, x);
  });
  if (!hn::AllTrue(d, whole)) {
    for (int64_t i = 0; terms && i < n; ++i) terms[i] = none;
    return {none, none};
  }
  const T largest = hn::GetLane(hn::MaxOfLanes(d, m));
  const T shift = largest == -infinity ? T{0} : largest;
  auto sum = hn::Zero(d);
  ForVectors(in, n, -infinity, [&](auto x, int64_t i, int64_t count) HWY_ATTR {
    const auto e = hn::Exp(d, hn::Sub(x, hn::Set(d, shift)));  // of numbers up to 0, which Highway's needs no help with
    if (terms) StoreSome(d, e, terms + i, count);
    sum = hn::Add(sum, e);
  });
  return {shift, hn::GetLane(hn::SumOfLanes(d, sum))};
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
  ForVectors(in, n, T{0}, [&](auto x, int64_t i, int64_t count) HWY_ATTR {
    const auto y = hn::Mul(hn::Exp(d, hn::Sub(x, from)), factor);
    StoreSome(d, hn::IfThenElse(hn::IsNaN(x), x, y), out + i, count);
  });
}

/// f of each vector of `in` to `out`, past the caches where `stream` and the memory allow it.
template <class T, class F>
HWY_INLINE void Write(T* out, const T* in, int64_t n, bool stream, F f) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  if (!stream || reinterpret_cast<uintptr_t>(out) % (static_cast<std::size_t>(lanes) * sizeof(T)) != 0)
    return ForVectors(in, n, T{0}, [&](auto x, int64_t i, int64_t count) HWY_ATTR { StoreSome(d, f(x), out + i, count); });
  ForVectors(in, n, T{0}, [&](auto x, int64_t i, int64_t count) HWY_ATTR {
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

// ---- by element type, as they are exported
#define TENON_BY_TYPE(call)         \
  if (type == DType::float64) {     \
    using T = double;               \
    return call;                    \
  }                                 \
  using T = float;                  \
  return call

void SoftmaxAny(DType type, void* out, const void* in, int64_t n, bool log, bool stream) {
  TENON_BY_TYPE(Softmax(static_cast<T*>(out), static_cast<const T*>(in), n, log, stream));
}
ExpSum ExpSumAny(DType type, const void* in, int64_t n) { TENON_BY_TYPE(ExpSumOf(static_cast<const T*>(in), n)); }
void ScaledExpAny(DType type, void* out, const void* in, double shift, double scale, int64_t n) {
  TENON_BY_TYPE(ScaledExp(static_cast<T*>(out), static_cast<const T*>(in), shift, scale, n));
}
#undef TENON_BY_TYPE

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {

HWY_EXPORT(SoftmaxAny);
HWY_EXPORT(ExpSumAny);
HWY_EXPORT(ScaledExpAny);

void vector_softmax(DType type, void* out, const void* in, int64_t n, bool log, bool stream) {
  HWY_DYNAMIC_DISPATCH(SoftmaxAny)(type, out, in, n, log, stream);
}
ExpSum vector_exp_sum(DType type, const void* in, int64_t n) { return HWY_DYNAMIC_DISPATCH(ExpSumAny)(type, in, n); }
void vector_scaled_exp(DType type, void* out, const void* in, double shift, double scale, int64_t n) {
  HWY_DYNAMIC_DISPATCH(ScaledExpAny)(type, out, in, shift, scale, n);
}

}  // namespace tenon::backend::cpu
#endif
