#include "backend/cpu/vector_kernels.h"

#include <cmath>
#include <cstring>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/vector_kernels.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// ---- functions of one vector. Highway's own leave NaN and the ends of the range to the caller.
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

template <class T>
void Unary(UnaryOp op, T* out, const T* in, int64_t n) {
  const T zero = 0, one = 1;
  switch (op) {
    case UnaryOp::neg: return Map(out, in, n, [](auto, auto x) HWY_ATTR { return hn::Neg(x); });
    case UnaryOp::abs: return Map(out, in, n, [](auto, auto x) HWY_ATTR { return hn::Abs(x); });
    case UnaryOp::sqrt: return Map(out, in, n, [](auto, auto x) HWY_ATTR { return hn::Sqrt(x); });
    case UnaryOp::exp: return Map(out, in, n, [](auto d, auto x) HWY_ATTR { return FullExp(d, x); });
    case UnaryOp::log: return Map(out, in, n, [](auto d, auto x) HWY_ATTR { return FullLog(d, x); });
    case UnaryOp::relu:  // a NaN stays one
      return Map(out, in, n, [zero](auto d, auto x) HWY_ATTR { return hn::IfThenZeroElse(hn::Lt(x, hn::Set(d, zero)), x); });
    case UnaryOp::tanh:
      return Map(out, in, n, [](auto d, auto x) HWY_ATTR { return hn::IfThenElse(hn::IsNaN(x), x, hn::Tanh(d, x)); });
    case UnaryOp::sigmoid:
      return Map(out, in, n, [one](auto d, auto x) HWY_ATTR {
        const auto unit = hn::Set(d, one);
        return hn::Div(unit, hn::Add(unit, FullExp(d, hn::Neg(x))));
      });
  }
}

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
void Binary(BinaryOp op, T* out, const T* a, bool sa, const T* b, bool sb, double alpha, int64_t n) {
  const T scale = static_cast<T>(alpha);
  switch (op) {
    case BinaryOp::add:
      if (alpha == 1) return Map2(out, a, sa, b, sb, n, [](auto, auto x, auto y) HWY_ATTR { return hn::Add(x, y); });
      return Map2(out, a, sa, b, sb, n, [scale](auto d, auto x, auto y) HWY_ATTR { return hn::MulAdd(hn::Set(d, scale), y, x); });
    case BinaryOp::sub:
      if (alpha == 1) return Map2(out, a, sa, b, sb, n, [](auto, auto x, auto y) HWY_ATTR { return hn::Sub(x, y); });
      return Map2(out, a, sa, b, sb, n, [scale](auto d, auto x, auto y) HWY_ATTR { return hn::NegMulAdd(hn::Set(d, scale), y, x); });
    case BinaryOp::mul: return Map2(out, a, sa, b, sb, n, [](auto, auto x, auto y) HWY_ATTR { return hn::Mul(x, y); });
    case BinaryOp::div: return Map2(out, a, sa, b, sb, n, [](auto, auto x, auto y) HWY_ATTR { return hn::Div(x, y); });
    case BinaryOp::maximum:  // NaN wins, from either side
      return Map2(out, a, sa, b, sb, n, [](auto, auto x, auto y) HWY_ATTR { return hn::IfThenElse(hn::Or(hn::Gt(x, y), hn::IsNaN(x)), x, y); });
    case BinaryOp::minimum:
      return Map2(out, a, sa, b, sb, n, [](auto, auto x, auto y) HWY_ATTR { return hn::IfThenElse(hn::Or(hn::Lt(x, y), hn::IsNaN(x)), x, y); });
  }
}

template <class T>
void ReluBackward(T* out, const T* grad, const T* y, int64_t n) {
  Map2(out, grad, false, y, false, n, [](auto d, auto g, auto r) HWY_ATTR { return hn::IfThenElseZero(hn::Gt(r, hn::Zero(d)), g); });
}

