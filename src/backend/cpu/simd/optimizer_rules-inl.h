// What each optimizer makes of a vector of numbers. A rule's Loop is called for vectors of p, of where down is and of
// the slots. The first `needed` slots are there always, the others where `there` says so. Include after hwy/highway.h.
#if defined(TENON_BACKEND_CPU_SIMD_OPTIMIZER_RULES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TENON_BACKEND_CPU_SIMD_OPTIMIZER_RULES_INL_H
#undef TENON_BACKEND_CPU_SIMD_OPTIMIZER_RULES_INL_H
#else
#define TENON_BACKEND_CPU_SIMD_OPTIMIZER_RULES_INL_H
#endif

#include <cmath>

#include <hwy/highway.h>

#include "backend/cpu/simd/vector_common-inl.h"
#include "backend/optimizer.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

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

/// A Descent's numbers, of the type that is computed with.
template <class T>
class Down {
 public:
  explicit Down(const Descent& descent)
      : plain_(!descent.maximize && descent.weight_decay == 0),
        sign_(descent.maximize ? T{-1} : T{1}),
        decay_(static_cast<T>(descent.weight_decay)),
        shrink_(static_cast<T>(descent.shrink)) {}

  /// g; x becomes smaller where p does.
  template <class D, class V>
  HWY_INLINE V Of(D d, V& x, V grad) const {
    if (!plain_) grad = hn::MulAdd(x, hn::Set(d, decay_), hn::Mul(grad, hn::Set(d, sign_)));
    x = hn::Mul(x, hn::Set(d, shrink_));
    return grad;
  }

 private:
  bool plain_;
  T sign_, decay_, shrink_;
};

/// A running average, which keeps so much of itself.
template <class T>
struct Average {
  T keep, take;
  explicit Average(double keep) : keep(static_cast<T>(keep)), take(static_cast<T>(1 - keep)) {}

  template <class D, class V>
  HWY_INLINE V Of(D d, V average, V x) const {
    return hn::MulAdd(x, hn::Set(d, take), hn::Mul(average, hn::Set(d, keep)));
  }
  template <class D, class V>
  HWY_INLINE V OfSquare(D d, V average, V x) const {
    return Of(d, average, hn::Mul(x, x));
  }
};

template <class Rule, class T>
struct Loop;

template <class T>
struct Loop<SgdRule, T> {
  static constexpr int needed = 0, slots = 1;
  T lr, keep, take, look_ahead;
  bool first, nesterov;
  explicit Loop(const SgdRule& r)
      : lr(static_cast<T>(r.lr)),
        keep(static_cast<T>(r.momentum)),
        take(static_cast<T>(r.first_step ? 1 : 1 - r.dampening)),
        look_ahead(static_cast<T>(r.momentum)),
        first(r.first_step),
        nesterov(r.nesterov) {}

  template <class D, class V>
  HWY_INLINE void operator()(D d, V& x, V g, V* slot, const bool* there) const {
    V step = g;
    if (there[0]) {
      V buffer = hn::Mul(g, hn::Set(d, take));
      if (!first) buffer = hn::MulAdd(slot[0], hn::Set(d, keep), buffer);
      slot[0] = buffer;
      step = nesterov ? hn::MulAdd(buffer, hn::Set(d, look_ahead), g) : buffer;
    }
    x = hn::NegMulAdd(step, hn::Set(d, lr), x);
  }
};

template <class T>
struct Loop<AdamRule, T> {
  static constexpr int needed = 2, slots = 3;
  Average<T> first, second;
  T eps, step;
  explicit Loop(const AdamRule& r) : first(r.beta1), second(r.beta2) {
    const double correction1 = 1 - std::pow(r.beta1, r.step), correction2 = std::sqrt(1 - std::pow(r.beta2, r.step));
    // m / (√v / correction2 + eps), with correction2 taken out of the fraction.
    eps = static_cast<T>(r.eps * correction2);
    step = static_cast<T>(r.lr / correction1 * correction2);
  }

