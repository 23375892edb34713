#include "backend/cpu/simd/vector_elementwise.h"

#include <algorithm>
#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/simd/vector_elementwise.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>
//
#include "backend/cpu/simd/vector_common-inl.h"
#include "backend/cpu/simd/vector_erf-inl.h"
#include "backend/cpu/simd/vector_math-inl.h"
#include "backend/cpu/simd/vector_wide_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// ---- one operand
#if HWY_TARGET != HWY_SCALAR
bool UnaryInDouble(UnaryOp op, float* out, const float* in, int64_t n) {
  const auto map = [&](auto f) HWY_ATTR {
    Map(out, in, n, [f](auto d, auto x) HWY_ATTR { return InDouble(d, f, x); });
    return true;
  };
  switch (op) {
    case UnaryOp::exp2: return map([](auto d, auto x) HWY_ATTR { return WideExp2(d, x); });
    case UnaryOp::log2: return map([](auto d, auto x) HWY_ATTR { return WideLog2(d, x); });
    case UnaryOp::log10: return map([](auto d, auto x) HWY_ATTR { return WideLog10(d, x); });
    case UnaryOp::tan: return map([](auto d, auto x) HWY_ATTR { return WideTan(d, x); });
    case UnaryOp::asin: return map([](auto d, auto x) HWY_ATTR { return WideAsin(d, x); });
    case UnaryOp::acos: return map([](auto d, auto x) HWY_ATTR { return WideAcos(d, x); });
    case UnaryOp::atan: return map([](auto d, auto x) HWY_ATTR { return WideAtan(d, x); });
    case UnaryOp::sinh: return map([](auto d, auto x) HWY_ATTR { return WideSinh(d, x); });
    case UnaryOp::cosh: return map([](auto d, auto x) HWY_ATTR { return WideCosh(d, x); });
    case UnaryOp::asinh: return map([](auto d, auto x) HWY_ATTR { return WideAsinh(d, x); });
    case UnaryOp::acosh: return map([](auto d, auto x) HWY_ATTR { return WideAcosh(d, x); });
    case UnaryOp::atanh: return map([](auto d, auto x) HWY_ATTR { return WideAtanh(d, x); });
    default: return false;
  }
}

bool BinaryInDouble(BinaryOp op, float* out, Operand a, Operand b, int64_t n) {
  const auto map = [&](auto f) HWY_ATTR {
    MapOperands(
        out, n, [f](auto d, auto x, auto y) HWY_ATTR { return InDouble(d, f, x, y); }, a, b);
    return true;
  };
  switch (op) {
    case BinaryOp::pow: return map([](auto d, auto x, auto y) HWY_ATTR { return WidePow(d, x, y); });
    case BinaryOp::hypot: return map([](auto d, auto x, auto y) HWY_ATTR { return WideHypot(d, x, y); });
    default: return false;
  }
}
#endif
/// What has no such form is the caller's.
template <class T>
bool UnaryInDouble(UnaryOp, T*, const T*, int64_t) {
  return false;
}
template <class T>
bool BinaryInDouble(BinaryOp, T*, Operand, Operand, int64_t) {
  return false;
}

