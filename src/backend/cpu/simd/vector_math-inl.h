// Functions of one vector, for files that are compiled once for each instruction set: include after hwy/highway.h.
// Highway's own leave NaN and the ends of the range to the caller.
#if defined(TENON_BACKEND_CPU_VECTOR_MATH_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TENON_BACKEND_CPU_VECTOR_MATH_INL_H
#undef TENON_BACKEND_CPU_VECTOR_MATH_INL_H
#else
#define TENON_BACKEND_CPU_VECTOR_MATH_INL_H
#endif

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D, class V>
V FullExp(D d, V x) {
  using T = hn::TFromD<D>;
  const V top = hn::Set(d, sizeof(T) == 4 ? static_cast<T>(104) : static_cast<T>(710));
  const V huge = hn::Set(d, sizeof(T) == 4 ? static_cast<T>(88.7228394) : static_cast<T>(709.782712893384));
  const V e = hn::Exp(d, hn::Min(x, top));
  const V bounded = hn::IfThenElse(hn::Gt(x, huge), hn::Set(d, std::numeric_limits<T>::infinity()), e);
  return hn::IfThenElse(hn::IsNaN(x), x, bounded);
}

template <class D, class V>
V FullLog(D d, V x) {
  using T = hn::TFromD<D>;
  const V infinity = hn::Set(d, std::numeric_limits<T>::infinity()), zero = hn::Zero(d);
  V y = hn::IfThenElse(hn::Eq(x, zero), hn::Neg(infinity), hn::Log(d, x));
  y = hn::IfThenElse(hn::Eq(x, infinity), infinity, y);
  y = hn::IfThenElse(hn::Lt(x, zero), hn::Set(d, std::numeric_limits<T>::quiet_NaN()), y);
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

template <class D, class V>
V FullTanh(D d, V x) {
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Tanh(d, x));
}

template <class D, class V>
V Sigmoid(D d, V x) {
  const V one = hn::Set(d, hn::TFromD<D>(1));
  return hn::Div(one, hn::Add(one, FullExp(d, hn::Neg(x))));
}

/// Lane by lane with the C library, for what is beyond the range of a vector function.
template <class D, class V, class F>
HWY_NOINLINE V ByLane(D d, V x, F f) {
  HWY_ALIGN hn::TFromD<D> lanes[HWY_MAX_BYTES / sizeof(hn::TFromD<D>)];
  hn::Store(x, d, lanes);
  for (std::size_t i = 0; i < hn::Lanes(d); ++i) lanes[i] = f(lanes[i]);
  return hn::Load(d, lanes);
}

/// Highway's sine and cosine are good up to 39,000 (in float their last digits go before that).
template <class D, class V>
bool BeyondTurns(D d, V x) {
  const V most = hn::Set(d, sizeof(hn::TFromD<D>) == 4 ? hn::TFromD<D>(1000) : hn::TFromD<D>(30000));
  return !hn::AllTrue(d, hn::Le(hn::Abs(x), most));
}
template <class D, class V>
V FullSin(D d, V x) {
  if (HWY_UNLIKELY(BeyondTurns(d, x))) return ByLane(d, x, [](auto v) { return std::sin(v); });
  const V y = hn::Sin(d, x);
  if constexpr (HWY_NATIVE_FMA) return y;
  else return hn::IfThenElse(hn::Eq(x, hn::Zero(d)), x, y);  // it subtracts 0 from −0
}
template <class D, class V>
V FullCos(D d, V x) {
  if (HWY_UNLIKELY(BeyondTurns(d, x))) return ByLane(d, x, [](auto v) { return std::cos(v); });
  return hn::Cos(d, x);
}

/// out(i) = f(in(i)); the last few go through a padded buffer, so that every element takes the same instructions.
template <class T, class F>
void Map(T* out, const T* in, int64_t n, F f) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(f(d, hn::LoadU(d, in + i)), d, out + i);
  if (i == n) return;
  HWY_ALIGN T buffer[HWY_MAX_BYTES / sizeof(T)] = {};
  std::memcpy(buffer, in + i, static_cast<std::size_t>(n - i) * sizeof(T));
  hn::Store(f(d, hn::Load(d, buffer)), d, buffer);
  std::memcpy(out + i, buffer, static_cast<std::size_t>(n - i) * sizeof(T));
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TENON_BACKEND_CPU_VECTOR_MATH_INL_H