  template <class D, class V>
  HWY_INLINE void operator()(D d, V& x, V g, V* slot, const bool* there) const {
    slot[0] = first.Of(d, slot[0], g);
    V square = slot[1] = second.OfSquare(d, slot[1], g);
    if (there[2]) square = slot[2] = Extremum<true>(square, slot[2]);
    x = hn::NegMulAdd(Quotient(d, slot[0], hn::Add(hn::Sqrt(square), hn::Set(d, eps))), hn::Set(d, step), x);
  }
};

template <class T>
struct Loop<NAdamRule, T> {
  static constexpr int needed = 2, slots = 2;
  Average<T> first, second;
  T eps, correction2, grad_step, avg_step;
  explicit Loop(const NAdamRule& r)
      : first(r.beta1),
        second(r.beta2),
        eps(static_cast<T>(r.eps)),
        correction2(static_cast<T>(r.correction2)),
        grad_step(static_cast<T>(r.grad_step)),
        avg_step(static_cast<T>(r.avg_step)) {}

  template <class D, class V>
  HWY_INLINE void operator()(D d, V& x, V g, V* slot, const bool*) const {
    slot[0] = first.Of(d, slot[0], g);
    slot[1] = second.OfSquare(d, slot[1], g);
    const V size = hn::Add(hn::Sqrt(hn::Div(slot[1], hn::Set(d, correction2))), hn::Set(d, eps));
    const V step = hn::MulAdd(slot[0], hn::Set(d, avg_step), hn::Mul(g, hn::Set(d, grad_step)));
    x = hn::Sub(x, hn::Div(step, size));
  }
};

template <class T>
struct Loop<RAdamRule, T> {
  static constexpr int needed = 2, slots = 2;
  Average<T> first, second;
  T eps, step;
  bool rectified;
  explicit Loop(const RAdamRule& r)
      : first(r.beta1),
        second(r.beta2),
        eps(static_cast<T>(r.eps)),
        step(static_cast<T>(r.step)),
        rectified(r.rectified) {}

  template <class D, class V>
  HWY_INLINE void operator()(D d, V& x, V g, V* slot, const bool*) const {
    slot[0] = first.Of(d, slot[0], g);
    slot[1] = second.OfSquare(d, slot[1], g);
    V along = slot[0];
    if (rectified) along = hn::Div(along, hn::Add(hn::Sqrt(slot[1]), hn::Set(d, eps)));
    x = hn::NegMulAdd(along, hn::Set(d, step), x);
  }
};

template <class T>
struct Loop<AdamaxRule, T> {
  static constexpr int needed = 2, slots = 2;
  Average<T> first;
  T keep, eps, step;
  explicit Loop(const AdamaxRule& r)
      : first(r.beta1), keep(static_cast<T>(r.beta2)), eps(static_cast<T>(r.eps)), step(static_cast<T>(r.step)) {}

  template <class D, class V>
  HWY_INLINE void operator()(D d, V& x, V g, V* slot, const bool*) const {
    slot[0] = first.Of(d, slot[0], g);
    slot[1] = Extremum<true>(hn::Mul(slot[1], hn::Set(d, keep)), hn::Add(hn::Abs(g), hn::Set(d, eps)));
    x = hn::NegMulAdd(hn::Div(slot[0], slot[1]), hn::Set(d, step), x);
  }
};

template <class T>
struct Loop<AdagradRule, T> {
  static constexpr int needed = 1, slots = 1;
  T eps, step;
  explicit Loop(const AdagradRule& r) : eps(static_cast<T>(r.eps)), step(static_cast<T>(r.step)) {}

  template <class D, class V>
  HWY_INLINE void operator()(D d, V& x, V g, V* slot, const bool*) const {
    slot[0] = hn::MulAdd(g, g, slot[0]);
    x = hn::NegMulAdd(hn::Div(g, hn::Add(hn::Sqrt(slot[0]), hn::Set(d, eps))), hn::Set(d, step), x);
  }
};

