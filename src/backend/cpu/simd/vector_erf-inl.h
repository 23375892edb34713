// The error function and its kin of one vector, for files that are compiled once for each instruction set: include
// after hwy/highway.h.
#if defined(TENON_BACKEND_CPU_VECTOR_ERF_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TENON_BACKEND_CPU_VECTOR_ERF_INL_H
#undef TENON_BACKEND_CPU_VECTOR_ERF_INL_H
#else
#define TENON_BACKEND_CPU_VECTOR_ERF_INL_H
#endif

#include <cstddef>

#include <hwy/highway.h>

#include "backend/cpu/simd/vector_exp-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Polynomials through the exact values at Chebyshev's points, from the constant upwards: (x + shift)·exp(x²)·erfc(x)
/// of (x − shift) / (x + shift) for x ≥ 0, and erf(x) / x of x² up to 1. Off by less than half the type's last digit.
template <class T>
struct ErfSeries;
template <>
struct ErfSeries<float> {
  static constexpr float shift = 2;
  static constexpr float scaled[] = {1.021582705F,      -0.6871606251F,  0.2794718916F,   -0.03644349823F,
                                     -0.02150662177F,   0.006487466136F, 0.003067694089F, -0.0008620800433F,
                                     -0.0006094381728F, 7.352872327e-5F, 8.857682934e-5F};
  static constexpr float near[] = {1.128379166F,    -0.3761262667F,    0.1128359472F,  -0.02685421201F,
                                   0.005189087423F, -0.0008016864287F, 7.875875063e-5F};
};
template <>
struct ErfSeries<double> {
  static constexpr double shift = 3;
  static constexpr double scaled[] = {
      1.074006907088339679,       -0.8833944531698836501,    0.5902283571041084858,    -0.3104672619005666687,
      0.1195277612869785904,      -0.02682723462448061497,   -0.001212416621514779774, 0.003034062001195982438,
      -0.0005483097452477533267,  -0.0002767778482009659448, 0.0001075617825000207342, 0.00003039819052212080248,
      -0.00001747160575230233066, -4.74939103213214079e-6,   2.767811225527280642e-6,  9.994379361081013215e-7,
      -4.117597591893759363e-7,   -2.345467000262426301e-7,  5.001320184291237042e-8,  5.166814761898454041e-8,
      -3.591361117161095276e-9,   -8.887844891516947372e-9,  1.115912389925038416e-11, 8.447852784322950795e-10};
  static constexpr double near[] = {1.128379167095512574,     -0.3761263890318374806,     0.1128379167095487867,
                                    -0.02686617064507679325,  0.005223977624818014467,    -0.0008548326980833789905,
                                    0.0001205533111164271092, -0.00001492559526683118157, 1.646100048412136803e-6,
                                    -1.635031270105469501e-7, 1.465977527404743581e-8,    -1.137284885679167367e-9,
                                    5.957176147748911404e-11};
};

/// |x|, but at most 30, where erfc and the normal distribution's tails are 0 in either type. A NaN becomes a number.
template <class D, class V>
HWY_INLINE V SizeUpTo30(D d, V x) {
  return hn::Min(hn::Abs(x), hn::Set(d, hn::TFromD<D>(30)));
}

/// exp(x²)·erfc(x) for x from 0 to 30.
template <class D, class V>
HWY_INLINE V ScaledErfc(D d, V x) {
  using T = hn::TFromD<D>;
  const V shift = hn::Set(d, ErfSeries<T>::shift), part = hn::Div(hn::Set(d, T{1}), hn::Add(x, shift));
  return hn::Mul(Polynomial(d, hn::Mul(hn::Sub(x, shift), part), ErfSeries<T>::scaled), part);
}

/// erfc(x) for x from 0 to 30.
template <class D, class V>
HWY_INLINE V PositiveErfc(D d, V x) {
  const V square = hn::Mul(x, x);
  V rest;  // what the square lost: exp would show it x² times as large
  if constexpr (HWY_NATIVE_FMA) {
    rest = hn::MulSub(x, x, square);
  } else {
    using T = hn::TFromD<D>;
    const V moved = hn::Mul(x, hn::Set(d, sizeof(T) == 4 ? T(4097) : T(134217729)));  // 2 to half the digits, plus 1
    const V high = hn::Sub(moved, hn::Sub(moved, x)), low = hn::Sub(x, high);
    const V cross = hn::Mul(hn::Add(high, high), low);
    rest = hn::Add(hn::Add(hn::Sub(hn::Mul(high, high), square), cross), hn::Mul(low, low));
  }
  const V power = ExpBelow0(d, hn::Neg(square));
  return hn::Mul(hn::NegMulAdd(rest, power, power), ScaledErfc(d, x));
}

template <class D, class V>
V Erfc(D d, V x) {
  const V tail = PositiveErfc(d, SizeUpTo30(d, x));
  const V y = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Sub(hn::Set(d, hn::TFromD<D>(2)), tail), tail);
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

template <class D, class V>
V Erf(D d, V x) {
  using T = hn::TFromD<D>;
  const V one = hn::Set(d, T{1}), size = hn::Abs(x);
  const V near = hn::Mul(x, Polynomial(d, hn::Mul(x, x), ErfSeries<T>::near));
  const V far = hn::CopySign(hn::Sub(one, PositiveErfc(d, SizeUpTo30(d, x))), x);
  return hn::IfThenElse(hn::Lt(size, one), near, hn::IfThenElse(hn::IsNaN(x), x, far));
}

/// Φ(x), the normal distribution's function, and √(2π) times its density, exp(−x²/2). Of a NaN, any number.
template <class D, class V>
HWY_INLINE V NormalCdf(D d, V x, V& density) {
  using T = hn::TFromD<D>;
  const V size = SizeUpTo30(d, hn::Mul(x, hn::Set(d, T(0.70710678118654752440))));
  density = ExpBelow0(d, hn::Neg(hn::Mul(size, size)));
  const V tail = hn::Mul(hn::Mul(density, hn::Set(d, T(0.5))), ScaledErfc(d, size));
  return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), tail, hn::Sub(hn::Set(d, T{1}), tail));
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TENON_BACKEND_CPU_VECTOR_ERF_INL_H
