// Products of matrices: matmul, and linear with its bias.
#include <tenon/nn/functional.h>

#include "ops/common.h"

namespace tenon {
namespace {

Tensor product(const Tensor& a, const Tensor& b, const Tensor& bias = {}) {  // (m, k)·(k, n)
  const NoGrad guard;
  MatmulArgs args{new_tensor({a.size(0), b.size(1)}, a.dtype(), a.device()), a, b, bias.defined() ? bias.contiguous() : bias};
  backend_for(a.device()).matmul(args);
  return args.out;
}

/// (m, k)·(k, n), recorded.
Tensor matrix_product(const Tensor& a, const Tensor& b) {
  Tensor y = product(a, b);
  if (needs_grad(a, b))
    record("mm", y, {&a, &b}, {on_tape(b) ? &a : nullptr, on_tape(a) ? &b : nullptr}, [](Grads& g) {
      if (g.needs(0)) g.give(0, matrix_product(g.in(), g.saved(1).t()));
      if (g.needs(1)) g.give(1, matrix_product(g.saved(0).t(), g.in()));
    });
  return y;
}

void check_types(const Tensor& a, const Tensor& b, const char* name) {
  check_same_device(a, b, name);
  if (a.dtype() != b.dtype()) fail(name, "expected one element type, got {} and {}: convert one", a.dtype(), b.dtype());
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  check_types(a, b, "matmul");
  const auto mismatch = [&] {
    fail("matmul", "expected (…, m, k)·(k, n), got {}·{}: the inner sizes must be equal", a.shape().to_string(), b.shape().to_string());
  };
  if (a.dim() == 0 || b.dim() == 0 || b.dim() > 2) mismatch();
  const int64_t k = a.size(-1);
  if (b.size(0) != k) mismatch();
  if (b.dim() == 1) {
    Shape out = a.shape();
    out.pop_back();
    return matrix_product(a.reshape({out.numel(), k}), b.reshape({k, 1})).reshape(out);
  }
  if (a.dim() == 2) return matrix_product(a, b);
  Shape out = a.shape();
  out.pop_back();
  const int64_t rows = out.numel();
  out.push_back(b.size(1));
  return matrix_product(a.reshape({rows, k}), b).reshape(out);
}

Tensor Tensor::matmul(const Tensor& other) const { return tenon::matmul(*this, other); }

namespace nn::functional {

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  if (weight.dim() != 2) fail("linear", "expected a weight of shape (out_features, in_features), got {}", weight.shape().to_string());
  const int64_t in = weight.shape()[1], out = weight.shape()[0];
  if (x.dim() == 0 || x.shape().back() != in)
    fail("linear", "expected input of shape (*, {}), got {}{}", in, x.shape().to_string(),
         x.dim() > 1 && x.numel() % in == 0 && in > 0 && x.numel() / x.shape()[0] == in ? "; flatten it first" : "");
  check_types(x, weight, "linear");
  if (bias.defined()) {
    check_types(x, bias, "linear");
    if (bias.dim() != 1 || bias.shape()[0] != out) fail("linear", "expected a bias of shape ({},), got {}", out, bias.shape().to_string());
  }
  if (x.dim() != 2) {
    Shape shape = x.shape();
    shape.back() = out;
    Shape rows = x.shape();
    rows.pop_back();
    return linear(x.reshape({rows.numel(), in}), weight, bias).reshape(shape);
  }
  Tensor y = product(x, new_alias(weight, {in, out}, {weight.strides()[1], weight.strides()[0]}, weight.storage_offset()), bias);
  if (needs_grad(x, weight, bias))
    record("linear", y, {&x, &weight, &bias}, {on_tape(weight) ? &x : nullptr, on_tape(x) ? &weight : nullptr}, [](Grads& g) {
      if (g.needs(0)) g.give(0, matrix_product(g.in(), g.saved(1)));
      if (g.needs(1)) g.give(1, matrix_product(g.in().t(), g.saved(0)));
      if (g.needs(2)) g.give(2, g.in().sum({0}));
    });
  return y;
}

}  // namespace nn::functional
}  // namespace tenon
