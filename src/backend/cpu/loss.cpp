// The losses of single elements: formulas of one vector, and the loops over them.
#include "backend/loss.h"

#include "backend/cpu/reduce.h"
#include "backend/cpu/stretch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/loss.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>
//
#include "backend/cpu/simd/vector_common-inl.h"
#include "backend/cpu/simd/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE auto Number(D d, double x) {
  return hn::Set(d, static_cast<hn::TFromD<D>>(x));
}
/// PyTorch's bound of a logarithm in binary_cross_entropy.
template <class D, class V>
HWY_INLINE V Bounded(D d, V logarithm) {
  return hn::IfThenElse(hn::Lt(logarithm, Number(d, -100)), Number(d, -100), logarithm);
}
/// −1, 0 or 1.
template <class D, class V>
HWY_INLINE V Sign(D d, V x) {
  const V zero = hn::Zero(d), one = Number(d, 1);
  return hn::Sub(hn::IfThenElseZero(hn::Gt(x, zero), one), hn::IfThenElseZero(hn::Lt(x, zero), one));
}

/// f(value, slope): value(d, x, t, p) of an element and its target, slope(d, x, t, p) its derivative by x.
template <class F>
HWY_INLINE void WithLoss(Loss kind, F f) {
  switch (kind) {
    case Loss::mse:
      return f(
          [](auto d, auto x, auto t, double) HWY_ATTR {
            const auto difference = hn::Sub(x, t);
            static_cast<void>(d);
            return hn::Mul(difference, difference);
          },
          [](auto d, auto x, auto t, double) HWY_ATTR { return hn::Mul(Number(d, 2), hn::Sub(x, t)); });
    case Loss::l1:
      return f([](auto, auto x, auto t, double) HWY_ATTR { return hn::Abs(hn::Sub(x, t)); },
               [](auto d, auto x, auto t, double) HWY_ATTR { return Sign(d, hn::Sub(x, t)); });
    case Loss::smooth_l1:
      return f(
          [](auto d, auto x, auto t, double beta) HWY_ATTR {
            const auto size = hn::Abs(hn::Sub(x, t)), half = Number(d, 0.5);
            const auto near = hn::Div(hn::Mul(hn::Mul(half, size), size), Number(d, beta));
            return hn::IfThenElse(hn::Lt(size, Number(d, beta)), near, hn::Sub(size, Number(d, 0.5 * beta)));
          },
          [](auto d, auto x, auto t, double beta) HWY_ATTR {
            const auto difference = hn::Sub(x, t);
            return hn::IfThenElse(hn::Lt(hn::Abs(difference), Number(d, beta)), hn::Div(difference, Number(d, beta)),
                                  Sign(d, difference));
          });
    case Loss::huber:
      return f(
          [](auto d, auto x, auto t, double delta) HWY_ATTR {
            const auto size = hn::Abs(hn::Sub(x, t)), half = Number(d, 0.5);
            const auto far = hn::Mul(Number(d, delta), hn::Sub(size, Number(d, 0.5 * delta)));
            return hn::IfThenElse(hn::Le(size, Number(d, delta)), hn::Mul(hn::Mul(half, size), size), far);
          },
          [](auto d, auto x, auto t, double delta) HWY_ATTR {
            const auto difference = hn::Sub(x, t);
            return hn::IfThenElse(hn::Lt(hn::Abs(difference), Number(d, delta)), difference,
                                  hn::Mul(Sign(d, difference), Number(d, delta)));
          });
    case Loss::bce:
      return f(
          [](auto d, auto x, auto t, double) HWY_ATTR {
            const auto no = Bounded(d, FullLog1p(d, hn::Neg(x))), yes = Bounded(d, FullLog(d, x));
            return hn::Sub(hn::Mul(hn::Sub(t, Number(d, 1)), no), hn::Mul(t, yes));
          },
          [](auto d, auto x, auto t, double) HWY_ATTR {
            const auto spread = hn::Mul(hn::Sub(Number(d, 1), x), x);
            return hn::Div(hn::Sub(x, t), hn::Max(spread, Number(d, 1e-12)));
          });
    case Loss::bce_with_logits:
      return f(
          [](auto d, auto x, auto t, double) HWY_ATTR {
            const auto left = hn::Max(hn::Neg(x), hn::Zero(d)), away = FullExp(d, hn::Neg(hn::Abs(x)));
            return hn::Add(hn::Mul(hn::Sub(Number(d, 1), t), x), hn::Add(left, FullLog1p(d, away)));
          },
          [](auto d, auto x, auto t, double) HWY_ATTR { return hn::Sub(Sigmoid(d, x), t); });
  }
}

