// Functions of every element that change a tensor in place, as calls.
#include "operations/arguments.h"

namespace tenon::parity {
namespace {

using InPlaceMethod = const Tensor& (Tensor::*)() const;

void unary_in_place(Operations& to, const std::string& name, InPlaceMethod method) {
  to[name] = [method](const Arguments& a) { return std::vector{(a.copy().*method)()}; };
}

/// x ∘= a tensor or a number.
template <class F>
void binary_in_place(Operations& to, const std::string& name, F f) {
  to[name] = [f](const Arguments& a) {
    const Tensor x = a.copy();
    if (a.is_tensor(1)) f(x, a.x(1));
    else f(x, a.scalar(1, "other"));
    return std::vector{x};
  };
}

}  // namespace

void add_elementwise_in_place(Operations& to) {
  unary_in_place(to, "neg_", &Tensor::neg_);
  unary_in_place(to, "abs_", &Tensor::abs_);
  unary_in_place(to, "sign_", &Tensor::sign_);
  unary_in_place(to, "exp_", &Tensor::exp_);
  unary_in_place(to, "exp2_", &Tensor::exp2_);
  unary_in_place(to, "expm1_", &Tensor::expm1_);
  unary_in_place(to, "log_", &Tensor::log_);
  unary_in_place(to, "log2_", &Tensor::log2_);
  unary_in_place(to, "log10_", &Tensor::log10_);
  unary_in_place(to, "log1p_", &Tensor::log1p_);
  unary_in_place(to, "sqrt_", &Tensor::sqrt_);
  unary_in_place(to, "rsqrt_", &Tensor::rsqrt_);
  unary_in_place(to, "square_", &Tensor::square_);
  unary_in_place(to, "reciprocal_", &Tensor::reciprocal_);
  unary_in_place(to, "sin_", &Tensor::sin_);
  unary_in_place(to, "cos_", &Tensor::cos_);
  unary_in_place(to, "tan_", &Tensor::tan_);
  unary_in_place(to, "asin_", &Tensor::asin_);
  unary_in_place(to, "acos_", &Tensor::acos_);
  unary_in_place(to, "atan_", &Tensor::atan_);
  unary_in_place(to, "sinh_", &Tensor::sinh_);
  unary_in_place(to, "cosh_", &Tensor::cosh_);
  unary_in_place(to, "tanh_", &Tensor::tanh_);
  unary_in_place(to, "asinh_", &Tensor::asinh_);
  unary_in_place(to, "acosh_", &Tensor::acosh_);
  unary_in_place(to, "atanh_", &Tensor::atanh_);
  unary_in_place(to, "sigmoid_", &Tensor::sigmoid_);
  unary_in_place(to, "relu_", &Tensor::relu_);
  unary_in_place(to, "erf_", &Tensor::erf_);
  unary_in_place(to, "erfc_", &Tensor::erfc_);
  unary_in_place(to, "erfinv_", &Tensor::erfinv_);
  unary_in_place(to, "lgamma_", &Tensor::lgamma_);
  unary_in_place(to, "digamma_", &Tensor::digamma_);
  unary_in_place(to, "sinc_", &Tensor::sinc_);
  unary_in_place(to, "floor_", &Tensor::floor_);
  unary_in_place(to, "ceil_", &Tensor::ceil_);
  changed(to, "round_", [](const Tensor& x, const Arguments& a) {
    if (a.has(1, "decimals")) x.round_(a.i(1, "decimals", 0));
    else x.round_();
  });
  unary_in_place(to, "trunc_", &Tensor::trunc_);
  unary_in_place(to, "frac_", &Tensor::frac_);
  unary_in_place(to, "bitwise_not_", &Tensor::bitwise_not_);
  unary_in_place(to, "logical_not_", &Tensor::logical_not_);
  changed(to, "add_", [](const Tensor& x, const Arguments& a) {
    if (a.is_tensor(1)) x.add_(a.x(1), a.scalar(2, "alpha", 1));
    else x.add_(a.scalar(1, "other"), a.scalar(2, "alpha", 1));
  });
  binary_in_place(to, "sub_", [](const Tensor& x, const auto& y) { x.sub_(y); });
  binary_in_place(to, "mul_", [](const Tensor& x, const auto& y) { x.mul_(y); });
  binary_in_place(to, "remainder_", [](const Tensor& x, const auto& y) { x.remainder_(y); });
  binary_in_place(to, "fmod_", [](const Tensor& x, const auto& y) { x.fmod_(y); });
  binary_in_place(to, "pow_", [](const Tensor& x, const auto& y) { x.pow_(y); });
  binary_in_place(to, "div_", [](const Tensor& x, const auto& y) { x.div_(y); });
  to["div_"] = [plain = to["div_"]](const Arguments& a) {
    if (a.text(2, "rounding_mode") != "floor") return plain(a);
    return std::vector{a.copy().div_(a.x(1), Rounding::floor)};
  };
  changed(to, "clamp_", [](const Tensor& x, const Arguments& a) {
    if (a.is_tensor(1)) x.clamp_(a.x(1), a.x(2));
    else x.clamp_(a.maybe_scalar(1, "min"), a.maybe_scalar(2, "max"));
  });
  changed(to, "lerp_", [](const Tensor& x, const Arguments& a) {
    if (a.is_tensor(2)) x.lerp_(a.x(1), a.x(2));
    else x.lerp_(a.x(1), a.scalar(2, "weight"));
  });
  changed(to, "addcmul_",
          [](const Tensor& x, const Arguments& a) { x.addcmul_(a.x(1), a.x(2), a.scalar(3, "value", 1)); });
  changed(to, "addcdiv_",
          [](const Tensor& x, const Arguments& a) { x.addcdiv_(a.x(1), a.x(2), a.scalar(3, "value", 1)); });
  binary_in_place(to, "bitwise_and_", [](const Tensor& x, const auto& y) { x.bitwise_and_(y); });
  binary_in_place(to, "bitwise_or_", [](const Tensor& x, const auto& y) { x.bitwise_or_(y); });
  binary_in_place(to, "bitwise_xor_", [](const Tensor& x, const auto& y) { x.bitwise_xor_(y); });
  binary_in_place(to, "floor_divide_", [](const Tensor& x, const auto& y) { x.floor_divide_(y); });
  changed(to, "atan2_", [](const Tensor& x, const Arguments& a) { x.atan2_(a.x(1)); });
  changed(to, "hypot_", [](const Tensor& x, const Arguments& a) { x.hypot_(a.x(1)); });
  binary_in_place(to, "copysign_", [](const Tensor& x, const auto& y) { x.copysign_(y); });
  binary_in_place(to, "xlogy_", [](const Tensor& x, const auto& y) { x.xlogy_(y); });
  changed(to, "nextafter_", [](const Tensor& x, const Arguments& a) { x.nextafter_(a.x(1)); });
  changed(to, "heaviside_", [](const Tensor& x, const Arguments& a) { x.heaviside_(a.x(1)); });
  changed(to, "gcd_", [](const Tensor& x, const Arguments& a) { x.gcd_(a.x(1)); });
  changed(to, "lcm_", [](const Tensor& x, const Arguments& a) { x.lcm_(a.x(1)); });
  changed(to, "logical_and_", [](const Tensor& x, const Arguments& a) { x.logical_and_(a.x(1)); });
  changed(to, "logical_or_", [](const Tensor& x, const Arguments& a) { x.logical_or_(a.x(1)); });
  changed(to, "logical_xor_", [](const Tensor& x, const Arguments& a) { x.logical_xor_(a.x(1)); });
  binary_in_place(to, "bitwise_left_shift_", [](const Tensor& x, const auto& y) { x.bitwise_left_shift_(y); });
  binary_in_place(to, "bitwise_right_shift_", [](const Tensor& x, const auto& y) { x.bitwise_right_shift_(y); });
  changed(to, "polygamma_", [](const Tensor& x, const Arguments& a) { x.polygamma_(a.i(1, "n", 0)); });
  changed(to, "logit_", [](const Tensor& x, const Arguments& a) { x.logit_(a.maybe_d(1, "eps")); });
  changed(to, "nan_to_num_", [](const Tensor& x, const Arguments& a) {
    x.nan_to_num_(a.d(1, "nan", 0), a.maybe_d(2, "posinf"), a.maybe_d(3, "neginf"));
  });
  changed(to, "fill_", [](const Tensor& x, const Arguments& a) { x.fill_(a.scalar(1, "value")); });
  changed(to, "zero_", [](const Tensor& x, const Arguments&) { x.zero_(); });
  changed(to, "copy_", [](const Tensor& x, const Arguments& a) { x.copy_(a.x(1)); });
  binary_in_place(to, "eq_", [](const Tensor& x, const auto& y) { x.eq_(y); });
  binary_in_place(to, "ne_", [](const Tensor& x, const auto& y) { x.ne_(y); });
  binary_in_place(to, "lt_", [](const Tensor& x, const auto& y) { x.lt_(y); });
  binary_in_place(to, "le_", [](const Tensor& x, const auto& y) { x.le_(y); });
  binary_in_place(to, "gt_", [](const Tensor& x, const auto& y) { x.gt_(y); });
  binary_in_place(to, "ge_", [](const Tensor& x, const auto& y) { x.ge_(y); });
  unary_in_place(to, "deg2rad_", &Tensor::deg2rad_);
  unary_in_place(to, "rad2deg_", &Tensor::rad2deg_);
  changed(to, "ldexp_", [](const Tensor& x, const Arguments& a) { x.ldexp_(a.x(1)); });
  binary_in_place(to, "float_power_", [](const Tensor& x, const auto& y) { x.float_power_(y); });
}

}  // namespace tenon::parity
