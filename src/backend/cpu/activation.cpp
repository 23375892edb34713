// The activation functions: formulas of one vector, and the loops over them.
#include "backend/activation.h"

#include <numbers>
#include <type_traits>

#include "backend/cpu/stretch.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/activation.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>
//
#include "backend/cpu/simd/vector_common-inl.h"
#include "backend/cpu/simd/vector_erf-inl.h"
#include "backend/cpu/simd/vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// The parameters as vectors.
struct Parameters {
  const double* p;
  template <class D>
  HWY_INLINE auto operator()(D d, int i) const {
    return hn::Set(d, static_cast<hn::TFromD<D>>(p[i]));
  }
};
template <class D>
HWY_INLINE auto Number(D d, double x) {
  return hn::Set(d, static_cast<hn::TFromD<D>>(x));
}

/// tanh(√(2/π)·(x + 0.044715·x³)), of gelu's approximation x·(1 + it) / 2.
constexpr double gelu_slope = std::numbers::inv_sqrtpi * std::numbers::sqrt2, gelu_cubic = 0.044715;
template <class D, class V>
V GeluTanh(D d, V x) {
  const V cube = hn::Mul(hn::Mul(x, x), x);
  return FullTanh(d, hn::Mul(hn::MulAdd(cube, Number(d, gelu_cubic), x), Number(d, gelu_slope)));
}
template <class D, class V>
V GeluTanhBackward(D d, V g, V x) {
  const V t = GeluTanh(d, x), half = Number(d, 0.5), one = Number(d, 1);
  const V inner = hn::Mul(hn::MulAdd(hn::Mul(x, x), Number(d, 3 * gelu_cubic), one), Number(d, gelu_slope));
  const V left = hn::Mul(half, hn::Add(one, t)), bend = hn::Mul(hn::Mul(half, x), hn::NegMulAdd(t, t, one));
  return hn::Mul(g, hn::MulAdd(bend, inner, left));
}

/// x, but no less than `low` and no more than `high`; a NaN stays one.
template <class V>
HWY_INLINE V Between(V x, V low, V high) {
  const V raised = hn::IfThenElse(hn::Lt(x, low), low, x);
  return hn::IfThenElse(hn::Gt(raised, high), high, raised);
}
/// x + 3, between 0 and 6: six times the hard sigmoid.
template <class D, class V>
HWY_INLINE V HardSix(D d, V x) {
  return Between(hn::Add(x, Number(d, 3)), hn::Zero(d), Number(d, 6));
}
/// Whether x is what the shrinking functions make 0. Of a negative bound nothing is; a NaN is not small.
template <class D, class V>
HWY_INLINE auto Small(D d, V x, Parameters p) {
  return hn::Le(hn::Abs(x), p(d, 0));
}

/// tanh(log(1 + exp(x))) is n / (n + 2) with e = exp(x) and n = e·(e + 2).
template <class V>
struct ValueAndSlope {
  V value, slope;
};
template <class D, class V>
HWY_INLINE ValueAndSlope<V> TanhOfSoftplus(D d, V x) {
  using T = hn::TFromD<D>;
  const V most = Number(d, sizeof(T) == 4 ? 20 : 40);  // where it is 1, and e⁴ is still a number
  const auto flat = hn::Gt(x, most);
  const V e = FullExp(d, hn::IfThenElse(flat, most, x)), two = Number(d, 2);
  const V n = hn::Mul(e, hn::Add(e, two)), below = hn::Div(Number(d, 1), hn::Add(n, two));
  const V slope = hn::Mul(hn::Mul(Number(d, 4), hn::MulAdd(e, e, e)), hn::Mul(below, below));
  return {hn::Mul(n, below), hn::IfThenZeroElse(flat, slope)};
}

struct None {};  ///< the unary kernels have it

