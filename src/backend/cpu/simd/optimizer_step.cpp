#include "backend/cpu/simd/optimizer_step.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/simd/optimizer_step.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each set of instructions
//
#include <hwy/highway.h>
//
#include "backend/cpu/simd/vector_common-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Turns a stretch of half-precision numbers into floats, and back what the step changed.
template <class H>
struct Stretch {
  static constexpr int64_t size = 256;  // five of them stay in the first-level cache
  alignas(64) float values[size];

  void Read(const H* from, int64_t n) {
    for (int64_t i = 0; i < n; ++i) values[i] = from[i];
  }
  void Write(H* to, int64_t n) const {
    for (int64_t i = 0; i < n; ++i) to[i] = H(values[i]);
  }
};

// ---------------------------------------------------------------- SGD
template <bool kMomentum, class T>
void Sgd(T* HWY_RESTRICT p, const T* HWY_RESTRICT g, T* HWY_RESTRICT buffer, int64_t n, const SgdArgs& a) {
  const T sign = a.maximize ? T{-1} : T{1};
  const T decay = static_cast<T>(a.weight_decay);
  const T lr = static_cast<T>(a.lr);
  // The first step takes the gradient itself as the buffer, undamped.
  const T keep = a.first_step ? T{0} : static_cast<T>(a.momentum);
  const T take = a.first_step ? T{1} : static_cast<T>(1 - a.dampening);
  // The direction is look_ahead · buffer + own · gradient.
  const T look_ahead = a.nesterov ? static_cast<T>(a.momentum) : T{1};
  const T own = a.nesterov ? T{1} : T{0};
  ForVectors<T>(n, [&](auto d, int64_t i) HWY_ATTR {
    const auto x = hn::LoadU(d, p + i);
    auto step = hn::MulAdd(x, hn::Set(d, decay), hn::Mul(hn::LoadU(d, g + i), hn::Set(d, sign)));
    if constexpr (kMomentum) {
      auto b = hn::Mul(step, hn::Set(d, take));
      if (keep != 0) b = hn::MulAdd(hn::LoadU(d, buffer + i), hn::Set(d, keep), b);
      hn::StoreU(b, d, buffer + i);
      step = own != 0 ? hn::MulAdd(b, hn::Set(d, look_ahead), step) : b;
    }
    hn::StoreU(hn::NegMulAdd(step, hn::Set(d, lr), x), d, p + i);
  });
}

template <class T>
void SgdOf(const SgdData& data, int64_t begin, int64_t end, const SgdArgs& args) {
  T* p = static_cast<T*>(data.p) + begin;
  const T* g = static_cast<const T*>(data.grad) + begin;
  if (data.momentum_buffer) Sgd<true>(p, g, static_cast<T*>(data.momentum_buffer) + begin, end - begin, args);
  else Sgd<false, T>(p, g, nullptr, end - begin, args);
}

template <class H>
void SgdOfHalf(const SgdData& data, int64_t begin, int64_t end, const SgdArgs& args) {
  Stretch<H> p, g, buffer;
  H* const b = static_cast<H*>(data.momentum_buffer);
  for (int64_t i = begin; i < end; i += Stretch<H>::size) {
    const int64_t n = std::min(Stretch<H>::size, end - i);
    p.Read(static_cast<const H*>(data.p) + i, n);
    g.Read(static_cast<const H*>(data.grad) + i, n);
    if (b && !args.first_step) buffer.Read(b + i, n);
    SgdOf<float>({p.values, g.values, b ? buffer.values : nullptr}, 0, n, args);
    p.Write(static_cast<H*>(data.p) + i, n);
    if (b) buffer.Write(b + i, n);
  }
}

void SgdAny(DType type, const SgdData& data, int64_t begin, int64_t end, const SgdArgs& args) {
  if (type == DType::float32) return SgdOf<float>(data, begin, end, args);
  if (type == DType::float64) return SgdOf<double>(data, begin, end, args);
  if (type == DType::bfloat16) return SgdOfHalf<BFloat16>(data, begin, end, args);
  SgdOfHalf<Half>(data, begin, end, args);
}

// ---------------------------------------------------------------- Adam
/// a / b for b > 0. On x86 an approximate reciprocal with one correction is right but for the last bit or two, and
/// takes half the time: the step would otherwise wait for the divider, not for memory.
template <class D, class V>
HWY_INLINE V Quotient(D, V a, V b) {
#if HWY_ARCH_X86
  if constexpr (sizeof(hn::TFromD<D>) == 4) {
    const V reciprocal = hn::ApproximateReciprocal(b);
    const V guess = hn::Mul(a, reciprocal);
    return hn::MulAdd(hn::NegMulAdd(b, guess, a), reciprocal, guess);
  }
#endif
  return hn::Div(a, b);
}

