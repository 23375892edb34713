// Functions of one vector, for files that are compiled once for each instruction set: include after hwy/highway.h.
// Those of float are computed in double, whose digits let the plain formula do, and rounded once.
#if defined(TENON_BACKEND_CPU_VECTOR_WIDE_MATH_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TENON_BACKEND_CPU_VECTOR_WIDE_MATH_INL_H
#undef TENON_BACKEND_CPU_VECTOR_WIDE_MATH_INL_H
#else
#define TENON_BACKEND_CPU_VECTOR_WIDE_MATH_INL_H
#endif

#include <limits>
#include <numbers>

#include "backend/cpu/simd/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR
/// Rounded to float; infinite where it is too large for one, which Highway's emulation of vectors keeps finite.
template <class D, class V>
HWY_INLINE auto Narrow(D d, V x) {
#if HWY_TARGET == HWY_EMU128
  const hn::Rebind<double, D> wide;
  HWY_ALIGN double from[hn::MaxLanes(wide)];
  HWY_ALIGN float to[hn::MaxLanes(wide)];
  hn::Store(x, wide, from);
  for (std::size_t i = 0; i < hn::Lanes(wide); ++i) to[i] = static_cast<float>(from[i]);
  return hn::Load(d, to);
#else
  return hn::DemoteTo(d, x);
#endif
}

/// f(d, x…) of vectors of double, for vectors of float.
template <class D, class F, class... V>
HWY_INLINE auto InDouble(D d, F f, V... x) {
  const hn::Repartition<double, D> wide;
  const hn::Half<D> half;
  const auto low = f(wide, hn::PromoteTo(wide, hn::LowerHalf(half, x))...);
  const auto high = f(wide, hn::PromoteTo(wide, hn::UpperHalf(half, x))...);
  return hn::Combine(d, Narrow(half, high), Narrow(half, low));
}
#endif

/// x^y for numbers whose products with a logarithm keep a float's digits.
template <class D, class V>
V WidePow(D d, V x, V y) {
  const V zero = hn::Zero(d), one = hn::Set(d, 1.0), infinity = hn::Set(d, std::numeric_limits<double>::infinity());
  const V size = hn::Abs(x), half = hn::Mul(y, hn::Set(d, 0.5));
  V power = FullExp(d, hn::Mul(y, FullLog(d, size)));
  power = hn::IfThenElse(hn::Eq(size, one), one, power);  // to an infinite power, too
  const auto whole = hn::Eq(hn::Trunc(y), y), odd = hn::And(whole, hn::Ne(hn::Trunc(half), half));
  const V sign = hn::CopySign(one, x), nan = hn::Set(d, std::numeric_limits<double>::quiet_NaN());
  power = hn::IfThenElse(odd, hn::Mul(power, sign), power);
  const auto rootless = hn::And(hn::Lt(x, zero), hn::And(hn::Ne(size, infinity), hn::Ne(hn::Trunc(y), y)));
  power = hn::IfThenElse(rootless, nan, power);
  power = hn::IfThenElse(hn::Or(hn::IsNaN(x), hn::IsNaN(y)), nan, power);
  return hn::IfThenElse(hn::Or(hn::Eq(y, zero), hn::Eq(x, one)), one, power);
}

template <class D, class V>
V WideExp2(D d, V x) {
  return FullExp(d, hn::Mul(x, hn::Set(d, std::numbers::ln2)));
}
template <class D, class V>
V WideLog2(D d, V x) {
  return hn::Mul(FullLog(d, x), hn::Set(d, std::numbers::log2e));
}
template <class D, class V>
V WideLog10(D d, V x) {
  return hn::Mul(FullLog(d, x), hn::Set(d, std::numbers::log10e));
}

template <class D, class V>
V WideTan(D d, V x) {
  if (HWY_UNLIKELY(BeyondTurns(d, x))) return ByLane(d, x, [](auto v) { return std::tan(v); });
  const V y = hn::Div(hn::Sin(d, x), hn::Cos(d, x));
  return hn::IfThenElse(hn::Eq(x, hn::Zero(d)), x, y);
}
/// The other leg of the triangle whose hypotenuse is 1; a NaN beyond it.
template <class D, class V>
V OtherLeg(D d, V x) {
  const V one = hn::Set(d, 1.0);
  return hn::Sqrt(hn::Mul(hn::Sub(one, x), hn::Add(one, x)));
}
template <class D, class V>
V WideAsin(D d, V x) {
  return FullAtan2(d, x, OtherLeg(d, x));
}
template <class D, class V>
V WideAcos(D d, V x) {
  return FullAtan2(d, OtherLeg(d, x), x);
}
template <class D, class V>
V WideAtan(D d, V x) {
  return FullAtan2(d, x, hn::Set(d, 1.0));
}

template <class D, class V>
V WideSinh(D d, V x) {
  const V most = hn::Set(d, 700.0), growth = FullExpm1(d, hn::Min(hn::Abs(x), most));  // beyond, a float is infinite
  const V y = hn::Mul(hn::Add(growth, hn::Div(growth, hn::Add(growth, hn::Set(d, 1.0)))), hn::Set(d, 0.5));
  return hn::IfThenElse(hn::IsNaN(x), x, hn::CopySign(y, x));
}
template <class D, class V>
V WideCosh(D d, V x) {
  const V e = FullExp(d, hn::Min(hn::Abs(x), hn::Set(d, 700.0)));
  return hn::IfThenElse(hn::IsNaN(x), x, hn::Mul(hn::Add(e, hn::Div(hn::Set(d, 1.0), e)), hn::Set(d, 0.5)));
}
template <class D, class V>
V WideAsinh(D d, V x) {
  const V size = hn::Abs(x), square = hn::Mul(size, size), one = hn::Set(d, 1.0);
  const V y = FullLog1p(d, hn::Add(size, hn::Div(square, hn::Add(one, hn::Sqrt(hn::Add(square, one))))));
  const V infinity = hn::Set(d, std::numeric_limits<double>::infinity());
  return hn::IfThenElse(hn::Or(hn::Eq(size, infinity), hn::IsNaN(x)), x, hn::CopySign(y, x));
}
template <class D, class V>
V WideAcosh(D d, V x) {
  const V one = hn::Set(d, 1.0), nan = hn::Set(d, std::numeric_limits<double>::quiet_NaN());
  const V y = FullLog(d, hn::Add(x, hn::Sqrt(hn::Mul(hn::Sub(x, one), hn::Add(x, one)))));
  return hn::IfThenElse(hn::Lt(x, one), nan, y);
}
template <class D, class V>
V WideAtanh(D d, V x) {
  const V ratio = hn::Div(hn::Add(x, x), hn::Sub(hn::Set(d, 1.0), x));
  return hn::Mul(FullLog1p(d, ratio), hn::Set(d, 0.5));
}

template <class D, class V>
V WideHypot(D d, V x, V y) {
  const V infinity = hn::Set(d, std::numeric_limits<double>::infinity());
  const V z = hn::Sqrt(hn::MulAdd(x, x, hn::Mul(y, y)));
  return hn::IfThenElse(hn::Or(hn::Eq(hn::Abs(x), infinity), hn::Eq(hn::Abs(y), infinity)), infinity, z);
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TENON_BACKEND_CPU_VECTOR_WIDE_MATH_INL_H
