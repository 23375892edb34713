#include "backend/cpu/element_loops.h"

#include <algorithm>
#include <type_traits>

#include "backend/cpu/integer_functions.h"
#include "backend/cpu/simd/vector_elementwise.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "backend/cpu/element_loops.cpp"
#include <hwy/foreach_target.h>  // compiles the rest of this file once for each instruction set
#include <hwy/highway.h>

// The compiler makes vectors of these loops once it knows that out is one of the inputs or far from them.
#undef TENON_INDEPENDENT
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed"  // that it finds no vectors for a shift of bytes
#define TENON_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define TENON_INDEPENDENT _Pragma("GCC ivdep")
#endif

HWY_BEFORE_NAMESPACE();
namespace tenon::backend::cpu::HWY_NAMESPACE {

template <class To, class A, class F>
void Loop1(void* out, const void* const* in, int64_t n, int64_t) {
  To* to = static_cast<To*>(out);
  const A* a = static_cast<const A*>(in[0]);
  TENON_INDEPENDENT
  for (int64_t i = 0; i < n; ++i) to[i] = F()(a[i]);
}

template <class To, class A, class F>
void Loop2(void* out, const void* const* in, int64_t n, int64_t number) {
  To* to = static_cast<To*>(out);
  const A *a = static_cast<const A*>(in[0]), *b = static_cast<const A*>(in[1]);
  const A factor = static_cast<A>(number);
  TENON_INDEPENDENT
  for (int64_t i = 0; i < n; ++i) to[i] = F()(a[i], b[i], factor);
}

template <class T>
void ScaledProduct(void* out, const void* const* in, int64_t n, int64_t number) {
  using U = wrapping_t<T>;
  T* to = static_cast<T*>(out);
  const T *x = static_cast<const T*>(in[0]), *a = static_cast<const T*>(in[1]), *b = static_cast<const T*>(in[2]);
  const U factor = static_cast<U>(static_cast<T>(number));
  TENON_INDEPENDENT
  for (int64_t i = 0; i < n; ++i)
    to[i] = static_cast<T>(static_cast<U>(x[i]) + factor * static_cast<U>(a[i]) * static_cast<U>(b[i]));
}

template <class T>
void Between(void* out, const void* const* in, int64_t n, int64_t) {
  T* to = static_cast<T*>(out);
  const T *x = static_cast<const T*>(in[0]), *low = static_cast<const T*>(in[1]), *high = static_cast<const T*>(in[2]);
  TENON_INDEPENDENT
  for (int64_t i = 0; i < n; ++i) to[i] = std::min(std::max(x[i], low[i]), high[i]);
}

template <class T, UnaryOp op>
struct Unary {
  HWY_INLINE T operator()(T x) const { return integer_unary(op, x); }
};

template <class T, BinaryOp op>
struct Binary {
  HWY_INLINE T operator()(T a, T b, T) const {
    if constexpr (std::is_same_v<T, bool>) return truth_binary(op, a, b);
    else return integer_binary(op, a, b);
  }
};

/// a ± factor·b.
template <class T, BinaryOp op>
struct Scaled {
  HWY_INLINE T operator()(T a, T b, T factor) const {
    if constexpr (std::is_same_v<T, bool>) {
      return (a | (factor & b)) != 0;
    } else {
      using U = wrapping_t<T>;
      const U scaled = static_cast<U>(factor) * static_cast<U>(b);
      return static_cast<T>(op == BinaryOp::add ? static_cast<U>(a) + scaled : static_cast<U>(a) - scaled);
    }
  }
};

template <class T, CompareOp op>
struct Compare {
  HWY_INLINE bool operator()(T a, T b, T) const { return compared(op, a, b); }
};

template <class To, class From>
struct Convert {
  HWY_INLINE To operator()(From x) const { return number_to<To>(x); }
};

template <class F>
Loop ForNumber(DType type, F f) {
  if (type == DType::float32) return f.template operator()<float>();
  if (type == DType::float64) return f.template operator()<double>();
  return with_integer_type(type, f);
}

// One case an operation that integers have.
#define TENON_CASE(Kind, Op, op) \
  case Kind::op: return with_integer_type(type, []<class T>() -> Loop { return Op<T, Kind::op>; })

/// A truth value is 0 or 1, and of a byte the compiler makes vectors.
struct Not {
  HWY_INLINE uint8_t operator()(uint8_t x) const { return x ^ 1; }
};
template <class T, UnaryOp op>
constexpr Loop unary_of = Loop1<T, T, Unary<T, op>>;
template <UnaryOp op>
constexpr Loop unary_of<bool, op> = Loop1<uint8_t, uint8_t, Not>;  // bitwise_not, the only one
template <class T, BinaryOp op>
constexpr Loop binary_of = Loop2<T, T, Binary<T, op>>;
template <class T, CompareOp op>
constexpr Loop compare_of = Loop2<bool, T, Compare<T, op>>;

Loop UnaryLoop(DType type, UnaryOp op) {
  switch (op) {
    TENON_CASE(UnaryOp, unary_of, neg);
    TENON_CASE(UnaryOp, unary_of, abs);
    TENON_CASE(UnaryOp, unary_of, sign);
    TENON_CASE(UnaryOp, unary_of, square);
    TENON_CASE(UnaryOp, unary_of, cube);
    TENON_CASE(UnaryOp, unary_of, relu);
    TENON_CASE(UnaryOp, unary_of, bitwise_not);
    TENON_CASE(UnaryOp, unary_of, floor);
    default: return UnaryLoop(type, UnaryOp::floor);  // what leaves integers as they are
  }
}

Loop BinaryLoop(DType type, BinaryOp op, int64_t alpha) {
  if (alpha != 1 && (op == BinaryOp::add || op == BinaryOp::sub))
    return with_integer_type(type, [op]<class T>() -> Loop {
      return op == BinaryOp::add ? Loop2<T, T, Scaled<T, BinaryOp::add>> : Loop2<T, T, Scaled<T, BinaryOp::sub>>;
    });
  switch (op) {
    TENON_CASE(BinaryOp, binary_of, add);
    TENON_CASE(BinaryOp, binary_of, sub);
    TENON_CASE(BinaryOp, binary_of, mul);
    TENON_CASE(BinaryOp, binary_of, maximum);
    TENON_CASE(BinaryOp, binary_of, minimum);
    TENON_CASE(BinaryOp, binary_of, fmax);
    TENON_CASE(BinaryOp, binary_of, fmin);
    TENON_CASE(BinaryOp, binary_of, bitwise_and);
    TENON_CASE(BinaryOp, binary_of, bitwise_or);
    TENON_CASE(BinaryOp, binary_of, bitwise_xor);
    TENON_CASE(BinaryOp, binary_of, shift_left);
    TENON_CASE(BinaryOp, binary_of, shift_right);
    default: return nullptr;  // what has no vectors
  }
}

Loop TernaryLoop(DType type, TernaryOp op) {
  return with_integer_type(type,
                           [op]<class T>() -> Loop { return op == TernaryOp::clamp ? Between<T> : ScaledProduct<T>; });
}

Loop CompareLoop(DType type, CompareOp op) {
  switch (op) {
    TENON_CASE(CompareOp, compare_of, eq);
    TENON_CASE(CompareOp, compare_of, ne);
    TENON_CASE(CompareOp, compare_of, lt);
    TENON_CASE(CompareOp, compare_of, le);
    TENON_CASE(CompareOp, compare_of, gt);
    TENON_CASE(CompareOp, compare_of, ge);
    TENON_CASE(CompareOp, compare_of, logical_and);
    TENON_CASE(CompareOp, compare_of, logical_or);
    TENON_CASE(CompareOp, compare_of, logical_xor);
  }
  return nullptr;
}
#undef TENON_CASE

Loop ConvertLoop(DType to, DType from) {
  return ForNumber(to, [from]<class To>() -> Loop {
    return ForNumber(from, []<class From>() -> Loop { return Loop1<To, From, Convert<To, From>>; });
  });
}

}  // namespace tenon::backend::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::backend::cpu {
namespace {

// What no processor has for a vector of integers is compiled once.
template <class T, BinaryOp op>
void plain(void* out, const void* const* in, int64_t n, int64_t) {
  const T *a = static_cast<const T*>(in[0]), *b = static_cast<const T*>(in[1]);
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (std::is_same_v<T, bool>) static_cast<T*>(out)[i] = truth_binary(op, a[i], b[i]);
    else static_cast<T*>(out)[i] = integer_binary(op, a[i], b[i]);
  }
}

