// Products of matrices: matmul and its special cases, and their sums with another tensor.
#include "ops/matmul.h"
#include "ops/autocast.h"

#include "backend/matmul.h"
#include "ops/common.h"
#include "ops/in_place.h"

namespace tenon {
namespace {

/// x with dimensions of size 1 in front, for `dims` in all; not recorded.
Tensor with_leading(const Tensor& x, std::size_t dims) {
  if (x.shape().size() == dims) return x;
  Shape sizes(dims - x.shape().size(), int64_t{1}), strides(sizes.size(), int64_t{0});
  for (std::size_t d = 0; d < x.shape().size(); ++d) {
    sizes.push_back(x.shape()[d]);
    strides.push_back(x.strides()[d]);
  }
  return new_alias(x, sizes, strides, x.storage_offset());
}

Tensor product(const Tensor& a, const Tensor& b, const Tensor& bias = {}) {  // (*, m, k)·(*, k, n)
  const NoGrad guard;
  Shape out{a.size(-2), b.size(-1)};
  if (a.dim() > 2 || b.dim() > 2) {
    const auto leading = [](const Tensor& x) { return Shape(x.shape().begin(), x.shape().end() - 2); };
    out = broadcast_shapes(leading(a), leading(b), "matmul");
    out.push_back(a.size(-2));
    out.push_back(b.size(-1));
  }
  MatmulArgs args{new_tensor(out, a.dtype(), a.device()), with_leading(a, out.size()), with_leading(b, out.size()),
                  bias.defined() ? bias.contiguous() : bias};
  on<MatmulKernels>(a.device()).matmul(args);
  return args.out;
}

/// (*, m, k)·(*, k, n), leading dimensions broadcast; recorded.
Tensor matrix_product(const Tensor& a, const Tensor& b) {
  Tensor y = product(a, b);
  if (needs_grad(a, b))
    record("matmul", y, {&a, &b}, {on_tape(b) ? &a : nullptr, on_tape(a) ? &b : nullptr},
           [la = Like(a), lb = Like(b)](Grads& g) {
             if (g.needs(0)) g.give(0, reduce_to(matrix_product(g.in(), g.saved(1).transpose(-2, -1)), la));
             if (g.needs(1)) g.give(1, reduce_to(matrix_product(g.saved(0).transpose(-2, -1), g.in()), lb));
           });
  return y;
}

void check_types(const Tensor& a, const Tensor& b, const char* name) {
  check_same_device(a, b, name);
  if (a.dtype() != b.dtype()) fail(name, "expected one data type, got {} and {}: convert one", a.dtype(), b.dtype());
  if (a.dtype() == boolean) fail(name, "not defined for bool tensors: convert to another type first");
}

/// The operands of mm, bmm, mv and dot, which have fixed numbers of dimensions and equal inner (and batch) sizes.
void check_operands(const Tensor& a, const Tensor& b, int64_t dims_a, int64_t dims_b, const char* expected,
                    const char* name) {
  check_types(a, b, name);
  const bool right = a.dim() == dims_a && b.dim() == dims_b && a.size(-1) == b.size(dims_b > 1 ? -2 : -1) &&
                     (dims_a < 3 || a.size(0) == b.size(0));
  if (!right) fail(name, "expected {}, got {}·{}", expected, a.shape().to_string(), b.shape().to_string());
}

/// beta·x + alpha·y. With beta 0, x is not even looked at: what is not a number there does not come through.
Tensor weighted_sum(const Tensor& x, const Tensor& y, const Scalar& beta, const Scalar& alpha, const char* name) {
  if (x.dtype() != y.dtype()) fail(name, "expected one data type, got {} and {}: convert one", x.dtype(), y.dtype());
  for (const Scalar& factor : {beta, alpha})
    if (factor.kind() == float64 && !is_floating_point(y.dtype()))
      fail(name, "beta and alpha must be integers for tensors of {}", y.dtype());
  if (broadcast_shapes(x.shape(), y.shape(), name) != y.shape())
    fail(name, "expected a first tensor that broadcasts to {}, got {}", y.shape().to_string(), x.shape().to_string());
  const auto scaled = [](const Tensor& t, const Scalar& by) {
    if (t.dtype() == boolean) return by.to<bool>() ? t : zeros_like(t);  // not numbers, as t · by would be
    return by.to_double() == 1 ? t : t * by;
  };
  if (beta.to_double() == 0) return scaled(y, alpha);
  return (scaled(x, beta) + scaled(y, alpha)).contiguous();
}

template <class F>
const Tensor& sum_in_place(const char* name, F f, const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta,
                           const Scalar& alpha) {
  return in_place_by_copy(name, x, {&a, &b}, [&](const Tensor& before) {
    return f(before, a.is_same(x) ? before : a, b.is_same(x) ? before : b, beta, alpha);
  });
}

}  // namespace

Tensor product_with_rows(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  check_types(x, weight, "linear");
  if (bias.defined()) check_types(x, bias, "linear");
  Tensor y = product(x,
                     new_alias(weight, {weight.shape()[1], weight.shape()[0]},
                               {weight.strides()[1], weight.strides()[0]}, weight.storage_offset()),
                     bias);
  if (needs_grad(x, weight, bias))
    record("linear", y, {&x, &weight, &bias}, {on_tape(weight) ? &x : nullptr, on_tape(x) ? &weight : nullptr},
           [](Grads& g) {
             if (g.needs(0)) g.give(0, matrix_product(g.in(), g.saved(1)));
             if (g.needs(1)) g.give(1, matrix_product(g.in().t(), g.saved(0)));
             if (g.needs(2)) g.give(2, g.in().sum({0}));
           });
  return y;
}

Tensor matmul(const Tensor& a, const Tensor& b) {
  if (autocasts()) [[unlikely]]
    return in_lower_type([](const auto&... in) { return matmul(in...); }, a, b);
  check_types(a, b, "matmul");
  const auto mismatch = [&] {
    fail("matmul", "expected (…, m, k)·(…, k, n), got {}·{}: the inner sizes must be equal", a.shape().to_string(),
         b.shape().to_string());
  };
  if (a.dim() == 0 || b.dim() == 0)
    fail("matmul", "expected at least one dimension on both sides, got {}·{}", a.shape().to_string(),
         b.shape().to_string());
  const int64_t k = a.size(-1);
  if (b.size(b.dim() == 1 ? 0 : -2) != k) mismatch();
  if (a.dim() == 2 && b.dim() == 2) return matrix_product(a, b);
  if (b.dim() > 2) {
    if (a.dim() > 1) return matrix_product(a, b);
    return matrix_product(a.reshape({1, k}), b).squeeze(-2);
  }
  // One matrix on the right: all that stands on the left is one tall matrix.
  Shape out = a.shape();
  out.pop_back();
  const int64_t rows = out.numel();
  if (b.dim() == 1) return matrix_product(a.reshape({rows, k}), b.reshape({k, 1})).reshape(out);
  out.push_back(b.size(1));
  return matrix_product(a.reshape({rows, k}), b).reshape(out);
}

Tensor Tensor::matmul(const Tensor& other) const { return tenon::matmul(*this, other); }

Tensor Tensor::mm(const Tensor& other) const {
  if (autocasts()) [[unlikely]]
    return in_lower_type(&Tensor::mm, *this, other);
  check_operands(*this, other, 2, 2, "(m, k)·(k, n)", "mm");
  return matrix_product(*this, other);
}

Tensor Tensor::bmm(const Tensor& other) const {
  if (autocasts()) [[unlikely]]
    return in_lower_type(&Tensor::bmm, *this, other);
  check_operands(*this, other, 3, 3, "(b, m, k)·(b, k, n)", "bmm");
  return matrix_product(*this, other);
}

Tensor Tensor::mv(const Tensor& vector) const {
  const AutocastOff off;  // PyTorch's list lacks it, as it does dot
  check_operands(*this, vector, 2, 1, "(m, k)·(k)", "mv");
  return tenon::matmul(*this, vector);
}

Tensor Tensor::dot(const Tensor& other) const {
  const AutocastOff off;
  check_operands(*this, other, 1, 1, "two vectors of one size", "dot");
  return tenon::matmul(*this, other);
}

Tensor addmm(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
  if (autocasts()) [[unlikely]]
    return in_lower_type([&](const auto&... in) { return addmm(in..., beta, alpha); }, x, a, b);
  check_operands(a, b, 2, 2, "(m, k)·(k, n)", "addmm");
  // A row added to every row of a product is a linear layer's bias, which the kernel adds itself.
  const bool row = x.dim() == 1 && x.size(0) == b.size(1) && x.dtype() == a.dtype();
  if (row && beta.to_double() == 1 && alpha.to_double() == 1) return product_with_rows(a, b.t(), x);
  if (is_half(a.dtype()))
    return addmm(x.to(float32), a.to(float32), b.to(float32), beta, alpha).to(a.dtype());  // rounded once
  return weighted_sum(x, a.mm(b), beta, alpha, "addmm");
}

Tensor addmv(const Tensor& x, const Tensor& matrix, const Tensor& vector, const Scalar& beta, const Scalar& alpha) {
  check_operands(matrix, vector, 2, 1, "(m, k)·(k)", "addmv");
  if (is_half(matrix.dtype()))
    return addmv(x.to(float32), matrix.to(float32), vector.to(float32), beta, alpha).to(matrix.dtype());
  return weighted_sum(x, matrix.mv(vector), beta, alpha, "addmv");
}

Tensor addbmm(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
  if (autocasts()) [[unlikely]]
    return in_lower_type([&](const auto&... in) { return addbmm(in..., beta, alpha); }, x, a, b);
  check_operands(a, b, 3, 3, "(b, m, k)·(b, k, n)", "addbmm");
  if (is_half(a.dtype())) return addbmm(x.to(float32), a.to(float32), b.to(float32), beta, alpha).to(a.dtype());
  return weighted_sum(x, a.bmm(b).sum({0}, false, a.dtype()), beta, alpha, "addbmm");
}

Tensor addr(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
  const Tensor product = a.outer(b);
  return as_type(weighted_sum(x, product, beta, alpha, "addr"), product.dtype());  // bool stays bool, whatever beta is
}

Tensor baddbmm(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
  if (autocasts()) [[unlikely]]
    return in_lower_type([&](const auto&... in) { return baddbmm(in..., beta, alpha); }, x, a, b);
  check_operands(a, b, 3, 3, "(b, m, k)·(b, k, n)", "baddbmm");
  if (is_half(a.dtype())) return baddbmm(x.to(float32), a.to(float32), b.to(float32), beta, alpha).to(a.dtype());
  return weighted_sum(x, a.bmm(b), beta, alpha, "baddbmm");
}

const Tensor& Tensor::addmm_(const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) const {
  return sum_in_place("addmm_", tenon::addmm, *this, a, b, beta, alpha);
}
const Tensor& Tensor::addmv_(const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) const {
  return sum_in_place("addmv_", tenon::addmv, *this, a, b, beta, alpha);
}
const Tensor& Tensor::baddbmm_(const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) const {
  return sum_in_place("baddbmm_", tenon::baddbmm, *this, a, b, beta, alpha);
}
const Tensor& Tensor::addbmm_(const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) const {
  return sum_in_place("addbmm_", tenon::addbmm, *this, a, b, beta, alpha);
}
const Tensor& Tensor::addr_(const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) const {
  return sum_in_place("addr_", tenon::addr, *this, a, b, beta, alpha);
}

Tensor Tensor::addmm(const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) const {
  return tenon::addmm(*this, a, b, beta, alpha);
}
Tensor Tensor::addmv(const Tensor& matrix, const Tensor& vector, const Scalar& beta, const Scalar& alpha) const {
  return tenon::addmv(*this, matrix, vector, beta, alpha);
}
Tensor Tensor::baddbmm(const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) const {
  return tenon::baddbmm(*this, a, b, beta, alpha);
}
Tensor Tensor::addbmm(const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) const {
  return tenon::addbmm(*this, a, b, beta, alpha);
}
Tensor Tensor::addr(const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) const {
  return tenon::addr(*this, a, b, beta, alpha);
}

}  // namespace tenon