/// f(forward, backward): forward(d, x, p) and backward(d, g, x, p), the gradient by x. Where there is no forward,
/// backward is given the result y instead of x.
template <class F>
HWY_INLINE void WithFunction(Activation kind, F f) {
  switch (kind) {
    case Activation::relu:  // the gradient passes where the result is NaN
      return f(None(), [](auto d, auto g, auto y, Parameters)
                           HWY_ATTR { return hn::IfThenZeroElse(hn::Le(y, hn::Zero(d)), g); });
    case Activation::tanh:
      return f(None(), [](auto d, auto g, auto y, Parameters)
                           HWY_ATTR { return hn::Mul(g, hn::NegMulAdd(y, y, Number(d, 1))); });
    case Activation::sigmoid:
      return f(None(), [](auto d, auto g, auto y, Parameters)
                           HWY_ATTR { return hn::Mul(g, hn::Mul(y, hn::Sub(Number(d, 1), y))); });
    case Activation::leaky_relu: {
      const auto scaled = [](auto d, auto g, auto x, Parameters p)
                              HWY_ATTR { return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), g, hn::Mul(g, p(d, 0))); };
      return f([scaled](auto d, auto x, Parameters p) HWY_ATTR { return scaled(d, x, x, p); }, scaled);
    }
    case Activation::threshold:
      return f([](auto d, auto x, Parameters p) HWY_ATTR { return hn::IfThenElse(hn::Le(x, p(d, 0)), p(d, 1), x); },
               [](auto d, auto g, auto x, Parameters p) HWY_ATTR { return hn::IfThenZeroElse(hn::Le(x, p(d, 0)), g); });
    case Activation::hardtanh:
      return f([](auto d, auto x, Parameters p) HWY_ATTR { return Between(x, p(d, 0), p(d, 1)); },
               [](auto d, auto g, auto x, Parameters p)
                   HWY_ATTR { return hn::IfThenZeroElse(hn::Or(hn::Le(x, p(d, 0)), hn::Ge(x, p(d, 1))), g); });
    case Activation::hardshrink:
      return f([](auto d, auto x, Parameters p) HWY_ATTR { return hn::IfThenZeroElse(Small(d, x, p), x); },
               [](auto d, auto g, auto x, Parameters p) HWY_ATTR { return hn::IfThenZeroElse(Small(d, x, p), g); });
    case Activation::softshrink:  // 0 keeps the sign of x, and a NaN stays one
      return f(
          [](auto d, auto x, Parameters p) HWY_ATTR {
            const auto moved = hn::Sub(x, hn::CopySign(p(d, 0), x));
            return hn::IfThenElse(Small(d, x, p), hn::Mul(x, hn::Zero(d)), moved);
          },
          [](auto d, auto g, auto x, Parameters p) HWY_ATTR { return hn::IfThenZeroElse(Small(d, x, p), g); });
    case Activation::hardsigmoid:
      return f([](auto d, auto x, Parameters) HWY_ATTR { return hn::Mul(HardSix(d, x), Number(d, 1.0 / 6)); },
               [](auto d, auto g, auto x, Parameters) HWY_ATTR {
                 const auto inside = hn::Lt(hn::Abs(x), Number(d, 3));
                 return hn::IfThenElseZero(inside, hn::Mul(g, Number(d, 1.0 / 6)));
               });
    case Activation::hardswish:
      return f([](auto d, auto x, Parameters)
                   HWY_ATTR { return hn::Mul(hn::Mul(x, HardSix(d, x)), Number(d, 1.0 / 6)); },
               [](auto d, auto g, auto x, Parameters) HWY_ATTR {
                 const auto bend = hn::Mul(g, hn::MulAdd(x, Number(d, 1.0 / 3), Number(d, 0.5)));
                 const auto right = hn::IfThenElse(hn::Lt(x, Number(d, 3)), bend, g);
                 return hn::IfThenZeroElse(hn::Le(x, Number(d, -3)), right);
               });
    case Activation::softsign:
      return f([](auto d, auto x, Parameters) HWY_ATTR { return hn::Div(x, hn::Add(hn::Abs(x), Number(d, 1))); },
               [](auto d, auto g, auto x, Parameters) HWY_ATTR {
                 const auto below = hn::Add(hn::Abs(x), Number(d, 1));
                 return hn::Div(g, hn::Mul(below, below));
               });
    case Activation::softplus:
      return f(
          [](auto d, auto x, Parameters p) HWY_ATTR {
            const auto scaled = hn::Mul(x, p(d, 0)), soft = hn::Div(FullLog1p(d, FullExp(d, scaled)), p(d, 0));
            return hn::IfThenElse(hn::Gt(scaled, p(d, 1)), x, soft);
          },
          [](auto d, auto g, auto x, Parameters p) HWY_ATTR {
            const auto scaled = hn::Mul(x, p(d, 0));
            return hn::IfThenElse(hn::Gt(scaled, p(d, 1)), g, hn::Mul(g, Sigmoid(d, scaled)));
          });
    case Activation::gelu:
      return f(
          [](auto d, auto x, Parameters) HWY_ATTR {
            auto density = x;
            return hn::Mul(x, NormalCdf(d, x, density));
          },
          [](auto d, auto g, auto x, Parameters) HWY_ATTR {
            auto density = x;
            const auto cdf = NormalCdf(d, x, density), scale = Number(d, gelu_slope / 2);  // 1 / √(2π)
            return hn::Mul(g, hn::MulAdd(hn::Mul(x, density), scale, cdf));
          });
    case Activation::gelu_tanh:
      return f([](auto d, auto x, Parameters)
                   HWY_ATTR { return hn::Mul(hn::Mul(x, Number(d, 0.5)), hn::Add(GeluTanh(d, x), Number(d, 1))); },
               [](auto d, auto g, auto x, Parameters) HWY_ATTR { return GeluTanhBackward(d, g, x); });
    case Activation::log_sigmoid:
      return f(
          [](auto d, auto x, Parameters) HWY_ATTR {
            const auto tail = FullLog1p(d, FullExp(d, hn::Neg(hn::Abs(x))));
            return hn::Sub(hn::IfThenElse(hn::Lt(x, hn::Zero(d)), x, hn::Zero(d)), tail);
          },
          [](auto d, auto g, auto x, Parameters) HWY_ATTR { return hn::Mul(g, Sigmoid(d, hn::Neg(x))); });
    case Activation::elu:
      return f(
          [](auto d, auto x, Parameters p) HWY_ATTR {
            const auto below = hn::Mul(FullExpm1(d, hn::Mul(x, p(d, 2))), p(d, 0));
            return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), hn::Mul(x, p(d, 1)), below);
          },
          [](auto d, auto g, auto x, Parameters p) HWY_ATTR {
            const auto below = hn::Mul(hn::Mul(p(d, 0), p(d, 2)), FullExp(d, hn::Mul(x, p(d, 2))));
            return hn::Mul(g, hn::IfThenElse(hn::Le(x, hn::Zero(d)), below, p(d, 1)));
          });
    case Activation::silu:
      return f([](auto d, auto x, Parameters)
                   HWY_ATTR { return hn::Div(x, hn::Add(Number(d, 1), FullExp(d, hn::Neg(x)))); },
               [](auto d, auto g, auto x, Parameters) HWY_ATTR {
                 const auto s = Sigmoid(d, x), one = Number(d, 1);
                 return hn::Mul(g, hn::Mul(s, hn::MulAdd(x, hn::Sub(one, s), one)));
               });
    case Activation::mish:
      return f([](auto d, auto x, Parameters) HWY_ATTR { return hn::Mul(x, TanhOfSoftplus(d, x).value); },
               [](auto d, auto g, auto x, Parameters) HWY_ATTR {
                 const auto t = TanhOfSoftplus(d, x);
                 return hn::Mul(g, hn::MulAdd(x, t.slope, t.value));
               });
    case Activation::tanhshrink:
      return f([](auto d, auto x, Parameters) HWY_ATTR { return hn::Sub(x, FullTanh(d, x)); },
               [](auto d, auto g, auto x, Parameters) HWY_ATTR {
                 const auto t = FullTanh(d, x);
                 return hn::Mul(g, hn::Mul(t, t));
               });
  }
}

