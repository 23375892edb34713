// Comparisons, logic and questions: bool results, nothing to record.
#include "backend/elementwise.h"
#include "backend/memory.h"
#include "backend/reduction.h"
#include "ops/common.h"
#include "ops/in_place.h"

namespace tenon {
namespace {

Tensor run(CompareOp op, const char* name, const Tensor& a, const Tensor& b) {
  const Device device = common_device(name, {&a, &b});
  const DType dtype = result_type(a, b);
  const Shape shape = broadcast_shapes(a.shape(), b.shape(), name);
  const NoGrad guard;
  const Tensor x = as_type(a, dtype), y = as_type(b, dtype);
  Tensor out = new_result(shape, boolean, device, {&x, &y});
  on<ElementwiseKernels>(device).compare(op, out, x, y);
  return out;
}

/// What is asked of real numbers; `of_integers` is every other type's answer.
Tensor test(TestOp op, const Tensor& x, bool of_integers) {
  refuse_carried(x.dtype());
  Tensor out = new_result(x, boolean);
  if (is_floating_point(x.dtype())) on<ElementwiseKernels>(x.device()).test(op, out, x);
  else on<MemoryKernels>(x.device()).fill(out, of_integers);
  return out;
}

/// x becomes 0 and 1. As any result of a recorded change in place it is on the tape then, and its gradient zero.
const Tensor& compare_in_place(CompareOp op, const char* name, const Tensor& x, const Tensor& other) {
  return in_place_by_copy(name, x, {&other}, [&](const Tensor& to) {
    Tensor y = run(op, name, to, other);
    if (!needs_grad(to, other) || !to.is_floating_point()) return y;
    y = y.to(to.dtype());
    record(name, y, {&to, &other}, {}, [lt = Like(to), lo = Like(other)](Grads& g) {
      if (g.needs(0)) g.give(0, zeros(lt.shape, {lt.dtype, lt.device}));
      if (g.needs(1)) g.give(1, zeros(lo.shape, {lo.dtype, lo.device}));
    });
    return y;
  });
}

template <class F>
const Tensor& logic_in_place(const char* name, const Tensor& x, const Tensor& other, F f) {
  const NoGrad guard;  // a truth value has no gradient
  return in_place_by_copy(name, x, {&other}, [&](const Tensor& to) { return f(to, other); });
}

}  // namespace

Tensor operator==(const Tensor& a, const Tensor& b) { return run(CompareOp::eq, "eq", a, b); }
Tensor operator!=(const Tensor& a, const Tensor& b) { return run(CompareOp::ne, "ne", a, b); }
Tensor operator<(const Tensor& a, const Tensor& b) { return run(CompareOp::lt, "lt", a, b); }
Tensor operator<=(const Tensor& a, const Tensor& b) { return run(CompareOp::le, "le", a, b); }
Tensor operator>(const Tensor& a, const Tensor& b) { return run(CompareOp::gt, "gt", a, b); }
Tensor operator>=(const Tensor& a, const Tensor& b) { return run(CompareOp::ge, "ge", a, b); }
Tensor operator==(const Tensor& a, const Scalar& b) { return a == number_for(a, b); }
Tensor operator!=(const Tensor& a, const Scalar& b) { return a != number_for(a, b); }
Tensor operator<(const Tensor& a, const Scalar& b) { return a < number_for(a, b); }
Tensor operator<=(const Tensor& a, const Scalar& b) { return a <= number_for(a, b); }
Tensor operator>(const Tensor& a, const Scalar& b) { return a > number_for(a, b); }
Tensor operator>=(const Tensor& a, const Scalar& b) { return a >= number_for(a, b); }

Tensor Tensor::eq(const Tensor& other) const { return *this == other; }
Tensor Tensor::ne(const Tensor& other) const { return *this != other; }
Tensor Tensor::lt(const Tensor& other) const { return *this < other; }
Tensor Tensor::le(const Tensor& other) const { return *this <= other; }
Tensor Tensor::gt(const Tensor& other) const { return *this > other; }
Tensor Tensor::ge(const Tensor& other) const { return *this >= other; }
Tensor Tensor::eq(const Scalar& other) const { return *this == other; }
Tensor Tensor::ne(const Scalar& other) const { return *this != other; }
Tensor Tensor::lt(const Scalar& other) const { return *this < other; }
Tensor Tensor::le(const Scalar& other) const { return *this <= other; }
Tensor Tensor::gt(const Scalar& other) const { return *this > other; }
Tensor Tensor::ge(const Scalar& other) const { return *this >= other; }

const Tensor& Tensor::eq_(const Tensor& other) const { return compare_in_place(CompareOp::eq, "eq_", *this, other); }
const Tensor& Tensor::ne_(const Tensor& other) const { return compare_in_place(CompareOp::ne, "ne_", *this, other); }
const Tensor& Tensor::lt_(const Tensor& other) const { return compare_in_place(CompareOp::lt, "lt_", *this, other); }
const Tensor& Tensor::le_(const Tensor& other) const { return compare_in_place(CompareOp::le, "le_", *this, other); }
const Tensor& Tensor::gt_(const Tensor& other) const { return compare_in_place(CompareOp::gt, "gt_", *this, other); }
const Tensor& Tensor::ge_(const Tensor& other) const { return compare_in_place(CompareOp::ge, "ge_", *this, other); }
const Tensor& Tensor::eq_(const Scalar& other) const { return eq_(number_for(*this, other)); }
const Tensor& Tensor::ne_(const Scalar& other) const { return ne_(number_for(*this, other)); }
const Tensor& Tensor::lt_(const Scalar& other) const { return lt_(number_for(*this, other)); }
const Tensor& Tensor::le_(const Scalar& other) const { return le_(number_for(*this, other)); }
const Tensor& Tensor::gt_(const Scalar& other) const { return gt_(number_for(*this, other)); }
const Tensor& Tensor::ge_(const Scalar& other) const { return ge_(number_for(*this, other)); }

Tensor logical_and(const Tensor& a, const Tensor& b) { return run(CompareOp::logical_and, "logical_and", a, b); }
Tensor logical_or(const Tensor& a, const Tensor& b) { return run(CompareOp::logical_or, "logical_or", a, b); }
Tensor logical_xor(const Tensor& a, const Tensor& b) { return run(CompareOp::logical_xor, "logical_xor", a, b); }

Tensor Tensor::logical_and(const Tensor& other) const { return tenon::logical_and(*this, other); }
Tensor Tensor::logical_or(const Tensor& other) const { return tenon::logical_or(*this, other); }
Tensor Tensor::logical_xor(const Tensor& other) const { return tenon::logical_xor(*this, other); }

Tensor Tensor::logical_not() const { return dtype() == boolean ? bitwise_not() : *this == 0; }
const Tensor& Tensor::logical_not_() const {
  const NoGrad guard;  // a truth value has no gradient
  return in_place_by_copy("logical_not_", *this, {}, [](const Tensor& x) { return x.logical_not(); });
}
const Tensor& Tensor::logical_and_(const Tensor& other) const {
  return logic_in_place("logical_and_", *this, other, tenon::logical_and);
}
const Tensor& Tensor::logical_or_(const Tensor& other) const {
  return logic_in_place("logical_or_", *this, other, tenon::logical_or);
}
const Tensor& Tensor::logical_xor_(const Tensor& other) const {
  return logic_in_place("logical_xor_", *this, other, tenon::logical_xor);
}

Tensor Tensor::isnan() const { return test(TestOp::is_nan, *this, false); }
Tensor Tensor::isinf() const { return test(TestOp::is_inf, *this, false); }
Tensor Tensor::isfinite() const { return test(TestOp::is_finite, *this, true); }
Tensor Tensor::isposinf() const { return test(TestOp::is_posinf, *this, false); }
Tensor Tensor::isneginf() const { return test(TestOp::is_neginf, *this, false); }
Tensor Tensor::signbit() const {
  if (tenon::is_floating_point(dtype())) return test(TestOp::sign_bit, *this, false);
  return dtype() == boolean ? test(TestOp::sign_bit, *this, false) : *this < 0;
}

Tensor isclose(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  if (a.dtype() != b.dtype()) fail("isclose", "expected tensors of one type, got {} and {}", a.dtype(), b.dtype());
  if (!(rtol >= 0) || !(atol >= 0))
    fail("isclose", "expected tolerances of 0 or more, got rtol = {} and atol = {}", rtol, atol);
  const NoGrad guard;
  Tensor close = a == b;
  if (equal_nan) close = logical_or(close, logical_and(a.isnan(), b.isnan()));
  if (rtol == 0 && atol == 0) return close;
  const DType real = real_type(a.dtype());
  const Tensor x = as_type(a, real), y = as_type(b, real), distance = (x - y).abs();
  const Tensor near = distance <= (y * rtol).abs() + atol;
  return logical_or(close, logical_and(near, distance.isfinite()));
}

Tensor Tensor::isclose(const Tensor& other, double rtol, double atol, bool equal_nan) const {
  return tenon::isclose(*this, other, rtol, atol, equal_nan);
}

bool Tensor::equal(const Tensor& other) const {
  check_same_device(*this, other, "equal");
  if (shape() != other.shape()) return false;
  const NoGrad guard;
  const DType type = result_type(*this, other);
  refuse_carried(type);
  if (is_meta()) fail("equal", "a tensor on the meta device has no data");
  return on<ReductionKernels>(device()).equal(as_type(*this, type).contiguous(), as_type(other, type).contiguous());
}

bool Tensor::allclose(const Tensor& other, double rtol, double atol, bool equal_nan) const {
  const Tensor close = isclose(other, rtol, atol, equal_nan);
  return close.sum().item<int64_t>() == close.numel();
}

}  // namespace tenon
