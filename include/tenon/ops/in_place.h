#pragma once
// The functions of torch that change their first argument and give it back: abs_(x) is x.abs_(). They cost nothing.
#include <tenon/tensor.h>

#pragma GCC visibility push(default)

namespace tenon {

inline const Tensor& abs_(const Tensor& x) { return x.abs_(); }
inline const Tensor& acos_(const Tensor& x) { return x.acos_(); }
inline const Tensor& acosh_(const Tensor& x) { return x.acosh_(); }
inline const Tensor& arccos_(const Tensor& x) { return x.arccos_(); }
inline const Tensor& arccosh_(const Tensor& x) { return x.arccosh_(); }
inline const Tensor& arcsin_(const Tensor& x) { return x.arcsin_(); }
inline const Tensor& arcsinh_(const Tensor& x) { return x.arcsinh_(); }
inline const Tensor& arctan_(const Tensor& x) { return x.arctan_(); }
inline const Tensor& arctanh_(const Tensor& x) { return x.arctanh_(); }
inline const Tensor& asin_(const Tensor& x) { return x.asin_(); }
inline const Tensor& asinh_(const Tensor& x) { return x.asinh_(); }
inline const Tensor& atan_(const Tensor& x) { return x.atan_(); }
inline const Tensor& atanh_(const Tensor& x) { return x.atanh_(); }
inline const Tensor& ceil_(const Tensor& x) { return x.ceil_(); }
inline const Tensor& cos_(const Tensor& x) { return x.cos_(); }
inline const Tensor& cosh_(const Tensor& x) { return x.cosh_(); }
inline const Tensor& deg2rad_(const Tensor& x) { return x.deg2rad_(); }
inline const Tensor& erf_(const Tensor& x) { return x.erf_(); }
inline const Tensor& erfc_(const Tensor& x) { return x.erfc_(); }
inline const Tensor& exp_(const Tensor& x) { return x.exp_(); }
inline const Tensor& exp2_(const Tensor& x) { return x.exp2_(); }
inline const Tensor& expm1_(const Tensor& x) { return x.expm1_(); }
inline const Tensor& fix_(const Tensor& x) { return x.fix_(); }
inline const Tensor& floor_(const Tensor& x) { return x.floor_(); }
inline const Tensor& frac_(const Tensor& x) { return x.frac_(); }
inline const Tensor& i0_(const Tensor& x) { return x.i0_(); }
inline const Tensor& log_(const Tensor& x) { return x.log_(); }
inline const Tensor& log10_(const Tensor& x) { return x.log10_(); }
inline const Tensor& log1p_(const Tensor& x) { return x.log1p_(); }
inline const Tensor& log2_(const Tensor& x) { return x.log2_(); }
inline const Tensor& neg_(const Tensor& x) { return x.neg_(); }
inline const Tensor& negative_(const Tensor& x) { return x.negative_(); }
inline const Tensor& rad2deg_(const Tensor& x) { return x.rad2deg_(); }
inline const Tensor& reciprocal_(const Tensor& x) { return x.reciprocal_(); }
inline const Tensor& relu_(const Tensor& x) { return x.relu_(); }
inline const Tensor& round_(const Tensor& x) { return x.round_(); }
inline const Tensor& rsqrt_(const Tensor& x) { return x.rsqrt_(); }
inline const Tensor& sigmoid_(const Tensor& x) { return x.sigmoid_(); }
inline const Tensor& sin_(const Tensor& x) { return x.sin_(); }
inline const Tensor& sinc_(const Tensor& x) { return x.sinc_(); }
inline const Tensor& sinh_(const Tensor& x) { return x.sinh_(); }
inline const Tensor& sqrt_(const Tensor& x) { return x.sqrt_(); }
inline const Tensor& square_(const Tensor& x) { return x.square_(); }
inline const Tensor& tan_(const Tensor& x) { return x.tan_(); }
inline const Tensor& tanh_(const Tensor& x) { return x.tanh_(); }
inline const Tensor& trunc_(const Tensor& x) { return x.trunc_(); }
inline const Tensor& zero_(const Tensor& x) { return x.zero_(); }

// ---- with further arguments
inline const Tensor& addmv_(const Tensor& x, const Tensor& matrix, const Tensor& vector, const Scalar& beta = 1,
                            const Scalar& alpha = 1) {
  return x.addmv_(matrix, vector, beta, alpha);
}
inline const Tensor& as_strided_(const Tensor& x, const Shape& shape, const Shape& strides,
                                 std::optional<int64_t> offset = {}) {
  return x.as_strided_(shape, strides, offset);
}
inline const Tensor& clamp_(const Tensor& x, std::optional<Scalar> min, std::optional<Scalar> max = {}) {
  return x.clamp_(min, max);
}
inline const Tensor& clamp_(const Tensor& x, const Tensor& min, const Tensor& max) { return x.clamp_(min, max); }
inline const Tensor& clip_(const Tensor& x, std::optional<Scalar> min, std::optional<Scalar> max = {}) {
  return x.clamp_(min, max);
}
inline const Tensor& clip_(const Tensor& x, const Tensor& min, const Tensor& max) { return x.clamp_(min, max); }
inline const Tensor& clamp_min_(const Tensor& x, const TensorOrNumber auto& min) { return x.clamp_min_(min); }
inline const Tensor& clamp_max_(const Tensor& x, const TensorOrNumber auto& max) { return x.clamp_max_(max); }
inline const Tensor& detach_(const Tensor& x) { return x.detach_(); }
inline const Tensor& fill_(const Tensor& x, const TensorOrNumber auto& value) { return x.fill_(value); }
inline const Tensor& gcd_(const Tensor& x, const Tensor& other) { return x.gcd_(other); }
inline const Tensor& lcm_(const Tensor& x, const Tensor& other) { return x.lcm_(other); }
inline const Tensor& ldexp_(const Tensor& x, const Tensor& other) { return x.ldexp_(other); }
inline const Tensor& xlogy_(const Tensor& x, const TensorOrNumber auto& other) { return x.xlogy_(other); }
inline const Tensor& index_put_(const Tensor& x, const std::vector<Index>& indices, const Tensor& value,
                                bool accumulate = false) {
  return x.index_put_(indices, value, accumulate);
}
inline const Tensor& logit_(const Tensor& x, std::optional<double> eps = {}) { return x.logit_(eps); }
inline const Tensor& nan_to_num_(const Tensor& x, double nan = 0, std::optional<double> posinf = {},
                                 std::optional<double> neginf = {}) {
  return x.nan_to_num_(nan, posinf, neginf);
}
inline const Tensor& resize_as_(const Tensor& x, const Tensor& other) { return x.resize_as_(other); }

}  // namespace tenon

#pragma GCC visibility pop