template <BinaryOp op>
Loop plain_loop(DType type) {
  return with_integer_type(type, []<class T>() -> Loop { return plain<T, op>; });
}

Loop plain_binary_loop(DType type, BinaryOp op) {
  switch (op) {
    case BinaryOp::heaviside: return plain_loop<BinaryOp::heaviside>(type);
    case BinaryOp::div_trunc: return plain_loop<BinaryOp::div_trunc>(type);
    case BinaryOp::div_floor: return plain_loop<BinaryOp::div_floor>(type);
    case BinaryOp::remainder: return plain_loop<BinaryOp::remainder>(type);
    case BinaryOp::fmod: return plain_loop<BinaryOp::fmod>(type);
    case BinaryOp::pow: return plain_loop<BinaryOp::pow>(type);
    case BinaryOp::gcd: return plain_loop<BinaryOp::gcd>(type);
    default: return plain_loop<BinaryOp::lcm>(type);
  }
}

HWY_EXPORT(UnaryLoop);
HWY_EXPORT(BinaryLoop);
HWY_EXPORT(TernaryLoop);
HWY_EXPORT(CompareLoop);
HWY_EXPORT(ConvertLoop);

template <DType half>
void widen(void* out, const void* const* in, int64_t n, int64_t) {
  vector_widen(half, static_cast<float*>(out), in[0], n);
}
template <DType half>
void narrow(void* out, const void* const* in, int64_t n, int64_t) {
  vector_narrow(half, out, static_cast<const float*>(in[0]), n);
}

}  // namespace

Loop unary_loop(DType type, UnaryOp op) { return HWY_DYNAMIC_DISPATCH(UnaryLoop)(type, op); }
Loop binary_loop(DType type, BinaryOp op, int64_t alpha) {
  const Loop loop = HWY_DYNAMIC_DISPATCH(BinaryLoop)(type, op, alpha);
  return loop ? loop : plain_binary_loop(type, op);
}
Loop ternary_loop(DType type, TernaryOp op) { return HWY_DYNAMIC_DISPATCH(TernaryLoop)(type, op); }
Loop compare_loop(DType type, CompareOp op) { return HWY_DYNAMIC_DISPATCH(CompareLoop)(type, op); }
Loop convert_loop(DType to, DType from) {
  if (is_half(from)) return to != float32 ? nullptr : from == float16 ? widen<float16> : widen<bfloat16>;
  if (is_half(to)) return from != float32 ? nullptr : to == float16 ? narrow<float16> : narrow<bfloat16>;
  return HWY_DYNAMIC_DISPATCH(ConvertLoop)(to, from);
}

}  // namespace tenon::backend::cpu
#endif