template <class T>
struct Loop<AdadeltaRule, T> {
  static constexpr int needed = 2, slots = 2;
  Average<T> average;
  T lr, eps;
  explicit Loop(const AdadeltaRule& r) : average(r.rho), lr(static_cast<T>(r.lr)), eps(static_cast<T>(r.eps)) {}

  template <class D, class V>
  HWY_INLINE void operator()(D d, V& x, V g, V* slot, const bool*) const {
    const V small = hn::Set(d, eps);
    slot[0] = average.OfSquare(d, slot[0], g);
    const V delta = hn::Mul(hn::Div(hn::Sqrt(hn::Add(slot[1], small)), hn::Sqrt(hn::Add(slot[0], small))), g);
    slot[1] = average.OfSquare(d, slot[1], delta);
    x = hn::NegMulAdd(delta, hn::Set(d, lr), x);
  }
};

template <class T>
struct Loop<RMSpropRule, T> {
  static constexpr int needed = 1, slots = 3;
  Average<T> average;
  T lr, eps, momentum;
  explicit Loop(const RMSpropRule& r)
      : average(r.alpha), lr(static_cast<T>(r.lr)), eps(static_cast<T>(r.eps)), momentum(static_cast<T>(r.momentum)) {}

  template <class D, class V>
  HWY_INLINE void operator()(D d, V& x, V g, V* slot, const bool* there) const {
    V size = slot[0] = average.OfSquare(d, slot[0], g);
    if (there[2]) {
      slot[2] = average.Of(d, slot[2], g);
      size = hn::NegMulAdd(slot[2], slot[2], size);
    }
    V step = hn::Div(g, hn::Add(hn::Sqrt(size), hn::Set(d, eps)));
    if (there[1]) step = slot[1] = hn::MulAdd(slot[1], hn::Set(d, momentum), step);
    x = hn::NegMulAdd(step, hn::Set(d, lr), x);
  }
};

template <class T>
struct Loop<RpropRule, T> {
  static constexpr int needed = 2, slots = 2;
  T shrink, grow, least, most;
  explicit Loop(const RpropRule& r)
      : shrink(static_cast<T>(r.shrink)),
        grow(static_cast<T>(r.grow)),
        least(static_cast<T>(r.least)),
        most(static_cast<T>(r.most)) {}

  template <class D, class V>
  HWY_INLINE void operator()(D d, V& x, V g, V* slot, const bool*) const {
    const V zero = hn::Zero(d), one = hn::Set(d, T{1});
    const V turn = hn::Mul(g, slot[0]);
    const auto turned = hn::Lt(turn, zero);
    const V factor =
        hn::IfThenElse(hn::Gt(turn, zero), hn::Set(d, grow), hn::IfThenElse(turned, hn::Set(d, shrink), one));
    slot[1] = hn::Min(hn::Max(hn::Mul(slot[1], factor), hn::Set(d, least)), hn::Set(d, most));
    g = hn::IfThenZeroElse(turned, g);  // stays, and the next step does not count as a turn
    slot[0] = g;
    const V sign = hn::Sub(hn::IfThenElseZero(hn::Gt(g, zero), one), hn::IfThenElseZero(hn::Lt(g, zero), one));
    x = hn::NegMulAdd(sign, slot[1], x);
  }
};

template <class T>
struct Loop<AsgdRule, T> {
  static constexpr int needed = 1, slots = 1;
  T eta, mu;
  explicit Loop(const AsgdRule& r) : eta(static_cast<T>(r.eta)), mu(static_cast<T>(r.mu)) {}

  template <class D, class V>
  HWY_INLINE void operator()(D d, V& x, V g, V* slot, const bool*) const {
    x = hn::NegMulAdd(g, hn::Set(d, eta), x);
    slot[0] = mu == 1 ? x : hn::MulAdd(hn::Sub(x, slot[0]), hn::Set(d, mu), slot[0]);
  }
};

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
