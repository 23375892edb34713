// Functions of every element, as calls.
#include "operations/arguments.h"

namespace tenon::parity {
namespace {

using Method = Tensor (Tensor::*)() const;

void unary(Operations& to, const std::string& name, Method method) {
  to[name] = [method](const Arguments& a) { return std::vector{(a.x().*method)()}; };
}

/// An operation of two tensors, or of a tensor and a number.
template <class F>
void binary(Operations& to, const std::string& name, F f) {
  to[name] = [f](const Arguments& a) {
    if (!a.is_tensor(1)) return std::vector{f(a.x(0), a.scalar(1, "other"))};
    return std::vector{f(a.x(0), a.x(1))};
  };
}

/// Of two tensors only.
void binary(Operations& to, const std::string& name, Tensor (*f)(const Tensor&, const Tensor&)) {
  to[name] = [f](const Arguments& a) { return std::vector{f(a.x(0), a.x(1))}; };
}

Rounding rounding(const Arguments& a) {
  const std::string mode = a.text(2, "rounding_mode");
  return mode == "floor" ? Rounding::floor : mode == "trunc" ? Rounding::trunc : Rounding::none;
}

void add_unary(Operations& to) {
#define POINTWISE(name, ...) unary(to, #name, &Tensor::name);
#define SPECIAL(...)
#include "ops/elementwise/pointwise.inc"
  unary(to, "isnan", &Tensor::isnan);
  unary(to, "isinf", &Tensor::isinf);
  unary(to, "isfinite", &Tensor::isfinite);
  unary(to, "isposinf", &Tensor::isposinf);
  unary(to, "isneginf", &Tensor::isneginf);
  unary(to, "signbit", &Tensor::signbit);
  unary(to, "logical_not", &Tensor::logical_not);
  unary(to, "positive", &Tensor::positive);
  one(to, "round",
      [](const Arguments& a) { return a.has(1, "decimals") ? a.x().round(a.i(1, "decimals", 0)) : a.x().round(); });
  one(to, "logit", [](const Arguments& a) { return a.x().logit(a.maybe_d(1, "eps")); });
  one(to, "nan_to_num", [](const Arguments& a) {
    return a.x().nan_to_num(a.d(1, "nan", 0), a.maybe_d(2, "posinf"), a.maybe_d(3, "neginf"));
  });
  one(to, "polygamma", [](const Arguments& a) { return polygamma(a.i(0, "n", 0), a.x(1)); });
}

void add_arithmetic(Operations& to) {
  one(to, "add", [](const Arguments& a) {
    return a.is_tensor(1) ? a.x().add(a.x(1), a.scalar(2, "alpha", 1))
                          : a.x().add(a.scalar(1, "other"), a.scalar(2, "alpha", 1));
  });
  one(to, "sub", [](const Arguments& a) {
    return a.is_tensor(1) ? a.x().sub(a.x(1), a.scalar(2, "alpha", 1))
                          : a.x().sub(a.scalar(1, "other"), a.scalar(2, "alpha", 1));
  });
  binary(to, "mul", [](const auto& a, const auto& b) { return a * b; });
  one(to, "div", [](const Arguments& a) {
    const Rounding mode = rounding(a);
    if (!a.is_tensor(1)) return div(a.x(), a.scalar(1, "other"), mode);
    return mode == Rounding::none ? div(a.x(), a.x(1)) : div(a.x(), a.x(1), mode);
  });
  one(to, "remainder", [](const Arguments& a) {
    if (!a.is_tensor(0)) return remainder(a.scalar(0, "self"), a.x(1));
    return a.is_tensor(1) ? a.x().remainder(a.x(1)) : a.x() % a.scalar(1, "other");
  });
  one(to, "fmod",
      [](const Arguments& a) { return a.is_tensor(1) ? fmod(a.x(), a.x(1)) : fmod(a.x(), a.scalar(1, "other")); });
  one(to, "floor_divide", [](const Arguments& a) {
    return a.is_tensor(1) ? floor_divide(a.x(), a.x(1)) : floor_divide(a.x(), a.scalar(1, "other"));
  });
  one(to, "pow", [](const Arguments& a) {
    if (!a.is_tensor(0)) return pow(a.scalar(0, ""), a.x(1));
    return a.is_tensor(1) ? a.x().pow(a.x(1)) : a.x().pow(a.scalar(1, "exponent"));
  });
  binary(to, "maximum", &maximum);
  binary(to, "minimum", &minimum);
  binary(to, "fmax", &fmax);
  binary(to, "fmin", &fmin);
  binary(to, "atan2", &atan2);
  binary(to, "hypot", &hypot);
  binary(to, "nextafter", &nextafter);
  binary(to, "logaddexp", &logaddexp);
  binary(to, "logaddexp2", &logaddexp2);
  binary(to, "heaviside", &heaviside);
  binary(to, "gcd", &gcd);
  binary(to, "lcm", &lcm);
  binary(to, "logical_and", &logical_and);
  binary(to, "logical_or", &logical_or);
  binary(to, "logical_xor", &logical_xor);
  binary(to, "copysign", [](const Tensor& a, const auto& b) { return copysign(a, b); });
  one(to, "xlogy", [](const Arguments& a) {
    if (!a.is_tensor(0)) return xlogy(a.scalar(0, "self"), a.x(1));
    return a.is_tensor(1) ? a.x().xlogy(a.x(1)) : xlogy(a.x(), a.scalar(1, "other"));
  });
}

void add_comparisons_and_bits(Operations& to) {
  binary(to, "eq", [](const auto& a, const auto& b) { return a == b; });
  binary(to, "ne", [](const auto& a, const auto& b) { return a != b; });
  binary(to, "lt", [](const auto& a, const auto& b) { return a < b; });
  binary(to, "le", [](const auto& a, const auto& b) { return a <= b; });
  binary(to, "gt", [](const auto& a, const auto& b) { return a > b; });
  binary(to, "ge", [](const auto& a, const auto& b) { return a >= b; });
  binary(to, "bitwise_and", [](const auto& a, const auto& b) { return a & b; });
  binary(to, "bitwise_or", [](const auto& a, const auto& b) { return a | b; });
  binary(to, "bitwise_xor", [](const auto& a, const auto& b) { return a ^ b; });
  binary(to, "bitwise_left_shift", [](const auto& a, const auto& b) { return a << b; });
  binary(to, "bitwise_right_shift", [](const auto& a, const auto& b) { return a >> b; });
  one(to, "isclose", [](const Arguments& a) {
    return isclose(a.x(), a.x(1), a.d(2, "rtol", 1e-5), a.d(3, "atol", 1e-8), a.flag(4, "equal_nan"));
  });
}

void add_choices(Operations& to) {
  one(to, "where", [](const Arguments& a) {
    if (!a.is_tensor(1)) return where(a.x(), a.scalar(1, ""), a.x(2));
    return a.is_tensor(2) ? where(a.x(), a.x(1), a.x(2)) : where(a.x(), a.x(1), a.scalar(2, ""));
  });
  one(to, "clamp", [](const Arguments& a) {
    return a.is_tensor(1) ? a.x().clamp(a.x(1), a.x(2))
                          : a.x().clamp(a.maybe_scalar(1, "min"), a.maybe_scalar(2, "max"));
  });
  one(to, "lerp", [](const Arguments& a) {
    return a.is_tensor(2) ? a.x().lerp(a.x(1), a.x(2)) : a.x().lerp(a.x(1), a.scalar(2, "weight"));
  });
  one(to, "addcmul", [](const Arguments& a) { return a.x().addcmul(a.x(1), a.x(2), a.scalar(3, "value", 1)); });
  one(to, "addcdiv", [](const Arguments& a) { return a.x().addcdiv(a.x(1), a.x(2), a.scalar(3, "value", 1)); });
}

}  // namespace

void add_elementwise(Operations& to) {
  add_unary(to);
  add_arithmetic(to);
  add_comparisons_and_bits(to);
  add_choices(to);
  one(to, "float_power", [](const Arguments& a) {
    if (!a.is_tensor(0)) return float_power(a.scalar(0, "self"), a.x(1));
    return a.is_tensor(1) ? float_power(a.x(), a.x(1)) : float_power(a.x(), a.scalar(1, "exponent"));
  });
  one(to, "ldexp", [](const Arguments& a) { return ldexp(a.x(), a.x(1)); });
  one(to, "deg2rad", [](const Arguments& a) { return deg2rad(a.x()); });
  one(to, "rad2deg", [](const Arguments& a) { return rad2deg(a.x()); });
}

}  // namespace tenon::parity
