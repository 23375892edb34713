// The exponential function and its kin of one vector, for files that are compiled once for each instruction set:
// include after hwy/highway.h. Highway's, which splits powers of two in halves for all numbers, take up to three times
// as long.
#if defined(TENON_BACKEND_CPU_VECTOR_EXP_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TENON_BACKEND_CPU_VECTOR_EXP_INL_H
#undef TENON_BACKEND_CPU_VECTOR_EXP_INL_H
#else
#define TENON_BACKEND_CPU_VECTOR_EXP_INL_H
#endif

#include <cstddef>
#include <limits>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Polynomials, from the constant upwards: (exp(r) − 1 − r) / r² of r for |r| ≤ ln 2 / 2, and (tanh(x) / x − 1) / x² of
/// x² for |x| ≤ 0.625, each off by less than a tenth of the type's last digit.
template <class T>
struct ExpSeries;
template <>
struct ExpSeries<float> {
  using Bits = int32_t;
  static constexpr int digits = 23, bias = 127;
  static constexpr float magic = 0x1.8p23F;  // its last digit is 1
  static constexpr float nothing = -104;     // from here down exp is 0
  static constexpr float small = -60;        // from here down its power of two is raised, and lowered again
  static constexpr Bits raise = 64;
  static constexpr float lower = 0x1p-64F;
  static constexpr float most = 88.7228394F;  // beyond, it is infinite
  static constexpr float ln2_high = 0.693145752F, ln2_low = 1.42860677e-6F;
  static constexpr float exp[] = {0.4999999403953552F, 0.1666652113199234F, 0.04166838899254799F, 0.00836874544620514F,
                                  0.0013814540579915047F};
  static constexpr float tanh[] = {-0.333333332F, 0.133333036F,    -0.0539592596F,
                                   0.0217689187F, -0.00834394552F, 0.00229274482F};
};
template <>
struct ExpSeries<double> {
  using Bits = int64_t;
  static constexpr int digits = 52, bias = 1023;
  static constexpr double magic = 0x1.8p52, nothing = -746, small = -600, most = 709.782712893384;
  static constexpr Bits raise = 128;
  static constexpr double lower = 0x1p-128;
  static constexpr double ln2_high = 0.693145751953125, ln2_low = 1.42860682030941723212e-6;
  static constexpr double exp[] = {0.500000000000000102,     0.166666666666666675,   0.0416666666666241279,
                                   0.00833333333333006183,   0.00138888889172137169, 0.000198412698630536169,
                                   0.0000248015212959543751, 2.75572684599970648e-6, 2.76200884454097482e-7,
                                   2.51003854955103191e-8};
  static constexpr double tanh[] = {-0.333333333333333329,    0.133333333333330416,      -0.0539682539678969917,
                                    0.0218694885190083058,    -0.0088632351032408779,    0.00359212175115496205,
                                    -0.00145577541204780402,  0.000589660657775697804,   -0.000237590649605537549,
                                    0.0000925711612955342503, -0.0000312011014257632254, 6.48516348277792228e-6};
};

/// c(0) + c(1)·x + c(2)·x² + …
template <class D, class V, std::size_t n>
HWY_INLINE V Polynomial(D d, V x, const hn::TFromD<D> (&c)[n]) {
  V y = hn::Set(d, c[n - 1]);
  for (std::size_t i = n - 1; i-- > 0;) y = hn::MulAdd(y, x, hn::Set(d, c[i]));
  return y;
}

