// Elementwise kernels of one tensor: vectors where there are any, else the C library.
#include <numbers>

#include "backend/cpu/element_loops.h"
#include "backend/cpu/elements.h"
#include "backend/cpu/special_functions.h"
#include "backend/cpu/stretch.h"
#include "backend/elementwise.h"

namespace tenon::backend::cpu {
namespace {

/// f(in(i)) for a stretch of floats or doubles.
template <class T, class F>
void map(void* out, const void* in, int64_t n, F f) {
  for (int64_t i = 0; i < n; ++i) static_cast<T*>(out)[i] = f(static_cast<const T*>(in)[i]);
}

template <class T>
T sinc(T x) {
  const T angle = std::numbers::pi_v<T> * x;
  return x == 0 ? T{1} : std::sin(angle) / angle;
}

/// The mantissa, at least 1/2 and below 1 in size, and the exponent; x itself and 0 where x is not finite.
template <class T>
std::pair<T, int> binary_parts(T x) {
  int exponent = 0;
  if (!std::isfinite(x)) return {x, 0};
  const T mantissa = std::frexp(x, &exponent);
  return {mantissa, exponent};
}

/// What vector_unary leaves over.
template <class T>
void real_unary(UnaryOp op, void* out, const void* in, int64_t n) {
  const auto loop = [&](auto f) { map<T>(out, in, n, f); };
  switch (op) {
    case UnaryOp::exp2: return loop([](T x) { return std::exp2(x); });
    case UnaryOp::log2: return loop([](T x) { return std::log2(x); });
    case UnaryOp::log10: return loop([](T x) { return std::log10(x); });
    case UnaryOp::tan: return loop([](T x) { return std::tan(x); });
    case UnaryOp::asin: return loop([](T x) { return std::asin(x); });
    case UnaryOp::acos: return loop([](T x) { return std::acos(x); });
    case UnaryOp::atan: return loop([](T x) { return std::atan(x); });
    case UnaryOp::sinh: return loop([](T x) { return std::sinh(x); });
    case UnaryOp::cosh: return loop([](T x) { return std::cosh(x); });
    case UnaryOp::asinh: return loop([](T x) { return std::asinh(x); });
    case UnaryOp::acosh: return loop([](T x) { return std::acosh(x); });
    case UnaryOp::atanh: return loop([](T x) { return std::atanh(x); });
    case UnaryOp::erfinv: return loop([](T x) { return static_cast<T>(erfinv(x)); });
    case UnaryOp::lgamma: return loop([](T x) { return lgamma(x); });
    case UnaryOp::digamma: return loop([](T x) { return static_cast<T>(digamma(x)); });
    case UnaryOp::sinc: return loop([](T x) { return sinc(x); });
    case UnaryOp::i0: return loop([](T x) { return static_cast<T>(bessel_i0(x)); });
    case UnaryOp::i0e: return loop([](T x) { return static_cast<T>(bessel_i0e(x)); });
    case UnaryOp::i1: return loop([](T x) { return static_cast<T>(bessel_i1(x)); });
    case UnaryOp::i1e: return loop([](T x) { return static_cast<T>(bessel_i1e(x)); });
    case UnaryOp::erfcx: return loop([](T x) { return static_cast<T>(erfcx(x)); });
    case UnaryOp::log_ndtr: return loop([](T x) { return static_cast<T>(log_ndtr(x)); });
    case UnaryOp::ndtri: return loop([](T x) { return static_cast<T>(ndtri(x)); });
    case UnaryOp::bessel_j0: return loop([](T x) { return static_cast<T>(bessel_j0(x)); });
    case UnaryOp::bessel_j1: return loop([](T x) { return static_cast<T>(bessel_j1(x)); });
    case UnaryOp::bessel_y0: return loop([](T x) { return static_cast<T>(bessel_y0(x)); });
    case UnaryOp::bessel_y1: return loop([](T x) { return static_cast<T>(bessel_y1(x)); });
    case UnaryOp::bessel_k0: return loop([](T x) { return static_cast<T>(bessel_k(0, x)); });
    case UnaryOp::bessel_k1: return loop([](T x) { return static_cast<T>(bessel_k(1, x)); });
    case UnaryOp::bessel_k0e: return loop([](T x) { return static_cast<T>(bessel_ke(0, x)); });
    case UnaryOp::bessel_k1e: return loop([](T x) { return static_cast<T>(bessel_ke(1, x)); });
    case UnaryOp::spherical_bessel_j0: return loop([](T x) { return static_cast<T>(spherical_bessel_j0(x)); });
    case UnaryOp::mantissa: return loop([](T x) { return binary_parts(x).first; });
    case UnaryOp::binary_exponent: return loop([](T x) { return static_cast<T>(binary_parts(x).second); });
    default: break;
  }
}

template <class T>
void test_stretch(TestOp op, void* out, const void* in, int64_t n) {
  const auto loop = [&](auto f) {
    for (int64_t i = 0; i < n; ++i) static_cast<bool*>(out)[i] = f(static_cast<const T*>(in)[i]);
  };
  constexpr T infinity = std::numeric_limits<T>::infinity();
  switch (op) {
    case TestOp::is_nan: return loop([](T x) { return x != x; });
    case TestOp::is_inf: return loop([](T x) { return std::abs(x) == infinity; });
    case TestOp::is_finite: return loop([](T x) { return std::abs(x) < infinity; });
    case TestOp::is_posinf: return loop([](T x) { return x == infinity; });
    case TestOp::is_neginf: return loop([](T x) { return x == -infinity; });
    case TestOp::sign_bit: return loop([](T x) { return std::signbit(x); });
  }
}

}  // namespace

void unary(UnaryOp op, const Tensor& out, const Tensor& in) {
  const DType type = out.dtype();
  if (tenon::is_floating_point(type))
    return for_stretches<1>(
        out, {&in},
        [op, type = stretch_type(type)](void* to, const std::array<Operand, 1>& x, int64_t n) {
          const auto run = [&](void* y, int64_t count) {
            if (vector_unary(type, op, y, x[0].data, count)) return;
            type == float64 ? real_unary<double>(op, y, x[0].data, count) : real_unary<float>(op, y, x[0].data, count);
          };
          if (!x[0].single) return run(to, n);
          run(to, 1);  // an expanded element
          if (type == float64) std::fill_n(static_cast<double*>(to), n, *static_cast<double*>(to));
          else std::fill_n(static_cast<float*>(to), n, *static_cast<float*>(to));
        },
        op >= UnaryOp::exp ? 8 : 1);
  for_elements(out, {&in}, unary_loop(type, op));
}

void test(TestOp op, const Tensor& out, const Tensor& in) {
  for_stretches<1>(out, {&in},
                   [op, type = stretch_type(in.dtype())](void* to, const std::array<Operand, 1>& x, int64_t n) {
                     const int64_t count = x[0].single ? 1 : n;
                     type == float64 ? test_stretch<double>(op, to, x[0].data, count)
                                     : test_stretch<float>(op, to, x[0].data, count);
                     if (x[0].single) std::fill_n(static_cast<bool*>(to), n, *static_cast<bool*>(to));
                   });
}

void clamp(const Tensor& out, const Tensor& in, std::optional<Scalar> min, std::optional<Scalar> max) {
  const DType type = out.dtype();
  if (tenon::is_floating_point(type)) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const double low = min ? min->to_double() : -infinity, high = max ? max->to_double() : infinity;
    return for_stretches<1>(out, {&in},
                            [&, type = stretch_type(type)](void* to, const std::array<Operand, 1>& x, int64_t n) {
                              if (!x[0].single) return vector_clamp(type, to, x[0].data, low, high, n);
                              vector_clamp(type, to, x[0].data, low, high, 1);
                              if (type == float64) std::fill_n(static_cast<double*>(to), n, *static_cast<double*>(to));
                              else std::fill_n(static_cast<float*>(to), n, *static_cast<float*>(to));
                            });
  }
  with_type(type, [&]<class T>() {
    const T low = min ? min->to<T>() : std::numeric_limits<T>::min(),
            high = max ? max->to<T>() : std::numeric_limits<T>::max();
    for_rows<2>({&out, &in}, [low, high](const Row<2>& r) {
      for (int64_t i = 0; i < r.n; ++i)
        at<T>(r.data[0] + i * r.stride[0]) = std::min(std::max(at<T>(r.data[1] + i * r.stride[1]), low), high);
    });
  });
}