template <class T>
void MatVec(T* out, const T* in, int64_t leading, const T* x, const T* bias, int64_t begin, int64_t end, int64_t k) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto finish = [&](int64_t j, T sum, int64_t l) HWY_ATTR {
    for (; l < k; ++l) sum += in[j * leading + l] * x[l];
    out[j] = bias ? sum + bias[j] : sum;
  };
  // A row's sum is made alike whether its neighbours are computed with it or not, so the borders between threads do not show.
  const auto rows = [&](auto count, int64_t j) HWY_ATTR {
    constexpr int64_t n = decltype(count)::value;
    decltype(hn::Zero(d)) even[n], odd[n];
    for (int64_t r = 0; r < n; ++r) even[r] = odd[r] = hn::Zero(d);
    int64_t l = 0;
    for (; l + 2 * lanes <= k; l += 2 * lanes) {
      const auto x0 = hn::LoadU(d, x + l), x1 = hn::LoadU(d, x + l + lanes);
      for (int64_t r = 0; r < n; ++r) {
        even[r] = hn::MulAdd(hn::LoadU(d, in + (j + r) * leading + l), x0, even[r]);
        odd[r] = hn::MulAdd(hn::LoadU(d, in + (j + r) * leading + l + lanes), x1, odd[r]);
      }
    }
    for (int64_t r = 0; r < n; ++r) finish(j + r, hn::GetLane(hn::SumOfLanes(d, hn::Add(even[r], odd[r]))), l);
  };
  int64_t j = begin;
  for (; j + 4 <= end; j += 4) rows(std::integral_constant<int64_t, 4>(), j);
  for (; j < end; ++j) rows(std::integral_constant<int64_t, 1>(), j);
}

// ---- by element type, as they are exported
#define TENON_BY_TYPE(call)         \
  if (type == DType::float64) {     \
    using T = double;               \
    return call;                    \
  }                                 \
  using T = float;                  \
  return call

void UnaryAny(DType type, UnaryOp op, void* out, const void* in, int64_t n) {
  TENON_BY_TYPE(Unary(op, static_cast<T*>(out), static_cast<const T*>(in), n));
}
void BinaryAny(DType type, BinaryOp op, void* out, Operand a, Operand b, double alpha, int64_t n) {
  TENON_BY_TYPE(Binary(op, static_cast<T*>(out), static_cast<const T*>(a.data), a.single, static_cast<const T*>(b.data), b.single, alpha, n));
}
void ReluBackwardAny(DType type, void* out, const void* grad, const void* y, int64_t n) {
  TENON_BY_TYPE(ReluBackward(static_cast<T*>(out), static_cast<const T*>(grad), static_cast<const T*>(y), n));
}
void MatVecAny(DType type, void* out, const void* in, int64_t leading, const void* x, const void* bias, int64_t begin, int64_t end, int64_t k) {
  TENON_BY_TYPE(MatVec(static_cast<T*>(out), static_cast<const T*>(in), leading, static_cast<const T*>(x), static_cast<const T*>(bias), begin, end, k));
}
#undef TENON_BY_TYPE

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {

HWY_EXPORT(UnaryAny);
HWY_EXPORT(BinaryAny);
HWY_EXPORT(ReluBackwardAny);
HWY_EXPORT(MatVecAny);

void vector_unary(DType type, UnaryOp op, void* out, const void* in, int64_t n) { HWY_DYNAMIC_DISPATCH(UnaryAny)(type, op, out, in, n); }
void vector_binary(DType type, BinaryOp op, void* out, Operand a, Operand b, double alpha, int64_t n) {
  HWY_DYNAMIC_DISPATCH(BinaryAny)(type, op, out, a, b, alpha, n);
}
void vector_relu_backward(DType type, void* out, const void* grad, const void* y, int64_t n) {
  HWY_DYNAMIC_DISPATCH(ReluBackwardAny)(type, out, grad, y, n);
}
void vector_matvec(DType type, void* out, const void* in, int64_t leading, const void* x, const void* bias, int64_t begin, int64_t end, int64_t k) {
  HWY_DYNAMIC_DISPATCH(MatVecAny)(type, out, in, leading, x, bias, begin, end, k);
}

}  // namespace tenon::backend::cpu
#endif