template <class T>
void Values(Loss kind, T* out, Operand x, Operand t, double p, double scale, int64_t n) {
  WithLoss(kind, [&](auto value, auto) HWY_ATTR {
    MapOperands(
        out, n, [&](auto d, auto a, auto b) HWY_ATTR { return hn::Mul(value(d, a, b, p), Number(d, scale)); }, x, t);
  });
}
template <class T>
void Slopes(Loss kind, T* out, Operand g, Operand x, Operand t, double p, double scale, int64_t n) {
  WithLoss(kind, [&](auto, auto slope) HWY_ATTR {
    MapOperands(
        out, n,
        [&](auto d, auto dy, auto a, auto b)
            HWY_ATTR { return hn::Mul(slope(d, a, b, p), hn::Mul(dy, Number(d, scale))); },
        g, x, t);
  });
}
template <class T>
double Sum(Loss kind, const T* x, const T* t, double p, int64_t n) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  double total = 0;
  WithLoss(kind, [&](auto value, auto) HWY_ATTR {
    auto sum = hn::Zero(d);
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes) sum = hn::Add(sum, value(d, hn::LoadU(d, x + i), hn::LoadU(d, t + i), p));
    if (i < n) {
      const auto rest = static_cast<std::size_t>(n - i);
      HWY_ALIGN T xs[HWY_MAX_BYTES / sizeof(T)] = {}, ts[HWY_MAX_BYTES / sizeof(T)] = {};
      std::memcpy(xs, x + i, rest * sizeof(T));
      std::memcpy(ts, t + i, rest * sizeof(T));
      const auto last = value(d, hn::Load(d, xs), hn::Load(d, ts), p);
      sum = hn::Add(sum, hn::IfThenElseZero(hn::FirstN(d, rest), last));
    }
    HWY_ALIGN T parts[HWY_MAX_BYTES / sizeof(T)];
    hn::Store(sum, d, parts);
    for (int64_t lane = 0; lane < lanes; ++lane) total += static_cast<double>(parts[lane]);
  });
  return total;
}

void ValuesAny(DType type, Loss kind, void* out, Operand x, Operand t, double p, double scale, int64_t n) {
  TENON_BY_TYPE(Values(kind, static_cast<T*>(out), x, t, p, scale, n));
}
void SlopesAny(DType type, Loss kind, void* out, Operand g, Operand x, Operand t, double p, double scale, int64_t n) {
  TENON_BY_TYPE(Slopes(kind, static_cast<T*>(out), g, x, t, p, scale, n));
}
double SumAny(DType type, Loss kind, const void* x, const void* t, double p, int64_t n) {
  TENON_BY_TYPE(Sum(kind, static_cast<const T*>(x), static_cast<const T*>(t), p, n));
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon {
namespace backend::cpu {
namespace {

HWY_EXPORT(ValuesAny);
HWY_EXPORT(SlopesAny);
HWY_EXPORT(SumAny);

int64_t work(Loss kind) { return kind >= Loss::bce ? 8 : 1; }

/// Of elements begin … end, a stretch after the other.
double sum_of(const LossArgs& a, int64_t begin, int64_t end) {
  const DType type = a.x.dtype();
  const int64_t size = item_size(type);
  StretchBuffer x, t;
  double total = 0;
  for (int64_t i = begin; i < end; i += stretch_size) {
    const int64_t n = std::min(stretch_size, end - i);
    const void* xs = load_stretch(type, a.x.impl()->data + i * size, size, n, x).data;
    const void* ts = load_stretch(type, a.target.impl()->data + i * size, size, n, t).data;
    total += HWY_DYNAMIC_DISPATCH(SumAny)(stretch_type(type), a.kind, xs, ts, a.parameter, n);
  }
  return total;
}

}  // namespace

KernelFunction<&LossKernels::ctc> ctc;
KernelFunction<&LossKernels::ctc_backward> ctc_backward;

void loss(const Tensor& out, const LossArgs& a) {
  for_stretches<2>(
      out, {&a.x, &a.target},
      [&, type = stretch_type(out.dtype())](void* to, const std::array<Operand, 2>& in, int64_t n) {
        HWY_DYNAMIC_DISPATCH(ValuesAny)(type, a.kind, to, in[0], in[1], a.parameter, a.scale, n);
      },
      work(a.kind));
}

void loss_sum(const Tensor& out, const LossArgs& a) {
  refuse_carried(a.x.dtype());
  constexpr int64_t chunk = 1 << 14;  // of one partial sum: fixed, so that the threads do not show
  const int64_t n = a.x.numel(), chunks = (n + chunk - 1) / chunk;
  Workspace<double> parts(static_cast<std::size_t>(chunks));
  parallel_for(chunks, std::max<int64_t>(elementwise_grain / work(a.kind) / chunk, 1), [&](int64_t from, int64_t to) {
    for (int64_t c = from; c < to; ++c)
      parts[static_cast<std::size_t>(c)] = sum_of(a, c * chunk, std::min(n, (c + 1) * chunk));
  });
  double total = 0;
  for (const double part : parts) total += part;
  with_real_type(out.dtype(), [&]<class T>() {
    *reinterpret_cast<T*>(out.impl()->data) = static_cast<T>(static_cast<compute_t<T>>(a.scale * total));
  });
}

void loss_backward(const Tensor& out, const Tensor& grad, const LossArgs& a) {
  for_stretches<3>(
      out, {&grad, &a.x, &a.target},
      [&, type = stretch_type(out.dtype())](void* to, const std::array<Operand, 3>& in, int64_t n) {
        HWY_DYNAMIC_DISPATCH(SlopesAny)(type, a.kind, to, in[0], in[1], in[2], a.parameter, a.scale, n);
      },
      work(a.kind));
}

}  // namespace backend::cpu

constinit const LossKernels LossKernels::cpu{
    .loss = backend::cpu::loss,
    .loss_sum = backend::cpu::loss_sum,
    .loss_backward = backend::cpu::loss_backward,
    .ctc = backend::cpu::ctc,
    .ctc_backward = backend::cpu::ctc_backward,
};

}  // namespace tenon
#endif