template <class T>
void Forward(Activation kind, T* out, Operand x, Parameters p, int64_t n) {
  WithFunction(kind, [&](auto forward, auto) HWY_ATTR {
    if constexpr (!std::is_same_v<decltype(forward), None>)
      MapOperands(
          out, n, [&](auto d, auto v) HWY_ATTR { return forward(d, v, p); }, x);
  });
}
template <class T>
void Backward(Activation kind, T* out, Operand g, Operand saved, Parameters p, int64_t n) {
  WithFunction(kind, [&](auto, auto backward) HWY_ATTR {
    MapOperands(
        out, n, [&](auto d, auto dy, auto v) HWY_ATTR { return backward(d, dy, v, p); }, g, saved);
  });
}

void ForwardAny(DType type, Activation kind, void* out, Operand x, const double* p, int64_t n) {
  TENON_BY_TYPE(Forward(kind, static_cast<T*>(out), x, Parameters{p}, n));
}
void BackwardAny(DType type, Activation kind, void* out, Operand g, Operand saved, const double* p, int64_t n) {
  TENON_BY_TYPE(Backward(kind, static_cast<T*>(out), g, saved, Parameters{p}, n));
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon {
namespace backend::cpu {
namespace {

HWY_EXPORT(ForwardAny);
HWY_EXPORT(BackwardAny);

int64_t work(Activation kind) { return kind >= Activation::tanh ? 8 : 1; }

}  // namespace

void activation(Activation kind, const Tensor& out, const Tensor& x, const ActivationParameters& p) {
  for_stretches<1>(
      out, {&x},
      [&, type = stretch_type(out.dtype())](void* to, const std::array<Operand, 1>& in, int64_t n) {
        HWY_DYNAMIC_DISPATCH(ForwardAny)(type, kind, to, in[0], p.data(), n);
      },
      work(kind));
}

void activation_backward(Activation kind, const Tensor& out, const Tensor& grad, const Tensor& saved,
                         const ActivationParameters& p) {
  for_stretches<2>(
      out, {&grad, &saved},
      [&, type = stretch_type(out.dtype())](void* to, const std::array<Operand, 2>& in, int64_t n) {
        HWY_DYNAMIC_DISPATCH(BackwardAny)(type, kind, to, in[0], in[1], p.data(), n);
      },
      work(kind));
}

}  // namespace backend::cpu

constinit const ActivationKernels ActivationKernels::cpu{
    .activation = backend::cpu::activation,
    .activation_backward = backend::cpu::activation_backward,
};

}  // namespace tenon
#endif
