// Powers: of tensors, by numbers, of numbers.
#include "backend/elementwise.h"
#include "backend/memory.h"
#include "ops/elementwise/binary.h"

namespace tenon {
namespace {

constexpr const char* negative = "integers to negative integer powers are not allowed: convert to a real type first";

/// out = x^exponent for tensors of one type; out may be x. Frequent exponents have kernels of their own, also because
/// PyTorch's answers follow from them: (−infinity)^0.5 is the root's NaN.
void power_into(const Tensor& out, const Tensor& x, const Scalar& exponent) {
  const ElementwiseKernels& kernels = on<ElementwiseKernels>(out.device());
  const double e = exponent.to_double();
  const bool real = is_floating_point(out.dtype());
  if (e == 0) return on<MemoryKernels>(out.device()).fill(out, 1);
  if (e == 1) return on<MemoryKernels>(out.device()).copy(out, x);
  if (e == 2) return kernels.unary(UnaryOp::square, out, x);
  if (e == 3) return kernels.unary(UnaryOp::cube, out, x);
  if (real && e == 0.5) return kernels.unary(UnaryOp::sqrt, out, x);
  if (real && e == -0.5) return kernels.unary(UnaryOp::rsqrt, out, x);
  if (real && e == -1) return kernels.unary(UnaryOp::reciprocal, out, x);
  if (real && e == -2) return kernels.unary(UnaryOp::inverse_square, out, x);
  kernels.binary(BinaryOp::pow, out, x, as_type(number_for(x, exponent), x.dtype()), 1);
}

DType check_exponent(const char* name, const Tensor& x, const Scalar& exponent) {
  DType dtype = x.dtype();
  if (exponent.kind() == float64) dtype = real_type(dtype);
  if (exponent.kind() == int64 && dtype == boolean) dtype = int64;
  if (!is_floating_point(dtype) && exponent.to_double() < 0) fail(name, negative);
  if (dtype != float32) check_fits(exponent, dtype, name);  // a float's power may be computed in double
  return dtype;
}

}  // namespace

Tensor pow(const Tensor& a, const Tensor& b) {
  Tensor y = binary(BinaryOp::pow, "pow", a, b);
  if (needs_grad(a, b))
    record("pow", y, {&a, &b}, {&a, &b, on_tape(b) ? &y : nullptr}, [la = Like(a), lb = Like(b)](Grads& g) {
      const Tensor base = g.saved(0), exponent = g.saved(1);
      if (g.needs(0)) g.give(0, reduce_to(where(exponent == 0, 0, g.in() * (exponent * pow(base, exponent - 1))), la));
      if (g.needs(1)) {  // 0^exponent is flat for an exponent of 0 or more
        const Tensor flat = logical_and(base == 0, exponent >= 0);
        g.give(1, reduce_to(g.in() * where(flat, 0, g.saved(2) * base.log()), lb));
      }
    });
  return y;
}

Tensor pow(const Tensor& a, const Scalar& b) { return a.pow(b); }
Tensor pow(const Scalar& a, const Tensor& b) { return pow(number_for(b, a), b); }

Tensor Tensor::pow(const Tensor& exponent) const { return tenon::pow(*this, exponent); }

Tensor Tensor::pow(const Scalar& exponent) const {
  const DType type = check_exponent("pow", *this, exponent);
  Tensor y;
  {
    const NoGrad guard;
    const Tensor x = as_type(*this, type);
    y = new_result(x, type);
    power_into(y, x, exponent);
  }
  if (needs_grad(*this))
    record("pow", y, {this}, {this}, [exponent](Grads& g) {
      const double e = exponent.to_double();
      if (e == 0) return g.give(0, zeros_like(g.in()));
      g.give(0, g.in() * (g.saved(0).pow(e - 1) * e));
    });
  return y;
}

const Tensor& Tensor::pow_(const Tensor& exponent) const {
  return binary_in_place(BinaryOp::pow, "pow_", *this, exponent,
                         [](const Tensor& a, const Tensor& b) { return tenon::pow(a, b); });
}

const Tensor& Tensor::pow_(const Scalar& exponent) const {
  check_result_fits("pow_", *this, shape(), check_exponent("pow_", *this, exponent));
  return in_place(
      "pow_", *this, {}, [&](const Tensor& to) { power_into(to, to, exponent); },
      [&](const Tensor& before) { return before.pow(exponent); });
}

Tensor float_power(const Tensor& a, const Tensor& b) { return pow(a.to(float64), b.to(float64)); }
Tensor float_power(const Tensor& a, const Scalar& b) { return pow(a.to(float64), b.to_double()); }
Tensor float_power(const Scalar& a, const Tensor& b) { return pow(a.to_double(), b.to(float64)); }

Tensor Tensor::float_power(const Tensor& exponent) const { return tenon::float_power(*this, exponent); }
Tensor Tensor::float_power(const Scalar& exponent) const { return tenon::float_power(*this, exponent); }

namespace {
void check_float64(const Tensor& x) {
  if (x.dtype() != float64)
    fail("float_power_", "expected a float64 tensor, which alone can hold the result, got {}", x.dtype());
}
}  // namespace

const Tensor& Tensor::float_power_(const Tensor& exponent) const {
  check_float64(*this);
  return pow_(exponent.to(float64));
}
const Tensor& Tensor::float_power_(const Scalar& exponent) const {
  check_float64(*this);
  return pow_(exponent.to_double());
}

}  // namespace tenon
