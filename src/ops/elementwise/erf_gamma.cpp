// The error function and its kin, the logarithm of the gamma function and its derivatives, sinc.
#include <cmath>
#include <numbers>

#include "backend/elementwise.h"
#include "ops/elementwise/unary.h"

namespace tenon {
namespace {

constexpr double two_by_root_pi = 2 * std::numbers::inv_sqrtpi;

}  // namespace

Tensor Tensor::erf() const {
  Tensor y = unary(UnaryOp::erf, "erf", *this);
  if (needs_grad(*this))
    record("erf", y, {this}, {this},
           [](Grads& g) { g.give(0, g.in() * ((-g.saved(0).square()).exp() * two_by_root_pi)); });
  return y;
}

Tensor Tensor::erfc() const {
  Tensor y = unary(UnaryOp::erfc, "erfc", *this);
  if (needs_grad(*this))
    record("erfc", y, {this}, {this},
           [](Grads& g) { g.give(0, g.in() * ((-g.saved(0).square()).exp() * -two_by_root_pi)); });
  return y;
}

Tensor Tensor::erfinv() const {
  Tensor y = unary(UnaryOp::erfinv, "erfinv", *this);
  if (needs_grad(*this))
    record("erfinv", y, {this}, {&y},
           [](Grads& g) { g.give(0, g.in() * (g.saved(0).square().exp() * (1 / two_by_root_pi))); });
  return y;
}

Tensor Tensor::lgamma() const {
  Tensor y = unary(UnaryOp::lgamma, "lgamma", *this);
  if (needs_grad(*this))
    record("lgamma", y, {this}, {this}, [](Grads& g) { g.give(0, g.in() * g.saved(0).digamma()); });
  return y;
}

Tensor Tensor::digamma() const {
  Tensor y = unary(UnaryOp::digamma, "digamma", *this);
  if (needs_grad(*this))
    record("digamma", y, {this}, {this}, [](Grads& g) { g.give(0, g.in() * g.saved(0).polygamma(1)); });
  return y;
}

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

Tensor Tensor::sinc() const {
  Tensor y = unary(UnaryOp::sinc, "sinc", *this);
  if (needs_grad(*this))
    record("sinc", y, {this}, {this}, [](Grads& g) {
      // Below `least` the slope −π²·x/3 is 0 to what the quotient below would lose.
      const Tensor x = g.saved(0), angle = x * std::numbers::pi, denominator = x * angle;
      const double least = x.dtype() == float64 ? 1e-100 : 1e-15;
      const Tensor flat = x.abs() < least;
      g.give(0, tenon::where(flat, 0, g.in() * ((angle * angle.cos() - angle.sin()) / denominator)));
    });
  return y;
}

const Tensor& Tensor::erf_() const { return unary_in_place(UnaryOp::erf, "erf_", *this, &Tensor::erf); }
const Tensor& Tensor::erfc_() const { return unary_in_place(UnaryOp::erfc, "erfc_", *this, &Tensor::erfc); }
const Tensor& Tensor::erfinv_() const { return unary_in_place(UnaryOp::erfinv, "erfinv_", *this, &Tensor::erfinv); }
const Tensor& Tensor::lgamma_() const { return unary_in_place(UnaryOp::lgamma, "lgamma_", *this, &Tensor::lgamma); }
const Tensor& Tensor::digamma_() const { return unary_in_place(UnaryOp::digamma, "digamma_", *this, &Tensor::digamma); }
const Tensor& Tensor::sinc_() const { return unary_in_place(UnaryOp::sinc, "sinc_", *this, &Tensor::sinc); }
const Tensor& Tensor::polygamma_(int64_t n) const {
  return in_place_by_copy("polygamma_", *this, {}, [&](const Tensor& x) { return x.polygamma(n); });
}

Tensor Tensor::i0() const {
  Tensor y = unary(UnaryOp::i0, "i0", *this);
  if (needs_grad(*this)) record("i0", y, {this}, {this}, [](Grads& g) { g.give(0, g.in() * special::i1(g.saved(0))); });
  return y;
}

Tensor Tensor::mvlgamma(int64_t p) const {
  if (p < 1) fail("mvlgamma", "expected a dimension p of 1 or more, got {}", p);
  if (dtype() == boolean) fail("mvlgamma", "not defined for bool tensors: convert to another type first");
  const Tensor x = as_type(*this, real_type(dtype()));
  Tensor sum = x.lgamma();
  for (int64_t j = 1; j < p; ++j) sum = sum + (x - static_cast<double>(j) / 2).lgamma();
  return sum + static_cast<double>(p * (p - 1)) / 4 * std::log(std::numbers::pi);
}

const Tensor& Tensor::i0_() const { return unary_in_place(UnaryOp::i0, "i0_", *this, &Tensor::i0); }
const Tensor& Tensor::mvlgamma_(int64_t p) const {
  return in_place_by_copy("mvlgamma_", *this, {}, [&](const Tensor& x) { return x.mvlgamma(p); });
}

}  // namespace tenon
