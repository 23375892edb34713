// Elementwise kernels of two and three tensors.
#include <cmath>
#include <cstring>
#include <numbers>

#include "backend/cpu/element_loops.h"
#include "backend/cpu/elements.h"
#include "backend/cpu/special_functions.h"
#include "backend/cpu/stretch.h"
#include "backend/elementwise.h"

namespace tenon::backend::cpu {
namespace {

/// f(a(i), b(i)), by strides in elements (0 for a single number).
template <class To, class From, class F>
void map(To* out, const From* a, int64_t stride_a, const From* b, int64_t stride_b, int64_t n, F f) {
  for (int64_t i = 0; i < n; ++i) out[i] = f(a[i * stride_a], b[i * stride_b]);
}

// ---- real types: what vector_binary leaves over
template <class T>
T floor_of_quotient(T a, T b) {
  if (b == 0) return a / b;
  const T rest = std::fmod(a, b);
  T quotient = (a - rest) / b;  // whole, but for rounding
  if (rest != 0 && (rest < 0) != (b < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(T{0}, a / b);
  const T below = std::floor(quotient);
  return quotient - below > T(0.5) ? below + 1 : below;
}

template <class T>
T remainder(T a, T b) {
  const T rest = std::fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

/// log2(2^a + 2^b) around the larger, so that nothing overflows.
template <class T>
T log_add_exp2(T a, T b) {
  if (a == b && std::isinf(a)) return a;
  return std::max(a, b) + std::log1p(std::exp2(-std::abs(a - b))) * std::numbers::log2e_v<T>;
}

template <class T>
void real_binary(BinaryOp op, void* out, Operand a, Operand b, int64_t n) {
  const auto loop = [&](auto f) {
    map(static_cast<T*>(out), static_cast<const T*>(a.data), !a.single, static_cast<const T*>(b.data), !b.single, n, f);
  };
  switch (op) {
    case BinaryOp::div_floor: return loop([](T x, T y) { return floor_of_quotient(x, y); });
    case BinaryOp::remainder: return loop([](T x, T y) { return cpu::remainder(x, y); });
    case BinaryOp::fmod: return loop([](T x, T y) { return std::fmod(x, y); });
    case BinaryOp::pow: return loop([](T x, T y) { return std::pow(x, y); });
    case BinaryOp::heaviside: return loop([](T x, T y) { return x == 0 ? y : static_cast<T>(x > 0); });
    case BinaryOp::hypot: return loop([](T x, T y) { return std::hypot(x, y); });
    case BinaryOp::nextafter: return loop([](T x, T y) { return std::nextafter(x, y); });
    case BinaryOp::logaddexp2: return loop([](T x, T y) { return log_add_exp2(x, y); });
    case BinaryOp::igamma: return loop([](T x, T y) { return static_cast<T>(igamma(x, y)); });
    case BinaryOp::igammac: return loop([](T x, T y) { return static_cast<T>(igammac(x, y)); });
    case BinaryOp::zeta: return loop([](T x, T y) { return static_cast<T>(zeta(x, y)); });
    case BinaryOp::ldexp:  // beyond these exponents every number is 0 or infinite
      return loop([](T x, T y) { return std::ldexp(x, static_cast<int>(std::clamp(y, T(-5000), T(5000)))); });
    default: break;
  }
}

/// The neighbour of a half-precision number in its own type, by its bits.
template <class T>
T next_after(T from, T to) {
  const float a = from, b = to;
  if (a != a || b != b) return T(std::numeric_limits<float>::quiet_NaN());
  if (a == b) return to;
  T next = from;
  if (a == 0) next.bits = static_cast<uint16_t>((to.bits & 0x8000) | 1);
  else next.bits = static_cast<uint16_t>(from.bits + ((a < b) == (a > 0) ? 1 : -1));
  return next;
}

/// out(i) = in0(i) ? in1(i) : in2(i).
template <class T>
void choose(void* out, const void* const* in, int64_t n, int64_t) {
  const auto* condition = static_cast<const bool*>(in[0]);
  if constexpr (sizeof(T) <= 8) {
    vector_where(sizeof(T), out, condition, {in[1], false}, {in[2], false}, n);
  } else {
    for (int64_t i = 0; i < n; ++i) static_cast<T*>(out)[i] = static_cast<const T*>(condition[i] ? in[1] : in[2])[i];
  }
}

}  // namespace

void binary(BinaryOp op, const Tensor& out, const Tensor& a, const Tensor& b, const Scalar& alpha) {
  const DType type = out.dtype();
  if (!tenon::is_floating_point(type)) {
    const int64_t factor = type == boolean ? alpha.to<bool>() : alpha.to<int64_t>();
    return for_elements(out, {&a, &b}, binary_loop(type, op, factor), factor);
  }
  const bool half = type == float16 || type == bfloat16;
  const double scale = !half ? alpha.to_double()
                             : static_cast<double>(type == float16 ? static_cast<float>(Half(alpha.to<float>()))
                                                                   : static_cast<float>(BFloat16(alpha.to<float>())));
  const auto run = [op, scale, type = stretch_type(type)](void* to, Operand x, Operand y, int64_t n) {
    if (vector_binary(type, op, to, x, y, scale, n)) return;
    type == float64 ? real_binary<double>(op, to, x, y, n) : real_binary<float>(op, to, x, y, n);
  };
  const auto whole = [](const Tensor& x) { return x.numel() == 1; };
  const auto ready = [&](const Tensor& x) { return (x.shape() == out.shape() && x.is_contiguous()) || whole(x); };
  if (!half && out.is_contiguous() && ready(a) && ready(b)) {
    const int64_t size = item_size(type), n = out.numel();  // the common case, without building a walk
    parallel_for(n, elementwise_grain, [&](int64_t begin, int64_t end) {
      run(out.impl()->data + begin * size, {a.impl()->data + (whole(a) ? 0 : begin * size), whole(a)},
          {b.impl()->data + (whole(b) ? 0 : begin * size), whole(b)}, end - begin);
    });
    return;
  }
  if (half && op == BinaryOp::nextafter) {
    with_real_type(type, [&]<class T>() {
      if constexpr (sizeof(T) == 2)
        for_rows<3>({&out, &a, &b}, [](const Row<3>& r) {
          for (int64_t i = 0; i < r.n; ++i)
            at<T>(r.data[0] + i * r.stride[0]) =
                next_after(at<T>(r.data[1] + i * r.stride[1]), at<T>(r.data[2] + i * r.stride[2]));
        });
    });
    return;
  }
  // PyTorch rounds a quotient of two half tensors before it drops the fraction, but not one by a number.
  const bool rounds_first = half && op == BinaryOp::div_trunc && b.dtype() == type;
  for_stretches<2>(out, {&a, &b}, [&](void* to, const std::array<Operand, 2>& x, int64_t n) {
    if (!rounds_first) return run(to, x[0], x[1], n);
    std::array<uint16_t, stretch_size> halves;
    auto* quotients = static_cast<float*>(to);
    vector_binary(float32, BinaryOp::div, quotients, x[0], x[1], 1, n);
    vector_narrow(type, halves.data(), quotients, n);
    vector_widen(type, quotients, halves.data(), n);
    vector_unary(float32, UnaryOp::trunc, quotients, quotients, n);
  });
}

void compare(CompareOp op, const Tensor& out, const Tensor& a, const Tensor& b) {
  if (tenon::is_floating_point(a.dtype()))
    return for_stretches<2>(out, {&a, &b},
                            [op, type = stretch_type(a.dtype())](void* to, const std::array<Operand, 2>& x, int64_t n) {
                              vector_compare(type, op, static_cast<bool*>(to), x[0], x[1], n);
                            });
  for_elements(out, {&a, &b}, compare_loop(a.dtype(), op));
}

void ternary(TernaryOp op, const Tensor& out, const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& value) {
  const DType type = out.dtype();
  if (!tenon::is_floating_point(type))
    return for_elements(out, {&x, &a, &b}, ternary_loop(type, op), value.to<int64_t>());
  for_stretches<3>(out, {&x, &a, &b},
                   [op, factor = value.to_double(), type = stretch_type(type)](
                       void* to, const std::array<Operand, 3>& in, int64_t n) {
                     vector_ternary(type, op, to, in[0], in[1], in[2], factor, n);
                   });
}

void where(const Tensor& out, const Tensor& condition, const Tensor& a, const Tensor& b) {
  const int64_t size = item_size(out.dtype());
  const Loop loop = with_size(size, []<class T>() -> Loop { return choose<T>; });
  for_rows<4>({&out, &condition, &a, &b}, [size, loop](const Row<4>& r) {
    const auto usable = [size](int64_t stride) { return stride == size || stride == 0; };
    if (size <= 8 && r.stride[0] == size && r.stride[1] == 1 && usable(r.stride[2]) && usable(r.stride[3]))
      return vector_where(size, r.data[0], reinterpret_cast<const bool*>(r.data[1]), {r.data[2], r.stride[2] == 0},
                          {r.data[3], r.stride[3] == 0}, r.n);
    for_elements(r, {size, 1, size, size}, loop);
  });
}

}  // namespace tenon::backend::cpu