/// exp(x) = p·2^n: p, between 0.7 and 1.5, and n as the low bits of an integer vector, for |x| below 1000.
template <class D, class V, class Bits>
HWY_INLINE V ExpParts(D d, V x, Bits& n) {
  using Series = ExpSeries<hn::TFromD<D>>;
  const V magic = hn::Set(d, Series::magic);  // what is added to it is rounded, and stands in its low bits
  const V shifted = hn::MulAdd(x, hn::Set(d, hn::TFromD<D>(1.44269504088896340736)), magic);
  const V whole = hn::Sub(shifted, magic);
  const V r = hn::NegMulAdd(whole, hn::Set(d, Series::ln2_low), hn::NegMulAdd(whole, hn::Set(d, Series::ln2_high), x));
  n = hn::BitCast(hn::RebindToSigned<D>(), shifted);
  return hn::Add(hn::MulAdd(hn::Mul(r, r), Polynomial(d, r, Series::exp), r), hn::Set(d, hn::TFromD<D>(1)));
}

/// e to the power of x ≤ 0, which may be −inf. Of a NaN, any number.
template <class D, class V>
HWY_INLINE V ExpBelow0(D d, V x) {
  using Series = ExpSeries<hn::TFromD<D>>;
  const hn::RebindToSigned<D> di;
  auto n = hn::Zero(di);
  const V p = ExpParts(d, hn::Max(x, hn::Set(d, Series::nothing)), n);
  // 2^n in two factors, so that what comes out may be too small for a normal number
  const auto power = hn::ShiftLeft<Series::digits>(hn::Add(n, hn::Set(di, Series::bias + Series::raise)));
  return hn::Mul(hn::Mul(p, hn::BitCast(d, power)), hn::Set(d, Series::lower));
}

/// x, or 0 where it is too small for a normal number: those make a product that they go into a hundred times as slow.
template <class D, class V>
HWY_INLINE V NormalOrZero(D d, V x) {
  return hn::IfThenZeroElse(hn::Lt(hn::Abs(x), hn::Set(d, std::numeric_limits<hn::TFromD<D>>::min())), x);
}

template <class D, class V>
V FullExp(D d, V x) {
  using T = hn::TFromD<D>;
  using Series = ExpSeries<T>;
  const hn::RebindToSigned<D> di;
  auto n = hn::Zero(di);
  const V high = hn::Set(d, Series::most);
  const V p = ExpParts(d, hn::Min(hn::Max(x, hn::Set(d, Series::nothing)), high), n);
  // A power of two that is too small by itself is made larger by a factor, which is taken away again.
  const auto small = hn::Lt(x, hn::Set(d, Series::small));
  const auto power = hn::Add(hn::ShiftLeft<Series::digits>(n), hn::BitCast(di, p));
  const auto raised =
      hn::IfThenElse(hn::RebindMask(di, small), hn::Add(power, hn::Set(di, Series::raise << Series::digits)), power);
  const V back = hn::IfThenElse(small, hn::Set(d, Series::lower), hn::Set(d, T{1}));
  const V y = hn::IfThenElse(hn::Gt(x, high), hn::Set(d, std::numeric_limits<T>::infinity()),
                             hn::Mul(hn::BitCast(d, raised), back));
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

template <class D, class V>
V FullTanh(D d, V x) {
  using T = hn::TFromD<D>;
  const V one = hn::Set(d, T{1}), size = hn::Abs(x), square = hn::Mul(x, x);
  const V near = hn::MulAdd(hn::Mul(x, square), Polynomial(d, square, ExpSeries<T>::tanh), x);
  const V e = ExpBelow0(d, hn::Mul(size, hn::Set(d, T(-2))));
  const V far = hn::Div(hn::Sub(one, e), hn::Add(one, e));
  // Of a NaN, which is nowhere, `near` is one.
  return hn::CopySign(hn::IfThenElse(hn::Ge(size, hn::Set(d, T(0.625))), far, near), x);
}

template <class D, class V>
V Sigmoid(D d, V x) {
  const V one = hn::Set(d, hn::TFromD<D>(1)), e = ExpBelow0(d, hn::Neg(hn::Abs(x)));
  const V y = hn::Div(hn::IfThenElse(hn::Lt(x, hn::Zero(d)), e, one), hn::Add(one, e));
  return hn::IfThenElse(hn::IsNaN(x), x, y);
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TENON_BACKEND_CPU_VECTOR_EXP_INL_H
