#pragma once
// Other names for other functions, as PyTorch has them. They cost nothing. As methods: methods/aliases.inc.
#include <tenon/ops/elementwise.h>
#include <tenon/ops/linalg.h>
#include <tenon/ops/reduce.h>
#include <tenon/ops/shape.h>

#pragma GCC visibility push(default)

namespace tenon {

// ---- shape
inline Tensor concat(const std::vector<Tensor>& tensors, int64_t dim = 0) { return cat(tensors, dim); }
inline Tensor concatenate(const std::vector<Tensor>& tensors, int64_t dim = 0) { return cat(tensors, dim); }
inline Tensor row_stack(const std::vector<Tensor>& tensors) { return vstack(tensors); }
inline Tensor moveaxis(const Tensor& x, const Shape& source, const Shape& destination) {
  return x.movedim(source, destination);
}
inline Tensor swapaxes(const Tensor& x, int64_t dim0, int64_t dim1) { return x.transpose(dim0, dim1); }
inline Tensor swapdims(const Tensor& x, int64_t dim0, int64_t dim1) { return x.transpose(dim0, dim1); }
inline Tensor adjoint(const Tensor& x) { return x.mT(); }
inline Tensor ravel(const Tensor& x) { return x.ravel(); }
inline std::vector<Tensor> split_with_sizes(const Tensor& x, const Shape& sizes, int64_t dim = 0) {
  return x.split(sizes, dim);
}

// ---- elementwise
inline Tensor absolute(const Tensor& x) { return x.abs(); }
inline Tensor negative(const Tensor& x) { return x.neg(); }
inline Tensor fix(const Tensor& x) { return x.trunc(); }
inline Tensor sgn(const Tensor& x) { return x.sign(); }
inline Tensor arcsin(const Tensor& x) { return x.asin(); }
inline Tensor arccos(const Tensor& x) { return x.acos(); }
inline Tensor arctan(const Tensor& x) { return x.atan(); }
inline Tensor arcsinh(const Tensor& x) { return x.asinh(); }
inline Tensor arccosh(const Tensor& x) { return x.acosh(); }
inline Tensor arctanh(const Tensor& x) { return x.atanh(); }
inline Tensor arctan2(const Tensor& a, const Tensor& b) { return atan2(a, b); }
inline Tensor clip(const Tensor& x, std::optional<Scalar> min, std::optional<Scalar> max = {}) {
  return x.clamp(min, max);
}
inline Tensor clip(const Tensor& x, const Tensor& min, const Tensor& max) { return x.clamp(min, max); }
inline Tensor clamp_min(const Tensor& x, const TensorOrNumber auto& min) { return x.clamp_min(min); }
inline Tensor clamp_max(const Tensor& x, const TensorOrNumber auto& max) { return x.clamp_max(max); }
inline Tensor multiply(const Tensor& a, const TensorOrNumber auto& b) { return mul(a, b); }
inline Tensor subtract(const Tensor& a, const TensorOrNumber auto& b, const Scalar& alpha = 1) {
  return sub(a, b, alpha);
}
inline Tensor divide(const Tensor& a, const TensorOrNumber auto& b, Rounding rounding = Rounding::none) {
  return div(a, b, rounding);
}
inline Tensor true_divide(const Tensor& a, const TensorOrNumber auto& b) { return div(a, b); }
inline Tensor greater(const Tensor& a, const TensorOrNumber auto& b) { return a > b; }
inline Tensor greater_equal(const Tensor& a, const TensorOrNumber auto& b) { return a >= b; }
inline Tensor less(const Tensor& a, const TensorOrNumber auto& b) { return a < b; }
inline Tensor less_equal(const Tensor& a, const TensorOrNumber auto& b) { return a <= b; }
inline Tensor not_equal(const Tensor& a, const TensorOrNumber auto& b) { return a != b; }

// ---- the rest
inline Tensor argwhere(const Tensor& x) { return x.nonzero(); }
inline Tensor msort(const Tensor& x) { return x.msort(); }
inline Tensor ger(const Tensor& a, const Tensor& b) { return a.outer(b); }
inline Tensor vdot(const Tensor& a, const Tensor& b) { return a.dot(b); }
inline Tensor inverse(const Tensor& a) { return linalg::inv(a); }
inline Tensor pinverse(const Tensor& a) { return linalg::pinv(a); }
inline linalg::SignAndLogDet slogdet(const Tensor& a) { return linalg::slogdet(a); }
inline Tensor trapz(const Tensor& y, const Tensor& x, int64_t dim = -1) { return trapezoid(y, x, dim); }
inline Tensor trapz(const Tensor& y, double dx = 1, int64_t dim = -1) { return trapezoid(y, dx, dim); }

}  // namespace tenon

#pragma GCC visibility pop
