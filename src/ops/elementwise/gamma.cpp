// Derivatives of the gamma function's logarithm, and its multivariate form.
#include <cmath>
#include <numbers>

#include "backend/elementwise.h"
#include "ops/elementwise/unary.h"

namespace tenon {

Tensor Tensor::polygamma(int64_t n) const {
  if (n < 0) fail("polygamma", "expected an order of 0 or more, got {}", n);
  if (n == 0) return digamma();
  const DType type = real_type(dtype());
  Tensor y;
  {
    const NoGrad guard;
    const Tensor x = as_type(*this, type);
    y = new_result(x, type);
    on<ElementwiseKernels>(device()).polygamma(y, x, n);
  }
  if (needs_grad(*this))
    record("polygamma", y, {this}, {this}, [n](Grads& g) { g.give(0, g.in() * g.saved(0).polygamma(n + 1)); });
  return y;
}

const Tensor& Tensor::polygamma_(int64_t n) const {
  return in_place_by_copy("polygamma_", *this, {}, [&](const Tensor& x) { return x.polygamma(n); });
}

Tensor Tensor::mvlgamma(int64_t p) const {
  if (p < 1) fail("mvlgamma", "expected a dimension p of 1 or more, got {}", p);
  if (dtype() == boolean) fail("mvlgamma", "not defined for bool tensors: convert to another type first");
  const Tensor x = as_type(*this, real_type(dtype()));
  Tensor sum = x.lgamma();
  for (int64_t j = 1; j < p; ++j) sum = sum + (x - static_cast<double>(j) / 2).lgamma();
  return sum + static_cast<double>(p * (p - 1)) / 4 * std::log(std::numbers::pi);
}

const Tensor& Tensor::mvlgamma_(int64_t p) const {
  return in_place_by_copy("mvlgamma_", *this, {}, [&](const Tensor& x) { return x.mvlgamma(p); });
}

}  // namespace tenon