template <class T>
bool Unary(UnaryOp op, T* out, const T* in, int64_t n) {
  const auto map = [&](auto f) HWY_ATTR {
    Map(out, in, n, f);
    return true;
  };
  const auto one = [](auto d) HWY_ATTR { return hn::Set(d, T{1}); };
  switch (op) {
    case UnaryOp::neg: return map([](auto, auto x) HWY_ATTR { return hn::Neg(x); });
    case UnaryOp::abs: return map([](auto, auto x) HWY_ATTR { return hn::Abs(x); });
    case UnaryOp::sign:
      return map([one](auto d, auto x) HWY_ATTR {
        const auto zero = hn::Zero(d);
        return hn::Sub(hn::IfThenElseZero(hn::Gt(x, zero), one(d)), hn::IfThenElseZero(hn::Lt(x, zero), one(d)));
      });
    case UnaryOp::square: return map([](auto, auto x) HWY_ATTR { return hn::Mul(x, x); });
    case UnaryOp::cube: return map([](auto, auto x) HWY_ATTR { return hn::Mul(hn::Mul(x, x), x); });
    case UnaryOp::relu:  // a NaN stays one
      return map([](auto d, auto x) HWY_ATTR { return hn::IfThenZeroElse(hn::Lt(x, hn::Zero(d)), x); });
    // What becomes 0 keeps its sign, which Highway loses on processors without SSE4.
    case UnaryOp::floor: return map([](auto, auto x) HWY_ATTR { return hn::CopySign(hn::Floor(x), x); });
    case UnaryOp::ceil: return map([](auto, auto x) HWY_ATTR { return hn::CopySign(hn::Ceil(x), x); });
    case UnaryOp::round: return map([](auto, auto x) HWY_ATTR { return hn::CopySign(hn::Round(x), x); });
    case UnaryOp::trunc: return map([](auto, auto x) HWY_ATTR { return hn::CopySign(hn::Trunc(x), x); });
    case UnaryOp::frac: return map([](auto, auto x) HWY_ATTR { return hn::Sub(x, hn::CopySign(hn::Trunc(x), x)); });
    case UnaryOp::reciprocal: return map([one](auto d, auto x) HWY_ATTR { return hn::Div(one(d), x); });
    case UnaryOp::inverse_square: return map([one](auto d, auto x) HWY_ATTR { return hn::Div(one(d), hn::Mul(x, x)); });
    case UnaryOp::sqrt: return map([](auto, auto x) HWY_ATTR { return hn::Sqrt(x); });
    case UnaryOp::rsqrt: return map([one](auto d, auto x) HWY_ATTR { return hn::Div(one(d), hn::Sqrt(x)); });
    case UnaryOp::exp: return map([](auto d, auto x) HWY_ATTR { return FullExp(d, x); });
    case UnaryOp::log: return map([](auto d, auto x) HWY_ATTR { return FullLog(d, x); });
    case UnaryOp::expm1: return map([](auto d, auto x) HWY_ATTR { return FullExpm1(d, x); });
    case UnaryOp::log1p: return map([](auto d, auto x) HWY_ATTR { return FullLog1p(d, x); });
    case UnaryOp::erf: return map([](auto d, auto x) HWY_ATTR { return Erf(d, x); });
    case UnaryOp::erfc: return map([](auto d, auto x) HWY_ATTR { return Erfc(d, x); });
    case UnaryOp::tanh: return map([](auto d, auto x) HWY_ATTR { return FullTanh(d, x); });
    case UnaryOp::sigmoid: return map([](auto d, auto x) HWY_ATTR { return Sigmoid(d, x); });
    case UnaryOp::sin: return map([](auto d, auto x) HWY_ATTR { return FullSin(d, x); });
    case UnaryOp::cos: return map([](auto d, auto x) HWY_ATTR { return FullCos(d, x); });
    default: return UnaryInDouble(op, out, in, n);
  }
}