/// kPlain: neither maximize nor an L2 penalty, so that the gradient is taken as it is.
template <bool kMax, bool kPlain, class T>
void Adam(T* HWY_RESTRICT p, const T* HWY_RESTRICT g, T* HWY_RESTRICT m, T* HWY_RESTRICT v, T* HWY_RESTRICT max,
          int64_t n, const AdamArgs& a) {
  const double correction1 = 1 - std::pow(a.beta1, a.step), correction2 = std::sqrt(1 - std::pow(a.beta2, a.step));
  const T sign = a.maximize ? T{-1} : T{1};
  const T l2 = a.decoupled_weight_decay ? T{0} : static_cast<T>(a.weight_decay);
  const T shrink = a.decoupled_weight_decay ? static_cast<T>(1 - a.lr * a.weight_decay) : T{1};
  const T keep1 = static_cast<T>(a.beta1), take1 = static_cast<T>(1 - a.beta1);
  const T keep2 = static_cast<T>(a.beta2), take2 = static_cast<T>(1 - a.beta2);
  // m / (√v / correction2 + eps), with correction2 taken out of the fraction.
  const T eps = static_cast<T>(a.eps * correction2), step_size = static_cast<T>(a.lr / correction1 * correction2);
  ForVectors<T>(n, [&](auto d, int64_t i) HWY_ATTR {
    const auto x = hn::LoadU(d, p + i);
    auto grad = hn::LoadU(d, g + i);
    if constexpr (!kPlain) grad = hn::MulAdd(x, hn::Set(d, l2), hn::Mul(grad, hn::Set(d, sign)));
    const auto m_new = hn::MulAdd(grad, hn::Set(d, take1), hn::Mul(hn::LoadU(d, m + i), hn::Set(d, keep1)));
    hn::StoreU(m_new, d, m + i);
    auto v_new = hn::MulAdd(hn::Mul(grad, grad), hn::Set(d, take2), hn::Mul(hn::LoadU(d, v + i), hn::Set(d, keep2)));
    hn::StoreU(v_new, d, v + i);
    if constexpr (kMax) {
      v_new = hn::Max(v_new, hn::LoadU(d, max + i));
      hn::StoreU(v_new, d, max + i);
    }
    const auto step = Quotient(d, m_new, hn::Add(hn::Sqrt(v_new), hn::Set(d, eps)));
    hn::StoreU(hn::NegMulAdd(step, hn::Set(d, step_size), hn::Mul(x, hn::Set(d, shrink))), d, p + i);
  });
}

template <class T>
void AdamOf(const AdamData& data, int64_t begin, int64_t end, const AdamArgs& args) {
  T *p = static_cast<T*>(data.p) + begin, *m = static_cast<T*>(data.exp_avg) + begin,
    *v = static_cast<T*>(data.exp_avg_sq) + begin;
  const T* g = static_cast<const T*>(data.grad) + begin;
  const bool plain = !args.maximize && (args.decoupled_weight_decay || args.weight_decay == 0);
  if (data.max_exp_avg_sq)
    Adam<true, false>(p, g, m, v, static_cast<T*>(data.max_exp_avg_sq) + begin, end - begin, args);
  else if (plain) Adam<false, true, T>(p, g, m, v, nullptr, end - begin, args);
  else Adam<false, false, T>(p, g, m, v, nullptr, end - begin, args);
}

template <class H>
void AdamOfHalf(const AdamData& data, int64_t begin, int64_t end, const AdamArgs& args) {
  Stretch<H> p, g, m, v, max;
  H* const top = static_cast<H*>(data.max_exp_avg_sq);
  for (int64_t i = begin; i < end; i += Stretch<H>::size) {
    const int64_t n = std::min(Stretch<H>::size, end - i);
    p.Read(static_cast<const H*>(data.p) + i, n);
    g.Read(static_cast<const H*>(data.grad) + i, n);
    m.Read(static_cast<const H*>(data.exp_avg) + i, n);
    v.Read(static_cast<const H*>(data.exp_avg_sq) + i, n);
    if (top) max.Read(top + i, n);
    AdamOf<float>({p.values, g.values, m.values, v.values, top ? max.values : nullptr}, 0, n, args);
    p.Write(static_cast<H*>(data.p) + i, n);
    m.Write(static_cast<H*>(data.exp_avg) + i, n);
    v.Write(static_cast<H*>(data.exp_avg_sq) + i, n);
    if (top) max.Write(top + i, n);
  }
}

void AdamAny(DType type, const AdamData& data, int64_t begin, int64_t end, const AdamArgs& args) {
  if (type == DType::float32) return AdamOf<float>(data, begin, end, args);
  if (type == DType::float64) return AdamOf<double>(data, begin, end, args);
  if (type == DType::bfloat16) return AdamOfHalf<BFloat16>(data, begin, end, args);
  AdamOfHalf<Half>(data, begin, end, args);
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {

HWY_EXPORT(SgdAny);
HWY_EXPORT(AdamAny);

void vector_sgd(DType type, const SgdData& data, int64_t begin, int64_t end, const SgdArgs& args) {
  HWY_DYNAMIC_DISPATCH(SgdAny)(type, data, begin, end, args);
}
void vector_adam(DType type, const AdamData& data, int64_t begin, int64_t end, const AdamArgs& args) {
  HWY_DYNAMIC_DISPATCH(AdamAny)(type, data, begin, end, args);
}

}  // namespace tenon::backend::cpu
#endif
