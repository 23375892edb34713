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

#include "backend/cpu/simd/vector_elementwise.h"
#include "backend/cpu/simd/vector_exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

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
V FullLog1p(D d, V x) {
  using T = hn::TFromD<D>;
  const V one = hn::Set(d, T{1}), sum = hn::Add(x, one), rounded = hn::Sub(sum, one);
  const V y = hn::Mul(FullLog(d, sum), hn::Div(x, rounded));  // what the sum lost makes up for itself
  const V infinity = hn::Set(d, std::numeric_limits<T>::infinity());
  return hn::IfThenElse(hn::Or(hn::Eq(sum, one), hn::Eq(x, infinity)), x, y);
}

/// Highway's goes up to where exp would be infinite but for its last steps; there 1 is nothing to it.
template <class D, class V>
V FullExpm1(D d, V x) {
  const V most = hn::Set(d, hn::TFromD<D>(40));
  V y = hn::Expm1(d, hn::Min(x, most));
  if (HWY_UNLIKELY(!hn::AllTrue(d, hn::Le(x, most)))) y = hn::IfThenElse(hn::Le(x, most), y, FullExp(d, x));
  return hn::IfThenElse(hn::Eq(x, hn::Zero(d)), x, y);  // −0, too
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
  return hn::IfThenElse(hn::Eq(x, hn::Zero(d)), x, hn::Sin(d, x));  // it may lose the sign of −0
}
template <class D, class V>
V FullCos(D d, V x) {
  if (HWY_UNLIKELY(BeyondTurns(d, x))) return ByLane(d, x, [](auto v) { return std::cos(v); });
  return hn::Cos(d, x);
}

/// The angle of (x, y) from that of the smaller size over the larger.
template <class D, class V>
V FullAtan2(D d, V y, V x) {
  using T = hn::TFromD<D>;
  const V zero = hn::Zero(d), a = hn::Abs(y), b = hn::Abs(x);
  const V low = hn::Min(a, b), high = hn::Max(a, b);
  V ratio = hn::IfThenElse(hn::Eq(high, zero), zero, hn::Div(low, high));
  ratio = hn::IfThenElse(hn::Eq(low, hn::Set(d, std::numeric_limits<T>::infinity())), hn::Set(d, T{1}), ratio);
  V angle = hn::Atan(d, ratio);
  angle = hn::IfThenElse(hn::Gt(a, b), hn::Sub(hn::Set(d, T(1.57079632679489661923)), angle), angle);
  const V sign_of_x = hn::CopySign(hn::Set(d, T{1}), x);  // of −0, too
  angle = hn::IfThenElse(hn::Lt(sign_of_x, zero), hn::Sub(hn::Set(d, T(3.14159265358979323846)), angle), angle);
  const V nan = hn::Add(x, y);  // where either is one
  return hn::IfThenElse(hn::Or(hn::IsNaN(x), hn::IsNaN(y)), nan, hn::CopySign(angle, y));
}

/// The exact rest of a division, with x's sign. On processors that multiply and add in one step.
template <class D, class V>
V FullFmod(D d, V x, V y) {
  using T = hn::TFromD<D>;
  const V quotient = hn::Div(x, y), most = hn::Set(d, sizeof(T) == 4 ? T(4e6) : T(2e15));  // its digits are all there
  const V infinity = hn::Set(d, std::numeric_limits<T>::infinity());
  if (HWY_UNLIKELY(!hn::AllTrue(d, hn::And(hn::Lt(hn::Abs(quotient), most), hn::Lt(hn::Abs(y), infinity))))) {
    HWY_ALIGN T divisors[HWY_MAX_BYTES / sizeof(T)];
    hn::Store(y, d, divisors);
    const T* divisor = divisors;
    return ByLane(d, x, [&divisor](T v) { return std::fmod(v, *divisor++); });
  }
  const V size = hn::Abs(y), rest = hn::NegMulAdd(hn::Trunc(hn::Abs(quotient)), size, hn::Abs(x));
  // A quotient just below a whole number was rounded up to it.
  return hn::CopySign(hn::IfThenElse(hn::Lt(rest, hn::Zero(d)), hn::Add(rest, size), rest), x);
}

/// Whether the rest of a division by y is to be moved by y, to get y's sign.
template <class D, class V>
auto RestHasOtherSign(D d, V rest, V y) {
  const V zero = hn::Zero(d);
  return hn::And(hn::Ne(rest, zero), hn::Xor(hn::Lt(rest, zero), hn::Lt(y, zero)));
}

template <class D, class V>
V Remainder(D d, V x, V y) {
  const V rest = FullFmod(d, x, y);
  return hn::IfThenElse(RestHasOtherSign(d, rest, y), hn::Add(rest, y), rest);
}

template <class D, class V>
V FloorOfQuotient(D d, V x, V y) {
  using T = hn::TFromD<D>;
  const V zero = hn::Zero(d), one = hn::Set(d, T{1}), rest = FullFmod(d, x, y), plain = hn::Div(x, y);
  V quotient = hn::Div(hn::Sub(x, rest), y);  // whole, but for rounding
  quotient = hn::IfThenElse(RestHasOtherSign(d, rest, y), hn::Sub(quotient, one), quotient);
  const V below = hn::Floor(quotient);
  const V whole = hn::IfThenElse(hn::Gt(hn::Sub(quotient, below), hn::Set(d, T(0.5))), hn::Add(below, one), below);
  const V y_or_zero = hn::IfThenElse(hn::Eq(quotient, zero), hn::CopySign(zero, plain), whole);
  return hn::IfThenElse(hn::Eq(y, zero), plain, y_or_zero);
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

/// out(i) = f(in(i), …) of operands each of which may be single; the last few as in Map.
template <class T, class F, class... In>
HWY_INLINE void MapOperands(T* out, int64_t n, F f, In... in) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto data = [](const Operand& x) HWY_ATTR { return static_cast<const T*>(x.data); };
  const auto either = [&](const Operand& x, int64_t i)
                          HWY_ATTR { return x.single ? hn::Set(d, *data(x)) : hn::LoadU(d, data(x) + i); };
  int64_t i = 0;
  if ((in.single || ...))
    for (; i + lanes <= n; i += lanes) hn::StoreU(f(d, either(in, i)...), d, out + i);
  else
    for (; i + lanes <= n; i += lanes) hn::StoreU(f(d, hn::LoadU(d, data(in) + i)...), d, out + i);
  if (i == n) return;
  const auto rest = [&](const Operand& x) HWY_ATTR {
    HWY_ALIGN T buffer[HWY_MAX_BYTES / sizeof(T)] = {};
    if (x.single) return hn::Set(d, *data(x));
    std::memcpy(buffer, data(x) + i, static_cast<std::size_t>(n - i) * sizeof(T));
    return hn::Load(d, buffer);
  };
  HWY_ALIGN T buffer[HWY_MAX_BYTES / sizeof(T)];
  hn::Store(f(d, rest(in)...), d, buffer);
  std::memcpy(out + i, buffer, static_cast<std::size_t>(n - i) * sizeof(T));
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TENON_BACKEND_CPU_VECTOR_MATH_INL_H