// ---- two operands
/// MapOperands for what is short: four loops, and nothing through a buffer.
template <class T, class F>
HWY_INLINE void Map2(T* out, const T* a, bool a_single, const T* b, bool b_single, int64_t n, F f) {
  const auto loop = [&](auto d, int64_t i, int64_t end) HWY_ATTR {
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    const auto va = hn::Set(d, *a), vb = hn::Set(d, *b);
    if (!a_single && !b_single)
      for (; i + lanes <= end; i += lanes) hn::StoreU(f(d, hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, out + i);
    else if (!a_single)
      for (; i + lanes <= end; i += lanes) hn::StoreU(f(d, hn::LoadU(d, a + i), vb), d, out + i);
    else if (!b_single)
      for (; i + lanes <= end; i += lanes) hn::StoreU(f(d, va, hn::LoadU(d, b + i)), d, out + i);
    else
      for (; i + lanes <= end; i += lanes) hn::StoreU(f(d, va, vb), d, out + i);
    return i;
  };
  int64_t i = 0;
  const hn::ScalableTag<T> d;
  if (n >= static_cast<int64_t>(hn::Lanes(d))) i = loop(d, 0, n);
  loop(hn::CappedTag<T, 1>(), i, n);
}

template <class T>
bool Binary(BinaryOp op, T* out, const T* a, bool sa, const T* b, bool sb, double alpha, int64_t n) {
  const T scale = static_cast<T>(alpha);
  const auto map = [&](auto f) HWY_ATTR {
    Map2(out, a, sa, b, sb, n, f);
    return true;
  };
  const auto long_map = [&](auto f) HWY_ATTR {  // of long functions one copy is enough
    MapOperands(out, n, f, Operand{a, sa}, Operand{b, sb});
    return true;
  };
  switch (op) {
    case BinaryOp::add:
      if (alpha == 1) return map([](auto, auto x, auto y) HWY_ATTR { return hn::Add(x, y); });
      return map([scale](auto d, auto x, auto y) HWY_ATTR { return hn::MulAdd(hn::Set(d, scale), y, x); });
    case BinaryOp::sub:
      if (alpha == 1) return map([](auto, auto x, auto y) HWY_ATTR { return hn::Sub(x, y); });
      return map([scale](auto d, auto x, auto y) HWY_ATTR { return hn::NegMulAdd(hn::Set(d, scale), y, x); });
    case BinaryOp::mul: return map([](auto, auto x, auto y) HWY_ATTR { return hn::Mul(x, y); });
    case BinaryOp::div: return map([](auto, auto x, auto y) HWY_ATTR { return hn::Div(x, y); });
    case BinaryOp::maximum: return map([](auto, auto x, auto y) HWY_ATTR { return Extremum<true>(x, y); });
    case BinaryOp::minimum: return map([](auto, auto x, auto y) HWY_ATTR { return Extremum<false>(x, y); });
    case BinaryOp::copysign: return map([](auto, auto x, auto y) HWY_ATTR { return hn::CopySign(x, y); });
    case BinaryOp::div_trunc:
      return map([](auto, auto x, auto y) HWY_ATTR {
        const auto quotient = hn::Div(x, y);
        return hn::CopySign(hn::Trunc(quotient), quotient);
      });
    case BinaryOp::fmax:  // the number, where one is a NaN
      return map([](auto, auto x, auto y)
                     HWY_ATTR { return hn::IfThenElse(hn::Or(hn::Gt(x, y), hn::IsNaN(y)), x, y); });
    case BinaryOp::fmin:
      return map([](auto, auto x, auto y)
                     HWY_ATTR { return hn::IfThenElse(hn::Or(hn::Lt(x, y), hn::IsNaN(y)), x, y); });
    case BinaryOp::logaddexp:  // around the larger, so that nothing overflows
      return long_map([](auto d, auto x, auto y) HWY_ATTR {
        const auto apart = hn::Neg(hn::Abs(hn::Sub(x, y))), more = FullLog1p(d, FullExp(d, apart));
        const auto larger = hn::IfThenElse(hn::Or(hn::Gt(x, y), hn::IsNaN(x)), x, y);
        const auto infinity = hn::Set(d, std::numeric_limits<T>::infinity());
        const auto equal = hn::And(hn::Eq(x, y), hn::Eq(hn::Abs(x), infinity));
        return hn::IfThenElse(equal, x, hn::Add(larger, more));
      });
    case BinaryOp::xlogy:
      return long_map([](auto d, auto x, auto y) HWY_ATTR {
        const auto z = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), hn::Zero(d), hn::Mul(x, FullLog(d, y)));
        return hn::IfThenElse(hn::IsNaN(y), y, z);
      });
    case BinaryOp::atan2: return long_map([](auto d, auto x, auto y) HWY_ATTR { return FullAtan2(d, x, y); });
    default: break;
  }
  if constexpr (HWY_NATIVE_FMA) {
    switch (op) {
      case BinaryOp::fmod: return long_map([](auto d, auto x, auto y) HWY_ATTR { return FullFmod(d, x, y); });
      case BinaryOp::remainder: return long_map([](auto d, auto x, auto y) HWY_ATTR { return Remainder(d, x, y); });
      case BinaryOp::div_floor:
        return long_map([](auto d, auto x, auto y) HWY_ATTR { return FloorOfQuotient(d, x, y); });
      default: break;
    }
  }
  return BinaryInDouble(op, out, Operand{a, sa}, Operand{b, sb}, n);
}

// ---- three operands
template <class T>
void Ternary(TernaryOp op, T* out, Operand x, Operand a, Operand b, double value, int64_t n) {
  const T factor = static_cast<T>(value);
  const auto map = [&](auto f) HWY_ATTR { MapOperands(out, n, f, x, a, b); };
  switch (op) {
    case TernaryOp::addcmul:
      return map([factor](auto d, auto u, auto v, auto w)
                     HWY_ATTR { return hn::MulAdd(hn::Mul(hn::Set(d, factor), v), w, u); });
    case TernaryOp::addcdiv:
      return map([factor](auto d, auto u, auto v, auto w)
                     HWY_ATTR { return hn::Add(u, hn::Div(hn::Mul(hn::Set(d, factor), v), w)); });
    case TernaryOp::lerp:  // from the nearer end, so that a weight of 1 gives the end exactly
      return map([](auto d, auto start, auto end, auto weight) HWY_ATTR {
        const auto way = hn::Sub(end, start), one = hn::Set(d, T{1});
        return hn::IfThenElse(hn::Lt(hn::Abs(weight), hn::Set(d, T(0.5))), hn::MulAdd(weight, way, start),
                              hn::NegMulAdd(way, hn::Sub(one, weight), end));
      });
    case TernaryOp::clamp:  // a NaN stays one, of a bound too
      return map([](auto, auto v, auto low, auto high) HWY_ATTR {
        const auto raised = hn::IfThenElse(hn::Or(hn::Gt(v, low), hn::IsNaN(v)), v, low);
        return hn::IfThenElse(hn::Or(hn::Lt(raised, high), hn::IsNaN(raised)), raised, high);
      });
  }
}