void round_decimals(const Tensor& out, const Tensor& in, int64_t decimals) {
  for_stretches<1>(
      out, {&in}, [decimals, wide = out.dtype() == float64](void* to, const std::array<Operand, 1>& x, int64_t n) {
        const auto loop = [&]<class T>(T power) {
          const auto* from = static_cast<const T*>(x[0].data);
          for (int64_t i = 0; i < n; ++i) {
            const T element = from[x[0].single ? 0 : i];
            static_cast<T*>(to)[i] =
                decimals < 0 ? std::nearbyint(element / power) * power : std::nearbyint(element * power) / power;
          }
        };
        const double power = std::pow(10, std::abs(static_cast<double>(decimals)));
        wide ? loop(power) : loop(static_cast<float>(power));
      });
}

void polygamma(const Tensor& out, const Tensor& in, int64_t order) {
  for_stretches<1>(
      out, {&in}, [order, wide = out.dtype() == float64](void* to, const std::array<Operand, 1>& x, int64_t n) {
        const int64_t step = x[0].single ? 0 : 1;
        for (int64_t i = 0; i < n; ++i) {
          if (wide)
            static_cast<double*>(to)[i] = cpu::polygamma(order, static_cast<const double*>(x[0].data)[i * step]);
          else
            static_cast<float*>(to)[i] =
                static_cast<float>(cpu::polygamma(order, static_cast<const float*>(x[0].data)[i * step]));
        }
      });
}

}  // namespace tenon::backend::cpu
