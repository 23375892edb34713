#pragma once
// What operations make of single integers and truth values. Integers wrap around.
#include <numeric>

#include "backend/cpu/loop.h"
#include "backend/kinds.h"

namespace tenon::backend::cpu {

template <class T>
constexpr T integer_unary(UnaryOp op, T x) {
  using U = wrapping_t<T>;
  const auto u = static_cast<U>(x);
  switch (op) {
    case UnaryOp::neg: return static_cast<T>(-u);
    case UnaryOp::abs: return x < 0 ? static_cast<T>(-u) : x;
    case UnaryOp::sign: return static_cast<T>((x > 0) - (x < 0));
    case UnaryOp::square: return static_cast<T>(u * u);
    case UnaryOp::cube: return static_cast<T>(u * u * u);
    case UnaryOp::relu: return x < 0 ? T{0} : x;
    case UnaryOp::bitwise_not: return static_cast<T>(~u);
    default: return x;
  }
}

template <class T>
constexpr T integer_power(T base, T exponent) {
  if (exponent < 0) return base == 1 ? T{1} : base == T(-1) ? (exponent % 2 == 0 ? T{1} : T(-1)) : T{0};
  using U = wrapping_t<T>;
  U result = 1, square = static_cast<U>(base);
  for (auto e = static_cast<std::make_unsigned_t<T>>(exponent); e != 0; e = static_cast<decltype(e)>(e >> 1)) {
    if (e & 1) result *= square;
    square *= square;
  }
  return static_cast<T>(result);
}

/// No divisor is 0.
template <class T>
constexpr T integer_binary(BinaryOp op, T a, T b) {
  using U = wrapping_t<T>;
  const auto u = static_cast<U>(a), v = static_cast<U>(b);
  constexpr int bits = 8 * sizeof(T);
  const bool least_by_minus_one = std::is_signed_v<T> && b == T(-1);  // the least integer divided by −1 is no integer
  switch (op) {
    case BinaryOp::add: return static_cast<T>(u + v);
    case BinaryOp::sub: return static_cast<T>(u - v);
    case BinaryOp::mul: return static_cast<T>(u * v);
    case BinaryOp::fmax:
    case BinaryOp::maximum: return std::max(a, b);
    case BinaryOp::fmin:
    case BinaryOp::minimum: return std::min(a, b);
    case BinaryOp::div_trunc: return least_by_minus_one ? static_cast<T>(-u) : static_cast<T>(a / b);
    case BinaryOp::div_floor:
      if (least_by_minus_one) return static_cast<T>(-u);
      return static_cast<T>(a / b - (a % b != 0 && (a < 0) != (b < 0)));
    case BinaryOp::remainder: {
      if (least_by_minus_one) return 0;
      const T rest = static_cast<T>(a % b);
      return rest != 0 && (rest < 0) != (b < 0) ? static_cast<T>(rest + b) : rest;
    }
    case BinaryOp::fmod: return least_by_minus_one ? T{0} : static_cast<T>(a % b);
    case BinaryOp::pow: return integer_power(a, b);
    case BinaryOp::heaviside: return a == 0 ? b : static_cast<T>(a > 0);
    case BinaryOp::bitwise_and: return static_cast<T>(a & b);
    case BinaryOp::bitwise_or: return static_cast<T>(a | b);
    case BinaryOp::bitwise_xor: return static_cast<T>(a ^ b);
    case BinaryOp::shift_left: return b < 0 || b >= bits ? T{0} : static_cast<T>(u << v);
    case BinaryOp::shift_right:
      return static_cast<T>(a >> (b < 0 || b >= bits ? bits - 1 : static_cast<int>(b)) >>
                            (std::is_unsigned_v<T> && b >= bits));
    case BinaryOp::gcd:
    case BinaryOp::lcm: {
      using M = std::make_unsigned_t<T>;
      const auto size = [](T x) { return x < 0 ? static_cast<M>(-static_cast<U>(x)) : static_cast<M>(x); };
      const M divisor = std::gcd(size(a), size(b));
      if (op == BinaryOp::gcd) return static_cast<T>(divisor);
      const T multiple =
          divisor == 0 ? T{0} : static_cast<T>(static_cast<U>(size(a) / divisor) * static_cast<U>(size(b)));
      return static_cast<T>(size(multiple));  // what has wrapped around to below 0 loses its sign, as in PyTorch
    }
    default: return a;
  }
}

/// Without a branch, so that a loop of it becomes vectors.
constexpr bool truth_binary(BinaryOp op, bool a, bool b) {
  switch (op) {
    case BinaryOp::add:
    case BinaryOp::fmax:
    case BinaryOp::maximum:
    case BinaryOp::heaviside:
    case BinaryOp::bitwise_or: return (a | b) != 0;
    case BinaryOp::bitwise_xor: return a != b;
    default: return (a & b) != 0;
  }
}

template <class T>
constexpr bool compared(CompareOp op, T a, T b) {
  switch (op) {
    case CompareOp::eq: return a == b;
    case CompareOp::ne: return a != b;
    case CompareOp::lt: return a < b;
    case CompareOp::le: return a <= b;
    case CompareOp::gt: return a > b;
    case CompareOp::ge: return a >= b;
    case CompareOp::logical_and: return ((a != 0) & (b != 0)) != 0;
    case CompareOp::logical_or: return ((a != 0) | (b != 0)) != 0;
    case CompareOp::logical_xor: break;
  }
  return (a != 0) != (b != 0);
}

}  // namespace tenon::backend::cpu