template <class T>
void Clamp(T* out, const T* in, double low, double high, int64_t n) {
  const T lo = static_cast<T>(low), hi = static_cast<T>(high);
  Map(out, in, n, [lo, hi](auto d, auto x) HWY_ATTR {
    const auto least = hn::Set(d, lo), most = hn::Set(d, hi);
    const auto raised = hn::IfThenElse(hn::Lt(x, least), least, x);
    return hn::IfThenElse(hn::Gt(raised, most), most, raised);
  });
}

// ---- plain loops, which the compiler turns into this instruction set's vectors
template <class To, class From, class F>
HWY_INLINE void Loop2(To* HWY_RESTRICT out, const From* a, bool a_single, const From* b, bool b_single, int64_t n,
                      F f) {
  if (!a_single && !b_single)
    for (int64_t i = 0; i < n; ++i) out[i] = f(a[i], b[i]);
  else if (!a_single)
    for (int64_t i = 0; i < n; ++i) out[i] = f(a[i], *b);
  else if (!b_single)
    for (int64_t i = 0; i < n; ++i) out[i] = f(*a, b[i]);
  else std::fill_n(out, n, f(*a, *b));
}

template <class T>
void Compare(CompareOp op, bool* out, const T* a, bool sa, const T* b, bool sb, int64_t n) {
  const auto loop = [&](auto f) HWY_ATTR { Loop2(out, a, sa, b, sb, n, f); };
  switch (op) {
    case CompareOp::eq: return loop([](T x, T y) HWY_ATTR { return x == y; });
    case CompareOp::ne: return loop([](T x, T y) HWY_ATTR { return x != y; });
    case CompareOp::lt: return loop([](T x, T y) HWY_ATTR { return x < y; });
    case CompareOp::le: return loop([](T x, T y) HWY_ATTR { return x <= y; });
    case CompareOp::gt: return loop([](T x, T y) HWY_ATTR { return x > y; });
    case CompareOp::ge: return loop([](T x, T y) HWY_ATTR { return x >= y; });
    case CompareOp::logical_and: return loop([](T x, T y) HWY_ATTR { return (x != 0) & (y != 0); });
    case CompareOp::logical_or: return loop([](T x, T y) HWY_ATTR { return (x != 0) | (y != 0); });
    case CompareOp::logical_xor: return loop([](T x, T y) HWY_ATTR { return (x != 0) != (y != 0); });
  }
}

/// The bits of either are taken by a mask, so that no branch depends on the condition. Out may be a or b.
template <class T>
void Where(T* out, const bool* condition, Operand a, Operand b, int64_t n) {
  const auto* pa = static_cast<const T*>(a.data);
  const auto* pb = static_cast<const T*>(b.data);
  const auto loop = [&](auto x, auto y) HWY_ATTR {
    for (int64_t i = 0; i < n; ++i) {
      const T mask = static_cast<T>(-static_cast<T>(condition[i]));
      out[i] = static_cast<T>((x(i) & mask) | (y(i) & static_cast<T>(~mask)));
    }
  };
  const T one_a = *pa, one_b = *pb;
  const auto number_a = [one_a](int64_t) HWY_ATTR { return one_a; };
  const auto number_b = [one_b](int64_t) HWY_ATTR { return one_b; };
  const auto each_a = [pa](int64_t i) HWY_ATTR { return pa[i]; };
  const auto each_b = [pb](int64_t i) HWY_ATTR { return pb[i]; };
  if (a.single && b.single) loop(number_a, number_b);
  else if (a.single) loop(number_a, each_b);
  else if (b.single) loop(each_a, number_b);
  else loop(each_a, each_b);
}

// ---- half types
void WidenAny(DType half, float* out, const void* in, int64_t n) {
  if (half == bfloat16) {
    const auto* from = static_cast<const uint16_t*>(in);
    for (int64_t i = 0; i < n; ++i) out[i] = std::bit_cast<float>(static_cast<uint32_t>(from[i]) << 16);
    return;
  }
  int64_t i = 0;
#if HWY_TARGET <= HWY_AVX2  // instructions; Highway's own way on older processors takes infinities and NaNs for numbers
  const auto* from = static_cast<const hwy::float16_t*>(in);
  const hn::ScalableTag<float> d;
  const hn::Rebind<hwy::float16_t, decltype(d)> half_d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::PromoteTo(d, hn::LoadU(half_d, from + i)), d, out + i);
