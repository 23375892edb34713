// What the files share that are compiled once for each instruction set: include after hwy/highway.h.
#if defined(TENON_BACKEND_CPU_VECTOR_COMMON_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TENON_BACKEND_CPU_VECTOR_COMMON_INL_H
#undef TENON_BACKEND_CPU_VECTOR_COMMON_INL_H
#else
#define TENON_BACKEND_CPU_VECTOR_COMMON_INL_H
#endif

#include <cstdint>

#include <hwy/highway.h>

/// The rest of a function of (DType type, …): `call` with T = double or float.
#undef TENON_BY_TYPE
#define TENON_BY_TYPE(call)     \
  if (type == DType::float64) { \
    using T = double;           \
    return call;                \
  }                             \
  using T = float;              \
  return call

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// f(d, i) for whole vectors, then for the elements that are left, one by one.
template <class T, class F>
HWY_INLINE void ForVectors(int64_t n, F&& f) {
  const hn::ScalableTag<T> d;
  const hn::CappedTag<T, 1> one;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) f(d, i);
  for (; i < n; ++i) f(one, i);
}

/// The larger (smaller) of two; a NaN in either wins.
template <bool largest, class V>
HWY_INLINE V Extremum(V a, V b) {
  const auto keeps = largest ? hn::Gt(a, b) : hn::Lt(a, b);
  return hn::IfThenElse(hn::Or(keeps, hn::IsNaN(a)), a, b);
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