#endif
  for (; i < n; ++i) out[i] = static_cast<const Half*>(in)[i];
}

void NarrowAny(DType half, void* out, const float* in, int64_t n) {
  if (half == bfloat16) {
    auto* to = static_cast<BFloat16*>(out);
    for (int64_t i = 0; i < n; ++i) to[i] = in[i];
    return;
  }
  int64_t i = 0;
#if HWY_TARGET <= HWY_AVX2  // instructions that round to nearest; Highway's own way on older processors does not
  const hn::ScalableTag<float> d;
  const hn::Rebind<hwy::float16_t, decltype(d)> half_d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (; i + lanes <= n; i += lanes)
    hn::StoreU(hn::DemoteTo(half_d, hn::LoadU(d, in + i)), half_d, static_cast<hwy::float16_t*>(out) + i);
#endif
  for (; i < n; ++i) static_cast<Half*>(out)[i] = in[i];
}

// ---- by element type, as they are exported
bool UnaryAny(DType type, UnaryOp op, void* out, const void* in, int64_t n) {
  TENON_BY_TYPE(Unary(op, static_cast<T*>(out), static_cast<const T*>(in), n));
}
bool BinaryAny(DType type, BinaryOp op, void* out, Operand a, Operand b, double alpha, int64_t n) {
  TENON_BY_TYPE(Binary(op, static_cast<T*>(out), static_cast<const T*>(a.data), a.single, static_cast<const T*>(b.data),
                       b.single, alpha, n));
}
void CompareAny(DType type, CompareOp op, bool* out, Operand a, Operand b, int64_t n) {
  TENON_BY_TYPE(Compare(op, out, static_cast<const T*>(a.data), a.single, static_cast<const T*>(b.data), b.single, n));
}
void ClampAny(DType type, void* out, const void* in, double low, double high, int64_t n) {
  TENON_BY_TYPE(Clamp(static_cast<T*>(out), static_cast<const T*>(in), low, high, n));
}
void TernaryAny(DType type, TernaryOp op, void* out, Operand x, Operand a, Operand b, double value, int64_t n) {
  TENON_BY_TYPE(Ternary(op, static_cast<T*>(out), x, a, b, value, n));
}
void WhereAny(int64_t size, void* out, const bool* condition, Operand a, Operand b, int64_t n) {
  switch (size) {
    case 1: return Where(static_cast<uint8_t*>(out), condition, a, b, n);
    case 2: return Where(static_cast<uint16_t*>(out), condition, a, b, n);
    case 4: return Where(static_cast<uint32_t*>(out), condition, a, b, n);
    default: return Where(static_cast<uint64_t*>(out), condition, a, b, n);
  }
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {

HWY_EXPORT(UnaryAny);
HWY_EXPORT(BinaryAny);
HWY_EXPORT(CompareAny);
HWY_EXPORT(ClampAny);
HWY_EXPORT(TernaryAny);
HWY_EXPORT(WhereAny);
HWY_EXPORT(WidenAny);
HWY_EXPORT(NarrowAny);

bool vector_unary(DType type, UnaryOp op, void* out, const void* in, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(UnaryAny)(type, op, out, in, n);
}
bool vector_binary(DType type, BinaryOp op, void* out, Operand a, Operand b, double alpha, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(BinaryAny)(type, op, out, a, b, alpha, n);
}
void vector_compare(DType type, CompareOp op, bool* out, Operand a, Operand b, int64_t n) {
  HWY_DYNAMIC_DISPATCH(CompareAny)(type, op, out, a, b, n);
}
void vector_clamp(DType type, void* out, const void* in, double low, double high, int64_t n) {
  HWY_DYNAMIC_DISPATCH(ClampAny)(type, out, in, low, high, n);
}
void vector_ternary(DType type, TernaryOp op, void* out, Operand x, Operand a, Operand b, double value, int64_t n) {
  HWY_DYNAMIC_DISPATCH(TernaryAny)(type, op, out, x, a, b, value, n);
}
void vector_where(int64_t size, void* out, const bool* condition, Operand a, Operand b, int64_t n) {
  HWY_DYNAMIC_DISPATCH(WhereAny)(size, out, condition, a, b, n);
}
void vector_widen(DType half, float* out, const void* in, int64_t n) {
  HWY_DYNAMIC_DISPATCH(WidenAny)(half, out, in, n);
}
void vector_narrow(DType half, void* out, const float* in, int64_t n) {
  HWY_DYNAMIC_DISPATCH(NarrowAny)(half, out, in, n);
}

}  // namespace tenon::backend::cpu
#endif
